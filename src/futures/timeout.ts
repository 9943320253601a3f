/**
 * Work that has to be done by a certain time.
 *
 * How it works  The work is given a signal. When its time is over that is aborted, and the work is waited for: what it then does is what
 *               counts. If it gives up, whoever waits gets a `TimeoutError`; a result or another error of its own is passed on.
 * Source        `asyncio.timeout` and `asyncio.wait_for`.
 * @module
 */
import { inspect } from 'node:util';
import { CancelledError, InvalidOptionError, InvalidStateError, TimeoutError } from '../errors/executor-errors.ts';
import { setTimer, type Timer } from '../memory/timer.ts';
import { isCancellation } from './cancellation.ts';

/** When the time of some work is over. It can be moved as long as it is not. */
export class Deadline {
  readonly #controller = new AbortController();
  #when: number;
  #timer: Timer | undefined;
  #state: 'active' | 'expired' | 'finished' = 'active';

  /** @internal */
  constructor(when: number) {
    this.#when = when;
    this.#start();
  }

  /** Aborted when the time is over, or the work is given up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** On the clock of `performance.now()`, milliseconds; `Infinity` when there is none. */
  get when(): number {
    return this.#when;
  }

  /** Whether the time was over before the work was done. */
  get expired(): boolean {
    return this.#state === 'expired';
  }

  /**
   * Moves it to another time on the clock of `performance.now()`; `Infinity` takes it away.
   *
   * **Python** `asyncio.Timeout.reschedule`.
   *
   * @throws InvalidStateError `ERR_INVALID_STATE` when the time is over, or the work done; InvalidOptionError
   */
  reschedule(when: number): void {
    if (this.#state !== 'active') throw new InvalidStateError(`A deadline that is ${this.#state} cannot be moved.`);
    this.#when = checked(when, 'A deadline');
    this.#timer?.cancel();
    this.#start();
  }

  /** @internal */
  giveUp(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** @internal The work is done. */
  finish(): void {
    this.#timer?.cancel();
    if (this.#state === 'active') this.#state = 'finished';
  }

  [inspect.custom](): string {
    const left = Math.round(this.#when - performance.now());
    return `Deadline { ${this.#state}${this.#state === 'active' ? (left === Infinity ? ', never' : `, in ${left} ms`) : ''} }`;
  }

  #start(): void {
    this.#timer = setTimer(Math.max(0, this.#when - performance.now()), () => {
      if (this.#state !== 'active' || this.#controller.signal.aborted) return;
      this.#state = 'expired';
      this.#controller.abort(new CancelledError('The time for this is over.'));
    });
  }
}

/** Work with a deadline. */
export type TimedWork<T> = (signal: AbortSignal, deadline: Deadline) => T | PromiseLike<T>;

/** Options of `timeout`. */
export interface TimeoutOptions {
  /** Gives the work up as well; whoever waits gets its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Calls a function that has `milliseconds` to be done; its signal is aborted when they are over. Then it is waited for: it may clean up.
 *
 * When it gives up, by throwing its signal's reason or an `AbortError`, this rejects with a `TimeoutError` whose cause that is; when it
 * returns something all the same, or throws something else, that is passed on. With 0 or less it is not called at all. `Infinity`
 * is no bound. What must go on in spite of the timeout is not given the signal.
 *
 * **Python** `asyncio.wait_for`, `asyncio.timeout`.
 *
 * @throws TimeoutError `ERR_TIMEOUT`; the reason of `signal`
 * @example
 * const page = await timeout(2000, (signal) => fetch(url, { signal }));
 */
export function timeout<T>(milliseconds: number, work: TimedWork<T>, options?: TimeoutOptions): Promise<Awaited<T>> {
  return timeoutAt(performance.now() + checked(milliseconds, 'A timeout'), work, options);
}

/**
 * As `timeout`, until a time on the clock of `performance.now()`.
 *
 * **Python** `asyncio.timeout_at`.
 */
export async function timeoutAt<T>(
  when: number,
  work: TimedWork<T>,
  { signal }: TimeoutOptions = {},
): Promise<Awaited<T>> {
  checked(when, 'A deadline');
  if (typeof work !== 'function')
    throw new InvalidOptionError(`There has to be a function to call, not ${typeof work}.`);
  signal?.throwIfAborted();
  if (when <= performance.now()) throw new TimeoutError('There was no time to begin.');
  const began = performance.now();
  const deadline = new Deadline(when);
  const onAbort = (): void => deadline.giveUp(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await work(deadline.signal, deadline);
    signal?.throwIfAborted();
    return result;
  } catch (error) {
    if (signal?.aborted === true && (isCancellation(error) || error === signal.reason)) throw signal.reason;
    if (deadline.expired && (isCancellation(error) || error === deadline.signal.reason))
      throw new TimeoutError(`This took longer than the ${Math.round(deadline.when - began)} ms that it had.`, {
        cause: error,
      });
    throw error;
  } finally {
    deadline.finish();
    signal?.removeEventListener('abort', onAbort);
  }
}

function checked(milliseconds: number, what: string): number {
  if (typeof milliseconds === 'number' && !Number.isNaN(milliseconds)) return milliseconds;
  throw new InvalidOptionError(`${what} is a number of milliseconds, not ${String(milliseconds)}.`);
}
