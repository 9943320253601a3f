/**
 * The lines of promises of this thread, by the record that each stands behind: so that news for one of them need not go
 * through the system.
 * @module
 */
import type { Lot } from './lot.ts';

/** What can be told that its record has changed. */
export interface Line {
  look(): void;
}

const byLot = new WeakMap<Lot, Map<number, Line>>();

/** The lines in a lot. */
export function ownLines(lot: Lot): Map<number, Line> {
  let lines = byLot.get(lot);
  if (lines === undefined) {
    lines = new Map();
    byLot.set(lot, lines);
  }
  return lines;
}
