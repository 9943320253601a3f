/**
 * A hash map in memory that threads (and processes) share.
 *
 * How it works  Sixteen stripes, each with a guard, a table and blocks of its own (`map/`); a key's hash says which one it belongs
 *               to. A call holds one guard for well under a microsecond, and no user code runs meanwhile.
 * When it dies  Each change is whole or has not happened, whenever its maker is killed; nobody waits for the dead.
 * Source        D. Lea's ConcurrentHashMap (2003), for the stripes and for what iteration promises.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { SharedMemoryError } from '../errors/sync-errors.ts';
import type { Scope } from '../memory/region.ts';
import { Core } from '../sync/core.ts';
import type { Lot } from '../sync/lot.ts';
import { constantSymbol, isConstantPlace, madeBy, packSymbol, type BlockPlace, unpackSymbol } from '../sync/place.ts';
import type { Memory } from './field.ts';
import { decode, encodeEntry, type Entry, takeOut } from './map/map-codec.ts';
import { LEAST_BYTES, LEAST_SIZE, MapRoom, STRIPES } from './map/map-room.ts';
import { MapTable } from './map/map-table.ts';
import {
  checkedOptions,
  type MemoryOptions,
  newMemory,
  openMemory,
  type OwnFields,
  ownFields,
  receiveMemory,
  sendMemory,
} from './memory-of.ts';

/** How a map is made. */
export interface SharedMapOptions extends MemoryOptions {
  /** Bytes that are there from the beginning. Default: 64 KiB. */
  readonly size?: number | undefined;
  /**
   * Bytes that it may grow to; addresses are set aside for them, and memory is used as it is needed. Default: 1 GiB. The same as
   * `size` makes a map that never grows.
   */
  readonly most?: number | undefined;
}

const TEXT = 'SharedMap';
const SIZE = 64 * 1024;
const MOST = 2 ** 30;
/** Words have numbers of 32 bits. */
const LIMIT = 2 ** 32;

interface Stripe {
  readonly core: Core;
  readonly table: MapTable;
}

/**
 * A `Map` that threads (and processes) share: what one sets, all get.
 *
 * Keys and values are data: numbers, strings, bigints, booleans, `null`, `undefined`, plain objects and arrays, dates, byte arrays, and
 * what else structured clone can copy. They are copied when they are set and when they are got: change an object that you got, and
 * nobody sees it until you set it.
 *
 * **Python** `multiprocessing.Manager().dict()`, without the process that owns it and the message for each access.
 *
 * **Use it** for a cache or a table that workers share and that has no fixed shape. For a few counters, `sharedStruct` is faster.
 *
 * **Gotchas** Two objects are the same key when they are alike: same properties in the same order (what has to be cloned, a `Set` of
 * arrays of numbers, say, is not always recognized). `get` and then `set` is not one
 * step: use `update`, `getOrInsert`. Instances of classes lose their class, and what is private; shared objects are refused. Iteration sees each entry that is there all the while
 * exactly once; one that comes, goes or changes meanwhile is seen as it is at some moment, or not. `deepStrictEqual` takes any two for
 * equal: compare `new Map(map)`. `open` gives a `SharedMap`, also when it is called on a subclass.
 *
 * @example
 * const hits = new SharedMap<string, number>({ scope: 'process' });
 * await pool.map((url) => hits.update(url, (count = 0) => count + 1), urls);
 */
export class SharedMap<K = unknown, V = unknown> implements Iterable<[K, V]> {
  readonly #room: MapRoom;
  readonly #stripes: readonly Stripe[];

  /**
   * @throws InvalidOptionError `ERR_INVALID_OPTION`; SharedMemoryError `ERR_SEGMENT_EXISTS`; UnsupportedPlatformError
   */
  constructor(options?: SharedMapOptions);
  constructor(options: SharedMapOptions | Memory = {}) {
    checkedOptions(options);
    const room = new MapRoom('block' in options ? options : roomFor(options));
    const { block, lot } = room.memory;
    this.#room = room;
    this.#stripes = Array.from({ length: STRIPES }, (_, i) => {
      const core = new Core(block.region, room.stripe(i), lot as Lot);
      return { core, table: new MapTable(room, core) };
    });
  }

  /** The map that a process has made under a name. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
  static open<K = unknown, V = unknown>(name: string): SharedMap<K, V> {
    return new SharedMap<K, V>(openMemory({ byteLength: LEAST_BYTES, waits: true, text: TEXT }, name) as never);
  }

  /** How many entries there are; somebody may be adding or removing some. */
  get size(): number {
    let sum = 0;
    // Whoever has a guard may have died with it, in the middle of a change.
    for (const stripe of this.#stripes) {
      sum += stripe.core.taken ? this.#guarded(stripe, ({ table }) => table.count) : stripe.table.count;
    }
    return sum;
  }

  /** Among whom it is shared. */
  get scope(): Scope {
    return this.#room.memory.block.region.scope;
  }

  /** Bytes that are in use, those of removed entries included, which are used again. */
  get bytes(): number {
    return this.#room.used;
  }

  /** The value of a key; `undefined` when there is none. */
  get(key: K): V | undefined {
    const entry = encodeEntry(key);
    const length = this.#in(entry, (table) => {
      const slot = table.find(entry);
      return slot < 0 ? -1 : table.takeValue(slot);
    });
    return length < 0 ? undefined : (decode(length) as V);
  }

  /** Whether a key has a value. */
  has(key: K): boolean {
    const entry = encodeEntry(key);
    return this.#in(entry, (table) => table.find(entry) >= 0);
  }

  /**
   * Sets the value of a key.
   *
   * @throws SharedMemoryError `ERR_MAP_FULL` (a value that differs from the old one in at most 16 bytes is changed where it is, also
   *   in a full map); InvalidValueError `ERR_INVALID_VALUE` when key or value is no data; Error (ENOSPC) when
   *   the system has no memory to grow with: nothing has changed
   */
  set(key: K, value: V): this {
    const entry = encodeEntry(key, { is: value });
    this.#put(entry, (table) => (table.put(entry, table.find(entry)) ? 1 : FULL));
    return this;
  }

  /** Removes a key. False when it had no value. */
  delete(key: K): boolean {
    const entry = encodeEntry(key);
    return this.#in(entry, (table) => {
      const slot = table.find(entry);
      if (slot >= 0) table.remove(slot);
      return slot >= 0;
    });
  }

  /** Removes all keys, as one step; what they took is there for others, of any length. */
  clear(): void {
    this.#clearFrom(0, false);
  }

  /** Nobody else holds more than one guard, or takes them in another order. */
  #clearFrom(index: number, onlyWhenEmpty: boolean): void {
    const stripe = this.#stripes[index];
    if (stripe !== undefined) {
      this.#guarded(stripe, () => this.#clearFrom(index + 1, onlyWhenEmpty));
      return;
    }
    if (onlyWhenEmpty && this.#stripes.some(({ table }) => table.count > 0)) return;
    for (const { table } of this.#stripes) table.drop();
    this.#room.reset();
  }

  /** The value of a key; if it has none, it gets this one. As one step. @throws as `set` */
  getOrInsert(key: K, value: V): V {
    const entry = encodeEntry(key, { is: value });
    const found = this.#put(entry, (table) => {
      const slot = table.find(entry);
      if (slot >= 0) return table.takeValue(slot);
      return table.put(entry, -1) ? -1 : FULL;
    });
    return found >= 0 ? (decode(found) as V) : value;
  }

  /** As `getOrInsert`, with a function that makes the value; when somebody else is faster, its result is dropped. @throws as `set` */
  getOrInsertComputed(key: K, make: (key: K) => V): V {
    const old = this.#peek(key);
    return old === undefined ? this.getOrInsert(key, make(key)) : (old.value as V);
  }

  /**
   * Changes the value of a key by a function of what it is (`undefined` when there is none), as one step: when somebody else has
   * changed it meanwhile, the function is called again.
   *
   * @returns what it is then
   * @throws as `set`
   */
  update(key: K, change: (value: V | undefined) => V): V {
    for (;;) {
      const old = this.#peek(key);
      const value = change(old === undefined ? undefined : (old.value as V));
      const entry = encodeEntry(key, { is: value });
      const done = this.#put(entry, (table) => {
        const slot = table.find(entry);
        if (slot < 0 ? old !== undefined : old === undefined || Buffer.compare(table.valueIn(slot), old.bytes) !== 0)
          return 0;
        return table.put(entry, slot) ? 1 : FULL;
      });
      if (done === 1) return value;
    }
  }

  #peek(key: K): { readonly bytes: Uint8Array; readonly value: unknown } | undefined {
    const entry = encodeEntry(key);
    const bytes = this.#in(entry, (table) => {
      const slot = table.find(entry);
      return slot < 0 ? undefined : table.valueIn(slot).slice();
    });
    return bytes === undefined ? undefined : { bytes, value: decode(takeOut(bytes)) };
  }

  /** Keys and values, each pair as it was at one moment. */
  *entries(): Generator<[K, V], undefined> {
    for (const stripe of this.#stripes) {
      const pairs = this.#guarded(stripe, ({ table }) =>
        table.slots().map((slot) => [table.keyIn(slot).slice(), table.valueIn(slot).slice()] as const),
      );
      for (const [key, value] of pairs) yield [decode(takeOut(key)) as K, decode(takeOut(value)) as V];
    }
  }

  *keys(): Generator<K, undefined> {
    for (const stripe of this.#stripes) {
      const keys = this.#guarded(stripe, ({ table }) => table.slots().map((slot) => table.keyIn(slot).slice()));
      for (const key of keys) yield decode(takeOut(key)) as K;
    }
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  /** Calls a function for each pair. */
  forEach(fn: (value: V, key: K, map: this) => void): void {
    for (const [key, value] of this) fn(value, key, this);
  }

  #in<R>(entry: Entry, fn: (table: MapTable) => R): R {
    return this.#guarded(this.#stripes[entry.hash >>> 28] as Stripe, ({ table }) => fn(table));
  }

  #guarded<R>(stripe: Stripe, fn: (stripe: Stripe) => R): R {
    const { core } = stripe;
    core.enter();
    try {
      this.#room.catchUp();
      if (core.words !== this.#room.words) core.follow();
      return fn(stripe);
    } finally {
      core.leave();
    }
  }

  /** As `#in`, for what writes. Chunks of stripes lie among each other: only a map without entries has all its room again. */
  #put(entry: Entry, write: (table: MapTable) => number): number {
    let done = this.#in(entry, write);
    if (done === FULL && this.size === 0) {
      this.#clearFrom(0, true);
      done = this.#in(entry, write);
    }
    if (done !== FULL) return done;
    throw new SharedMemoryError(
      `This SharedMap is full: it may have ${this.#room.most} bytes. Remove some entries, or make it with a larger most.`,
      { code: 'ERR_MAP_FULL' },
    );
  }

  /** Its pairs, as `new Map` takes them. */
  toJSON(): [K, V][] {
    return [...this];
  }

  [inspect.custom](depth: number, options: object, show: typeof inspect): string {
    if (depth < 0) return `[SharedMap(${this.size})]`;
    return `Shared${show(new Map(this), options)}`;
  }

  static [packSymbol](map: SharedMap, destination: Scope): Sent {
    const { block } = map.#room.memory;
    const place = sendMemory(map.#room.memory, block.at, block.byteLength, 'SharedMap', destination);
    return { place, ...ownFields(map) };
  }

  /** @internal */
  static [constantSymbol](data: object): boolean {
    return isConstantPlace(data);
  }

  static [unpackSymbol]({ place, own }: Sent): SharedMap {
    return Object.assign(madeBy(SharedMap, [receiveMemory(place, true)], this), own);
  }
}

interface Sent extends OwnFields {
  readonly place: BlockPlace;
}

/** There was no room. */
const FULL = -2;

function sizesOf({ size = SIZE, most = Math.max(size, MOST) }: SharedMapOptions): { size: number; most: number } {
  for (const [name, value, least] of [
    ['size', size, LEAST_SIZE],
    ['most', most, size],
  ] as const) {
    if (Number.isInteger(value) && value >= least && value <= LIMIT) continue;
    throw new InvalidOptionError(
      `${name} must be a whole number of bytes, ${least} to ${LIMIT}; it is ${String(value)}.`,
    );
  }
  return { size, most };
}

function roomFor(options: SharedMapOptions): Memory {
  const { size, most } = sizesOf(options);
  return newMemory({ byteLength: size, waits: true, text: TEXT, most }, options, (memory) =>
    new MapRoom(memory).prepare(most),
  );
}
