/**
 * The memory of a map: a header, the stripes' own words, and room that is given out once, in chunks, and grows.
 *
 * How it works  Chunks are taken from the end by one atomic addition, so stripes need not wait for each other; what a stripe has
 *               taken it uses again and again itself (`map-heap.ts`). When the end is reached, the memory grows, up to what the
 *               map was made with. A map that is cleared has them all back.
 * Layout        0 next free word · 1 most words there may be · then, from a cache line on, the stripes
 * When it dies  A chunk that was taken and not noted by its stripe is lost, 1 MiB at most; what was about to be taken back is lost. All of
 *               it comes back when the map is cleared the next time.
 * @module
 */
import { follow, grow } from '../../memory/grow.ts';
import { compareExchange, load, store, type Words } from '../../memory/words.ts';
import { CORE_WORDS } from '../../sync/core.ts';
import type { Memory } from '../field.ts';

/** Parts of a map that do not get in each other's way. */
export const STRIPES = 16;
/** Words of a stripe: a core, then the heads of its lists of free blocks. */
const STRIPE_WORDS = CORE_WORDS + 32;
const HEADER_WORDS = 16;
const END = 0;
const MOST = 1;

/** Bytes before the first chunk. */
export const LEAST_BYTES = (HEADER_WORDS + STRIPES * STRIPE_WORDS) * 4;

/** Bytes that a map has at least: with fewer a stripe could have no table (16 words) and no entry (8). */
export const LEAST_SIZE = LEAST_BYTES + STRIPES * (16 + 8) * 4;

/** Where a map's words are. */
export class MapRoom {
  readonly memory: Memory;
  readonly #base: number;
  #bytes: Uint8Array<SharedArrayBuffer>;
  #bytesOf: Words | undefined;

  constructor(memory: Memory) {
    this.memory = memory;
    this.#base = memory.block.at / 4;
    this.#bytes = new Uint8Array(memory.block.region.buffer, 0, 0);
  }

  /** Prepares new memory. @param most bytes to which it may grow */
  prepare(most: number): void {
    store(this.words, this.#base + MOST, this.#base + Math.floor(most / 4));
    store(this.words, this.#base + END, this.#base + LEAST_BYTES / 4);
  }

  /** Takes all chunks back. The guards of all stripes are held, and none of them has any. */
  reset(): void {
    store(this.words, this.#base + END, this.#base + LEAST_BYTES / 4);
  }

  /** The words, as many as there are here now. */
  get words(): Words {
    return this.memory.block.region.words;
  }

  /** The bytes, as many as there are here now. */
  get bytes(): Uint8Array<SharedArrayBuffer> {
    const { words } = this;
    if (this.#bytesOf !== words) {
      this.#bytesOf = words;
      this.#bytes = new Uint8Array(words.buffer, 0, words.byteLength);
    }
    return this.#bytes;
  }

  /** Has words and bytes reach all that has been given out, by whomever. */
  catchUp(): void {
    if (load(this.words, this.#base + END) > this.words.length) follow(this.memory.block.region);
  }

  /** Bytes that it may have. */
  get most(): number {
    return (load(this.words, this.#base + MOST) - this.#base) * 4;
  }

  /** Bytes that have been given out. */
  get used(): number {
    return (load(this.words, this.#base + END) - this.#base) * 4;
  }

  /** First word of a stripe. */
  stripe(index: number): number {
    return this.#base + HEADER_WORDS + index * STRIPE_WORDS;
  }

  /** So many words that nobody has had yet, or fewer when there are no more; undefined when there are fewer than `least`. */
  take(wanted: number, least: number): { readonly at: number; readonly count: number } | undefined {
    for (;;) {
      const { words } = this;
      const at = load(words, this.#base + END);
      const count = Math.min(wanted, load(words, this.#base + MOST) - at);
      if (count < least) return undefined;
      if (at + count > words.length) this.#grow((at + count) * 4);
      if (compareExchange(words, this.#base + END, at, at + count) === at) return { at, count };
    }
  }

  #grow(bytes: number): void {
    const { region } = this.memory.block;
    grow(region, bytes);
    follow(region);
  }
}
