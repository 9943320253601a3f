/**
 * A list in the shared heap.
 *
 * How it works  An array with room at its end, and a length; when it is full, one of twice the length takes its place. Changes are
 *               made under a guard, one at a time, and so is what reads the end of the list or all of it. Whoever reads one item
 *               needs none. What moves items makes a new array and puts it in with one store.
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
  showAs,
  type Shown,
  shownSymbol,
  within,
} from './heap-collection.ts';
import { newGuard } from './heap-guard.ts';
import { HeapView } from './heap-view.ts';

const LEAST = 4;

let makeList: (() => HeapObject) | undefined;
let makeState: (() => HeapObject) | undefined;

interface State {
  readonly items: HeapArray;
  length: number;
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
  readonly #on: HeapView;

  /** @throws SharedHeapError `ERR_NO_SHARED_HEAP`; InvalidValueError `ERR_INVALID_VALUE` when the heap cannot hold an item */
  constructor(items?: Iterable<T>);
  constructor(items?: Iterable<T> | HeapView) {
    if (items instanceof HeapView) {
      this.#on = items;
      return;
    }
    this.#on = new HeapView({ raw: newList(), of: anythingType });
    if (items !== undefined) this.replace(items);
  }

  /** A list that is there. @internal */
  static over(shown: Shown): HeapList {
    return new HeapList(new HeapView(shown) as never);
  }

  static {
    showAs('state', HeapList.over);
  }

  /** @internal */
  get [shownSymbol](): Shown {
    return this.#on;
  }

  /** How many items there are. */
  get length(): number {
    return this.#state.length;
  }

  /** The item at an index; negative ones count from the end. `undefined` beyond its ends. */
  at(index: number): T | undefined {
    const i = Math.trunc(index);
    const find = (): HeapData => {
      const { items, length } = this.#state;
      const place = i < 0 ? length + i : i;
      return place >= 0 && place < length ? items[place] : undefined;
    };
    // Counted from the end, item and length have to be of one moment.
    return this.#show(i < 0 ? this.#on.guard.run(find) : find());
  }

  /** Replaces the item at an index; negative ones count from the end. @throws RangeError, InvalidValueError */
  set(index: number, value: T): void {
    const data = this.#on.check(value, 'item');
    const whole = Number.isInteger(index);
    this.#on.guard.run(() => {
      const { items, length } = this.#state;
      const place = whole && index < 0 ? length + index : index;
      if (!whole || place < 0 || place >= length)
        throw new RangeError(`There is no item ${index}: the list has ${length}.`);
      items[place] = data;
    });
  }

  /** Adds items at the end, all at once. @returns how many there are then @throws InvalidValueError */
  push(...values: readonly T[]): number {
    const added = this.#check(values, 'item');
    return this.#on.guard.run(() => {
      const state = this.#roomFor(this.#state.length + added.length);
      for (const [i, each] of added.entries()) state.items[state.length + i] = each;
      state.length += added.length;
      return state.length;
    });
  }

  /** Removes the last item. `undefined` when there is none. */
  pop(): T | undefined {
    const data = this.#on.guard.run(() => {
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
    const [from, count] = [Math.trunc(start), Math.trunc(deleteCount)];
    const removed = this.#on.guard.run(() => {
      const all = this.#data();
      const gone = all.splice(from, count, ...added);
      this.#on.raw['state'] = newState(all);
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
    this.#on.guard.run(() => {
      this.#on.raw['state'] = state;
    });
  }

  /** The first index of a value; -1 when it is not there. Structs, lists and maps are the same when they are one object of the heap. */
  indexOf(value: T): number {
    return this.#all().indexOf(this.#on.check(value, 'value'));
  }

  /** Whether a value is there. */
  includes(value: T): boolean {
    return this.#all().includes(this.#on.check(value, 'value'));
  }

  /** The items that there are at the beginning. */
  *[Symbol.iterator](): Generator<T, undefined> {
    for (const each of this.#all()) yield this.#show(each) as T;
  }

  toJSON(): T[] {
    return [...this];
  }

  get #state(): State {
    return this.#on.raw['state'] as unknown as State;
  }

  /** All items, as they are at one moment. */
  #all(): HeapData[] {
    return this.#on.guard.run(() => this.#data());
  }

  /** Under the guard. */
  #data(): HeapData[] {
    const { items, length } = this.#state;
    return Array.from({ length }, (_, i) => items[i]);
  }

  #show(data: HeapData): T | undefined {
    return this.#on.show(data) as T | undefined;
  }

  #check(values: Iterable<T>, name: string): HeapData[] {
    if (!isIterable(values)) return refuse(name, 'takes items', values);
    return Array.from(values, (each, i) => this.#on.check(each, `${name} ${i}`));
  }

  /** Under the guard. */
  #roomFor(length: number): State {
    if (length > this.#state.items.length) this.#on.raw['state'] = newState(this.#data(), length * 2);
    return this.#state;
  }

  [inspect.custom](depth: number | null, options: object, show: typeof inspect): string {
    const inner = within(depth, options);
    return inner === undefined ? `[HeapList(${this.length})]` : `HeapList(${this.length}) ${show([...this], inner)}`;
  }

  static [packSymbol](list: HeapList, destination: Scope): Shown {
    return list.#on.send('HeapList', destination);
  }

  static [unpackSymbol](sent: Shown): HeapList {
    return HeapList.over(sent);
  }
}

/** A list of the heap, without items. @throws SharedHeapError */
export function newList(): HeapObject {
  makeList ??= heapType(['state', 'guard'], 'manyhands list');
  const raw = makeList();
  raw['guard'] = newGuard();
  raw['state'] = newState([]);
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
