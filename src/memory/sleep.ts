/**
 * Sleeping, with and without the event loop.
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { allocateShared } from './shared-buffer.ts';
import { LONGEST } from './timer.ts';
import { waitSync } from './wait.ts';

const never = new Int32Array(allocateShared(Int32Array.BYTES_PER_ELEMENT));

/**
 * Resolves after some time; the event loop goes on meanwhile.
 *
 * **Python** `asyncio.sleep`, with milliseconds instead of seconds.
 *
 * @param milliseconds how long; `Infinity` until the signal
 * @param options `signal` ends the sleep early, by rejection with an `AbortError`
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when it is no number, or below 0
 * @example
 * await sleep(250);
 */
export async function sleep(milliseconds: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  check(milliseconds);
  let left = milliseconds;
  for (; left > LONGEST; left -= LONGEST) await delay(LONGEST, undefined, options);
  await delay(left, undefined, options);
}

/**
 * Blocks this thread, its event loop included, for some time.
 *
 * **Python** `time.sleep`, with milliseconds instead of seconds.
 *
 * **Gotchas** On the main thread everything else stands still; this is for worker threads and scripts.
 *
 * @param milliseconds how long
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when it is no number, or below 0
 * @example
 * sleepSync(10);
 */
export function sleepSync(milliseconds: number): void {
  check(milliseconds);
  waitSync(never, 0, 0, milliseconds);
}

function check(milliseconds: unknown): void {
  if (typeof milliseconds === 'number' && milliseconds >= 0) return;
  throw new InvalidOptionError(
    `A sleep takes a number of milliseconds, 0 or more; it is ${inspect(milliseconds, { depth: 0 })}.`,
  );
}
