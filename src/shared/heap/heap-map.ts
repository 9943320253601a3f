/**
 * A hash map in the shared heap.
 *
 * How it works  Buckets of chained nodes. Changes are made under a guard, one at a time; whoever reads needs none: a node's key and hash
 *               never change, a new node is put in with one store, and one that is taken out still leads to those behind it.
 *               To grow, all nodes are made anew, and the new table is put in with one store.
 * Invariants    1. A key is in one node at most of a table.
 *               2. `size` may be behind for as long as somebody is under the guard.
 * When it dies  Each step leaves a map that is whole; whoever takes the guard over counts the entries.
 * Source        Chaining as in any text; FNV-1a for texts, MurmurHash3's mixing for numbers.
 * @module
 */
import { inspect } from 'node:util';
import type { Scope } from '../../memory/region.ts';
import { type HeapArray, heapArray, type HeapData, type HeapObject, heapType } from '../../memory/shared-heap.ts';
import { packSymbol, unpackSymbol } from '../../sync/place.ts';
import { isIterable } from '../field.ts';
import { refuse } from '../number-field.ts';
import {
  anythingType,
  type HeapCollection,
  type HeapValue,
  notForProcesses,
  showAs,
  type Shown,
  shownSymbol,
  within,
} from './heap-collection.ts';
import { HeapGuard, newGuard } from './heap-guard.ts';
import type { Owner } from './heap-instance.ts';
import { type HeapItem, heapItemOf } from './heap-item.ts';
import type { HeapKey, ItemType } from './heap-types.ts';

const LEAST = 8;

let makeMap: (() => HeapObject) | undefined;
let makeNode: (() => HeapObject) | undefined;

interface Node {
  readonly key: HeapKey;
  readonly hash: number;
  value: HeapData;
  next: Node | undefined;
}

interface Sent {
  readonly raw: HeapObject;
  readonly of: ItemType;
  readonly owner?: Owner;
}

/**
 * A map that the threads of this process share: what one sets, all get. It grows, and is garbage-collected when nobody has it.
 *
 * **Python** `dict`, as threads share it there.
 *
 * **Use it** as a field of a struct (`mapOf(float64)`), or by itself. Values are not copied: a struct that you get is the one that was
 * set. Across processes, or without the flag, use `SharedMap`.
 *
 * **Gotchas** Needs `node --harmony-struct`. Keys are texts, numbers and booleans. `get` and then `set` is not one step: use `update`,
 * `getOrInsert`. Iteration is in no order, and sees each entry that is there all the while exactly once.
 *
 * @example
 * const hits = new HeapMap<string, number>();
 * await pool.map((url) => hits.update(url, (count = 0) => count + 1), urls);
 */
export class HeapMap<K extends HeapKey = HeapKey, V = HeapValue> implements HeapCollection, Iterable<[K, V]> {
  readonly #raw: HeapObject;
  readonly #of: ItemType;
  readonly #item: HeapItem;
  readonly #owner: Owner;
  readonly #guard: HeapGuard;

  /** @throws SharedHeapError `ERR_NO_SHARED_HEAP`; InvalidValueError `ERR_INVALID_VALUE` when the heap cannot hold an entry */
  constructor(entries?: Iterable<readonly [K, V]>);
  constructor(entries: Iterable<readonly [K, V]> | Sent = []) {
    const sent = typeof entries === 'object' && 'raw' in entries ? entries : undefined;
    const { of = anythingType, owner } = sent ?? {};
    this.#of = of;
    this.#item = heapItemOf(of, 'value');
    this.#owner = owner;
    this.#raw = sent?.raw ?? newMap();
    this.#guard = new HeapGuard(this.#raw['guard'] as HeapArray, () => this.#count());
    if (sent === undefined) this.replace(entries as Iterable<readonly [K, V]>);
  }

  /** A map that is there. @internal */
  static over(raw: HeapObject, of: ItemType, owner?: Owner): HeapMap {
    return new HeapMap({ raw, of, owner } as never);
  }

  static {
    showAs('table', (raw) => HeapMap.over(raw, anythingType));
  }

  /** @internal */
  get [shownSymbol](): Shown {
    return { raw: this.#raw, of: this.#of };
  }

  /** How many entries there are. */
  get size(): number {
    return this.#raw['size'] as number;
  }

  /** The value of a key; `undefined` when there is none. */
  get(key: K): V | undefined {
    const node = this.#find(key, hashOf(key));
    return node === undefined ? undefined : this.#show(node.value);
  }

  /** Whether a key has a value. */
  has(key: K): boolean {
    return this.#find(key, hashOf(key)) !== undefined;
  }

  /** Sets the value of a key. @throws InvalidValueError `ERR_INVALID_VALUE` */
  set(key: K, value: V): this {
    const data = this.#item.check(value, `value of ${String(key)}`, this.#owner);
    const hash = hashOf(key);
    this.#guard.run(() => this.#put(key, hash, data));
    return this;
  }

  /** Removes a key. False when it had no value. */
  delete(key: K): boolean {
    const hash = hashOf(key);
    return this.#guard.run(() => {
      const table = this.#table;
      const bucket = hash & (table.length - 1);
      let before: Node | undefined;
      for (let node = table[bucket] as Node | undefined; node !== undefined; before = node, node = node.next) {
        if (node.hash !== hash || node.key !== key) continue;
        if (before === undefined) table[bucket] = node.next as unknown as HeapData;
        else before.next = node.next;
        this.#raw['size'] = this.size - 1;
        return true;
      }
      return false;
    });
  }

  /** Removes all keys. */
  clear(): void {
    this.replace([]);
  }

  /** Puts these entries in the place of all that there are. @throws InvalidValueError */
  replace(entries: Iterable<readonly [K, V]>): void {
    if (!isIterable(entries)) refuse('HeapMap', 'takes pairs of key and value', entries);
    const checked = Array.from(
      entries,
      ([key, value]) => [key, hashOf(key), this.#item.check(value, `value of ${String(key)}`, this.#owner)] as const,
    );
    this.#guard.run(() => {
      this.#raw['table'] = heapArray(LEAST);
      this.#raw['size'] = 0;
      for (const [key, hash, data] of checked) this.#put(key, hash, data);
    });
  }

  /** The value of a key; if it has none, it gets this one. As one step. @throws InvalidValueError */
  getOrInsert(key: K, value: V): V {
    const data = this.#item.check(value, `value of ${String(key)}`, this.#owner);
    const hash = hashOf(key);
    const kept = this.#guard.run(() => {
      const node = this.#find(key, hash);
      if (node !== undefined) return node.value;
      this.#put(key, hash, data);
      return data;
    });
    return this.#show(kept);
  }

  /**
   * Changes the value of a key by a function of what it is (`undefined` when there is none), as one step: when somebody else has
   * changed it meanwhile, the function is called again.
   *
   * @returns what it is then
   * @throws InvalidValueError
   */
  update(key: K, change: (value: V | undefined) => V): V {
    const hash = hashOf(key);
    for (;;) {
      const old = this.#find(key, hash);
      const seen = old?.value;
      const value = change(old === undefined ? undefined : this.#show(seen));
      const data = this.#item.check(value, `value of ${String(key)}`, this.#owner);
      const done = this.#guard.run(() => {
        const now = this.#find(key, hash);
        if (old === undefined ? now !== undefined : now === undefined || !Object.is(now.value, seen)) return false;
        this.#put(key, hash, data);
        return true;
      });
      if (done) return value;
    }
  }

  *entries(): Generator<[K, V], undefined> {
    const table = this.#table;
    for (let bucket = 0; bucket < table.length; bucket++) {
      for (let node = table[bucket] as Node | undefined; node !== undefined; node = node.next)
        yield [node.key as K, this.#show(node.value)];
    }
  }

  *keys(): Generator<K, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  /** Calls a function for each entry. */
  forEach(fn: (value: V, key: K, map: this) => void): void {
    for (const [key, value] of this) fn(value, key, this);
  }

  get #table(): HeapArray {
    return this.#raw['table'] as HeapArray;
  }

  #show(data: HeapData): V {
    return this.#item.show(data, this.#owner) as V;
  }

  #find(key: HeapKey, hash: number): Node | undefined {
    const table = this.#table;
    let node = table[hash & (table.length - 1)] as Node | undefined;
    while (node !== undefined && (node.hash !== hash || node.key !== key)) node = node.next;
    return node;
  }

  /** Under the guard. */
  #put(key: HeapKey, hash: number, data: HeapData): void {
    const node = this.#find(key, hash);
    if (node !== undefined) {
      node.value = data;
      return;
    }
    if (this.size >= this.#table.length) this.#grow();
    link(this.#table, key, hash, data);
    this.#raw['size'] = this.size + 1;
  }

  #grow(): void {
    const old = this.#table;
    const table = heapArray(old.length * 2);
    for (let bucket = 0; bucket < old.length; bucket++) {
      for (let node = old[bucket] as Node | undefined; node !== undefined; node = node.next)
        link(table, node.key, node.hash, node.value);
    }
    this.#raw['table'] = table;
  }

  /** Somebody died between a change and its being counted. */
  #count(): void {
    let size = 0;
    for (const _ of this.entries()) size += 1;
    this.#raw['size'] = size;
  }

  [inspect.custom](depth: number | null, options: object, show: typeof inspect): string {
    const inner = within(depth, options);
    return inner === undefined ? `[HeapMap(${this.size})]` : `Heap${show(new Map(this), inner)}`;
  }

  static [packSymbol](map: HeapMap, destination: Scope): Sent {
    if (destination === 'thread') return { raw: map.#raw, of: map.#of, owner: map.#owner };
    throw notForProcesses('HeapMap');
  }

  static [unpackSymbol]({ raw, of, owner }: Sent): HeapMap {
    return HeapMap.over(raw, of, owner);
  }
}

/** A map of the heap, without entries. @throws SharedHeapError */
export function newMap(): HeapObject {
  makeMap ??= heapType(['table', 'size', 'guard'], 'manyhands map');
  const raw = makeMap();
  raw['guard'] = newGuard();
  raw['table'] = heapArray(LEAST);
  raw['size'] = 0;
  return raw;
}

function link(table: HeapArray, key: HeapKey, hash: number, data: HeapData): void {
  makeNode ??= heapType(['key', 'hash', 'value', 'next'], 'manyhands map node');
  const bucket = hash & (table.length - 1);
  const node = makeNode();
  node['key'] = key;
  node['hash'] = hash;
  node['value'] = data;
  node['next'] = table[bucket];
  table[bucket] = node;
}

const bits = new DataView(new ArrayBuffer(8));

/** @throws InvalidValueError when it cannot be a key */
function hashOf(key: unknown): number {
  if (typeof key === 'string') {
    let hash = 0x811c_9dc5;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x0100_0193);
    return mixed(hash);
  }
  if (typeof key === 'number') {
    if (Number.isNaN(key)) return refuse('key', 'is a text, a number or a boolean', key);
    bits.setFloat64(0, key + 0); // there is one zero
    return mixed(bits.getInt32(0) ^ Math.imul(bits.getInt32(4), 0x9e37_79b1));
  }
  if (typeof key === 'boolean') return key ? 1 : 2;
  return refuse('key', 'is a text, a number or a boolean', key);
}

function mixed(bitsOfKey: number): number {
  let hash = bitsOfKey ^ (bitsOfKey >>> 16);
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  return hash & 0x3fff_ffff;
}
