/**
 * Structured concurrency: tasks that belong together, and end before the function that started them returns.
 *
 * How it works  Children are promises with a way to give them up: a signal for functions, `cancel` for futures, `terminate` for threads and
 *               processes. The first failure, of a child or of the body, gives up all others, and so does a body that is given up
 *               itself; all are waited for, also those that start meanwhile; what failed is thrown together.
 * Invariants    1. When `run` settles no child runs. 2. No failure is lost; a child that was given up is none.
 * Source        `asyncio.TaskGroup`; Nathaniel Smith's nurseries.
 * @module
 */
import { inspect } from 'node:util';
import { CancelledError, InvalidOptionError, InvalidStateError, TimeoutError } from '../errors/executor-errors.ts';
import { setTimer } from '../memory/timer.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { isCancellation } from './cancellation.ts';

/** A thread or process: something to start, to wait for and to end. */
export interface Startable<T> {
  start(): void;
  join(): Promise<T>;
  terminate(): Promise<void>;
}

/** What can be a child: a function, a future (or other promise), or a thread or process that has not been started. */
export type Child<T> = ((signal: AbortSignal) => T | PromiseLike<T>) | PromiseLike<T> | Startable<T>;

/** Options of a group. `timeout` counts from the start of `run`. */
export interface TaskGroupOptions extends WaitOptions {
  /** Shown by `inspect` and in errors. */
  readonly name?: string;
}

/** Options of a child. */
export interface ChildOptions {
  /** Shown by `inspect`. */
  readonly name?: string;
  /** Calls the function in a context of `AsyncLocalStorage`: what `AsyncLocalStorage.snapshot()` gives. The present one by default. */
  readonly context?: <R>(fn: () => R) => R;
}

interface Running {
  readonly name: string;
  readonly settled: Promise<void>;
  giveUp(reason: unknown): void;
}

type State = 'new' | 'open' | 'closed';

/**
 * Tasks that belong together: async functions, futures of pools, threads, processes.
 *
 * `run` calls a function with the group, which creates children in it. It resolves to what that function returned once all children have
 * ended. The first of them that fails has the others given up: `group.signal` is aborted, futures are cancelled, threads and
 * processes terminated. They are waited for, and the failures thrown as one `AggregateError`. When that function is itself given up (it throws
 * a `CancelledError` or `AbortError`) the children are too, and that error is thrown. Groups may be nested.
 *
 * **Python** `asyncio.TaskGroup`; an `ExceptionGroup` there is an `AggregateError` here, also for one error.
 *
 * @throws AggregateError what failed, in `errors`; what its function was given up with; TimeoutError `ERR_TIMEOUT` when only the time
 *   was over; the reason of `signal`
 * @example
 * const pages = await new TaskGroup({ timeout: 5000 }).run(async (group) => {
 *   const found = urls.map((url) => group.create((signal) => fetch(url, { signal })));
 *   group.create(pool.submit(compress, log));
 *   return Promise.all(found);
 * });
 */
export class TaskGroup {
  readonly #options: TaskGroupOptions;
  readonly #controller = new AbortController();
  readonly #children = new Set<Running>();
  readonly #errors: unknown[] = [];
  #state: State = 'new';
  #names = 0;

  /** @throws InvalidOptionError */
  constructor(options: TaskGroupOptions = {}) {
    timeoutOf({ timeout: options.timeout ?? Infinity });
    this.#options = options;
  }

  /** Aborted when the group is given up: by a failure, its timeout, its signal, or `cancel`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How many children have not ended. */
  get size(): number {
    return this.#children.size;
  }

  /** Calls a function with the group and ends after all children; see the class. Once only. */
  async run<T>(body: (group: this) => T | PromiseLike<T>): Promise<Awaited<T>> {
    if (this.#state !== 'new') throw new InvalidStateError('A TaskGroup runs once; make another one.');
    if (typeof body !== 'function') throw new InvalidOptionError(`run() takes a function, not ${typeof body}.`);
    const { signal } = this.#options;
    const timeout = timeoutOf(this.#options);
    this.#state = 'open';
    let expired = false;
    const timer = setTimer(timeout, () => {
      expired = true;
      this.#giveUp(new CancelledError(`${this.#title} had ${timeout} ms, which are over.`));
    });
    const onAbort = (): void => this.#giveUp(signal?.reason);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    let result: Awaited<T> | undefined;
    let cancellation: unknown;
    try {
      result = await body(this);
    } catch (error) {
      // Once the group is given up a cancellation is what comes of that; before, the body was given up by itself.
      if (isCancellation(error) && !this.signal.aborted) cancellation = error;
      this.#failed(error);
      this.#giveUp(error);
    }
    while (this.#children.size > 0) await Promise.all([...this.#children].map(({ settled }) => settled));
    this.#state = 'closed';
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
    this.#throwWhatFailed(cancellation, expired ? timeout : undefined);
    return result as Awaited<T>;
  }

  /**
   * Adds a child: calls the function, takes the future, or starts the thread or process. Returns its promise, which need not be awaited.
   *
   * **Python** `create_task`.
   *
   * @throws InvalidStateError `ERR_INVALID_STATE` before `run` and after its end; a future is cancelled then
   */
  create<T>(child: Child<T>, options: ChildOptions = {}): Promise<T> {
    const isFunction = typeof child === 'function';
    const isPromise = !isFunction && typeof (child as PromiseLike<T> | null | undefined)?.then === 'function';
    if (!isFunction && !isPromise && typeof (child as Startable<T> | null | undefined)?.start !== 'function')
      throw new InvalidOptionError(
        `A child is a function, a future, or a thread or process to start; this is ${typeof child}.`,
      );
    if (this.#state !== 'open') {
      if (isPromise) abandon(child as PromiseLike<T>, new CancelledError(`${this.#title} takes no children any more.`));
      const when = this.#state === 'new' ? 'does not run yet: create children in run().' : 'has ended.';
      throw new InvalidStateError(`${this.#title} ${when}`);
    }
    const { promise, giveUp } = this.#begin(child, options);
    this.#names += 1;
    const name = options.name ?? ((isFunction && child.name) || `child ${this.#names}`);
    const settled = promise.then(
      () => void this.#children.delete(running),
      (error: unknown) => {
        this.#children.delete(running);
        this.#failed(error);
      },
    );
    const running: Running = { name, settled, giveUp };
    this.#children.add(running);
    if (this.signal.aborted) giveUp(this.signal.reason);
    return promise;
  }

  /**
   * Gives the group up without a failure: children are, and `run` resolves when they have ended, to what its function returned, or
   * undefined.
   */
  cancel(): void {
    this.#giveUp(new CancelledError(`${this.#title} was cancelled.`));
  }

  [inspect.custom](): string {
    const names = [...this.#children].map(({ name }) => name).join(', ');
    return `TaskGroup { ${this.#state}${this.signal.aborted ? ', given up' : ''}${names === '' ? '' : `: ${names}`} }`;
  }

  get #title(): string {
    return this.#options.name === undefined ? 'The TaskGroup' : `The TaskGroup ${this.#options.name}`;
  }

  #begin<T>(
    child: Child<T>,
    { context }: ChildOptions,
  ): { readonly promise: Promise<T>; giveUp(reason: unknown): void } {
    if (typeof child === 'function') {
      const call = async (): Promise<T> => {
        this.signal.throwIfAborted();
        return await child(this.signal);
      };
      return { promise: context === undefined ? call() : context(call), giveUp: () => {} };
    }
    if ('then' in child) return { promise: Promise.resolve(child), giveUp: (reason) => abandon(child, reason) };
    const run = async (): Promise<T> => {
      this.signal.throwIfAborted();
      child.start();
      return child.join();
    };
    const promise = run();
    return { promise, giveUp: () => void child.terminate().catch(() => {}) };
  }

  #giveUp(reason: unknown): void {
    if (this.signal.aborted || this.#state === 'closed') return;
    this.#controller.abort(reason);
    for (const child of this.#children) child.giveUp(reason);
  }

  #failed(error: unknown): void {
    if (isCancellation(error) || (this.signal.aborted && this.#isOfBeingGivenUp(error))) return;
    this.#errors.push(error);
    this.#giveUp(new CancelledError(`Something else in ${this.#title} failed.`, { cause: error }));
  }

  /** Whether a child failed because it was ended. */
  #isOfBeingGivenUp(error: unknown): boolean {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    return error === this.signal.reason || code === 'ERR_WORKER_DIED';
  }

  #throwWhatFailed(cancellation: unknown, timeout: number | undefined): void {
    const { signal } = this.#options;
    if (this.#errors.length > 0) {
      const many = this.#errors.length === 1 ? 'An error' : `${this.#errors.length} errors`;
      throw new AggregateError(this.#errors, `${many} in ${this.#title}: ${this.#errors.map(inShort).join('; ')}`);
    }
    if (cancellation !== undefined) throw cancellation;
    if (timeout !== undefined) throw new TimeoutError(`${this.#title} had ${timeout} ms, which are over.`);
    if (signal?.aborted === true) throw signal.reason;
  }
}

const inShort = (error: unknown): string => (error instanceof Error ? error.message : inspect(error, { depth: 0 }));

/** Gives a promise up, if it can be, and has nobody hear of it. */
function abandon(promise: PromiseLike<unknown>, reason: unknown): void {
  (promise as { cancel?: (reason: unknown) => unknown }).cancel?.(reason);
  promise.then(undefined, () => {});
}
