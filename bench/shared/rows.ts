/**
 * What a run found out about shared memory. Writers and readers of one map make three rows: all, writes, reads.
 * @module
 */
import type { Series } from '../harness/measurement.ts';
import { partOf, type Row, rowOf } from '../harness/row.ts';

/** The rows of a series. */
export function rowsOf(series: Series): Row[] {
  if (series.measurement.of.test !== 'mix') return [rowOf(series)];
  return [
    partOf(series, { title: '', figure: 'us' }),
    partOf(series, { group: 'writes', title: ': writes', figure: 'writeUs', as: 'us' }),
    partOf(series, { group: 'reads', title: ': reads', figure: 'readUs', as: 'us' }),
  ];
}
