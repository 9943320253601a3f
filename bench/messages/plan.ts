/**
 * The measurements, those with one title next to each other.
 * @module
 */
import type { TeamKind } from '../harness/measurement.ts';
import type { MessageGroup, MessageMeasurement, MessageRunner, MessageTest, NodeRunner } from './measurement.ts';

const scopes: readonly TeamKind[] = ['thread', 'process'];
const SIZE = 2 ** 20;

/** What Node has for small values. */
const node: Readonly<Record<TeamKind, readonly NodeRunner[]>> = {
  thread: ['MessagePort'],
  process: ['Node IPC', 'Unix socket'],
};
/** What Node has for large buffers. */
const nodeLarge: Readonly<Record<TeamKind, readonly NodeRunner[]>> = {
  thread: ['MessagePort', 'MessagePort transfer'],
  process: node.process,
};
const large: readonly MessageRunner[] = ['manyhands', 'manyhands leaseSync', 'manyhands getSync', 'manyhands Pipe'];

/** Every measurement of a form. */
export function messagePlan(full: boolean): MessageMeasurement[] {
  const plan: MessageMeasurement[] = [];
  const atLeast = full ? 1000 : 250;
  for (const kind of scopes) {
    const put = (group: MessageGroup, runners: readonly MessageRunner[], of: MessageTest, workers = 2): void => {
      for (const runner of runners) plan.push({ group, runner, kind, workers, of, atLeast });
    };
    put('stream', ['manyhands', 'CPython', ...node[kind]], { test: 'stream', calls: 'blocking' });
    put('stream', ['manyhands', ...node[kind]], { test: 'stream', calls: 'awaited' });
    for (const pairs of [2, 4]) put('many', ['manyhands', 'CPython'], { test: 'many', pairs }, pairs * 2);
    put('large', [...large, 'CPython', ...nodeLarge[kind]], { test: 'large', size: SIZE });
    put('trip', ['manyhands', 'CPython'], { test: 'trip', calls: 'blocking' });
    const bare: readonly MessageRunner[] = kind === 'process' ? ['bare doorbell'] : [];
    put('trip', ['manyhands', ...bare, ...node[kind]], { test: 'trip', calls: 'awaited' });
  }
  return plan;
}
