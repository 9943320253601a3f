/**
 * Waking the waiter of a record, however it waits.
 * @module
 */
import { load, setBits } from '../memory/words.ts';
import { ringFor } from './bell.ts';
import type { Lot } from './lot.ts';
import { isDead, PID, slotOf } from './members.ts';
import { writeTo } from './others-pipes.ts';
import { ASYNC, codeOf, COUNT, FREE, GIVEN, MEMBER, modeOf, NUDGED, SYNC } from './records.ts';

/** Wakes the waiter of a record; it then looks for itself whether it has got what it wanted. */
export function wakeRecord(lot: Lot, record: number): void {
  const { region } = lot;
  if (codeOf(lot, record) === FREE) return;
  const mode = modeOf(lot, record);
  if (mode > ASYNC) ringAt(lot, mode);
  else if (region.scope === 'thread' || mode === SYNC) region.unpark(record, Infinity);
  else ringFor(lot, load(region.words, record + MEMBER), record);
}

/** Rings at a door. It may have become somebody else's record a moment ago, who then looks once in vain. */
function ringAt(lot: Lot, door: number): void {
  const { region } = lot;
  const { words } = region;
  setBits(words, door, NUDGED);
  const fd = load(words, door + COUNT) - 1;
  if (fd < 0) {
    region.unpark(door, Infinity);
    return;
  }
  const owner = load(words, door + MEMBER);
  if (isDead(lot, owner)) return;
  writeTo({ pid: load(words, slotOf(lot, owner) + PID), fd, inode: load(words, door + GIVEN) }, door);
}
