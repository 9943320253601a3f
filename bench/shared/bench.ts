/**
 * The comparison of shared memory: `npm run bench -- shared [options]`.
 * @module
 */
import type { Bench } from '../harness/bench.ts';
import { nodeProgram, pythonProgram } from '../harness/run-program.ts';
import { sharedGroups, type SharedMeasurement, titleOf } from './measurement.ts';
import { sharedPlan } from './plan.ts';
import { rowsOf } from './rows.ts';
import { sharedTargetsOf } from './targets.ts';

export const sharedBench: Bench = {
  groups: sharedGroups,
  fromDist: true,
  rivals: () => ({}),
  limits: (full) => ({ rounds: full ? 5 : 3, seconds: full ? 600 : 180 }),
  plan: sharedPlan,
  titleOf,
  programOf(measurement: SharedMeasurement) {
    const json = [JSON.stringify(measurement)];
    return measurement.runner.startsWith('CPython')
      ? pythonProgram(new URL('./cpython.py', import.meta.url), json)
      : nodeProgram(new URL('./measure.ts', import.meta.url), json);
  },
  rowsOf,
  targetsOf: sharedTargetsOf,
  nameOf: () => 'shared',
};
