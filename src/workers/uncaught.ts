/**
 * Errors of threads and processes that nobody has joined: shown, and the program goes on. What is done with them can be changed.
 * @module
 */
import { inspect } from 'node:util';

/** An error that nobody has asked for. */
export interface UncaughtError {
  /** What the function threw, or how its worker died. */
  readonly error: unknown;
  /** Name of the thread or process. */
  readonly name: string;
  readonly kind: 'thread' | 'process';
  /** `thread 3`, `process 4711`. */
  readonly worker: string;
}

/** What is done with an error that nobody has asked for. */
export type UncaughtHandler = (uncaught: UncaughtError) => void;

let handler: UncaughtHandler = reportUncaught;

/**
 * Says what is done with the error of a `Thread` or `Process` that nobody joins. Returns what was done before.
 *
 * By default it is printed to standard error, and the program goes on. What the handler throws is an uncaught exception of this
 * thread, which ends it unless `process.on('uncaughtException')` says otherwise.
 *
 * **Python** `threading.excepthook`; the default one, `threading.__excepthook__`, is `reportUncaught`.
 *
 * @example
 * onUncaught(({ error }) => { throw error; }); // from now on such an error ends the program
 */
export function onUncaught(next: UncaughtHandler): UncaughtHandler {
  const before = handler;
  handler = next;
  return before;
}

/** Prints it to standard error: what is done by default. */
export function reportUncaught({ error, name }: UncaughtError): void {
  process.stderr.write(`Uncaught error in ${name}, which nobody has joined:\n${inspect(error)}\n`);
}

/** Nobody has asked for this error. */
export function tellUncaught(uncaught: UncaughtError): void {
  try {
    handler(uncaught);
  } catch (thrown) {
    if (thrown !== uncaught.error)
      process.stderr.write(
        `The handler of onUncaught() threw for an error in ${uncaught.name}:\n${inspect(uncaught.error)}\n`,
      );
    throw thrown;
  }
}
