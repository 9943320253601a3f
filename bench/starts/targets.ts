/**
 * What the figures of starts have to show, each with what a run found.
 * @module
 */
import { pairedRatio } from '../harness/paired-ratio.ts';
import { find, type Row } from '../harness/row.ts';
import { atMost, type Target } from '../harness/target.ts';

/** Judges all targets by the rows of one run. */
export function startTargetsOf(rows: readonly Row[]): Target[] {
  const share = (test: string, kind: 'thread' | 'process'): number =>
    pairedRatio(find(rows, 'manyhands', 'warm', { test }, kind), find(rows, 'CPython', 'warm', { test }, kind));
  return [
    atMost(1, 'a warm thread, from start to join: time, times CPython', share('join', 'thread')),
    atMost(1, 'a warm process, from start to its function: time, times CPython (fork)', share('first', 'process')),
  ];
}
