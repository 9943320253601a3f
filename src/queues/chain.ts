/**
 * A chain of chunks that messages are written to at one end and read from at the other, first in, first out.
 *
 * How it works  A message is written behind the last one, in the last chunk; where that is full, a chunk that all messages have
 *               left is used again, or a new one is taken, and a mark tells the reader to go on there. Writers and readers have
 *               a guard each and do not get in each other's way. Each end's place is kept twice: the count of messages says by
 *               its last bit which of the two holds. So the store of a count is what puts a message there, or takes it away.
 * Layout        Own words of the writers' core: 0 messages ever written · 1-4 place and chunk, twice · 6 chunks in use, from the
 *               oldest on · 7 free chunks · 8 all chunks. Of the readers' core: 0 messages ever read · 1-4 place and chunk, twice.
 *               Of both: 5 who wrote, or read, last.
 *               Chunk: 0 words · 1 next one in use, or free · 2 next of all · 3 who reads it in place · then messages, each at
 *               an even word: 0 bytes, or -1: go on in the next chunk · 1 tag · bytes. A large message is alone in its chunk.
 * Invariants    1. `write` under the writers' guard, `read` under the readers'. 2. Every chunk has room for a mark at its end.
 *               3. What lies between the two places never changes.
 *               4. An end that was the last at its side need not ask the other side again, as long as what it knows is enough: the
 *                  other side can only have gone on. Asking takes the cache line away from where it is written.
 * Ordering      Bytes and place, then the count. A reader that sees the count sees the bytes.
 * When it dies  Before its store of the count nothing has happened; after it, all has. Chunks are sorted anew by whoever takes the
 *               guard over (`mend`).
 * Source        The two places are shadow pages: R. Lorie, "Physical Integrity in a Large Segmented Database" (1977). Two locks:
 *               M. Michael, M. Scott, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms" (1996).
 * @module
 */
import { copyBytes } from '../memory/copy-bytes.ts';
import { load, store, type Words } from '../memory/words.ts';
import type { Core } from '../sync/core.ts';
import { isDead } from '../sync/members.ts';
import { type Message, roomFor } from './message.ts';
import { LARGEST_MESSAGE, type QueueRoom } from './queue-room.ts';
import type { Lease, Store } from './store.ts';

/** Of both cores. */
const COUNT = 0;
const PLACES = 1;
const LAST = 5;
/** Of the writers' core. */
const OLDEST = 6;
const FREE = 7;
const ALL = 8;

const CHUNK_WORDS = 2 ** 13;
const CHUNK_HEAD = 4;
const NEXT = 1;
const NEXT_OF_ALL = 2;
const LEASE = 3;
const HEAD = 2;
const GO_ON = -1;
/** Bytes from which on a message has a chunk to itself. */
const ALONE = 2 ** 14;
/** Words that are copied one by one: that costs less than the objects that `set` needs. */
const FEW = 48;

/** Words of a message of so many bytes; even. */
const wordsFor = (bytes: number): number => HEAD + ((bytes + 7) >> 3) * 2;

/** Whether a message has a chunk to itself, so that it can be read in place. */
const isAlone = (bytes: number): boolean => bytes >= ALONE;

/** Bytes that a chain takes before it holds much. */
export const FIRST_CHUNK_BYTES = CHUNK_WORDS * 4;

/** The two ends of a chain. */
export class Chain implements Store {
  readonly #room: QueueRoom;
  readonly #writers: Core;
  readonly #readers: Core;
  /** The message that `find` has found. */
  #next = 0;
  /** Names this object as the last one at a side: counts wrap, and with them goes what was known long ago. */
  readonly #serial = Math.floor(Math.random() * 2 ** 32) | 1;
  #knownWritten = 0;
  #knownRead = 0;

  constructor(room: QueueRoom, writers: Core, readers: Core) {
    this.#room = room;
    this.#writers = writers;
    this.#readers = readers;
  }

  /** Prepares new memory. */
  prepare(): void {
    const chunk = this.#newChunk(CHUNK_WORDS);
    const { words } = this.#room;
    store(words, this.#writers.place(OLDEST), chunk);
    for (const core of [this.#writers, this.#readers]) {
      store(words, core.place(PLACES), chunk + CHUNK_HEAD);
      store(words, core.place(PLACES + 1), chunk);
    }
  }

  /** Messages ever written. */
  get written(): number {
    return load(this.#writers.words, this.#writers.place(COUNT));
  }

  /** Messages ever read. */
  get read(): number {
    return load(this.#readers.words, this.#readers.place(COUNT));
  }

  /** How many there are. */
  get length(): number {
    return (this.written - this.read) | 0;
  }

  lengthAbove(count: number): number {
    const { words } = this.#room;
    const core = this.#readers;
    const read = words[core.place(COUNT)] as number;
    if (words[core.place(LAST)] === this.#serial) {
      const known = (this.#knownWritten - read) | 0;
      if (known > count) return known;
    }
    this.#knownWritten = this.written;
    return (this.#knownWritten - read) | 0;
  }

  lengthBelow(count: number): number {
    const { words } = this.#room;
    const core = this.#writers;
    const written = words[core.place(COUNT)] as number;
    if (words[core.place(LAST)] === this.#serial) {
      const known = (written - this.#knownRead) | 0;
      if (known < count) return known;
    }
    this.#knownRead = this.read;
    return (written - this.#knownRead) | 0;
  }

  /** Writes a message; false when there is no memory for it. Under the writers' guard. */
  write(message: Message): boolean {
    if (message.length > LARGEST_MESSAGE) return false;
    this.#room.reachAll();
    const { words } = this.#room;
    const core = this.#writers;
    const count = words[core.place(COUNT)] as number;
    const from = core.place(PLACES) + (count & 1) * 2;
    let at = words[from] as number;
    let chunk = words[from + 1] as number;
    const size = wordsFor(message.length);
    if (at + size + HEAD > chunk + (words[chunk] as number) || (isAlone(message.length) && at > chunk + CHUNK_HEAD)) {
      const next = this.#chunkFor(size + HEAD + CHUNK_HEAD);
      if (next < 0) return false;
      const now = this.#room.words;
      now[at] = GO_ON;
      now[chunk + NEXT] = next;
      now[next + NEXT] = 0;
      chunk = next;
      at = next + CHUNK_HEAD;
    }
    this.#put(this.#room.words, at, message);
    const to = core.place(PLACES) + ((count + 1) & 1) * 2;
    const now = this.#room.words;
    now[to] = this.#behind(at, message.length, chunk);
    now[to + 1] = chunk;
    // Where nobody counts, nobody asks, for as long as it takes counts to wrap.
    now[core.place(LAST)] = this.#room.maxSize > 0 ? this.#serial : 0;
    store(now, core.place(COUNT), (count + 1) | 0);
    return true;
  }

  #put(words: Words, at: number, { length, tag, bytes, words: source }: Message): void {
    words[at] = length;
    words[at + 1] = tag;
    const count = (length + 3) >> 2;
    if (source !== undefined && count <= FEW) {
      for (let i = 0; i < count; i++) words[at + HEAD + i] = source[i] as number;
    } else {
      copyBytes(bytes.length === length ? bytes : bytes.subarray(0, length), this.#bytesAt(at, length));
    }
  }

  /** Where the next message is; there is one. Under the readers' guard. */
  #first(): number {
    const core = this.#readers;
    const { words } = this.#room;
    const from = core.place(PLACES) + ((words[core.place(COUNT)] as number) & 1) * 2;
    const at = words[from] as number;
    this.#room.reach(at + 1);
    if (this.#room.words[at] !== GO_ON) return at;
    const next = this.#room.words[(words[from + 1] as number) + NEXT] as number;
    this.#room.reach(next + CHUNK_HEAD + 1);
    return next + CHUNK_HEAD;
  }

  /** Nobody writes before what is next. */
  hold(): void {}

  release(): void {}

  find(): number {
    this.#next = this.#first();
    return this.#room.words[this.#next + 1] as number;
  }

  get nextLength(): number {
    return this.#room.words[this.#next] as number;
  }

  takeInto(target: Uint8Array): void {
    const at = this.#next;
    const length = this.#room.words[at] as number;
    this.#room.reach(at + wordsFor(length));
    copyBytes(this.#bytesAt(at, length), target);
    this.#pass(at, length);
  }

  /** Takes the next message out, to `roomFor`, and returns its length; there is one. Under the readers' guard. */
  take(): number {
    const at = this.#next;
    const { words } = this.#room;
    const length = words[at] as number;
    const count = (length + 3) >> 2;
    const scratch = roomFor(length);
    this.#room.reach(at + HEAD + count);
    const { words: target } = scratch;
    const now = this.#room.words;
    if (count <= FEW) for (let i = 0; i < count; i++) target[i] = now[at + HEAD + i] as number;
    else scratch.codec.bytes.set(this.#bytesAt(at, length));
    this.#pass(at, length);
    return length;
  }

  /**
   * Takes the next message out, its bytes in place, if they lie alone in a chunk: that is not used again before `release`, or the
   * death of this thread. There is a message. Under the readers' guard.
   */
  lease(): Lease | undefined {
    const at = this.#next;
    const length = this.#room.words[at] as number;
    if (!isAlone(length)) return undefined;
    this.#room.reach(at + wordsFor(length));
    const chunk = at - CHUNK_HEAD;
    const { words } = this.#room;
    store(words, chunk + LEASE, this.#readers.me);
    const bytes = this.#bytesAt(at, length);
    this.#pass(at, length);
    return { bytes, release: () => void store(words, chunk + LEASE, 0) };
  }

  #bytesAt(at: number, length: number): Uint8Array<SharedArrayBuffer> {
    return this.#room.bytes.subarray((at + HEAD) * 4, (at + HEAD) * 4 + length);
  }

  /** A message has been read. */
  #pass(at: number, length: number): void {
    const { words } = this.#room;
    const core = this.#readers;
    const count = words[core.place(COUNT)] as number;
    const from = core.place(PLACES) + (count & 1) * 2;
    const to = core.place(PLACES) + ((count + 1) & 1) * 2;
    const chunk = words[from + 1] as number;
    const inChunk = at >= chunk && at < chunk + (words[chunk] as number);
    const its = inChunk ? chunk : at - CHUNK_HEAD;
    words[to + 1] = its;
    words[to] = this.#behind(at, length, its);
    words[core.place(LAST)] = this.#serial;
    store(words, core.place(COUNT), (count + 1) | 0);
  }

  /** The place behind a message. */
  #behind(at: number, length: number, chunk: number): number {
    return isAlone(length) ? chunk + (this.#room.words[chunk] as number) - HEAD : at + wordsFor(length);
  }

  /**
   * A chunk with so many words; -1 when there is none. Small messages do not get the chunk of a large one while there is other memory:
   * the next large one would need another. Under the writers' guard.
   */
  #chunkFor(words: number): number {
    this.#collect();
    const size = words <= CHUNK_WORDS ? CHUNK_WORDS : 2 ** Math.ceil(Math.log2(words));
    const again = this.#freeChunk(size, size);
    if (again >= 0) return again;
    const made = this.#newChunk(size);
    return made >= 0 ? made : this.#freeChunk(size, Infinity);
  }

  /** A free chunk that nobody reads in place; -1 when there is none. */
  #freeChunk(least: number, most: number): number {
    const { words } = this.#room;
    let before = this.#writers.place(FREE);
    for (let chunk = words[before] as number; chunk !== 0; chunk = words[before] as number) {
      const size = words[chunk] as number;
      if (size >= least && size <= most && !this.#isLeased(chunk)) {
        words[before] = words[chunk + NEXT] as number;
        return chunk;
      }
      before = chunk + NEXT;
    }
    return -1;
  }

  #isLeased(chunk: number): boolean {
    const reader = load(this.#room.words, chunk + LEASE);
    return reader !== 0 && !isDead(this.#writers.lot, reader);
  }

  /** The chunk that the next message to be read is in, or the one before it. */
  #readersChunk(): number {
    for (;;) {
      const { read } = this;
      const chunk = load(this.#readers.words, this.#readers.place(PLACES) + (read & 1) * 2 + 1);
      if (this.read === read) return chunk;
    }
  }

  /** Frees the chunks that the readers have left. */
  #collect(): void {
    const { words } = this.#room;
    const oldest = this.#writers.place(OLDEST);
    const current = this.#readersChunk();
    while (words[oldest] !== current) {
      const chunk = words[oldest] as number;
      words[oldest] = words[chunk + NEXT] as number;
      words[chunk + NEXT] = words[this.#writers.place(FREE)] as number;
      words[this.#writers.place(FREE)] = chunk;
    }
  }

  #newChunk(size: number): number {
    const chunk = this.#room.take(size);
    if (chunk < 0) return -1;
    const { words } = this.#room;
    words[chunk] = size;
    words[chunk + NEXT] = 0;
    words[chunk + NEXT_OF_ALL] = words[this.#writers.place(ALL)] as number;
    store(words, this.#writers.place(ALL), chunk);
    return chunk;
  }

  /** Somebody died under the writers' guard: tells chunks in use from free ones. Under that guard. */
  mend(): void {
    this.#room.reachAll();
    const { words } = this.#room;
    const last = words[this.#writers.place(PLACES) + (this.written & 1) * 2 + 1] as number;
    const first = this.#readersChunk();
    const used = new Set<number>([last]);
    for (let chunk = first; chunk !== last; chunk = words[chunk + NEXT] as number) used.add(chunk);
    store(words, this.#writers.place(OLDEST), first);
    let free = 0;
    for (
      let chunk = words[this.#writers.place(ALL)] as number;
      chunk !== 0;
      chunk = words[chunk + NEXT_OF_ALL] as number
    ) {
      if (used.has(chunk)) continue;
      words[chunk + NEXT] = free;
      free = chunk;
    }
    store(words, this.#writers.place(FREE), free);
  }
}
