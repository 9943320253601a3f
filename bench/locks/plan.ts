/**
 * The measurements, those with one title next to each other.
 * @module
 */
import type { TeamKind } from '../harness/measurement.ts';
import type { LockGroup, LockMeasurement, LockRunner, LockTest, PairOf } from './measurement.ts';

const scopes: readonly TeamKind[] = ['thread', 'process'];
const both: readonly LockRunner[] = ['manyhands', 'CPython'];

/** Every measurement of a form. */
export function lockPlan(full: boolean): LockMeasurement[] {
  const atLeast = full ? 500 : 250;
  const plan: LockMeasurement[] = [];
  const put = (
    group: LockGroup,
    runners: readonly LockRunner[],
    of: LockTest,
    kind: TeamKind = 'thread',
    workers = 1,
  ): void => {
    for (const runner of runners) plan.push({ group, runner, kind, workers, of, atLeast });
  };
  const pair = (what: PairOf, runners: readonly LockRunner[]): void => {
    for (const kind of scopes) put('pairs', runners, { test: 'pair', what }, kind);
  };

  pair('Lock', both);
  pair('RLock', both);
  pair('Semaphore', both);
  pair('RwLock read', ['manyhands']); // CPython has none
  for (const kind of scopes) {
    for (const owners of [2, 4]) put('contended', both, { test: 'contended', owners, ms: 1000 }, kind, owners);
  }
  put('awaited', ['manyhands', 'Web Locks'], { test: 'awaited' });
  put('awaited', ['manyhands'], { test: 'awaited' }, 'process');
  const deadlocks = full ? 20 : 8;
  put('watch', ['manyhands'], { test: 'deadlock', size: 2, awaited: 0, deadlocks }, 'thread', 2);
  put('watch', ['manyhands'], { test: 'deadlock', size: 2, awaited: 0, deadlocks }, 'process', 2);
  put('watch', ['manyhands'], { test: 'deadlock', size: 2, awaited: 1, deadlocks }, 'thread', 2);
  put('watch', ['manyhands'], { test: 'deadlock', size: 5, awaited: 0, deadlocks }, 'thread', 5);
  for (const kind of scopes) {
    put('watch', ['manyhands'], { test: 'careful', workers: 4, ms: full ? 20_000 : 3000 }, kind, 4);
  }
  put('account', [...both, 'bare worker_threads'], { test: 'account' }, 'thread', 100);
  return plan;
}
