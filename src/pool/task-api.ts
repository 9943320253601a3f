/**
 * What can be asked of a pool: submit and the family of maps. `Pool` offers them, and so does what `with` returns.
 * @module
 */
import type { Future } from '../futures/future.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { packSymbol } from '../closures/protocol-symbols.ts';
import { counting, inWords } from './checks.ts';
import { type ChunkResult, runChunks } from './chunk-run.ts';
import { captureContext, inContext } from '../workers/context.ts';
import { CALL, STREAM } from '../workers/messages.ts';
import type { Crew } from './crew.ts';
import type { AnyFunction } from './function-registry.ts';
import { staysHere } from './refusals.ts';
import { isScheduled, PLAIN, planWith, type TaskOptions, type TaskPlan } from './scheduling/plan.ts';
import type { Input } from './source.ts';
import { StreamSink } from './stream.ts';

/**
 * What an item that fails does to the others. `'stop'` (default): it fails the map, what is in flight is given up, and nothing more is read.
 * `'continue'`: all others are done, then the map fails with an `AggregateError` of all errors. `'settle'`: the map succeeds, and gives a
 * `PromiseSettledResult` for each item, as `Promise.allSettled` does.
 */
export type ErrorPolicy = 'stop' | 'continue' | 'settle';

/** What can be streamed. */
export type Streamed<T> = Iterable<T> | AsyncIterable<T>;

/** Options of `map` and `starmap`. */
export interface MapOptions {
  /** What an item that fails does to the others; `'stop'` by default. When a worker dies, all items of its chunk fail. */
  readonly errors?: ErrorPolicy;
  /**
   * Items that a worker gets at once. `'auto'` starts with one and aims at chunks of two milliseconds, and is the default.
   * With a `timeout` or `retries` the default is 1, so that they hold for each item.
   */
  readonly chunkSize?: number | 'auto';
}

/** Options of `imap` and `imapUnordered`. */
export interface ImapOptions {
  /** What an item that fails does to the others; `'stop'` by default. With `'continue'` the results of the others are yielded first. */
  readonly errors?: ErrorPolicy;
  /** Items that a worker gets at once; 1 by default. */
  readonly chunkSize?: number | 'auto';
  /** Items read from the input before the consumer has taken their results; by default as many as the workers can have under way, and three more for each. */
  readonly ahead?: number;
}

/** The tasks of a pool. */
export class TaskApi {
  readonly #crew: Crew;
  readonly #plan: TaskPlan | undefined;

  constructor(crew: Crew, plan: TaskPlan | undefined) {
    this.#crew = crew;
    this.#plan = plan;
  }

  /** @throws EncodeError: a pool cannot be sent */
  static [packSymbol](): never {
    throw staysHere();
  }

  /**
   * Calls a function in a worker.
   *
   * The function may be anything: an export, an inline closure with captured variables, a bound method; it may be async. Its
   * arguments are taken as they are now.
   *
   * **Python** `Executor.submit`, `Pool.apply_async`.
   *
   * @returns a future; it never throws, what cannot be sent rejects it
   * @throws EncodeError (as rejection) when the function or an argument cannot travel: with a path, a code and what to do
   * @throws WorkerDiedError (as rejection) `ERR_WORKER_DIED`, `ERR_OUT_OF_MEMORY`
   * @throws PoolClosedError (as rejection) `ERR_POOL_CLOSED`
   * @example
   * const sum = await pool.submit((a, b) => a + b, 1, 2);
   */
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    return this.#submit(this.#inContext(fn), CALL, args, this.#plan) as Future<Awaited<R>>;
  }

  /**
   * Applies a function to each item, and resolves to the results in the order of the items.
   *
   * The first error rejects, gives up what is in flight and reads no further.
   *
   * **Python** `Pool.map`, `Executor.map`. The function gets the item alone, not its index.
   *
   * @example
   * const squares = await pool.map((x) => x * x, [1, 2, 3]);
   */
  map<T, R>(
    fn: (item: T) => R,
    items: Input<T>,
    options: MapOptions & { readonly errors: 'settle' },
  ): Promise<PromiseSettledResult<Awaited<R>>[]>;
  map<T, R>(fn: (item: T) => R, items: Input<T>, options?: MapOptions): Promise<Awaited<R>[]>;
  async map<T, R>(fn: (item: T) => R, items: Input<T>, options: MapOptions = {}): Promise<unknown> {
    return this.#collect(this.#inContext(fn), items, options);
  }

  /**
   * As `map`, but each item is an array of arguments.
   *
   * **Python** `Pool.starmap`.
   *
   * @example
   * const powers = await pool.starmap(Math.pow, [[2, 3], [3, 4]]); // [8, 81]
   */
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Input<Readonly<A>>,
    options: MapOptions & { readonly errors: 'settle' },
  ): Promise<PromiseSettledResult<Awaited<R>>[]>;
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Input<Readonly<A>>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]>;
  async starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Input<Readonly<A>>,
    options: MapOptions = {},
  ): Promise<unknown> {
    return this.#collect(this.#inContext(fn), items, options, 'star');
  }

  /**
   * Applies a function to each item, and yields the results in the order of the items as soon as they are there.
   *
   * Lazy: at most `ahead` items are read before the consumer has taken their results, so the input may be endless.
   * Leaving the loop gives up what is in flight and closes the input.
   *
   * **Python** `Pool.imap`, with `ahead` for `buffersize`.
   *
   * @example
   * for await (const line of pool.imap(parse, lines)) console.log(line);
   */
  imap<T, R>(
    fn: (item: T) => R,
    items: Input<T>,
    options: ImapOptions & { readonly errors: 'settle' },
  ): AsyncGenerator<PromiseSettledResult<Awaited<R>>, void, void>;
  imap<T, R>(fn: (item: T) => R, items: Input<T>, options?: ImapOptions): AsyncGenerator<Awaited<R>, void, void>;
  imap<T, R>(fn: (item: T) => R, items: Input<T>, options: ImapOptions = {}): AsyncGenerator<never, void, void> {
    return this.#yield(this.#inContext(fn), items, options, 'ordered');
  }

  /**
   * As `imap`, but yields the results in the order in which they come.
   *
   * **Python** `Pool.imap_unordered`.
   */
  imapUnordered<T, R>(
    fn: (item: T) => R,
    items: Input<T>,
    options: ImapOptions & { readonly errors: 'settle' },
  ): AsyncGenerator<PromiseSettledResult<Awaited<R>>, void, void>;
  imapUnordered<T, R>(
    fn: (item: T) => R,
    items: Input<T>,
    options?: ImapOptions,
  ): AsyncGenerator<Awaited<R>, void, void>;
  imapUnordered<T, R>(
    fn: (item: T) => R,
    items: Input<T>,
    options: ImapOptions = {},
  ): AsyncGenerator<never, void, void> {
    return this.#yield(this.#inContext(fn), items, options);
  }

  /**
   * Calls a generator function, or any that returns something to iterate over, in a worker, and yields its items in order as they come.
   *
   * The worker goes on while no more than `ahead` items wait to be taken, so the generator may be endless. Leaving the loop gives the task
   * up: its generator returns. `timeout` holds for the whole; `retries` do not hold, as what was yielded cannot be taken back.
   *
   * @param options `ahead`: items sent before they are taken, 16 by default
   * @throws InvalidOptionError `ERR_INVALID_OPTION`; what the generator throws, after the items before it
   * @example
   * for await (const row of pool.stream(readRows, ['./large.csv'])) console.log(row);
   */
  stream<A extends readonly unknown[], T>(
    fn: (...args: A) => Streamed<T> | PromiseLike<Streamed<T>>,
    args: A,
    { ahead = 16 }: { readonly ahead?: number } = {},
  ): AsyncGenerator<Awaited<T>, void, void> {
    const stream = new StreamSink(counting(ahead, 'ahead'));
    return this.#stream(this.#inContext(fn), args, stream) as AsyncGenerator<Awaited<T>, void, void>;
  }

  /** The function with what `carryContext()` carries. */
  #inContext(fn: AnyFunction): AnyFunction {
    const context = captureContext();
    return context === undefined || this.#plan?.context === 'none' || typeof fn !== 'function'
      ? fn
      : inContext(fn, context);
  }

  async *#stream(fn: AnyFunction, args: readonly unknown[], stream: StreamSink): AsyncGenerator<unknown, void, void> {
    const plan: TaskPlan = { ...(this.#plan ?? PLAIN), retries: 0, stream };
    yield* stream.items(this.#submit(fn, CALL | STREAM, args, plan));
  }

  /** By way of the scheduler, if there is one; what is no function the crew refuses. */
  #submit(fn: AnyFunction, kind: number, args: readonly unknown[], plan: TaskPlan | undefined): Future<unknown> {
    const { scheduler } = this.#crew;
    if (scheduler === undefined || typeof fn !== 'function') return this.#crew.submit(fn, args, plan);
    return scheduler.submit(fn, kind, args, plan);
  }

  /**
   * The same pool, with options for its tasks.
   *
   * **Gotchas** Once a task has asked for `retries`, a `priority`, a `key`, to be `sticky`, a `deadline` or a `queueTimeout`, the pool orders all
   * tasks that are submitted from then on. Those that are out keep their place.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION`
   * @example
   * await pool.with({ timeout: 2000, retries: 3, signal }).submit(fetchPage, url);
   */
  with(options: TaskOptions): TaskApi {
    const plan = planWith(options, this.#plan);
    if (isScheduled(plan)) this.#crew.schedule();
    return new TaskApi(this.#crew, plan);
  }

  async *#yield(
    fn: AnyFunction,
    items: Input<unknown>,
    options: ImapOptions,
    shape?: 'ordered',
  ): AsyncGenerator<never, void, void> {
    const { errors = 'stop', chunkSize = 1 } = options;
    const failures: unknown[] = [];
    for await (const { values } of this.#run(fn, items, errors, chunkSize, this.#ahead(options), shape)) {
      yield* (errors === 'continue' ? withoutFailures(values, failures) : values) as never[];
    }
    if (failures.length > 0) throw someFailed(failures);
  }

  async #collect(fn: AnyFunction, items: Input<unknown>, options: MapOptions, shape?: 'star'): Promise<unknown[]> {
    const { errors = 'stop', chunkSize } = options;
    const results: unknown[] = Array.isArray(items) ? new Array<unknown>(items.length) : [];
    for await (const { start, values } of this.#run(fn, items, errors, chunkSize, undefined, shape)) {
      for (let i = 0; i < values.length; i++) results[start + i] = values[i];
    }
    if (errors !== 'continue') return results;
    const failures: unknown[] = [];
    const successes = withoutFailures(results, failures);
    if (failures.length > 0) throw someFailed(failures);
    return successes;
  }

  #run(
    fn: AnyFunction,
    items: Input<unknown>,
    errors: ErrorPolicy,
    chunkSize: number | 'auto' | undefined,
    ahead: number | undefined,
    shape?: 'star' | 'ordered',
  ): AsyncGenerator<ChunkResult, void, void> {
    if (!POLICIES.includes(errors)) {
      throw new InvalidOptionError(`errors must be 'stop', 'continue' or 'settle', not ${inWords(errors)}.`);
    }
    const { timeout, retries = 0 } = this.#plan ?? {};
    const auto = chunkSize === 'auto' || (chunkSize === undefined && timeout === undefined && retries === 0);
    const fixed = auto ? undefined : counting(chunkSize ?? 1, 'chunkSize');
    return runChunks(this.#crew, fn, items, {
      plan: this.#plan,
      chunkSize: fixed,
      ahead,
      star: shape === 'star',
      ordered: shape === 'ordered',
      settle: errors !== 'stop',
    });
  }

  #ahead(options: ImapOptions): number {
    const chunk = typeof options.chunkSize === 'number' ? options.chunkSize : 1;
    const { limit, tasksPerWorker } = this.#crew;
    return options.ahead === undefined ? limit * (tasksPerWorker + AHEAD) * chunk : counting(options.ahead, 'ahead');
  }
}

/** Chunks that are read for each worker, besides those that it can have under way. */
const AHEAD = 3;
const POLICIES: readonly unknown[] = ['stop', 'continue', 'settle'];

/** What succeeded; the errors of the rest are added to a list. */
function withoutFailures(values: readonly unknown[], failures: unknown[]): unknown[] {
  const successes: unknown[] = [];
  for (const outcome of values as readonly PromiseSettledResult<unknown>[]) {
    if (outcome.status === 'fulfilled') successes.push(outcome.value);
    else failures.push(outcome.reason);
  }
  return successes;
}

const someFailed = (failures: readonly unknown[]): AggregateError =>
  new AggregateError(failures, `${failures.length} of the items failed; their errors are in \`errors\`.`);
