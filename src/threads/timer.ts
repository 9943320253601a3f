/**
 * `Timer`: a thread that waits before it calls its function, unless it is cancelled meanwhile.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { Event } from '../sync/event.ts';
import type { ActivityOptions, Target } from '../workers/activity.ts';
import { Thread } from './thread.ts';

let timers = 0;

/** What runs in the thread. */
async function callLater<T>(
  finished: Event,
  interval: number,
  fn: (...args: unknown[]) => T,
  args: readonly unknown[],
): Promise<Awaited<T> | undefined> {
  if (await finished.wait({ timeout: interval })) return undefined;
  finished.set();
  return await fn(...args);
}

/**
 * A thread that calls a function after a while, once.
 *
 * It does so whatever this thread is doing; where a delay in this thread's own event loop will do, `setTimeout` costs less. `join`
 * resolves to what the function returned, or to undefined when it was cancelled.
 *
 * **Python** `threading.Timer`.
 *
 * @example
 * const alarm = new Timer(500, (what) => console.log(what), ['too late']);
 * alarm.start();
 * compute(); // blocks; the alarm goes off all the same
 * alarm.cancel();
 */
export class Timer<T = unknown, A extends readonly unknown[] = readonly unknown[]> extends Thread<T | undefined> {
  readonly #finished: Event;

  /**
   * @param interval milliseconds from when the thread has booted
   * @throws InvalidOptionError `ERR_INVALID_OPTION` when `interval` is no number of at least 0, or `fn` is no function
   */
  constructor(interval: number, fn: Target<A, T>, args?: A, options: ActivityOptions = {}) {
    if (typeof interval !== 'number' || !(interval >= 0))
      throw new InvalidOptionError(
        `A timer waits for a number of milliseconds of at least 0, not ${String(interval)}.`,
      );
    if (typeof fn !== 'function')
      throw new InvalidOptionError(`A timer calls a function; this is of type ${typeof fn}.`);
    const finished = new Event();
    timers += 1;
    const name = options.name ?? `Timer-${timers}${fn.name === '' ? '' : ` (${fn.name})`}`;
    super(callLater as never, [finished, interval, fn, args ?? []] as never, { ...options, name });
    this.#finished = finished;
  }

  /** Has it not call the function, if it has not yet; the thread ends. */
  cancel(): void {
    this.#finished.set();
  }
}
