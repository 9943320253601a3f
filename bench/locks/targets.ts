/**
 * What the figures of locks have to show, each with what a run found.
 * @module
 */
import type { TeamKind } from '../harness/measurement.ts';
import { pairedRatio } from '../harness/paired-ratio.ts';
import { find, type Row } from '../harness/row.ts';
import { atLeast, atMost, type Target } from '../harness/target.ts';
import type { LockRunner } from './measurement.ts';
import type { LockRowGroup } from './rows.ts';

/** Judges all targets by the rows of one run. */
export function lockTargetsOf(rows: readonly Row[]): Target[] {
  const row = (runner: LockRunner, group: LockRowGroup, kind?: TeamKind, want?: object): Row | undefined =>
    find(rows, runner, group, want, kind);
  const targets: Target[] = [];
  for (const kind of ['thread', 'process'] as const) {
    const what = { what: 'Lock' };
    targets.push(
      atMost(
        0.5,
        `Lock, acquire and release, scope ${kind}: time, share of CPython`,
        pairedRatio(row('manyhands', 'pairs', kind, what), row('CPython', 'pairs', kind, what)),
      ),
    );
  }
  for (const kind of ['thread', 'process'] as const) {
    for (const owners of [2, 4]) {
      const who = `${owners} owners, scope ${kind}`;
      const shares = row('manyhands', 'shares', kind, { owners })?.values ?? [];
      targets.push(
        atLeast(
          1,
          `${who}: rate, times CPython`,
          pairedRatio(row('CPython', 'contended', kind, { owners }), row('manyhands', 'contended', kind, { owners })),
        ),
        atLeast(
          0.25,
          `${who}: the least one's part of an equal share, in the worst round`,
          shares.length === 0 ? Number.NaN : Math.min(...shares),
        ),
      );
    }
  }
  targets.push(
    atLeast(
      20,
      'Lock, awaited acquire and release: rate, times Web Locks',
      pairedRatio(row('Web Locks', 'awaited'), row('manyhands', 'awaited')),
    ),
    ...watchTargetsOf(rows),
    atMost(1.05, 'account: seconds of the whole program', row('manyhands', 'account')?.figures?.['seconds']),
    atMost(1, 'account: time, share of CPython', pairedRatio(row('manyhands', 'account'), row('CPython', 'account'))),
  );
  return targets;
}

/** Of every deadlock and every round, not of the median. */
function watchTargetsOf(rows: readonly Row[]): Target[] {
  const watched = rows.filter(({ group }) => group === 'watch');
  return watched.flatMap(({ title, of, values, figures }) =>
    of.test === 'deadlock'
      ? [
          atMost(100, `${title}: ms until it is reported, at most`, most(values)),
          atLeast(1, `${title}: share of its waits with a stack`, figures?.['stacks']),
        ]
      : [atMost(0, `${title}: deadlocks reported`, most(values))],
  );
}

const most = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values));
