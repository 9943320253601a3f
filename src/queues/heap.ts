/**
 * A store whose next message is the one of the least rank; of equal ones, the one that came first, or last.
 *
 * How it works  Each message lies in a block of its own, which says whether it is in use, and with what rank. A binary heap of entries
 *               that name the blocks says who is next. The blocks are the truth and the heap is an index of them: when somebody died
 *               over it, it is made anew from the blocks.
 *               Ranks say all of the order of a store where the last one comes first: each message gets one less than the least there is.
 *               Equal ranks go by number, which is told apart from others as long as fewer than 2 ** 32 messages were written since.
 *               A free block serves a smaller message where there is no other memory. It is never cut, and blocks are never joined: memory
 *               that was given out in small blocks is no room for a large message.
 * Layout        A core of its own: 0 messages · 1 ever written · 2 the index, a block · 3 all blocks · 4 whether the index has to be made
 *               anew. Behind it the heads of the lists of free blocks, by size. Block: 0 words · 1 state · 2 next free one ·
 *               3 next of all · 4 bytes · 5 tag · 6 number · 8-9 rank · 10… bytes. Entry of the index: 0-1 rank · 2 number · 3 block.
 * Invariants    1. Under the store's own guard. 2. A block is in use from the store of its state on, and its message is gone with the
 *               next one.
 * When it dies  See above: whoever takes the guard over makes the index anew, and if that fails, the next one does. Until then the count
 *               may be wrong by one, so whoever asks for it takes the guard over, or waits for it.
 * Source        J. Williams, "Algorithm 232: Heapsort" (1964).
 * @module
 */
import { copyBytes } from '../memory/copy-bytes.ts';
import { load, store, type Words } from '../memory/words.ts';
import { Core, CORE_WORDS } from '../sync/core.ts';
import type { Lot } from '../sync/lot.ts';
import { ID_MASK, isDead } from '../sync/members.ts';
import { type Message, roomFor } from './message.ts';
import { HEADER_BYTES, LARGEST_MESSAGE, type QueueRoom } from './queue-room.ts';
import type { Store } from './store.ts';

const LENGTH = 0;
const WRITTEN = 1;
const INDEX = 2;
const ALL = 3;
const BROKEN = 4;

const STATE = 1;
const NEXT_FREE = 2;
const NEXT_OF_ALL = 3;
const BYTES = 4;
const TAG = 5;
const NUMBER = 6;
const RANK = 8;
const HEAD = 10;

const FREE = 0;
const USED = 1;
const INDEXES = 2;

const ENTRY = 4;
const SMALLEST = 4;
const FIRST_ENTRIES = 64;
const SIZES = 32;

/** Bytes that a heap takes before it holds anything. */
export const HEAP_BYTES = (CORE_WORDS + SIZES + 2 * ENTRY * FIRST_ENTRIES) * 4;

const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);

/** Messages by rank. */
export class Heap implements Store {
  readonly #room: QueueRoom;
  readonly #core: Core;
  readonly #frees: number;
  readonly #lastFirst: boolean;

  /** @param lastFirst of messages of the same rank */
  constructor(room: QueueRoom, lastFirst: boolean) {
    const { block, lot } = room.memory;
    const at = (block.at + HEADER_BYTES) / 4;
    this.#room = room;
    this.#core = new Core(block.region, at, lot as Lot);
    this.#frees = at + CORE_WORDS;
    this.#lastFirst = lastFirst;
  }

  /** Prepares new memory. */
  prepare(): void {
    this.#room.take(CORE_WORDS + SIZES);
    this.#newIndex(FIRST_ENTRIES);
  }

  get length(): number {
    const { words, at, lot } = this.#core;
    const holder = load(words, at) & ID_MASK;
    if (this.#broken || (holder !== 0 && isDead(lot, holder))) this.#guarded(() => {});
    return this.#count;
  }

  lengthAbove(): number {
    return this.length;
  }

  lengthBelow(): number {
    return this.length;
  }

  get #count(): number {
    return this.#core.own(LENGTH);
  }

  get #broken(): boolean {
    return this.#core.own(BROKEN) !== 0;
  }

  get written(): number {
    return load(this.#core.words, this.#core.place(WRITTEN));
  }

  write(message: Message, rank: number): boolean {
    if (message.length > LARGEST_MESSAGE) return false;
    return this.#guarded(() => {
      const { length, bytes, tag } = message;
      if (!this.#hasRoomForOneMore()) return false;
      const block = this.#allocate(HEAD + ((length + 3) >> 2), FREE);
      if (block < 0) return false;
      const number = (this.written + 1) | 0;
      const { words } = this.#room;
      words[block + BYTES] = length;
      words[block + TAG] = tag;
      words[block + NUMBER] = number;
      scratch[0] = this.#lastFirst ? this.#leastRank() - 1 : rank;
      words[block + RANK] = scratchWords[0] as number;
      words[block + RANK + 1] = scratchWords[1] as number;
      const place = (block + HEAD) * 4;
      copyBytes(
        bytes.length === length ? bytes : bytes.subarray(0, length),
        this.#room.bytes.subarray(place, place + length),
      );
      store(words, block + STATE, USED);
      store(words, this.#core.place(WRITTEN), number);
      const count = this.#count;
      this.#insert(block, count);
      store(words, this.#core.place(LENGTH), count + 1);
      return true;
    });
  }

  hold(): void {
    const core = this.#core;
    const somebodyDied = core.enter();
    try {
      if (somebodyDied) store(core.words, core.place(BROKEN), 1);
      this.#room.reachAll();
      if (core.words !== this.#room.words) core.follow();
      if (this.#broken) this.#rebuild();
    } catch (error) {
      core.leave();
      throw error;
    }
  }

  release(): void {
    this.#core.leave();
  }

  find(): number {
    return this.#room.words[this.#first() + TAG] as number;
  }

  get nextLength(): number {
    return this.#room.words[this.#first() + BYTES] as number;
  }

  take(): number {
    const bytes = this.#firstBytes();
    roomFor(bytes.length).codec.bytes.set(bytes);
    this.#removeFirst();
    return bytes.length;
  }

  takeInto(target: Uint8Array): void {
    copyBytes(this.#firstBytes(), target);
    this.#removeFirst();
  }

  lease(): undefined {
    return undefined;
  }

  mend(): void {}

  /** The block of the next message; there is one. */
  #first(): number {
    const { words } = this.#room;
    return words[this.#entries + 3] as number;
  }

  #firstBytes(): Uint8Array {
    const block = this.#first();
    const { words, bytes } = this.#room;
    return bytes.subarray((block + HEAD) * 4, (block + HEAD) * 4 + (words[block + BYTES] as number));
  }

  #leastRank(): number {
    return this.#count === 0 ? 0 : numberAt(this.#room.words, this.#entries);
  }

  /** First word of the index's entries. */
  get #entries(): number {
    return this.#core.own(INDEX) + HEAD;
  }

  #hasRoomForOneMore(): boolean {
    const index = this.#core.own(INDEX);
    const { words } = this.#room;
    const most = Math.floor(((words[index] as number) - HEAD) / ENTRY);
    return this.#count < most || this.#newIndex(most * 2);
  }

  #newIndex(entries: number): boolean {
    const old = this.#core.own(INDEX);
    const index = this.#allocate(HEAD + entries * ENTRY, INDEXES);
    if (index < 0) return false;
    const { words } = this.#room;
    if (old !== 0) words.copyWithin(index + HEAD, old + HEAD, old + HEAD + this.#count * ENTRY);
    store(words, this.#core.place(INDEX), index);
    if (old !== 0) this.#free(old);
    return true;
  }

  /** Puts a block's entry where it belongs, among so many. */
  #insert(block: number, count: number): void {
    const { words } = this.#room;
    const base = this.#entries;
    let hole = count;
    const low = words[block + RANK] as number;
    const high = words[block + RANK + 1] as number;
    const number = words[block + NUMBER] as number;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#isBefore(block + RANK, number, base + parent * ENTRY)) break;
      copyEntry(words, base + parent * ENTRY, base + hole * ENTRY);
      hole = parent;
    }
    const at = base + hole * ENTRY;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = number;
    words[at + 3] = block;
  }

  /** Takes the next message away. */
  #removeFirst(): void {
    const { words } = this.#room;
    const base = this.#entries;
    const block = this.#first();
    store(words, block + STATE, FREE);
    const length = this.#count - 1;
    const last = base + length * ENTRY;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      const right = base + (child + 1) * ENTRY;
      if (child + 1 < length && this.#isBefore(right, words[right + 2] as number, base + child * ENTRY)) child += 1;
      if (this.#isBefore(last, words[last + 2] as number, base + child * ENTRY)) break;
      copyEntry(words, base + child * ENTRY, base + hole * ENTRY);
      hole = child;
    }
    copyEntry(words, last, base + hole * ENTRY);
    store(words, this.#core.place(LENGTH), length);
    this.#free(block);
  }

  /** A block of so many words, or more where there is no other memory; -1 when there is none. */
  #allocate(count: number, state: number): number {
    const size = Math.max(SMALLEST, 32 - Math.clz32(count - 1));
    let block = this.#freeBlock(size);
    if (block < 0) block = this.#newBlock(size);
    for (let larger = size + 1; block < 0 && larger < SIZES; larger++) block = this.#freeBlock(larger);
    if (block >= 0) store(this.#room.words, block + STATE, state);
    return block;
  }

  #freeBlock(size: number): number {
    const head = this.#frees + size;
    const { words } = this.#room;
    const block = words[head] as number;
    if (block === 0) return -1;
    words[head] = words[block + NEXT_FREE] as number;
    return block;
  }

  #newBlock(size: number): number {
    const block = this.#room.take(2 ** size);
    if (block < 0) return -1;
    const { words } = this.#room;
    words[block] = 2 ** size;
    words[block + NEXT_OF_ALL] = this.#core.own(ALL);
    store(words, this.#core.place(ALL), block);
    return block;
  }

  #free(block: number): void {
    const { words } = this.#room;
    const head = this.#frees + (31 - Math.clz32(words[block] as number));
    store(words, block + STATE, FREE);
    words[block + NEXT_FREE] = words[head] as number;
    words[head] = block;
  }

  /** Makes the index anew, and the lists of free blocks. */
  #rebuild(): void {
    const { words } = this.#room;
    const core = this.#core;
    const index = core.own(INDEX);
    const last = (this.written + 1) | 0;
    let count = 0;
    for (let size = 0; size < SIZES; size++) words[this.#frees + size] = 0;
    for (let block = core.own(ALL); block !== 0; block = words[block + NEXT_OF_ALL] as number) {
      if (words[block + STATE] === USED) {
        // Its writer has died before it could count it.
        if (words[block + NUMBER] === last) store(words, core.place(WRITTEN), last);
        this.#insert(block, count);
        count += 1;
      } else if (block !== index) this.#free(block);
    }
    store(words, core.place(LENGTH), count);
    store(words, core.place(BROKEN), 0);
  }

  /** Whether a rank and number come before those of an entry. */
  #isBefore(rank: number, number: number, entry: number): boolean {
    const { words } = this.#room;
    const one = numberAt(words, rank);
    const other = numberAt(words, entry);
    if (one !== other) return one < other;
    const { written } = this;
    return (written - number) >>> 0 > (written - (words[entry + 2] as number)) >>> 0;
  }

  #guarded<R>(fn: () => R): R {
    this.hold();
    try {
      return fn();
    } finally {
      this.release();
    }
  }
}

function numberAt(words: Words, at: number): number {
  scratchWords[0] = words[at] as number;
  scratchWords[1] = words[at + 1] as number;
  return scratch[0] as number;
}

function copyEntry(words: Words, from: number, to: number): void {
  for (let i = 0; i < ENTRY; i++) words[to + i] = words[from + i] as number;
}
