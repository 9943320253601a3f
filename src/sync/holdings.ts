/**
 * What members hold of objects that keep count of it, so that it can be given back when they die.
 *
 * How it works  One record a member and object, in state `HOLDING`, with the count. While nobody else shows the object, a count is enough:
 *               when this thread dies, nobody is left to whom it could be given back.
 * @module
 */
import { load } from '../memory/words.ts';
import { type Changes, type Core, inLot } from './core.ts';
import { claim, COUNT, HOLDING, holdingOf } from './records.ts';

/** How much this thread holds. Under the guard. */
export function heldCount(core: Core): number {
  if (core.alone) return core.heldAlone;
  const record = holdingOf(core.lot, core.key, core.me);
  return record < 0 ? 0 : load(core.lot.region.words, record + COUNT);
}

/** The changes by which this thread holds one more, to be made now. `first`: nobody holds any yet. Under the guard. */
export function holdMore(core: Core, first = false): Changes {
  if (core.alone) {
    core.heldAlone += 1;
    return [];
  }
  const found = first ? -1 : holdingOf(core.lot, core.key, core.me);
  if (found >= 0) return [inLot(found + COUNT), load(core.lot.region.words, found + COUNT) + 1];
  const record = claim(core.lot, core.key, core.me);
  return [inLot(record + COUNT), 1, inLot(record), HOLDING];
}

/** Others will show the object: what this thread holds of it, they have to see. @throws ManyhandsError `ERR_TOO_MANY_WAITERS` */
export function showHoldings(core: Core): void {
  if (core.heldAlone === 0) return;
  core.enter();
  try {
    const record = claim(core.lot, core.key, core.me);
    core.commit([inLot(record + COUNT), core.heldAlone, inLot(record), HOLDING]);
  } finally {
    core.leave();
  }
}

/** Makes changes, by which this thread holds so much less, as far as it holds any. False when it holds none. Under the guard. */
export function holdLess(core: Core, less: number, changes: Changes): boolean {
  if (core.alone) {
    if (core.heldAlone === 0) return false;
    core.heldAlone = Math.max(0, core.heldAlone - less);
    core.commit(changes);
    return true;
  }
  const found = holdingOf(core.lot, core.key, core.me);
  if (found < 0) return false;
  const count = load(core.lot.region.words, found + COUNT);
  if (count <= less) core.free(found, changes);
  else core.commit([inLot(found + COUNT), count - less, ...changes]);
  return true;
}
