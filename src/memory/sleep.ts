/**
 * Sleeping, with and without the event loop.
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { waitSync } from './wait.ts';
import { allocateShared } from './shared-buffer.ts';

const never = new Int32Array(allocateShared(Int32Array.BYTES_PER_ELEMENT));

/**
 * Resolves after some time; the event loop goes on meanwhile.
 *
 * **Python** `asyncio.sleep`, with milliseconds instead of seconds.
 *
 * @param milliseconds how long
 * @param options `signal` ends the sleep early, by rejection with an `AbortError`
 * @example
 * await sleep(250);
 */
export async function sleep(milliseconds: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  await delay(milliseconds, undefined, options.signal === undefined ? {} : { signal: options.signal });
}

/**
 * Blocks this thread, its event loop included, for some time.
 *
 * **Python** `time.sleep`, with milliseconds instead of seconds.
 *
 * **Gotchas** On the main thread everything else stands still; this is for worker threads and scripts.
 *
 * @param milliseconds how long
 * @example
 * sleepSync(10);
 */
export function sleepSync(milliseconds: number): void {
  waitSync(never, 0, 0, milliseconds);
}
