/**
 * What can be measured of locks.
 * @module
 */
import type { Measurement, TeamKind } from '../harness/measurement.ts';

/** What is acquired and released. */
export type PairOf = 'Lock' | 'RLock' | 'Semaphore' | 'RwLock read';

/** One kind of test with its sizes. */
export type LockTest =
  /** Acquire and release, with nobody in the way; blocking calls. */
  | { readonly test: 'pair'; readonly what: PairOf }
  /** The same of a `Lock`, awaited. */
  | { readonly test: 'awaited' }
  /** So many owners that want one lock, for so many ms, each adding 1 to a shared counter while it holds it. */
  | { readonly test: 'contended'; readonly owners: number; readonly ms: number }
  /** So many deadlocks of so many locks in a ring, of whose waiters some are async functions of the main thread. */
  | { readonly test: 'deadlock'; readonly size: number; readonly awaited: number; readonly deadlocks: number }
  /** So many workers that take locks as one should, for so many ms. */
  | { readonly test: 'careful'; readonly workers: number; readonly ms: number }
  /** A whole program: 100 threads, each of which sleeps 10 ms under one lock. */
  | { readonly test: 'account' };

/** Whoever can be measured. */
export type LockRunner = 'manyhands' | 'CPython' | 'Web Locks' | 'bare worker_threads';

/** One measurement of locks. */
export type LockMeasurement = Measurement<LockTest, LockRunner>;

/** Names of the groups, and what each holds. */
export const lockGroups = {
  pairs: 'acquire and release with nobody in the way, blocking',
  contended: 'two and four owners that want one lock: pairs a second, and who gets how many',
  awaited: 'acquire and release with nobody in the way, awaited',
  watch: 'how soon a deadlock is reported, and whether one is that is none',
  account: 'a program of 100 threads that sleep 10 ms each under one lock',
} as const;

/** A group of measurements. */
export type LockGroup = keyof typeof lockGroups;

/** A name for a measurement without who: the same for all that do the same. */
export function titleOf({ of, kind }: LockMeasurement): string {
  switch (of.test) {
    case 'pair':
      return `${of.what}, acquire and release, scope ${kind}`;
    case 'awaited':
      return `Lock, awaited acquire and release, scope ${kind}`;
    case 'contended':
      return `Lock, ${of.owners} ${plural[kind]} that want it all the time`;
    case 'deadlock':
      return `deadlock of ${deadlocked(of.size, of.awaited, kind)}`;
    case 'careful':
      return `no deadlock: ${of.workers} ${plural[kind]} with 8 locks in one order, ${of.ms / 1000} s`;
    case 'account':
      return 'account, the whole program: 100 threads, 10 ms each under one lock';
  }
}

const plural = { thread: 'threads', process: 'processes' } as const;

function deadlocked(size: number, awaited: number, kind: TeamKind): string {
  if (awaited === 1 && size === 2) return `a ${kind} and an async function`;
  return `${size} ${plural[kind]}${size > 2 ? ' in a ring' : ''}`;
}
