/**
 * The comparison of queues and pipes: `npm run bench -- messages [options]`.
 * @module
 */
import type { Bench } from '../harness/bench.ts';
import { rowOf } from '../harness/row.ts';
import { nodeProgram, pythonProgram } from '../harness/run-program.ts';
import { messageGroups, type MessageMeasurement, titleOf } from './measurement.ts';
import { messagePlan } from './plan.ts';
import { messageTargetsOf } from './targets.ts';

const ofNode = `of Node ${process.versions.node}`;

export const messageBench: Bench = {
  groups: messageGroups,
  fromDist: true,
  rivals: () => ({ 'MessagePort, Node IPC, Unix socket': ofNode }),
  limits: (full) => ({ rounds: full ? 5 : 3, seconds: full ? 900 : 180 }),
  plan: messagePlan,
  titleOf,
  programOf(measurement: MessageMeasurement) {
    const json = [JSON.stringify(measurement)];
    return measurement.runner === 'CPython'
      ? pythonProgram(new URL('./cpython.py', import.meta.url), json)
      : nodeProgram(new URL('./measure.ts', import.meta.url), json);
  },
  rowsOf: (series) => [rowOf(series)],
  targetsOf: messageTargetsOf,
  nameOf: () => 'messages',
};
