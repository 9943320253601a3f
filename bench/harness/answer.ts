/**
 * The measuring process's side: the measurement comes as JSON in the first argument; the figures go to standard output as one line of
 * JSON that starts with `figures:`; a failure goes to standard error, with exit code 1.
 * @module
 */
import type { Figures } from './measurement.ts';

/** Makes the measurement that this process was started for, and ends it. */
export async function answer<M>(measure: (measurement: M) => Figures | Promise<Figures>): Promise<void> {
  // Not everything that is measured keeps the program alive while it is waited for.
  setInterval(() => {}, 2 ** 30);
  try {
    const figures = await measure(JSON.parse(process.argv[2] ?? '') as M);
    process.stdout.write(`figures:${JSON.stringify(figures)}\n`, () => process.exit(0));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () => process.exit(1));
  }
}
