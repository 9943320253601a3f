/**
 * One call in a thread, without a pool of one's own.
 * @module
 */
import { availableParallelism } from 'node:os';
import type { Future } from '../futures/future.ts';
import { Pool } from './pool.ts';

/** As many as Python's default executor has. */
const most = (): number => Math.min(32, availableParallelism() + 4);

let threads: Pool | undefined;

/**
 * Calls a function in a thread of a pool that the program has for this; for what would block this thread.
 *
 * The pool is made when it is first needed, and has up to `min(32, cores + 4)` threads. While nothing is under way it uses no processor time and keeps no program
 * alive.
 *
 * **Python** `asyncio.to_thread`. As there the context goes along: that of the storages that `carryContext()` knows.
 *
 * @throws what `Pool.submit` rejects with
 * @example
 * const text = await toThread(readFileSync, 'large.txt', 'utf8');
 */
export function toThread<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
  threads ??= new Pool({ kind: 'thread', workers: most(), name: 'toThread' });
  return threads.submit(fn, ...args);
}
