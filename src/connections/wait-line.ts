/**
 * Those who wait for the next of something: a message, a connection. First come, first served.
 *
 * Invariants  1. Whoever gives up (timeout, signal) is out of the line at once and takes nothing with it. 2. `onChange` hears whether
 *             anybody waits; it is by this that a socket keeps the process alive, and only then.
 * @module
 */
import { setTimer } from '../memory/timer.ts';
import { TimeoutError } from '../errors/executor-errors.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';

interface Waiter<T> {
  readonly settle: (value: T) => void;
  readonly fail: (reason: unknown) => void;
  readonly refuse: Refuse<T> | undefined;
}

/** Says why a waiter does not take what it is offered; undefined: it does. Whoever does not fails, and the next one is asked. */
export type Refuse<T> = (value: T) => Error | undefined;

/** A line of promises. */
export class WaitLine<T> {
  readonly #waiters = new Set<Waiter<T>>();
  readonly #onChange: (anybody: boolean) => void;

  constructor(onChange: (anybody: boolean) => void) {
    this.#onChange = onChange;
  }

  /**
   * Waits at the end of the line.
   *
   * @param what for the message of a TimeoutError
   */
  async wait(options: WaitOptions | undefined, what: string, refuse?: Refuse<T>): Promise<T> {
    const timeout = timeoutOf(options);
    const signal = options?.signal;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiter: Waiter<T> = { settle: resolve, fail: reject, refuse };
    const giveUp = (reason: unknown): void => {
      this.#leave(waiter); // at once: nothing may be given to it any more
      reject(reason);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const timer = setTimer(timeout, () => giveUp(new TimeoutError(`${what} within ${timeout} ms.`)));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiters.add(waiter);
    if (this.#waiters.size === 1) this.#onChange(true);
    try {
      return await promise;
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Gives the first one what it waits for; false when nobody waits. */
  give(value: T): boolean {
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      const refusal = next.refuse?.(value);
      if (refusal === undefined) {
        next.settle(value);
        return true;
      }
      next.fail(refusal);
    }
    return false;
  }

  /** Gives it to everybody, which is for lines where nothing is taken. */
  giveAll(value: T): void {
    while (this.give(value));
  }

  /** Nobody will get anything any more. */
  failAll(reason: () => unknown): void {
    for (let next = this.#first(); next !== undefined; next = this.#first()) next.fail(reason());
  }

  #first(): Waiter<T> | undefined {
    const [first] = this.#waiters;
    if (first !== undefined) this.#leave(first);
    return first;
  }

  #leave(waiter: Waiter<T>): void {
    if (this.#waiters.delete(waiter) && this.#waiters.size === 0) this.#onChange(false);
  }
}
