/**
 * The measurements, those with one title next to each other.
 * @module
 */
import type { ServiceGroup, ServiceMeasurement, ServiceRunner, ServiceTest } from './measurement.ts';

const runners: readonly ServiceRunner[] = ['manyhands', 'manyhands (threads)', 'piscina', 'no pool'];
/** Some ten milliseconds of a core. */
const BELOW = 80_000;

/** Every measurement of a form. */
export function servicePlan(full: boolean): ServiceMeasurement[] {
  const atLeast = full ? 6000 : 2500;
  const plan: ServiceMeasurement[] = [];
  const put = (group: ServiceGroup, of: ServiceTest): void => {
    for (const runner of runners) plan.push({ group, runner, kind: 'thread', workers: 2, of, atLeast });
  };
  put('alone', { test: 'alone', clients: 1, below: BELOW });
  put('load', { test: 'load', clients: 8, below: BELOW });
  put('crowd', { test: 'crowd', clients: 64, below: BELOW, room: 8 });
  put('leave', { test: 'leave', clients: 2, below: BELOW, leaving: 8, patience: 20 });
  return plan;
}
