/**
 * What a run found out about locks. Owners that want one lock make three rows: how much they did, how it was shared out, how long one
 * waited at most.
 * @module
 */
import type { Series } from '../harness/measurement.ts';
import { partOf, type Row, rowOf } from '../harness/row.ts';
import type { LockGroup } from './measurement.ts';

/** Groups of rows. */
export type LockRowGroup = LockGroup | 'shares' | 'waits';

/** The rows of a series. */
export function rowsOf(series: Series): Row[] {
  if (series.measurement.of.test !== 'contended') return [rowOf(series)];
  const part = (group: LockRowGroup, title: string, figure: string): Row => partOf(series, { group, title, figure });
  return [
    part('contended', '', 'us'),
    part('shares', ": the least one's part of an equal share", 'share'),
    part('waits', ': the longest that one waited', 'waitMs'),
  ];
}
