/**
 * Keys and values for a map, and the order in which they are used: made before the clock starts, the same for all.
 *
 * It stands alone (no imports but types), since it runs in threads and processes of its own. `cpython.py` has the same.
 * @module
 */
import type { Values } from './measurement.ts';

/** A value that is an object. */
export interface Item {
  readonly id: number;
  readonly name: string;
}

/** What all measurements of maps use. */
export interface Stock {
  readonly keys: readonly string[];
  /** Numbers of keys, at random; as many as `PICKS`. */
  readonly picks: Int32Array;
  /** A value for a key, another one each time. */
  readonly value: (number: number, turn: number) => number | Item;
  /** Whether a value is one for that key. */
  readonly fits: (value: unknown, number: number) => boolean;
}

/** A power of two. */
export const PICKS = 2 ** 14;
export const KEYS = 10_000;

export function stockOf(values: Values, seed: number): Stock {
  const keys = Array.from({ length: KEYS }, (_, i) => `key ${i}`);
  const names = Array.from({ length: KEYS }, (_, i) => `name ${i}`);
  const picks = new Int32Array(PICKS);
  let state = seed;
  for (let i = 0; i < PICKS; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    picks[i] = (state >>> 8) % KEYS;
  }
  return values === 'number'
    ? {
        keys,
        picks,
        value: (number, turn) => number + KEYS * (turn & 0xff),
        fits: (value, number) => (value as number) % KEYS === number,
      }
    : {
        keys,
        picks,
        value: (number, turn) => ({ id: number + KEYS * (turn & 0xff), name: names[number] as string }),
        fits: (value, number) => (value as Item).id % KEYS === number && (value as Item).name === names[number],
      };
}
