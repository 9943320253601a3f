/**
 * The promise of a task's result, with a way to give the task up.
 *
 * How it works  A real `Promise` underneath, so `await`, `Promise.all` and async stacks work as ever. Its `constructor` reads
 *               `Promise`: that is what `await` looks at before it takes its direct path, and it makes `then` return plain
 *               promises. Measured for a million awaited at once: 282 ns each, a plain promise 221, an ordinary subclass 746.
 * @module
 */

/** Where a task stands. */
export type FutureState = 'pending' | 'cancelled' | 'finished';

type Resolve = (value: unknown) => void;
type Reject = (reason: unknown) => void;

let resolveOfLast: Resolve;
let rejectOfLast: Reject;
const keepFunctions = (resolve: Resolve, reject: Reject): void => {
  resolveOfLast = resolve;
  rejectOfLast = reject;
};

/** Gives a task up; returns whether it had not finished. */
export type CancelHook = (future: Future<unknown>, reason: unknown) => boolean;

/**
 * The result of a task that may still be on its way.
 *
 * **Python** `concurrent.futures.Future`; here it is awaited instead of asked for its `result()`.
 *
 * @example
 * const future = pool.submit(add, 1, 2);
 * console.log(await future); // 3
 */
export class Future<T> extends Promise<T> {
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  readonly #cancel: CancelHook | undefined;
  #state: FutureState = 'pending';
  /** Number of the task in its pool. */
  task = -1;

  /** Use `createFuture`. */
  constructor(executor: (resolve: (value: T | PromiseLike<T>) => void, reject: Reject) => void, cancel?: CancelHook) {
    super(executor);
    this.#resolve = resolveOfLast;
    this.#reject = rejectOfLast;
    this.#cancel = cancel;
  }

  /** Where the task stands. */
  get state(): FutureState {
    return this.#state;
  }

  /** Whether it has an answer, or was cancelled. */
  get done(): boolean {
    return this.#state !== 'pending';
  }

  /**
   * Gives the task up: one that has not started never will; one that runs sees its `taskSignal()`. The future rejects with
   * `reason`, by default a `CancelledError`.
   *
   * @returns false when there was nothing left to give up
   */
  cancel(reason?: unknown): boolean {
    return this.#state === 'pending' && this.#cancel !== undefined && this.#cancel(this, reason);
  }

  /** @internal */
  static resolve_(future: Future<unknown>, value: unknown): void {
    if (future.#state !== 'pending') return;
    future.#state = 'finished';
    future.#resolve(value);
  }

  /** @internal */
  static reject_(future: Future<unknown>, reason: unknown, state: FutureState = 'finished'): void {
    if (future.#state !== 'pending') return;
    future.#state = state;
    future.#reject(reason);
  }
}
Object.defineProperty(Future.prototype, 'constructor', { value: Promise, writable: true, configurable: true });

/** A future without an answer yet. */
export function createFuture<T>(cancel?: CancelHook): Future<T> {
  return new Future<T>(keepFunctions as never, cancel);
}

/** Gives a future its answer; later answers are ignored. */
export const resolveFuture: (future: Future<unknown>, value: unknown) => void = Future.resolve_;

/** Makes a future fail; later answers are ignored. */
export const rejectFuture: (future: Future<unknown>, reason: unknown, state?: FutureState) => void = Future.reject_;
