/**
 * Who computes for the service, each used as its documentation says.
 * @module
 */
import { fileURLToPath } from 'node:url';
import { manyhands } from '../harness/manyhands.ts';
import { loadRival } from '../harness/rival-package.ts';
import { countFrom, countPrimes } from './entry/primes.ts';
import type { ServiceRunner } from './measurement.ts';

/** Computes the number of primes below another one; gives it up when the signal is aborted, where it can. */
export type Solver = (below: number, signal: AbortSignal) => Promise<number>;

/** Thrown when there is no room for one more. */
export class NoRoomError extends Error {}

/** What a service may use. */
export interface Means {
  readonly workers: number;
  /** Requests that may wait. */
  readonly room: number;
}

interface PiscinaPackage {
  readonly Piscina: new (
    options: object,
  ) => {
    run(task: unknown, options: { readonly name: string; readonly signal: AbortSignal }): Promise<unknown>;
  };
}

const { Pool, PoolFullError, taskSignal } = manyhands;

/** Looks every millisecond or so whether anybody still wants to know. */
async function countPrimesWhileWanted(below: number): Promise<number> {
  const signal = taskSignal();
  const stretch = 10_000;
  let count = 0;
  for (let from = 0; from < below; from += stretch) {
    count += countFrom(from, Math.min(below, from + stretch));
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return count;
}

function byManyhands(kind: 'thread' | 'hybrid', { workers, room }: Means): Solver {
  const pool = new Pool({ kind, workers, backlog: room, overflow: 'reject' });
  return async (below, signal) => {
    try {
      return await pool.with({ signal }).submit(countPrimesWhileWanted, below);
    } catch (error) {
      throw error instanceof PoolFullError ? new NoRoomError() : error;
    }
  };
}

async function byPiscina({ workers, room }: Means): Promise<Solver> {
  const { Piscina } = await loadRival<PiscinaPackage>('piscina');
  const filename = fileURLToPath(new URL('./entry/primes.ts', import.meta.url));
  const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers, maxQueue: room });
  return async (below, signal) => {
    try {
      return (await pool.run(below, { name: countPrimes.name, signal })) as number;
    } catch (error) {
      throw (error as Error).message === 'Task queue is at limit' ? new NoRoomError() : error;
    }
  };
}

/** Who computes, by name. */
export const solvers: Readonly<Record<ServiceRunner, (means: Means) => Solver | Promise<Solver>>> = {
  manyhands: (means) => byManyhands('hybrid', means),
  'manyhands (threads)': (means) => byManyhands('thread', means),
  piscina: byPiscina,
  'no pool': () => (below) => Promise.resolve(countPrimes(below)),
};
