/**
 * Words in the shared heap, for a lock that is collected together with what it guards.
 *
 * How it works  The words are the items of an array there: `Atomics` reads, writes, exchanges and compares them, but cannot wait on
 *               them. So whoever parks on one sleeps on a word of ordinary shared memory instead, which all of them have in
 *               common and which counts wake-ups.
 * Invariants    The bell is read before the word is looked at again: a wake-up between that look and the sleep ends the sleep.
 * @module
 */
import type { Region } from './region.ts';
import { SLICE } from './slice.ts';
import type { HeapArray } from './shared-heap.ts';
import { add, load, type Words } from './words.ts';

/** Where those sleep who wait for a word of the heap. */
export interface HeapBell {
  readonly region: Region;
  readonly word: number;
}

/** Of no length: the words are elsewhere. */
const nothing = new SharedArrayBuffer(0);

/** An array of the shared heap as words that a thread can sleep on. Items have to be whole numbers of 32 bits. */
export class HeapRegion implements Region {
  readonly scope = 'thread';
  readonly buffer: SharedArrayBuffer = nothing;
  readonly words: Words;
  readonly items: HeapArray;
  readonly #bell: HeapBell;

  constructor(items: HeapArray, bell: HeapBell) {
    this.items = items;
    this.words = items as unknown as Words;
    this.#bell = bell;
  }

  park(index: number, expected: number, milliseconds: number): void {
    const { region, word } = this.#bell;
    const rung = load(region.words, word);
    if (load(this.words, index) === expected) region.park(word, rung, Math.min(milliseconds, SLICE));
  }

  unpark(): void {
    const { region, word } = this.#bell;
    add(region.words, word, 1);
    region.unpark(word, Infinity);
  }
}
