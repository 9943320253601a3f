/**
 * One stripe of a map: a hash table of its own, with the blocks that its entries lie in.
 *
 * How it works  Open addressing: a slot holds a hash and the word at which its entry lies; a key is sought from the slot that its
 *               hash names on, until an empty one. An entry is written once, into a block that nobody knows yet, and not
 *               changed: a new value is a new entry, unless the map is full and the new value differs in a few words only.
 *               So each change is a handful of words, which are committed as one. A
 *               table that is three quarters full is copied into a new one, which then takes its place.
 * Layout        Own words: 0 table · 1 slots, as a power of two · 2 entries · 3 slots that are not empty · 4-6 see
 *               `map-heap.ts`. Slot: entry (0 empty, -1 removed), hash. Entry: a word that is used while its block is free
 *               · bytes of the key · bytes of the value · key · value, each from a word on
 * Invariants    1. Under the stripe's guard only.
 *               2. There is always an empty slot.
 * When it dies  A change happens or does not (`core.ts`). A block that was being written is as free as before.
 * Source        D. Knuth, TAOCP vol. 3, 6.4, Algorithm L.
 * @module
 */
import { load, store } from '../../memory/words.ts';
import type { Changes, Core } from '../../sync/core.ts';
import { copyBytes, type Entry, takeOut } from './map-codec.ts';
import { dropBlocks, freeBlock, sizeFor, takeBlock } from './map-heap.ts';
import type { MapRoom } from './map-room.ts';

const TABLE = 0;
const SLOTS = 1;
const COUNT = 2;
const FILLED = 3;

const EMPTY = 0;
const REMOVED = -1;
const FIRST_SLOTS = 3;
const HEAD_WORDS = 3;
/** Numbers that a commit takes. */
const MOST_CHANGES = 10;

/** Words of so many bytes. */
const wordsFor = (bytes: number): number => (bytes + 3) >> 2;

/** A stripe. */
export class MapTable {
  readonly #room: MapRoom;
  readonly #core: Core;

  constructor(room: MapRoom, core: Core) {
    this.#room = room;
    this.#core = core;
  }

  get count(): number {
    return this.#core.own(COUNT);
  }

  /** The slot of a key, or -1. */
  find(key: Entry): number {
    const table = this.#core.own(TABLE);
    if (table === 0) return -1;
    const { words } = this.#room;
    const mask = 2 ** this.#core.own(SLOTS) - 1;
    for (let i = key.hash & mask; ; i = (i + 1) & mask) {
      const slot = table + 2 * i;
      const entry = load(words, slot);
      if (entry === EMPTY) return -1;
      if (entry !== REMOVED && load(words, slot + 1) === key.hash && this.#hasKey(entry, key)) return slot;
    }
  }

  #hasKey(entry: number, { bytes, keyBytes }: Entry): boolean {
    if (load(this.#room.words, entry + 1) !== keyBytes) return false;
    const at = (entry + HEAD_WORDS) * 4;
    const own = this.#room.bytes;
    for (let i = 0; i < keyBytes; i++) if (own[at + i] !== bytes[i]) return false;
    return true;
  }

  /** The bytes of the value in a slot. */
  valueIn(slot: number): Uint8Array {
    const entry = load(this.#room.words, slot);
    const at = this.#valueAt(entry);
    return this.#room.bytes.subarray(at, at + load(this.#room.words, entry + 2));
  }

  /** Takes the value in a slot out. @returns what `decode` wants */
  takeValue(slot: number): number {
    const { words, bytes } = this.#room;
    const entry = load(words, slot);
    return takeOut(bytes, this.#valueAt(entry), load(words, entry + 2));
  }

  /** The bytes of the key in a slot. */
  keyIn(slot: number): Uint8Array {
    const entry = load(this.#room.words, slot);
    const at = (entry + HEAD_WORDS) * 4;
    return this.#room.bytes.subarray(at, at + load(this.#room.words, entry + 1));
  }

  #valueAt(entry: number): number {
    return (entry + HEAD_WORDS + wordsFor(load(this.#room.words, entry + 1))) * 4;
  }

  /** All slots that hold an entry. */
  slots(): number[] {
    const { words } = this.#room;
    const table = this.#core.own(TABLE);
    const found: number[] = [];
    if (table === 0) return found;
    for (let slot = table, end = table + 2 * 2 ** this.#core.own(SLOTS); slot < end; slot += 2) {
      const entry = load(words, slot);
      if (entry !== EMPTY && entry !== REMOVED) found.push(slot);
    }
    return found;
  }

  /**
   * Writes an entry.
   *
   * @param slot where its key is now, or -1
   * @returns false when there is no room; nothing has changed then
   */
  put(entry: Entry, slot: number): boolean {
    if (slot < 0) this.#makeRoom();
    const free = slot < 0 ? this.#slotFor(entry.hash) : slot;
    if (free < 0) return false;
    const core = this.#core;
    const changes: Changes = [];
    const block = takeBlock(this.#room, core, sizeFor(entryWords(entry.keyBytes, entry.valueBytes)), changes);
    if (block === 0) return slot >= 0 && this.#overwrite(entry, slot);
    this.#write(entry, block);
    if (slot >= 0) {
      const old = load(this.#room.words, slot);
      freeBlock(this.#room, core, old, this.#sizeOf(old), changes);
      changes.push(slot, block);
    } else {
      if (load(this.#room.words, free) !== REMOVED) changes.push(core.place(FILLED), core.own(FILLED) + 1);
      changes.push(free + 1, entry.hash, free, block, core.place(COUNT), core.own(COUNT) + 1);
    }
    core.commit(changes);
    return true;
  }

  #write({ bytes, keyBytes, valueBytes }: Entry, at: number): void {
    const { words, bytes: own } = this.#room;
    words[at + 1] = keyBytes;
    words[at + 2] = valueBytes;
    const data = (at + HEAD_WORDS) * 4;
    copyBytes(bytes, 0, keyBytes, own, data);
    copyBytes(bytes, keyBytes, valueBytes, own, data + wordsFor(keyBytes) * 4);
  }

  /** Changes the value of a slot where it is. False when that is more than one step. */
  #overwrite({ bytes, keyBytes, valueBytes }: Entry, slot: number): boolean {
    const { words } = this.#room;
    const core = this.#core;
    const at = load(words, slot);
    const size = sizeFor(entryWords(keyBytes, valueBytes));
    let rest = this.#sizeOf(at);
    if (size > rest) return false;
    const value = new Int32Array(wordsFor(valueBytes));
    new Uint8Array(value.buffer).set(bytes.subarray(keyBytes, keyBytes + valueBytes));
    const changes: Changes = [at + 2, valueBytes];
    const first = this.#valueAt(at) / 4;
    for (const [i, word] of value.entries()) {
      if (load(words, first + i) === word) continue;
      changes.push(first + i, word);
      if (changes.length > MOST_CHANGES) return false;
    }
    core.commit(changes);
    while (rest > size) {
      const free: Changes = [];
      freeBlock(this.#room, core, at + 2 ** --rest, rest, free);
      core.commit(free);
    }
    return true;
  }

  #sizeOf(entry: number): number {
    const { words } = this.#room;
    return sizeFor(entryWords(load(words, entry + 1), load(words, entry + 2)));
  }

  /** The first slot from a hash on that holds nothing; -1 when there is none, or it is the last empty one. */
  #slotFor(hash: number): number {
    const { words } = this.#room;
    const core = this.#core;
    const table = core.own(TABLE);
    if (table === 0) return -1;
    const slots = 2 ** core.own(SLOTS);
    for (let i = hash & (slots - 1); ; i = (i + 1) & (slots - 1)) {
      const entry = load(words, table + 2 * i);
      if (entry === REMOVED || (entry === EMPTY && core.own(FILLED) + 1 < slots)) return table + 2 * i;
      if (entry === EMPTY) return -1;
    }
  }

  /** Removes the entry of a slot. */
  remove(slot: number): void {
    const core = this.#core;
    const entry = load(this.#room.words, slot);
    // Nobody's search goes on beyond an empty slot, so what stands before one may be empty as well.
    const last = load(this.#room.words, this.#after(slot)) === EMPTY;
    const changes = [slot, last ? EMPTY : REMOVED, core.place(COUNT), core.own(COUNT) - 1];
    if (last) changes.push(core.place(FILLED), core.own(FILLED) - 1);
    freeBlock(this.#room, core, entry, this.#sizeOf(entry), changes);
    core.commit(changes);
  }

  #after(slot: number): number {
    const table = this.#core.own(TABLE);
    return table + ((slot + 2 - table) & (2 * 2 ** this.#core.own(SLOTS) - 1));
  }

  /** Removes all entries, and gives up all blocks. */
  drop(): void {
    const core = this.#core;
    dropBlocks(this.#room, core, [core.place(TABLE), 0, core.place(COUNT), 0, core.place(FILLED), 0]);
  }

  /** Makes the slots of a table without entries empty. */
  #sweep(): void {
    const core = this.#core;
    const table = core.own(TABLE);
    if (core.own(FILLED) === 0) return;
    for (let i = 0; i < 2 ** core.own(SLOTS); i++) store(this.#room.words, table + 2 * i, EMPTY);
    core.commit([core.place(FILLED), 0]);
  }

  /** A table, or a larger or cleaner one, where one more slot would be too much. Without room for it the old one has to do. */
  #makeRoom(): void {
    const core = this.#core;
    const old = core.own(TABLE);
    if (old === 0) {
      this.#newTable(FIRST_SLOTS, []);
      return;
    }
    const slots = 2 ** core.own(SLOTS);
    if ((core.own(FILLED) + 1) * 4 <= slots * 3) return;
    if (core.own(COUNT) === 0) {
      this.#sweep();
      return;
    }
    const larger = core.own(COUNT) * 2 > slots ? 1 : 0;
    if (this.#newTable(core.own(SLOTS) + larger, this.slots())) {
      const changes: Changes = [];
      freeBlock(this.#room, core, old, Math.log2(slots) + 1, changes);
      core.commit(changes);
    }
  }

  /** A new table with what stands in some slots of the one there is now. */
  #newTable(power: number, slots: readonly number[]): boolean {
    const core = this.#core;
    const changes: Changes = [];
    const table = takeBlock(this.#room, core, power + 1, changes);
    if (table === 0) return false;
    const { words } = this.#room;
    const length = 2 * 2 ** power;
    // The first word leads to the next free block until this one is taken, so it is changed with that.
    let first = EMPTY;
    words.fill(EMPTY, table + 1, table + length);
    for (const slot of slots) {
      const hash = load(words, slot + 1);
      let at = (2 * hash) & (length - 1);
      while (at === 0 ? first !== EMPTY : load(words, table + at) !== EMPTY) at = (at + 2) & (length - 1);
      if (at === 0) first = load(words, slot);
      else store(words, table + at, load(words, slot));
      store(words, table + at + 1, hash);
    }
    changes.push(table, first, core.place(TABLE), table, core.place(SLOTS), power, core.place(FILLED), slots.length);
    core.commit(changes);
    return true;
  }
}

const entryWords = (keyBytes: number, valueBytes: number): number =>
  HEAD_WORDS + wordsFor(keyBytes) + wordsFor(valueBytes);
