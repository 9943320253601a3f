/**
 * The measurements, those with one title next to each other.
 * @module
 */
import type { TeamKind } from '../harness/measurement.ts';
import type { FieldStep, MapStep, SharedGroup, SharedMeasurement, SharedRunner, SharedTest } from './measurement.ts';

const scopes: readonly TeamKind[] = ['thread', 'process'];
const steps: readonly MapStep[] = ['set', 'get', 'has', 'delete', 'update', 'insert'];
const fieldSteps: readonly FieldStep[] = [
  'struct read',
  'struct write',
  'struct add',
  'Value read',
  'Value write',
  'Value add',
  'SharedArray read',
  'SharedArray write',
  'ShareableList read',
  'ShareableList write',
];

/** Every measurement of a form. */
export function sharedPlan(full: boolean): SharedMeasurement[] {
  const plan: SharedMeasurement[] = [];
  const atLeast = full ? 500 : 150;
  const put = (group: SharedGroup, runners: readonly SharedRunner[], of: SharedTest, kind: TeamKind): void => {
    const workers = of.test === 'mix' ? 4 : 1;
    for (const runner of runners) plan.push({ group, runner, kind, workers, of, atLeast });
  };
  for (const kind of scopes) {
    for (const values of ['number', 'object'] as const) {
      const dict: readonly SharedRunner[] = kind === 'thread' ? ['CPython dict'] : [];
      put('mix', ['manyhands', 'CPython', ...dict, 'Map in one thread'], { test: 'mix', values, ms: 1000 }, kind);
    }
    for (const values of ['number', 'object'] as const) {
      for (const step of values === 'number' ? steps : steps.slice(0, 2)) {
        put('map', ['manyhands', 'Map in one thread'], { test: 'map', step, values }, kind);
      }
    }
    // What multiprocessing has is among processes.
    const runners: readonly SharedRunner[] = kind === 'thread' ? ['manyhands'] : ['manyhands', 'CPython'];
    for (const step of fieldSteps) put('fields', runners, { test: 'field', step }, kind);
  }
  return plan;
}
