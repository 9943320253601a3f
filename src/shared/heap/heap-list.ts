/**
 * A list in the shared heap.
 *
 * How it works  An array with room at its end, and a length; when it is full, one of twice the length takes its place. Changes are
 *               made under a guard, one at a time; whoever reads needs none, and sees the list as it is at some moment.
 *               What moves items makes a new array and puts it in with one store.
 * Invariants    A *state* is an array and how much of it counts. Items are stored before the length that makes them count.
 * When it dies  Each step leaves a list that is whole: with what was being added, or without.
 * Source        Amortized doubling: T. Cormen et al., "Introduction to Algorithms", dynamic tables.
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
import type { ItemType } from './heap-types.ts';

const LEAST = 4;

let makeList: (() => HeapObject) | undefined;
let makeState: (() => HeapObject) | undefined;

interface State {
  items: HeapArray;
  length: number;
}

/** What a list is made of. */
export interface ListShape {
  readonly of: ItemType;
  readonly owner?: Owner;
}

interface Sent extends ListShape {
  readonly raw: HeapObject;
}

/**
 * A list that the threads of this process share: what one adds, all see. It grows, and is garbage-collected when nobody has it.
 *
 * **Python** `list`, as threads share it there.
 *
 * **Use it** as a field of a struct (`listOf(text)`), or by itself. Each call is one step: two threads that push lose nothing. For
 * several calls that belong together take a lock.
 *
 * **Gotchas** Needs `node --harmony-struct`. It holds numbers, booleans, texts, `null`, `undefined`, other lists and maps; as a field,
 * structs as well. `shift` and `splice` copy the list.
 *
 * @example
 * const lines = new HeapList<string>();
 * await pool.map((file) => lines.push(...readLines(file)), files);
 */
export class HeapList<T = HeapValue> implements HeapCollection, Iterable<T> {
  readonly #raw: HeapObject;
  readonly #of: ItemType;
  readonly #item: HeapItem;
  readonly #owner: Owner;
  readonly #guard: HeapGuard;

  /** @throws SharedHeapError `ERR_NO_SHARED_HEAP`; InvalidValueError `ERR_INVALID_VALUE` when the heap cannot hold an item */
  constructor(items?: Iterable<T>);
  constructor(items: Iterable<T> | Sent = []) {
    const sent = typeof items === 'object' && 'raw' in items ? items : undefined;
    const { of = anythingType, owner } = sent ?? {};
    this.#of = of;
    this.#item = heapItemOf(of, 'item');
    this.#owner = owner;
    this.#raw = sent === undefined ? newList(this.#check(items as Iterable<T>, 'HeapList')) : sent.raw;
    this.#guard = new HeapGuard(this.#raw['guard'] as HeapArray, () => {});
  }

  /** A list that is there. @internal */
  static over(raw: HeapObject, of: ItemType, owner?: Owner): HeapList {
    return new HeapList({ raw, of, owner } as never);
  }

  static {
    showAs('state', (raw) => HeapList.over(raw, anythingType));
  }

  /** @internal */
  get [shownSymbol](): Shown {
    return { raw: this.#raw, of: this.#of };
  }

  /** How many items there are. */
  get length(): number {
    return this.#state.length;
  }

  /** The item at an index; negative ones count from the end. `undefined` beyond its ends. */
  at(index: number): T | undefined {
    const { items, length } = this.#state;
    const place = index < 0 ? length + index : index;
    return place >= 0 && place < length ? this.#show(items[place]) : undefined;
  }

  /** Replaces the item at an index; negative ones count from the end. @throws RangeError, InvalidValueError */
  set(index: number, value: T): void {
    const data = this.#item.check(value, `item ${index}`, this.#owner);
    this.#guard.run(() => {
      const { items, length } = this.#state;
      const place = index < 0 ? length + index : index;
      if (!Number.isInteger(place) || place < 0 || place >= length)
        throw new RangeError(`There is no item ${index}: the list has ${length}.`);
      items[place] = data;
    });
  }

  /** Adds items at the end, all at once. @returns how many there are then @throws InvalidValueError */
  push(...values: readonly T[]): number {
    const added = this.#check(values, 'item');
    return this.#guard.run(() => {
      const state = this.#roomFor(this.#state.length + added.length);
      for (const [i, each] of added.entries()) state.items[state.length + i] = each;
      state.length += added.length;
      return state.length;
    });
  }

  /** Removes the last item. `undefined` when there is none. */
  pop(): T | undefined {
    const data = this.#guard.run(() => {
      const state = this.#state;
      if (state.length === 0) return undefined;
      const last = state.items[state.length - 1];
      state.length -= 1;
      state.items[state.length] = undefined;
      return last;
    });
    return this.#show(data);
  }

  /** Removes the first item. `undefined` when there is none. */
  shift(): T | undefined {
    return this.splice(0, 1)[0];
  }

  /** Removes items from an index on, and puts others in their place. @returns those removed @throws InvalidValueError */
  splice(start: number, deleteCount = Infinity, ...values: readonly T[]): T[] {
    const added = this.#check(values, 'item');
    const removed = this.#guard.run(() => {
      const all = this.#data();
      const gone = all.splice(start, deleteCount, ...added);
      this.#raw['state'] = newState(all);
      return gone;
    });
    return removed.map((each) => this.#show(each) as T);
  }

  /** Removes all items. */
  clear(): void {
    this.replace([]);
  }

  /** Puts these items in the place of all that there are. @throws InvalidValueError */
  replace(items: Iterable<T>): void {
    const state = newState(this.#check(items, 'HeapList'));
    this.#guard.run(() => {
      this.#raw['state'] = state;
    });
  }

  /** The first index of a value; -1 when it is not there. Structs, lists and maps are the same when they are one object of the heap. */
  indexOf(value: T): number {
    return this.#data().indexOf(this.#item.check(value, 'value', this.#owner));
  }

  /** Whether a value is there. */
  includes(value: T): boolean {
    return this.#data().includes(this.#item.check(value, 'value', this.#owner));
  }

  /** The items that there are at the beginning. */
  *[Symbol.iterator](): Generator<T, undefined> {
    for (const each of this.#data()) yield this.#show(each) as T;
  }

  toJSON(): T[] {
    return [...this];
  }

  get #state(): State {
    return this.#raw['state'] as unknown as State;
  }

  #data(): HeapData[] {
    const { items, length } = this.#state;
    return Array.from({ length }, (_, i) => items[i]);
  }

  #show(data: HeapData): T | undefined {
    return this.#item.show(data, this.#owner) as T | undefined;
  }

  #check(values: Iterable<T>, name: string): HeapData[] {
    if (!isIterable(values)) return refuse(name, 'takes items', values);
    return Array.from(values, (each, i) => this.#item.check(each, `${name} ${i}`, this.#owner));
  }

  /** Under the guard. */
  #roomFor(length: number): State {
    if (length > this.#state.items.length) this.#raw['state'] = newState(this.#data(), length * 2);
    return this.#state;
  }

  [inspect.custom](depth: number | null, options: object, show: typeof inspect): string {
    const inner = within(depth, options);
    return inner === undefined ? `[HeapList(${this.length})]` : `HeapList(${this.length}) ${show([...this], inner)}`;
  }

  static [packSymbol](list: HeapList, destination: Scope): Sent {
    if (destination === 'thread') return { raw: list.#raw, of: list.#of, owner: list.#owner };
    throw notForProcesses('HeapList');
  }

  static [unpackSymbol]({ raw, of, owner }: Sent): HeapList {
    return HeapList.over(raw, of, owner);
  }
}

/** A list of the heap with these items. @throws SharedHeapError */
export function newList(items: readonly HeapData[] = []): HeapObject {
  makeList ??= heapType(['state', 'guard'], 'manyhands list');
  const raw = makeList();
  raw['guard'] = newGuard();
  raw['state'] = newState(items);
  return raw;
}

function newState(items: readonly HeapData[], room = items.length): HeapObject {
  makeState ??= heapType(['items', 'length'], 'manyhands list state');
  const state = makeState();
  const array = heapArray(Math.max(room, LEAST));
  for (const [i, each] of items.entries()) array[i] = each;
  state['items'] = array;
  state['length'] = items.length;
  return state;
}
