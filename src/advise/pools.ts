/**
 * The pools of a trial, as few as can be, so that their workers stay warm.
 * @module
 */
import { Pool } from '../executors/pool.ts';
import { bytesInUse } from './warm-up.ts';
import { measures, MOST_AT_ONCE, type Setting, type SettingKind } from './setting.ts';

/** Pools that end together. */
export class TrialPools {
  readonly #pools = new Map<string, Pool>();
  readonly #measured = new Set<Pool>();
  #ended = false;

  /** They have been ended: no other is to be made. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The pool for a setting, with at least its workers. */
  for(setting: Setting): Pool {
    const { kind, workers, tasksPerWorker, threadsPerProcess, chunked } = setting;
    // One task at a time on each of few workers leaves others idle. Chunks, and tasks of which each worker takes several, go to all workers
    // there are: so many workers have a pool to themselves.
    const isAlone = chunked || tasksPerWorker > 1;
    const key = `${kind} ${threadsPerProcess ?? ''} ${tasksPerWorker > 1 ? 'several' : 'one'} ${isAlone ? workers : ''}`;
    const pool = this.#pools.get(key);
    if (pool !== undefined) {
      if (pool.workers < workers) pool.resize(workers);
      return pool;
    }
    const made = new Pool({
      kind: kind === 'none' ? 'thread' : kind,
      ...(threadsPerProcess === undefined ? {} : { threadsPerProcess }),
      workers,
      tasksPerWorker: tasksPerWorker > 1 ? MOST_AT_ONCE : 1,
      insights: measures(setting),
      name: 'advise',
    });
    this.#pools.set(key, made);
    if (measures(setting)) this.#measured.add(made);
    return made;
  }

  /** Bytes that a worker of a kind uses, the largest of those that are measured; undefined: none has said so. */
  memoryOf(kind: Exclude<SettingKind, 'none'>): number | undefined {
    const pools = [...this.#measured].filter((pool) => pool.kind === kind);
    return pools.map(memoryOfWorker).reduce(largest, undefined);
  }

  /** Bytes that a process uses by now; undefined: there is none. */
  async askProcess(): Promise<number | undefined> {
    const pool = [...this.#pools.values()].find(({ kind, state }) => kind === 'process' && state === 'open');
    return pool?.submit(bytesInUse).catch(() => undefined);
  }

  /** Ends them all, whatever they are at. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.kill()));
  }
}

/** Bytes that a worker of a pool that measures uses, the largest of them; undefined: none has said so. */
export const memoryOfWorker = (pool: Pool): number | undefined =>
  pool
    .insights()
    .workers.map(({ memory }) => memory)
    .reduce(largest, undefined);

const largest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
