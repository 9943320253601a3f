/**
 * What this thread has of a lock, however many objects of it show the same one: a struct that is opened twice, a lock that arrives twice.
 *
 * How it works  One note for each key of a lot, found by whoever shows the lock, and forgotten with the last of them. A lock that was made
 *               here and has not travelled is shown by nobody else, and is not looked for: its note has no key yet.
 * @module
 */
import type { Core, HeldHere } from './core.ts';
import { showHoldings } from './holdings.ts';
import type { Lot } from './lot.ts';
import { othersShow } from './records.ts';

/** Notes of one lot. */
interface Notes {
  readonly byKey: Map<number, WeakRef<HeldHere>>;
  /** At how many those are dropped that nobody has any more. */
  most: number;
}

const FEW = 256;
const byLot = new WeakMap<Lot, Notes>();

/** This thread's note for the lock in a core. */
export function heldHere(core: Core): HeldHere {
  core.here ??= core.alone ? { given: 0, current: 0, flows: [] } : noteOf(core);
  return core.here;
}

/** The lock in a core travels: from now on others may show it, in this thread too. @throws ManyhandsError `ERR_TOO_MANY_WAITERS` */
export function notAlone(core: Core): void {
  if (!core.alone) return;
  showHoldings(core);
  othersShow(core.lot, core.key);
  core.alone = false;
  if (core.here !== undefined) noteOf(core, core.here);
}

function noteOf({ lot, key }: Core, made: HeldHere = { given: 0, current: 0, flows: [] }): HeldHere {
  let notes = byLot.get(lot);
  if (notes === undefined) {
    notes = { byKey: new Map(), most: FEW };
    byLot.set(lot, notes);
  }
  const known = notes.byKey.get(key)?.deref();
  if (known !== undefined) return known;
  if (notes.byKey.size >= notes.most) dropForgotten(notes);
  notes.byKey.set(key, new WeakRef(made));
  return made;
}

function dropForgotten(notes: Notes): void {
  const { byKey } = notes;
  for (const [key, note] of byKey) if (note.deref() === undefined) byKey.delete(key);
  notes.most = Math.max(FEW, 2 * byKey.size);
}
