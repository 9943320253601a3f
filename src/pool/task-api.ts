/**
 * What can be asked of a pool: submit and the family of maps. `Pool` offers them, and so does what `with` returns.
 * @module
 */
import type { Future } from '../futures/future.ts';
import { counting } from './checks.ts';
import { type ChunkResult, runChunks } from './chunk-run.ts';
import { CALL } from '../workers/messages.ts';
import type { Crew } from './crew.ts';
import type { AnyFunction } from './function-registry.ts';
import { isScheduled, planWith, type TaskOptions, type TaskPlan } from './scheduling/plan.ts';
import type { Input } from './source.ts';

/** Options of `map` and `starmap`. */
export interface MapOptions {
  /**
   * Items that a worker gets at once. `'auto'` starts with one and aims at chunks of two milliseconds, and is the default.
   * With a `timeout` or `retries` the default is 1, so that they hold for each item.
   */
  readonly chunkSize?: number | 'auto';
}

/** Options of `imap` and `imapUnordered`. */
export interface ImapOptions {
  /** Items that a worker gets at once; 1 by default. */
  readonly chunkSize?: number | 'auto';
  /** Items read from the input before the consumer has taken their results; four for each worker by default. */
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
    const { scheduler } = this.#crew;
    const future = scheduler?.submit(fn, CALL, args, this.#plan) ?? this.#crew.submit(fn, args, this.#plan);
    return future as Future<Awaited<R>>;
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
  async map<T, R>(fn: (item: T) => R, items: Input<T>, options: MapOptions = {}): Promise<Awaited<R>[]> {
    return (await this.#collect(fn, items, options)) as Awaited<R>[];
  }

  /**
   * As `map`, but each item is an array of arguments.
   *
   * **Python** `Pool.starmap`.
   *
   * @example
   * const powers = await pool.starmap(Math.pow, [[2, 3], [3, 4]]); // [8, 81]
   */
  async starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Input<Readonly<A>>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    return (await this.#collect(fn, items, options, 'star')) as Awaited<R>[];
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
  async *imap<T, R>(
    fn: (item: T) => R,
    items: Input<T>,
    options: ImapOptions = {},
  ): AsyncGenerator<Awaited<R>, void, void> {
    for await (const chunk of this.#run(fn, items, options.chunkSize ?? 1, this.#ahead(options), 'ordered')) {
      yield* chunk.values as readonly Awaited<R>[];
    }
  }

  /**
   * As `imap`, but yields the results in the order in which they come.
   *
   * **Python** `Pool.imap_unordered`.
   */
  async *imapUnordered<T, R>(
    fn: (item: T) => R,
    items: Input<T>,
    options: ImapOptions = {},
  ): AsyncGenerator<Awaited<R>, void, void> {
    for await (const chunk of this.#run(fn, items, options.chunkSize ?? 1, this.#ahead(options))) {
      yield* chunk.values as readonly Awaited<R>[];
    }
  }

  /**
   * The same pool, with options for its tasks.
   *
   * **Gotchas** Once a task has asked for `retries`, a `priority`, a `key`, a `deadline` or a `queueTimeout`, the pool orders all tasks that
   * are submitted from then on. Those that are out keep their place.
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

  async #collect(fn: AnyFunction, items: Input<unknown>, options: MapOptions, shape?: 'star'): Promise<unknown[]> {
    const results: unknown[] = Array.isArray(items) ? new Array<unknown>(items.length) : [];
    for await (const { start, values } of this.#run(fn, items, options.chunkSize, undefined, shape)) {
      for (let i = 0; i < values.length; i++) results[start + i] = values[i];
    }
    return results;
  }

  #run(
    fn: AnyFunction,
    items: Input<unknown>,
    chunkSize: number | 'auto' | undefined,
    ahead: number | undefined,
    shape?: 'star' | 'ordered',
  ): AsyncGenerator<ChunkResult, void, void> {
    const { timeout, retries = 0 } = this.#plan ?? {};
    const auto = chunkSize === 'auto' || (chunkSize === undefined && timeout === undefined && retries === 0);
    const fixed = auto ? undefined : counting(chunkSize ?? 1, 'chunkSize');
    return runChunks(this.#crew, fn, items, {
      plan: this.#plan,
      chunkSize: fixed,
      ahead,
      star: shape === 'star',
      ordered: shape === 'ordered',
      workers: this.#crew.limit,
    });
  }

  #ahead(options: ImapOptions): number {
    const chunk = typeof options.chunkSize === 'number' ? options.chunkSize : 1;
    return options.ahead === undefined ? this.#crew.limit * 4 * chunk : counting(options.ahead, 'ahead');
  }
}
