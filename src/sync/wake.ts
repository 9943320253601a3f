/**
 * Waking the waiter of a record, however it waits.
 * @module
 */
import { load } from '../memory/words.ts';
import { ringFor } from './bell.ts';
import type { Lot } from './lot.ts';
import { codeOf, FREE, MEMBER, MODE, SYNC } from './records.ts';

/** Wakes the waiter of a record; it then looks for itself whether it has got what it wanted. */
export function wakeRecord(lot: Lot, record: number): void {
  const { region } = lot;
  if (codeOf(lot, record) === FREE) return;
  if (region.scope === 'thread' || load(region.words, record + MODE) === SYNC) region.unpark(record, Infinity);
  else ringFor(lot, load(region.words, record + MEMBER), record);
}
