/**
 * A managed pool: one of this library's, in the manager.
 * @module
 */
import { Pool, type PoolOptions } from '../executors/pool.ts';

/** A pool in the manager; see `ManagedPool`. */
export class PoolThere {
  readonly #pool: Pool;

  constructor(options?: PoolOptions) {
    this.#pool = new Pool(options);
  }

  async submit(fn: (...args: readonly unknown[]) => unknown, ...args: readonly unknown[]): Promise<unknown> {
    return await this.#pool.submit(fn, ...args);
  }

  async map(fn: (item: unknown) => unknown, items: Iterable<unknown>): Promise<unknown[]> {
    return await this.#pool.map(fn, [...items]);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async terminate(): Promise<void> {
    await this.#pool.terminate();
  }
}

/**
 * A pool, as a proxy shows it: `await manager.pool()`. Functions are exports of modules other than the main one, or `task()`s that the manager
 * knows.
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
