/**
 * What members hold of objects that keep count of it, so that it can be given back when they die.
 *
 * Layout  One record a member and object, in state `HOLDING`, with the count.
 * @module
 */
import { load } from '../memory/words.ts';
import { type Changes, type Core, inLot } from './core.ts';
import { claim, COUNT, HOLDING, holdingOf } from './records.ts';

/** How much this thread holds. Under the guard. */
export function heldCount(core: Core): number {
  const record = holdingOf(core.lot, core.key, core.me);
  return record < 0 ? 0 : load(core.lot.region.words, record + COUNT);
}

/** The changes by which this thread holds one more. `first`: nobody holds any yet. Under the guard. */
export function holdMore(core: Core, first = false): Changes {
  const found = first ? -1 : holdingOf(core.lot, core.key, core.me);
  if (found >= 0) return [inLot(found + COUNT), load(core.lot.region.words, found + COUNT) + 1];
  const record = claim(core.lot, core.key, core.me);
  return [inLot(record + COUNT), 1, inLot(record), HOLDING];
}

/** Makes changes, by which this thread holds so much less, as far as it holds any. False when it holds none. Under the guard. */
export function holdLess(core: Core, less: number, changes: Changes): boolean {
  const found = holdingOf(core.lot, core.key, core.me);
  if (found < 0) return false;
  const count = load(core.lot.region.words, found + COUNT);
  if (count <= less) core.free(found, changes);
  else core.commit([inLot(found + COUNT), count - less, ...changes]);
  return true;
}
