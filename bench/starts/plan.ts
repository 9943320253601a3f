/**
 * The measurements, those with one title next to each other.
 * @module
 */
import type { TeamKind } from '../harness/measurement.ts';
import type { StartGroup, StartMeasurement, StartTest } from './measurement.ts';

const kinds: readonly TeamKind[] = ['thread', 'process'];
/** Milliseconds in which a spare is booted and has rehearsed. */
const GAP = { thread: 150, process: 300 };
const MANY = { thread: 100, process: 64 };

/** Every measurement of a form. */
export function startPlan(full: boolean): StartMeasurement[] {
  const atLeast = full ? 6000 : 3000;
  const plan: StartMeasurement[] = [];
  const put = (group: StartGroup, of: StartTest, kind: TeamKind, workers: number): void => {
    for (const runner of ['manyhands', 'CPython'] as const) plan.push({ group, runner, kind, workers, of, atLeast });
  };
  for (const kind of kinds) {
    put('warm', { test: 'join', gap: GAP[kind] }, kind, 1);
    put('warm', { test: 'first', gap: GAP[kind] }, kind, 1);
  }
  for (const kind of kinds) put('many', { test: 'many', count: MANY[kind] }, kind, MANY[kind]);
  for (const kind of kinds) put('crowd', { test: 'pool', size: 64, tasks: 10_000 }, kind, 64);
  return plan;
}
