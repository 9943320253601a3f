/**
 * The pools of a trial: one for each kind and number of tasks a worker, of which fewer or more workers are kept busy.
 * @module
 */
import { Pool } from '../executors/pool.ts';
import type { Setting } from './setting.ts';

/** Pools that end together. */
export class TrialPools {
  readonly #pools = new Map<string, Pool>();
  #ended = false;

  /** They have been ended: no other is to be made. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The pool for a setting, with at least its workers. */
  for({ kind, workers, tasksPerWorker, chunked }: Setting): Pool {
    // Chunks go to all workers there are, so those of one setting have a pool to themselves.
    const key = `${kind} ${tasksPerWorker} ${chunked ? workers : ''}`;
    const pool = this.#pools.get(key);
    if (pool !== undefined) {
      if (pool.workers < workers) pool.resize(workers);
      return pool;
    }
    const made = new Pool({
      kind: kind === 'process' ? kind : 'thread',
      workers,
      tasksPerWorker,
      insights: true,
      name: 'advise',
    });
    this.#pools.set(key, made);
    return made;
  }

  /** Bytes that a worker of a kind uses, the largest of them; undefined: none has said so. */
  memoryOf(kind: 'thread' | 'process'): number | undefined {
    const pools = [...this.#pools].filter(([key]) => key.startsWith(kind)).map(([, pool]) => pool);
    const all = pools.flatMap((pool) => pool.insights().workers.map(({ memory }) => memory ?? 0));
    const most = Math.max(0, ...all);
    return most === 0 ? undefined : most;
  }

  /** Ends them all, whatever they are at. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.kill()));
  }
}
