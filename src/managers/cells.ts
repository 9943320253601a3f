/**
 * A managed value and a managed array of fixed length: they live in their manager.
 * @module
 */
import { isDeepStrictEqual } from 'node:util';

/**
 * One value, for proxies: `await manager.value(0)`.
 *
 * **Python** `SyncManager.Value`. Any value; among threads and processes of one machine `Value` in shared memory is faster.
 */
export class Cell<T> {
  value: T;

  constructor(value: T) {
    this.value = value;
  }

  get(): T {
    return this.value;
  }

  set(value: T): void {
    this.value = value;
  }

  /** Adds to a number. One step, whoever else calls. @returns the sum */
  increment(by = 1): number {
    if (typeof this.value !== 'number')
      throw new TypeError(`increment() adds to numbers; this is a ${typeof this.value}.`);
    const sum = this.value + by;
    this.value = sum as T;
    return sum;
  }

  /** Sets the value if it is equal to what is expected. Whether it was. */
  replace(expected: T, value: T): boolean {
    if (!isDeepStrictEqual(this.value, expected)) return false;
    this.value = value;
    return true;
  }
}

/** What an array can be made from. */
export type ArrayItems<T> = Iterable<T> & { readonly length?: number };

interface Items<T> extends Iterable<T> {
  readonly length: number;
  [index: number]: T;
  slice(start?: number, end?: number): Items<T>;
}

/**
 * An array of fixed length, for proxies: `await manager.array([1, 2, 3])`. One made from a typed array keeps its type.
 *
 * **Python** `SyncManager.Array`. Among threads and processes of one machine `SharedArray` is faster.
 */
export class FixedArray<T> implements Iterable<T> {
  readonly #items: Items<T>;

  constructor(items: ArrayItems<T>) {
    this.#items = (ArrayBuffer.isView(items) ? items : [...items]) as Items<T>;
  }

  get length(): number {
    return this.#items.length;
  }

  at(index: number): T | undefined {
    return this.#items[index < 0 ? index + this.length : index];
  }

  /** @throws RangeError */
  set(index: number, item: T): void {
    const place = index < 0 ? index + this.length : index;
    if (!Number.isInteger(place) || place < 0 || place >= this.length)
      throw new RangeError(`This array has ${this.length} items; there is none at ${String(index)}.`);
    this.#items[place] = item;
  }

  slice(start?: number, end?: number): T[] {
    return [...this.#items.slice(start, end)];
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.#items[index] as T;
  }
}
