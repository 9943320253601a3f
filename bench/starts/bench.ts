/**
 * The comparison of starts: `npm run bench -- starts [options]`.
 * @module
 */
import type { Bench } from '../harness/bench.ts';
import { rowOf } from '../harness/row.ts';
import { nodeProgram, pythonProgram } from '../harness/run-program.ts';
import { startGroups, type StartMeasurement, titleOf } from './measurement.ts';
import { startPlan } from './plan.ts';
import { startTargetsOf } from './targets.ts';

export const startBench: Bench = {
  groups: startGroups,
  fromDist: true,
  rivals: () => ({}),
  limits: (full) => ({ rounds: full ? 5 : 2, seconds: full ? 900 : 180 }),
  plan: startPlan,
  titleOf,
  programOf(measurement: StartMeasurement) {
    const json = [JSON.stringify(measurement)];
    const program =
      measurement.runner === 'CPython'
        ? pythonProgram(new URL('./cpython.py', import.meta.url), json)
        : nodeProgram(new URL('./measure.ts', import.meta.url), json);
    return { ...program, limit: program.limit + 20_000 };
  },
  rowsOf: (series) => [rowOf(series)],
  targetsOf: startTargetsOf,
  nameOf: () => 'starts',
};
