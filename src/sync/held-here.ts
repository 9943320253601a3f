/**
 * What this thread has of a lock, however many objects of it show the same one: a struct that is opened twice, a lock that arrives twice.
 *
 * How it works  One note for each key of a lot, found by whoever shows it, and forgotten with the last of them.
 * @module
 */
import type { Core } from './core.ts';
import type { Lot } from './lot.ts';

/** What this thread has of a lock. */
export interface HeldHere {
  /** Numbers the holds that were given. */
  given: number;
  /** The one that holds now, or 0. */
  current: number;
  /** The flows of what is held besides: of the inner levels of an `RLock`, of the reads of an `RwLock`; 0 for none. */
  flows: number[];
}

/** Notes of one lot. */
interface Notes {
  readonly byKey: Map<number, WeakRef<HeldHere>>;
  /** At how many those are dropped that nobody has any more. */
  most: number;
}

const FEW = 256;
const byLot = new WeakMap<Lot, Notes>();

/** This thread's note for the lock in a core. */
export function heldHere({ lot, key }: Core): HeldHere {
  let notes = byLot.get(lot);
  if (notes === undefined) {
    notes = { byKey: new Map(), most: FEW };
    byLot.set(lot, notes);
  }
  const known = notes.byKey.get(key)?.deref();
  if (known !== undefined) return known;
  const made: HeldHere = { given: 0, current: 0, flows: [] };
  if (notes.byKey.size >= notes.most) dropForgotten(notes);
  notes.byKey.set(key, new WeakRef(made));
  return made;
}

function dropForgotten(notes: Notes): void {
  const { byKey } = notes;
  for (const [key, note] of byKey) if (note.deref() === undefined) byKey.delete(key);
  notes.most = Math.max(FEW, 2 * byKey.size);
}
