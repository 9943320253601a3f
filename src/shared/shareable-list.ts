/**
 * A list of fixed length whose items may be of different types.
 *
 * Layout  Number of items, then the end of each item (from the first item on, in units of 8 bytes); then the items: a type, a length
 *         in bytes, and the data, which has the room that its first value took, and at least 8 bytes.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { InvalidValueError } from '../errors/sync-errors.ts';
import type { Scope } from '../memory/region.ts';
import { madeBy, packSymbol, type BlockPlace, unpackSymbol } from '../sync/place.ts';
import { isIterable, type Memory } from './field.ts';
import {
  type MemoryOptions,
  newMemory,
  openMemory,
  type OwnFields,
  ownFields,
  receiveMemory,
  sendMemory,
} from './memory-of.ts';
import { refuse } from './number-field.ts';
import { WHOLE } from './text-field.ts';

/** What an item can be. */
export type ShareableItem = number | bigint | boolean | string | Uint8Array | null;

const TEXT = 'ShareableList';
const UNIT = 8;
/** Type and length of an item. */
const HEAD = 8;
const MOST_BYTES = 0x7fff_ffff;

const NULL = 0;
const NUMBER = 1;
const BIGINT = 2;
const FALSE = 3;
const TRUE = 4;
const STRING = 5;
const BYTES = 6;

const units = (bytes: number): number => Math.ceil(bytes / UNIT) * UNIT;
/** Bytes before the first item. */
const tableBytes = (length: number): number => units(4 + 4 * length);
const roomFor = (item: ShareableItem): number => Math.max(UNIT, units(sizeOf(item)));

function sizeOf(item: ShareableItem): number {
  if (typeof item === 'string') return Buffer.byteLength(item);
  return item instanceof Uint8Array ? item.byteLength : UNIT;
}

/**
 * A list of fixed length in memory that threads (and processes) share: numbers, bigints of 64 bits, booleans, texts, bytes, `null`.
 *
 * **Python** `multiprocessing.shared_memory.ShareableList`.
 *
 * **Gotchas** An item has the room of its first value, in steps of 8 bytes; what is longer is refused. An item is not read or
 * written as one: keep a lock beside it when several write. `deepStrictEqual` takes any two for equal: compare `[...list]`. `open` gives
 * a `ShareableList`, also when it is called on a subclass.
 *
 * @example
 * const list = new ShareableList(['pending', 0, null], { name: 'job' });
 * list.set(0, 'running');
 * // elsewhere: ShareableList.open('job').at(0)
 */
export class ShareableList implements Iterable<ShareableItem> {
  readonly #memory: Memory;

  /**
   * @param items their first values; another list is copied
   * @throws InvalidValueError, InvalidOptionError, SharedMemoryError `ERR_SEGMENT_EXISTS`, UnsupportedPlatformError
   */
  constructor(items: Iterable<ShareableItem>, options?: MemoryOptions);
  constructor(items: Iterable<ShareableItem> | Memory, options: MemoryOptions = {}) {
    if (!isIterable(items) && typeof items === 'object' && items !== null && 'block' in items) {
      this.#memory = items;
      return;
    }
    if (!isIterable(items))
      throw new InvalidOptionError(`A ShareableList takes its items; not ${inspect(items, { depth: 0 })}.`);
    const list = [...items];
    for (const [i, item] of list.entries()) check(item, `item ${i}`);
    const data = list.reduce<number>((sum, item) => sum + HEAD + roomFor(item), 0);
    const byteLength = tableBytes(list.length) + data;
    if (byteLength > MOST_BYTES) throw new InvalidOptionError('These items take more than 2 GiB.');
    this.#memory = newMemory({ byteLength, waits: false, text: TEXT }, options, (memory) => {
      const { int32 } = memory.views;
      const at = memory.block.at / 4;
      int32[at] = list.length;
      let end = 0;
      for (const [i, item] of list.entries()) {
        const start = memory.block.at + tableBytes(list.length) + end * UNIT;
        end += (HEAD + roomFor(item)) / UNIT;
        int32[at + 1 + i] = end;
        write(memory, start, roomFor(item), item);
      }
    });
  }

  /** The list that a process has made under a name. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
  static open(name: string): ShareableList {
    return new ShareableList(openMemory({ byteLength: 0, waits: false, text: TEXT }, name) as never);
  }

  get #at(): number {
    return this.#memory.block.at;
  }

  /** How many items there are. */
  get length(): number {
    return this.#memory.views.int32[this.#at / 4] as number;
  }

  /** Among whom it is shared. */
  get scope(): Scope {
    return this.#memory.block.region.scope;
  }

  /** The item at an index; negative ones count from the end. @throws RangeError */
  at(index: number): ShareableItem {
    const { views } = this.#memory;
    const { at, room } = this.#item(index);
    const length = Math.min(Math.max(views.int32[at / 4 + 1] as number, 0), room);
    const data = at + HEAD;
    switch (views.int32[at / 4]) {
      case NUMBER:
        return views.float64[data / 8] as number;
      case BIGINT:
        return views.bigint64[data / 8] as bigint;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case STRING:
        return Buffer.from(views.buffer, data, length).toString('utf8');
      case BYTES:
        return views.uint8.slice(data, data + length);
      default:
        return null;
    }
  }

  /** Writes an item; it may be of another type than before. @throws RangeError, InvalidValueError `ERR_INVALID_VALUE` when there is no room for it */
  set(index: number, item: ShareableItem): void {
    check(item, `item ${index}`);
    const { at, room } = this.#item(index);
    const size = sizeOf(item);
    if (size > room) {
      throw new InvalidValueError(`Item ${index} has room for ${room} bytes; this value has ${size}.`);
    }
    write(this.#memory, at, room, item);
  }

  *[Symbol.iterator](): Iterator<ShareableItem> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** How many items are equal to a value. */
  count(value: ShareableItem): number {
    let count = 0;
    for (const item of this) if (same(item, value)) count += 1;
    return count;
  }

  /** Index of the first item that is equal to a value, or -1. */
  indexOf(value: ShareableItem): number {
    let index = 0;
    for (const item of this) {
      if (same(item, value)) return index;
      index += 1;
    }
    return -1;
  }

  /** First byte of an item, and how many its data may take. */
  #item(index: number): { readonly at: number; readonly room: number } {
    const { length } = this;
    const i = index < 0 ? index + length : index;
    if (!Number.isInteger(i) || i < 0 || i >= length) {
      throw new RangeError(`There are ${length} items; ${String(index)} is none of them.`);
    }
    const { int32 } = this.#memory.views;
    const ends = this.#at / 4 + 1;
    const start = (i === 0 ? 0 : (int32[ends + i - 1] as number)) * UNIT;
    const end = (int32[ends + i] as number) * UNIT;
    return { at: this.#at + tableBytes(length) + start, room: end - start - HEAD };
  }

  toJSON(): ShareableItem[] {
    return [...this];
  }

  [inspect.custom](_depth: number, options: object, show: typeof inspect): string {
    return `ShareableList(${this.length}) ${show([...this], options)}`;
  }

  static [packSymbol](list: ShareableList, destination: Scope): Sent {
    const { block } = list.#memory;
    const place = sendMemory(list.#memory, block.at, block.byteLength, 'ShareableList', destination);
    return { place, ...ownFields(list) };
  }

  static [unpackSymbol]({ place, own }: Sent): ShareableList {
    return Object.assign(madeBy(ShareableList, [receiveMemory(place, false)], this), own);
  }
}

interface Sent extends OwnFields {
  readonly place: BlockPlace;
}

/** Writes an item that fits. */
function write({ views }: Memory, at: number, room: number, item: ShareableItem): void {
  const data = at + HEAD;
  if (typeof item === 'number') views.float64[data / 8] = item;
  else if (typeof item === 'bigint') views.bigint64[data / 8] = item;
  else if (typeof item === 'string') Buffer.from(views.buffer, data, room).write(item);
  else if (item instanceof Uint8Array) views.uint8.set(item, data);
  views.int32[at / 4 + 1] = sizeOf(item);
  views.int32[at / 4] = typeOf(item);
}

function typeOf(item: ShareableItem): number {
  if (typeof item === 'boolean') return item ? TRUE : FALSE;
  if (typeof item === 'number') return NUMBER;
  if (typeof item === 'bigint') return BIGINT;
  if (typeof item === 'string') return STRING;
  return item === null ? NULL : BYTES;
}

/** @throws InvalidValueError */
function check(item: unknown, name: string): void {
  if (typeof item === 'bigint') {
    if (BigInt.asIntN(64, item) !== item) refuse(name, 'is a bigint of 64 bits', item);
  } else if (!(item === null || item instanceof Uint8Array || ['number', 'boolean', 'string'].includes(typeof item))) {
    refuse(name, 'is a number, bigint, boolean, text, Uint8Array or null', item);
  } else if (typeof item === 'string' && !item.isWellFormed()) {
    refuse(name, WHOLE, item);
  }
}

const same = (a: ShareableItem, b: ShareableItem): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : Object.is(a, b);
