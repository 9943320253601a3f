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
  showAs,
  type Shown,
  shownSymbol,
  within,
} from './heap-collection.ts';
import { newGuard } from './heap-guard.ts';
import type { HeapKey } from './heap-types.ts';
import { HeapView } from './heap-view.ts';

const LEAST = 8;

let makeMap: (() => HeapObject) | undefined;
let makeNode: (() => HeapObject) | undefined;

interface Node {
  readonly key: HeapKey;
  readonly hash: number;
  value: HeapData;
  next: Node | undefined;
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
  readonly #on: HeapView;

  /** @throws SharedHeapError `ERR_NO_SHARED_HEAP`; InvalidValueError `ERR_INVALID_VALUE` when the heap cannot hold an entry */
  constructor(entries?: Iterable<readonly [K, V]>);
  constructor(entries?: Iterable<readonly [K, V]> | HeapView) {
    if (entries instanceof HeapView) {
      this.#on = entries;
      return;
    }
    this.#on = new HeapView({ raw: newMap(), of: anythingType }, count);
    if (entries !== undefined) this.replace(entries);
  }

  /** A map that is there. @internal */
  static over(shown: Shown): HeapMap {
    return new HeapMap(new HeapView(shown, count) as never);
  }

  static {
    showAs('table', HeapMap.over);
  }

  /** @internal */
  get [shownSymbol](): Shown {
    return this.#on;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#on.raw['size'] as number;
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
    const hash = hashOf(key);
    const data = this.#check(key, value);
    this.#on.guard.run(() => this.#put(key, hash, data));
    return this;
  }

  /** Removes a key. False when it had no value. */
  delete(key: K): boolean {
    const hash = hashOf(key);
    return this.#on.guard.run(() => {
      const table = this.#table;
      const bucket = hash & (table.length - 1);
      let before: Node | undefined;
      for (let node = table[bucket] as Node | undefined; node !== undefined; before = node, node = node.next) {
        if (node.hash !== hash || node.key !== key) continue;
        if (before === undefined) table[bucket] = node.next as unknown as HeapData;
        else before.next = node.next;
        this.#on.raw['size'] = this.size - 1;
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
    const checked = new Map<HeapKey, readonly [hash: number, data: HeapData]>();
    for (const [key, value] of entries) checked.set(key, [hashOf(key), this.#check(key, value)]);
    const table = newTable(checked.size);
    for (const [key, [hash, data]] of checked) link(table, key, hash, data);
    this.#on.guard.run(() => {
      this.#on.raw['table'] = table;
      this.#on.raw['size'] = checked.size;
    });
  }

  /** The value of a key; if it has none, it gets this one. As one step. @throws InvalidValueError */
  getOrInsert(key: K, value: V): V {
    const hash = hashOf(key);
    const data = this.#check(key, value);
    const kept = this.#on.guard.run(() => {
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
      const data = this.#check(key, value);
      const done = this.#on.guard.run(() => {
        const now = this.#find(key, hash);
        if (old === undefined ? now !== undefined : now === undefined || !Object.is(now.value, seen)) return false;
        this.#put(key, hash, data);
        return true;
      });
      if (done) return value;
    }
  }

  *entries(): Generator<[K, V], undefined> {
    for (const { key, value } of nodesOf(this.#table)) yield [key as K, this.#show(value)];
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
    return this.#on.raw['table'] as HeapArray;
  }

  #check(key: K, value: V): HeapData {
    return this.#on.check(value, `value of ${String(key)}`);
  }

  #show(data: HeapData): V {
    return this.#on.show(data) as V;
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
    this.#on.raw['size'] = this.size + 1;
  }

  #grow(): void {
    const table = newTable(this.#table.length * 2);
    for (const { key, hash, value } of nodesOf(this.#table)) link(table, key, hash, value);
    this.#on.raw['table'] = table;
  }

  [inspect.custom](depth: number | null, options: object, show: typeof inspect): string {
    const inner = within(depth, options);
    return inner === undefined ? `[HeapMap(${this.size})]` : `Heap${show(new Map(this), inner)}`;
  }

  static [packSymbol](map: HeapMap, destination: Scope): Shown {
    return map.#on.send('HeapMap', destination);
  }

  static [unpackSymbol](sent: Shown): HeapMap {
    return HeapMap.over(sent);
  }
}

/** A map of the heap, without entries. @throws SharedHeapError */
export function newMap(): HeapObject {
  makeMap ??= heapType(['table', 'size', 'guard'], 'manyhands map');
  const raw = makeMap();
  raw['guard'] = newGuard();
  raw['table'] = newTable(0);
  raw['size'] = 0;
  return raw;
}

/** Buckets for so many entries. */
const newTable = (entries: number): HeapArray => heapArray(Math.max(LEAST, 2 ** Math.ceil(Math.log2(entries))));

function* nodesOf(table: HeapArray): Generator<Node, undefined> {
  for (let bucket = 0; bucket < table.length; bucket++) {
    for (let node = table[bucket] as Node | undefined; node !== undefined; node = node.next) yield node;
  }
}

/** Somebody died between a change and its being counted. */
function count(map: HeapObject): void {
  map['size'] = [...nodesOf(map['table'] as HeapArray)].length;
}

function link(table: HeapArray, key: HeapKey, hash: number, data: HeapData): void {
  makeNode ??= heapType(['key', 'hash', 'value', 'next'], 'manyhands map node');
  const bucket = hash & (table.length - 1);
  const node = makeNode();
  node['key'] = key === 0 ? 0 : key; // there is one zero
  node['hash'] = hash;
  node['value'] = data;
  node['next'] = table[bucket];
  table[bucket] = node;
}

const bits = new DataView(new ArrayBuffer(8));

/** @throws InvalidValueError when it cannot be a key */
export const checkKey = (key: unknown): void => void hashOf(key);

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
