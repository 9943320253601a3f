/**
 * A web service that computes, on several pools and on none: `npm run bench -- service [options]`.
 * @module
 */
import type { Bench } from '../harness/bench.ts';
import { rivalVersion } from '../harness/rival-package.ts';
import { partOf, rowOf } from '../harness/row.ts';
import { nodeProgram } from '../harness/run-program.ts';
import { serviceGroups, type ServiceMeasurement, titleOf } from './measurement.ts';
import { servicePlan } from './plan.ts';
import { lightOf, serviceTargetsOf } from './targets.ts';

export const serviceBench: Bench = {
  groups: serviceGroups,
  fromDist: true,
  rivals: () => ({ piscina: rivalVersion('piscina') ?? null }),
  limits: (full) => ({ rounds: full ? 5 : 2, seconds: full ? 900 : 180 }),
  plan: servicePlan,
  titleOf,
  programOf(measurement: ServiceMeasurement) {
    const program = nodeProgram(new URL('./measure.ts', import.meta.url), [JSON.stringify(measurement)]);
    return { ...program, limit: program.limit + 20_000 };
  },
  rowsOf: (series) => [
    rowOf(series),
    partOf(series, {
      group: lightOf(series.measurement.group),
      title: '; wait for a page that costs nothing, 99 of 100 are below',
      figure: 'lightUs',
      as: 'us',
    }),
  ],
  targetsOf: serviceTargetsOf,
  nameOf: () => 'service',
};
