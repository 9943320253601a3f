/**
 * A managed list: an array that lives in its manager.
 * @module
 */
import { isDeepStrictEqual } from 'node:util';

/**
 * An array, for proxies: `await manager.list()`.
 *
 * **Python** `SyncManager.list`. Items are compared by what they hold, since what is sent is a copy, and proxies by the object that they are
 * of. Iterating goes from place to place and sees what others change meanwhile.
 */
export class List<T> implements Iterable<T> {
  #items: T[];

  constructor(items: Iterable<T> = []) {
    this.#items = [...items];
  }

  get length(): number {
    return this.#items.length;
  }

  /** Counts from the end when negative. */
  at(index: number): T | undefined {
    return this.#items.at(index);
  }

  /** Puts an item where there is one. @throws RangeError */
  set(index: number, item: T): void {
    this.#items[this.#place(index)] = item;
  }

  push(...items: readonly T[]): number {
    for (const item of items) this.#items.push(item);
    return this.#items.length;
  }

  unshift(...items: readonly T[]): number {
    return this.#items.unshift(...items);
  }

  pop(): T | undefined {
    return this.#items.pop();
  }

  shift(): T | undefined {
    return this.#items.shift();
  }

  insert(index: number, item: T): void {
    this.#items.splice(index, 0, item);
  }

  /** Takes out the item at a place. @throws RangeError */
  delete(index: number): T | undefined {
    return this.#items.splice(this.#place(index), 1)[0];
  }

  /** Takes out the first item that is equal. Whether there was one. */
  remove(item: T): boolean {
    const index = this.indexOf(item);
    if (index >= 0) this.#items.splice(index, 1);
    return index >= 0;
  }

  splice(start: number, count = this.#items.length, ...items: readonly T[]): T[] {
    return this.#items.splice(start, count, ...items);
  }

  clear(): void {
    this.#items.length = 0;
  }

  /** Adds items. @returns the list itself */
  extend(items: Iterable<T>): this {
    for (const item of [...items]) this.#items.push(item);
    return this;
  }

  /** Has its items so many times over. @returns the list itself */
  repeat(times: number): this {
    const items = this.#items;
    this.#items = Array.from({ length: Math.max(0, times) }, () => items).flat();
    return this;
  }

  /** Numbers by their value, anything else as text. @returns the list itself */
  sort(): this {
    const numbers = this.#items.every((item) => typeof item === 'number' || typeof item === 'bigint');
    const before = (a: unknown, b: unknown): number => ((a as number) < (b as number) ? -1 : Number(a !== b));
    this.#items.sort(numbers ? before : (a, b) => before(String(a), String(b)));
    return this;
  }

  /** @returns the list itself */
  reverse(): this {
    this.#items.reverse();
    return this;
  }

  /** The place of the first item that is equal; -1 when there is none. */
  indexOf(item: T, from = 0): number {
    return this.#items.findIndex((each, index) => index >= from && isDeepStrictEqual(each, item));
  }

  includes(item: T): boolean {
    return this.indexOf(item) >= 0;
  }

  count(item: T): number {
    return this.#items.filter((each) => isDeepStrictEqual(each, item)).length;
  }

  slice(start?: number, end?: number): T[] {
    return this.#items.slice(start, end);
  }

  /** A plain array with these items as well. */
  concat(items: Iterable<T>): T[] {
    return [...this.#items, ...items];
  }

  /** A plain array with the same items. */
  copy(): T[] {
    return [...this.#items];
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let index = 0; index < this.#items.length; index++) yield this.#items[index] as T;
  }

  #place(index: number): number {
    const place = index < 0 ? index + this.#items.length : index;
    if (Number.isInteger(place) && place >= 0 && place < this.#items.length) return place;
    throw new RangeError(`This list has ${this.#items.length} items; there is none at ${String(index)}.`);
  }
}
