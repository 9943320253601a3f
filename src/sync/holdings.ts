/**
 * What members hold of objects that keep count of it, so that it can be given back when they die.
 *
 * Layout  One record a member and object, in state `HOLDING`, with the count.
 * @module
 */
import { load } from '../memory/words.ts';
import { type Changes, type Core, inLot } from './core.ts';
import { claim, COUNT, eachRecord, HOLDING, MEMBER } from './records.ts';

/** The record of what this thread holds of an object, or -1. Under the guard. */
export function holdingOf(core: Core): number {
  const { words } = core.lot.region;
  let found = -1;
  eachRecord(core.lot, core.key, (record, code) => {
    if (code === HOLDING && load(words, record + MEMBER) === core.me) found = record;
  });
  return found;
}

/** How much this thread holds. Under the guard. */
export function heldCount(core: Core): number {
  const record = holdingOf(core);
  return record < 0 ? 0 : load(core.lot.region.words, record + COUNT);
}

/** The changes by which this thread holds one more. Under the guard. */
export function holdMore(core: Core): Changes {
  const found = holdingOf(core);
  if (found >= 0) return [inLot(found + COUNT), load(core.lot.region.words, found + COUNT) + 1];
  const record = claim(core.lot, core.key, core.me);
  return [inLot(record + COUNT), 1, inLot(record), HOLDING];
}

/** Makes changes, by which this thread holds so much less, as far as it holds any. Under the guard. */
export function holdLess(core: Core, less: number, changes: Changes): void {
  const found = holdingOf(core);
  const count = found < 0 ? 0 : load(core.lot.region.words, found + COUNT);
  if (found < 0) core.commit(changes);
  else if (count <= less) core.free(found, changes);
  else core.commit([inLot(found + COUNT), count - less, ...changes]);
}
