/**
 * A managed pool: one of this library's, in the manager.
 *
 * Bounded       Strangers say what kind of workers it has and how many, and nothing that would run in them: no flags, no environment.
 * When it dies  A pool that nobody refers to ends: at once, or after the calls whose callers are there to be answered.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { Pool, type PoolOptions } from '../executors/pool.ts';
import { callingClient, type Client } from './caller.ts';
import { whenForgotten } from './object-table.ts';

/** What a stranger may say. */
const FOR_STRANGERS = ['kind', 'workers', 'tasksPerWorker', 'grace'] as const;
/** Workers that a stranger's pool may have. */
const MOST_WORKERS = 64;

/** A pool in the manager; see `ManagedPool`. */
export class PoolThere {
  readonly #pool: Pool;
  readonly #callers = new Set<{ readonly client: Client }>();

  constructor(options?: PoolOptions) {
    this.#pool = new Pool(options);
    whenForgotten(this, () => this.#leave());
  }

  async submit(fn: (...args: readonly unknown[]) => unknown, ...args: readonly unknown[]): Promise<unknown> {
    return this.#answered(callingClient(), this.#pool.submit(fn, ...args));
  }

  async map(fn: (item: unknown) => unknown, items: Iterable<unknown>): Promise<unknown[]> {
    return this.#answered(callingClient(), this.#pool.map(fn, [...items]));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async terminate(): Promise<void> {
    await this.#pool.terminate();
  }

  async #answered<T>(client: Client, work: PromiseLike<T>): Promise<T> {
    const caller = { client };
    this.#callers.add(caller);
    try {
      return await work;
    } finally {
      this.#callers.delete(caller);
    }
  }

  /** Nobody refers to it any more, or one of those is gone who had not been answered then. */
  #leave(): void {
    const left = [...this.#callers].filter(({ client }) => !client.signal.aborted);
    const ended = left.length === 0 ? this.#pool.terminate() : this.#pool.close();
    ended.catch(() => {}); // nobody is there to be told
    for (const { client } of left) client.onGone(() => this.#leave());
  }
}

/** The options of a pool that a stranger asks for. @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function optionsOfStranger(options: unknown = {}): PoolOptions {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptionError(`The options of a pool must be an object; they are ${String(options)}.`);
  const refused = Object.keys(options).filter((name) => !FOR_STRANGERS.some((each) => each === name));
  if (refused.length > 0)
    throw new InvalidOptionError(
      `A client of a manager with an address may not set ${refused.join(', ')} of a pool, but ${FOR_STRANGERS.join(', ')}.`,
    );
  const { workers } = options as PoolOptions;
  if (workers !== undefined && !(workers <= MOST_WORKERS))
    throw new InvalidOptionError(
      `A client of a manager with an address may ask for ${MOST_WORKERS} workers of a pool at most; it asked for ${String(workers)}.`,
    );
  // those four and no others, whatever stands on a prototype
  const given = FOR_STRANGERS.map((name) => [name, (options as PoolOptions)[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as PoolOptions;
}

/**
 * A pool, as a proxy shows it: `await manager.pool()`. Functions are exports of modules other than the main one, or `task()`s that the manager
 * knows.
 *
 * At a manager with an address a pool takes `kind`, `workers` (64 at most), `tasksPerWorker` and `grace`. When nobody refers to it any more
 * it ends, with its workers.
 *
 * **Python** `SyncManager.Pool`.
 */
export interface ManagedPool extends AsyncDisposable {
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  map<T, R>(fn: (item: T) => R, items: readonly T[]): Promise<Awaited<R>[]>;
  /** Takes no more tasks, and waits for those that it has. */
  close(): Promise<void>;
  terminate(): Promise<void>;
}
