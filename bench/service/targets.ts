/**
 * What the figures of the service have to show, each with what a run found.
 * @module
 */
import { pairedRatio } from '../harness/paired-ratio.ts';
import { find, type Row } from '../harness/row.ts';
import { atLeast, atMost, type Target } from '../harness/target.ts';
import type { ServiceGroup } from './measurement.ts';

/** What the group of a row is called that tells of the light page. */
export const lightOf = (group: string): string => `${group}: light page`;

/** Judges all targets by the rows of one run. */
export function serviceTargetsOf(rows: readonly Row[]): Target[] {
  const rate = (runner: string, group: ServiceGroup, ours = 'manyhands'): number =>
    pairedRatio(find(rows, runner, group), find(rows, ours, group));
  const light = (runner: string, group: ServiceGroup): number =>
    pairedRatio(find(rows, 'manyhands', lightOf(group)), find(rows, runner, lightOf(group)));
  return [
    // Of the same kind: processes that each have a thread pay for what their deaths do not take along.
    atLeast(0.95, 'eight clients, threads: answers, times piscina', rate('piscina', 'load', 'manyhands (threads)')),
    atLeast(1.2, 'eight clients: answers, times no pool', rate('no pool', 'load')),
    atMost(0.25, 'eight clients: wait for a page that costs nothing, times no pool', light('no pool', 'load')),
    atLeast(1, 'beside clients who hang up: answers, times piscina', rate('piscina', 'leave')),
  ];
}
