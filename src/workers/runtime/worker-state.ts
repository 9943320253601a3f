/**
 * What a pool's `init` has made for its worker, for the tasks that run there.
 *
 * How it works  A worker has a thread of its own, and so one state. An inline worker has not: there each task runs in a context that
 *               knows the state of its worker.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface Kept {
  readonly value: unknown;
}

let own: Kept | undefined;
let storage: AsyncLocalStorage<Kept> | undefined;

/**
 * What the pool's `init` function has returned in this worker; `undefined` where there is none.
 *
 * **Python** a global variable that the `initializer` sets.
 *
 * @example
 * const pool = new Pool({ init: (path) => openDatabase(path), initArgs: ['./data.db'], exit: (db) => db.close() });
 * const row = await pool.submit((id) => workerState<Database>().find(id), 7);
 */
export function workerState<T = unknown>(): T {
  return (storage?.getStore() ?? own)?.value as T;
}

/** This thread is one worker's alone, and this is what it has. */
export function keepState(value: unknown): void {
  own = { value };
}

/** Calls functions as a worker that has this and shares its thread. */
export function withState(value: unknown): <T>(run: () => T) => T {
  storage ??= new AsyncLocalStorage();
  const kept: Kept = { value };
  return (run) => (storage as AsyncLocalStorage<Kept>).run(kept, run);
}
