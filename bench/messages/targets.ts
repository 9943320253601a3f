/**
 * What the figures of queues and pipes have to show, each with what a run found.
 * @module
 */
import type { TeamKind } from '../harness/measurement.ts';
import { pairedRatio } from '../harness/paired-ratio.ts';
import { find, type Row } from '../harness/row.ts';
import { atLeast, atMost, type Target } from '../harness/target.ts';
import type { MessageRunner } from './measurement.ts';

const between: Readonly<Record<TeamKind, string>> = { thread: 'between threads', process: 'between processes' };

/** Judges all targets by the rows of one run. */
export function messageTargetsOf(rows: readonly Row[]): Target[] {
  const row = (runner: MessageRunner, kind: TeamKind, want: { readonly test: string }): Row | undefined =>
    find(rows, runner, want.test, want, kind);
  const stream = { test: 'stream', calls: 'blocking' };
  const faster = (least: number, rival: MessageRunner, kind: TeamKind, what: string): Target =>
    atLeast(
      least,
      `stream ${between[kind]}: rate, times ${what}`,
      pairedRatio(row(rival, kind, stream), row('manyhands', kind, stream)),
    );
  const large = { test: 'large' };
  const blocking = { test: 'trip', calls: 'blocking' };
  const awaited = { test: 'trip', calls: 'awaited' };
  return [
    faster(8, 'CPython', 'process', 'multiprocessing.Queue'),
    faster(5, 'Node IPC', 'process', 'Node IPC'),
    faster(2, 'CPython', 'thread', 'queue.Queue'),
    faster(10, 'MessagePort', 'thread', 'MessagePort'),
    atLeast(
      2,
      '1 MiB between processes, getIntoSync: rate, times multiprocessing.Pipe',
      pairedRatio(row('CPython', 'process', large), row('manyhands', 'process', large)),
    ),
    ...(['thread', 'process'] as const).map((kind) =>
      atMost(10, `blocking round trip ${between[kind]}: us, median`, row('manyhands', kind, blocking)?.figures?.['us']),
    ),
    atMost(
      1.2,
      'awaited round trip between processes: median, share of the bare doorbell',
      pairedRatio(row('manyhands', 'process', awaited), row('bare doorbell', 'process', awaited)),
    ),
  ];
}
