/**
 * The promise of a task's result, with a way to give the task up.
 *
 * How it works  A real `Promise` underneath, so `await`, `Promise.all` and async stacks work as ever. Its `constructor` reads
 *               `Promise`: that is what `await` looks at before it takes its direct path, and it makes `then` return plain
 *               promises. Measured, many awaited at once: 340 ns each with its two fields, a plain promise 236, an ordinary subclass 746.
 * @module
 */
import { inspect, type InspectOptions } from 'node:util';
import { InvalidOptionError, InvalidStateError, TimeoutError } from '../errors/executor-errors.ts';
import { callSafely } from '../errors/uncaught.ts';
import { setTimer } from '../memory/timer.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';

/** Where a task stands; `'running'` once a worker has it. */
export type FutureState = 'pending' | 'running' | 'cancelled' | 'finished';

type Resolve = (value: unknown) => void;

let resolveOfLast: Resolve;
const keepResolve = (resolve: Resolve): void => {
  resolveOfLast = resolve;
};

/** Whoever runs a future's task. */
export interface FutureOwner {
  /** Gives a task up; returns whether it had not finished. */
  giveUp(future: Future<unknown>, reason: unknown): boolean;
  /** Whether the task has been begun, for owners that know; asked only when somebody wants to know. */
  isRunning?(future: Future<unknown>): boolean;
}

const FINISHED = -2;
const CANCELLED = -3;

/** Those that are being shown right now, as promises. */
const shown = new Set<unknown>();

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
  /** Dropped with the answer, so that a settled future is no more than a promise. */
  #resolve: Resolve | undefined;
  readonly #owner: FutureOwner | undefined;
  /** Number of the task while it is out; below -1 once it has ended. */
  #task = -1;

  /** Use `createFuture`; what Promise's static methods would make, `Future.resolve(1)`, belongs to no task and is refused. */
  constructor(executor: (resolve: (value: T | PromiseLike<T>) => void) => void, owner?: FutureOwner) {
    if (executor !== (keepResolve as unknown)) {
      throw new InvalidStateError(
        'A Future belongs to a task: submit() makes one. For a promise of your own, use Promise.',
      );
    }
    super(executor);
    this.#resolve = resolveOfLast;
    this.#owner = owner;
  }

  /** Where the task stands. */
  get state(): FutureState {
    if (this.#task < -1) return this.#task === FINISHED ? 'finished' : 'cancelled';
    return this.running ? 'running' : 'pending';
  }

  /**
   * Whether a worker has the task. Nobody keeps count of it: each time it is looked up, where the workers note what they are at.
   *
   * **Python** `running()`. As there, a process may have been given a task a moment before it begins with it.
   */
  get running(): boolean {
    return this.#task >= 0 && this.#owner?.isRunning?.(this) === true;
  }

  /** Whether it has an answer, or was cancelled. */
  get done(): boolean {
    return this.#task < -1;
  }

  /**
   * Gives the task up: one that has not started never will; one that runs sees its `taskSignal()`. The future rejects with
   * `reason`, by default a `CancelledError`.
   *
   * @returns false when there was nothing left to give up
   */
  cancel(reason?: unknown): boolean {
    return this.#task >= -1 && this.#owner !== undefined && this.#owner.giveUp(this, reason);
  }

  /**
   * Calls a function with this future once it is done: finished, failed or cancelled. Those of one future are called in the order in which
   * they were added, never before this method has returned. What one throws, or its promise rejects with, goes to `onUncaught()`; the others
   * are called all the same.
   *
   * **Python** `add_done_callback`, which calls at once when the future is done already.
   *
   * **Gotchas** Who is told of the end is told of failures: with a callback, a failed future that nobody awaits is no unhandled rejection.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION` for what is no function
   * @example
   * future.addDoneCallback(({ state }) => console.log(state));
   */
  addDoneCallback(callback: (future: this) => unknown): void {
    if (typeof callback !== 'function')
      throw new InvalidOptionError(`addDoneCallback() takes a function, not ${typeof callback}.`);
    const call = (): void => void callSafely(`done callback ${callback.name}`.trimEnd(), () => callback(this));
    this.then(call, call);
  }

  /**
   * What the task returned: as awaiting the future, with bounds of the wait. The task goes on when they are over.
   *
   * **Python** `result(timeout)`, which blocks.
   *
   * @throws TimeoutError `ERR_TIMEOUT` when it is not done after `timeout` milliseconds; what the task threw; the `CancelledError`, or
   * the reason, that it was cancelled with; the reason of `signal`
   */
  result(options: WaitOptions = {}): Promise<T> {
    return within(this, options);
  }

  /**
   * What the task failed with; undefined when it has succeeded.
   *
   * **Python** `exception(timeout)`, which gives `None`.
   *
   * @throws as `result`, except for what the task threw
   */
  exception(options: WaitOptions = {}): Promise<unknown> {
    const failure = (error: unknown): unknown => {
      if (this.#task === CANCELLED) throw error;
      return error;
    };
    return within(
      this.then(() => undefined, failure),
      options,
    );
  }

  /** `Future { <running> }`, `Future { 3 }`, `Future { <cancelled> CancelledError: … }`. */
  [inspect.custom](depth: number, options: InspectOptions): unknown {
    if (shown.has(this)) return this; // as a promise: Node alone can look into one
    if (depth < 0) return '[Future]';
    shown.add(this);
    try {
      const text = inspect(this, { ...options, depth }).replace(/^(<ref \*\d+> )?Promise /, '$1Future ');
      return text.replace(this.done ? '<rejected>' : '<pending>', this.#task === FINISHED ? '$&' : `<${this.state}>`);
    } finally {
      shown.delete(this);
    }
  }

  /** @internal */
  static taskOf(future: Future<unknown>): number {
    return future.#task;
  }

  /** @internal */
  static setTask(future: Future<unknown>, task: number): void {
    future.#task = task;
  }

  /** @internal A rejection is passed on as a rejected promise, so that one function a future has to be kept, not two. */
  static settle(future: Future<unknown>, value: unknown, ended: number): void {
    const resolve = future.#resolve;
    if (resolve === undefined) return;
    future.#task = ended;
    future.#resolve = undefined;
    resolve(value);
  }
}
void Object.defineProperty(Future.prototype, 'constructor', { value: Promise, writable: true, configurable: true });

/** The promise's end, unless the wait for it ends first. */
async function within<T>(wanted: Promise<T>, options: WaitOptions): Promise<T> {
  const timeout = timeoutOf(options);
  const { signal } = options;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimer(timeout, () => reject(new TimeoutError(`The task was not done after ${timeout} ms.`)));
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([wanted, promise]);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A future without an answer yet. */
export function createFuture<T>(owner?: FutureOwner): Future<T> {
  return new Future<T>(keepResolve as never, owner);
}

/** The number that `numberFuture` gave. */
export const taskOf: (future: Future<unknown>) => number = Future.taskOf;

/** Notes the number under which the future's task is out. */
export const numberFuture: (future: Future<unknown>, task: number) => void = Future.setTask;

/** Gives a future its answer; later answers are ignored. */
export function resolveFuture(future: Future<unknown>, value: unknown): void {
  Future.settle(future, value, FINISHED);
}

/** Makes a future fail; later answers are ignored. */
export function rejectFuture(future: Future<unknown>, reason: unknown, cancelled = false): void {
  if (!future.done) Future.settle(future, Promise.reject(reason), cancelled ? CANCELLED : FINISHED);
}
