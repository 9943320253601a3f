/**
 * What the figures of shared memory have to show, each with what a run found.
 * @module
 */
import { pairedRatio } from '../harness/paired-ratio.ts';
import { find, type Row } from '../harness/row.ts';
import { atLeast, atMost, type Target } from '../harness/target.ts';

/** Judges all targets by the rows of one run. */
export function sharedTargetsOf(rows: readonly Row[]): Target[] {
  return rows.flatMap((row): Target[] => {
    const { group, title, kind, of, runner } = row;
    if (runner !== 'manyhands') return [];
    const cpython = find(rows, 'CPython', group, of, kind);
    if (group === 'mix') {
      return [atLeast(20, `${title}: rate, times CPython's Manager().dict()`, pairedRatio(cpython, row))];
    }
    if (group !== 'fields' || kind !== 'process') return [];
    return [atMost(0.5, `${title}: time, share of CPython`, pairedRatio(row, cpython))];
  });
}
