/**
 * The memory of a queue: a header, and room behind it that is given out once, in chunks, and grows.
 *
 * Layout  0 next free word · 1 most words there may be · 2 most items · 3 state · 4-8 waiters of the cores · from 16 on five cores, each
 *         of 32 words: putters, getters, two that queues and pipes use as they like, and watchers · then the chunks
 * Invariants  The next free word is changed under the putters' guard only.
 * When it dies  A chunk that was taken and not noted is lost.
 * @module
 */
import { follow, grow } from '../memory/grow.ts';
import type { Region } from '../memory/region.ts';
import { load, store, type Words } from '../memory/words.ts';
import type { Memory } from '../shared/field.ts';
import { Core, CORE_WORDS } from '../sync/core.ts';
import type { Lot } from '../sync/lot.ts';

const END = 0;
const MOST = 1;
const MAX_SIZE = 2;
const STATE = 3;
const WAITERS = 4;
const CORES = 16;
const HEADER_WORDS = CORES + 5 * CORE_WORDS;

/** The core of those who wait for several things. */
export const WATCHERS = 4;

/** Bytes that a queue has before it holds anything. */
export const HEADER_BYTES = HEADER_WORDS * 4;

/** Bytes of the largest message: its chunk, in words, has to have a number of 31 bits. */
export const LARGEST_MESSAGE = 2 ** 31 - 2 ** 16;

/** States of a queue. */
export const OPEN = 0;
export const SHUT = 1;
/** Shut down, and whatever was in it is gone. */
export const DROPPED = 2;

/** Where a queue's words are. */
export class QueueRoom {
  readonly memory: Memory;
  readonly #region: Region;
  readonly #base: number;
  #bytes: Uint8Array<SharedArrayBuffer>;
  #bytesOf: Words | undefined;

  constructor(memory: Memory) {
    this.memory = memory;
    this.#region = memory.block.region;
    this.#base = memory.block.at / 4;
    this.#bytes = new Uint8Array(memory.block.region.buffer, 0, 0);
  }

  /** Prepares new memory. @param most bytes to which it may grow @param maxSize most items; 0: no bound */
  prepare(most: number, maxSize: number): void {
    const { words } = this;
    store(words, this.#base + MOST, this.#base + Math.floor(most / 4));
    store(words, this.#base + END, this.#base + HEADER_WORDS);
    store(words, this.#base + MAX_SIZE, maxSize);
  }

  get words(): Words {
    return this.#region.words;
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

  /** Has words and bytes reach a word that was given out, by whomever. */
  reach(word: number): void {
    if (word >= this.words.length) follow(this.#region);
  }

  /** Has words and bytes reach all that was given out. A plain read: under the putters' guard, or the store's. */
  reachAll(): void {
    this.reach((this.words[this.#base + END] as number) - 1);
  }

  /** Bytes that it may have. */
  get most(): number {
    return (load(this.words, this.#base + MOST) - this.#base) * 4;
  }

  /** Bytes that have been given out. */
  get used(): number {
    return (load(this.words, this.#base + END) - this.#base) * 4;
  }

  /** A plain read. */
  get maxSize(): number {
    return this.words[this.#base + MAX_SIZE] as number;
  }

  set maxSize(items: number) {
    store(this.words, this.#base + MAX_SIZE, items);
  }

  /** A plain read: it changes under the putters' guard, and whoever waits is woken then. */
  get state(): number {
    return this.words[this.#base + STATE] as number;
  }

  set state(state: number) {
    store(this.words, this.#base + STATE, state);
  }

  /** One of the five cores. */
  core(index: number): Core {
    const { block, lot } = this.memory;
    return new Core(block.region, this.#base + CORES + index * CORE_WORDS, lot as Lot, this.#base + WAITERS + index);
  }

  /** So many words that nobody has had yet; -1 when there are no more. Under the putters' guard. */
  take(count: number): number {
    const { words } = this;
    const at = load(words, this.#base + END);
    if (at + count > load(words, this.#base + MOST)) return -1;
    const region = this.#region;
    if (at + count > words.length) {
      grow(region, (at + count) * 4);
      follow(region);
    }
    store(words, this.#base + END, at + count);
    return at;
  }
}
