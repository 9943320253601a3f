/**
 * Times acquire and release with nobody in the way: so many pairs in a batch.
 *
 * Each runs in a process of its own, which never sees another kind of lock. The hold is what is released, as in the README.
 * @module
 */
import { locks } from 'node:worker_threads';
import { timeBatches } from '../harness/batches.ts';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { manyhands } from '../harness/manyhands.ts';
import type { LockRunner, PairOf } from './measurement.ts';

const { Lock, RLock, RwLock, Semaphore } = manyhands;

/** Blocking calls. */
export function measurePairs(what: PairOf, scope: TeamKind, atLeast: number): Promise<Figures> {
  return timeBatches({ run: batchOf[what](scope) }, PAIRS, atLeast);
}

/** Awaited calls, of this library or of Web Locks. */
export function measureAwaited(runner: LockRunner, scope: TeamKind, atLeast: number): Promise<Figures> {
  const run = runner === 'Web Locks' ? webLocks : awaited(new Lock({ scope }));
  return timeBatches({ run }, AWAITED_PAIRS, atLeast);
}

const PAIRS = 20_000;
const AWAITED_PAIRS = 1000;

const batchOf: Readonly<Record<PairOf, (scope: TeamKind) => () => void>> = {
  Lock(scope) {
    const lock = new Lock({ scope });
    return () => {
      for (let i = 0; i < PAIRS; i++) lock.acquireSync().release();
    };
  },
  RLock(scope) {
    const lock = new RLock({ scope });
    return () => {
      for (let i = 0; i < PAIRS; i++) lock.acquireSync().release();
    };
  },
  Semaphore(scope) {
    const semaphore = new Semaphore(1, { scope });
    return () => {
      for (let i = 0; i < PAIRS; i++) semaphore.acquireSync().release();
    };
  },
  'RwLock read'(scope) {
    const lock = new RwLock({ scope });
    return () => {
      for (let i = 0; i < PAIRS; i++) lock.acquireReadSync().release();
    };
  },
};

function awaited(lock: InstanceType<typeof Lock>): () => Promise<void> {
  return async () => {
    for (let i = 0; i < AWAITED_PAIRS; i++) (await lock.acquire()).release();
  };
}

async function webLocks(): Promise<void> {
  for (let i = 0; i < AWAITED_PAIRS; i++) await locks.request('bench', nothing);
}

function nothing(): void {}
