/**
 * The same work again and again by several workers, which begin each run together; and what that says about a message.
 *
 * It stands alone (no imports but types), since it runs in threads and processes of its own. The clock is the machine's own, so that all
 * have the same.
 * @module
 */
import type { Barrier } from '../../src/index.ts';

/** Milliseconds of the same work before the runs that count. */
export const WARM = 300;

/** What the workers of a test have in common. */
export interface Start {
  readonly all: Barrier;
  /** The number of the last run; another one until that is known. */
  readonly last: Int32Array;
  /** Milliseconds that the runs that count go on at least. */
  readonly atLeast: number;
}

/** One worker's part of a run. */
export interface Run {
  readonly began: number;
  readonly ended: number;
}

/** Milliseconds of the machine's clock. */
export const clock = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Runs until the one worker that leads has had enough. `after` is called behind each run, without a clock.
 *
 * The leader says that a run is the last one before that begins, and others look when it is over: at the worst they see the number
 * of the next one.
 */
export async function inRuns(
  { all, last, atLeast }: Start,
  leads: boolean,
  run: () => void | Promise<void>,
  after?: () => void,
): Promise<Run[]> {
  const runs: Run[] = [];
  const enough = clock() + WARM + atLeast;
  for (let number = 1; ; number++) {
    if (leads && clock() >= enough) last[0] = number;
    all.waitSync();
    const began = clock();
    const done = run();
    if (done !== undefined) await done;
    runs.push({ began, ended: clock() });
    after?.();
    if (last[0] === number) return runs;
  }
}
