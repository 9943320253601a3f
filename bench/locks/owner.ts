/**
 * What an owner does: it wants the lock all the time, and adds 1 to a shared counter while it holds it.
 *
 * It stands alone (no imports but types), since it runs in threads and processes of its own.
 * @module
 */
import type { Barrier, Lock } from '../../src/index.ts';

/** How often an owner had the lock, how long it tried, and how long 50 pairs took at most: little, but for waiting. */
export interface Owned {
  readonly pairs: number;
  readonly ms: number;
  readonly longest: number;
}

/** Starts when all are there; goes on for so many ms, which it looks at every 50 pairs. */
export function own(lock: Lock, start: Barrier, counter: Int32Array, ms: number): Owned {
  let pairs = 0;
  start.waitSync();
  const begin = performance.now();
  let now = begin;
  let longest = 0;
  while (now < begin + ms) {
    for (let i = 0; i < 50; i++) {
      const hold = lock.acquireSync();
      counter[0] = (counter[0] as number) + 1;
      hold.release();
    }
    pairs += 50;
    const then = now;
    now = performance.now();
    longest = Math.max(longest, now - then);
  }
  return { pairs, ms: now - begin, longest };
}
