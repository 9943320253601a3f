/**
 * Shared words: the verbs of `Atomics` over an `Int32Array`, under the names that the rest of the library uses.
 *
 * How it works  Each verb is one call of `Atomics`, small enough for V8 to inline. All are sequentially consistent, so a
 *               store followed by a load in one thread cannot be seen the other way round by another (Dekker's argument,
 *               which every "set my flag, then look once more" in this library rests on).
 * Why a folder  `memory/` is the only place that names `Atomics`; a stepped scheduler can stand in for this file in tests.
 * Source        ECMA-262, "Atomics" and "Memory Model".
 * @module
 */

import { availableParallelism } from 'node:os';

/** Shared 32-bit words. */
export type Words = Int32Array<SharedArrayBuffer>;

/** Reads a word. */
export const load = (words: Words, index: number): number => Atomics.load(words, index);

/** Writes a word. */
export const store = (words: Words, index: number, value: number): number => Atomics.store(words, index, value);

/** Adds to a word and returns what it held before. */
export const add = (words: Words, index: number, value: number): number => Atomics.add(words, index, value);

/** Sets bits of a word and returns what it held before. */
export const setBits = (words: Words, index: number, bits: number): number => Atomics.or(words, index, bits);

/** Clears bits of a word and returns what it held before. */
export const clearBits = (words: Words, index: number, bits: number): number => Atomics.and(words, index, ~bits);

/** Replaces a word and returns what it held before. */
export const exchange = (words: Words, index: number, value: number): number => Atomics.exchange(words, index, value);

/** Replaces a word if it holds `expected`; returns what it held before. */
export const compareExchange = (words: Words, index: number, expected: number, value: number): number =>
  Atomics.compareExchange(words, index, expected, value);

interface WithPause {
  readonly pause?: () => void;
}

/** Makes a word at least `value`. */
export function raise<V extends number | bigint>(
  words: V extends number ? Int32Array : BigInt64Array,
  index: number,
  value: V,
): void {
  const { load: read, compareExchange: swap } = Atomics as unknown as Verbs<V>;
  for (let old = read(words, index); old < value; ) {
    const seen = swap(words, index, old, value);
    if (seen === old) return;
    old = seen;
  }
}

interface Verbs<V> {
  load(words: ArrayBufferView, index: number): V;
  compareExchange(words: ArrayBufferView, index: number, expected: V, value: V): V;
}

/** Tells the processor that this is a spin loop, where Node has `Atomics.pause` (26 and later). */
export const pause: () => void = (Atomics as unknown as WithPause).pause ?? (() => {});

/** Whether a short spin can pay: with one core, whoever is waited for does not run meanwhile. */
export const spinning: boolean = availableParallelism() > 1;
