/**
 * A managed set: it lives in its manager.
 * @module
 */

/**
 * A set, for proxies: `await manager.set()`.
 *
 * **Python** `SyncManager.set` (3.14). What changes the set returns the set itself, what combines it with another gives a plain one.
 *
 * **Gotchas** Items are compared as a `Set` compares them: texts and numbers, say. The other one is data, not a proxy: `await other.copy()`.
 */
export class ManagedSet<T> implements Iterable<T> {
  readonly #set: Set<T>;

  constructor(items: Iterable<T> = []) {
    this.#set = new Set(items);
  }

  get size(): number {
    return this.#set.size;
  }

  has(item: T): boolean {
    return this.#set.has(item);
  }

  add(item: T): void {
    this.#set.add(item);
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    return this.#set.delete(item);
  }

  /** Takes an item out, the oldest; undefined when there is none. */
  pop(): T | undefined {
    const [first] = this.#set;
    this.#set.delete(first as T);
    return first;
  }

  clear(): void {
    this.#set.clear();
  }

  values(): T[] {
    return [...this.#set];
  }

  copy(): Set<T> {
    return new Set(this.#set);
  }

  union(other: Iterable<T>): Set<T> {
    return this.#set.union(new Set(other));
  }

  intersection(other: Iterable<T>): Set<T> {
    return this.#set.intersection(new Set(other));
  }

  difference(other: Iterable<T>): Set<T> {
    return this.#set.difference(new Set(other));
  }

  symmetricDifference(other: Iterable<T>): Set<T> {
    return this.#set.symmetricDifference(new Set(other));
  }

  /** Adds all. @returns the set itself */
  update(other: Iterable<T>): this {
    for (const item of other) this.#set.add(item);
    return this;
  }

  /** Keeps what is in the other one as well. @returns the set itself */
  keep(other: Iterable<T>): this {
    return this.#become(this.intersection(other));
  }

  /** Takes out what is in the other one. @returns the set itself */
  remove(other: Iterable<T>): this {
    return this.#become(this.difference(other));
  }

  /** Has what one of the two has. @returns the set itself */
  toggle(other: Iterable<T>): this {
    return this.#become(this.symmetricDifference(other));
  }

  equals(other: Iterable<T>): boolean {
    return this.#set.symmetricDifference(new Set(other)).size === 0;
  }

  isSubsetOf(other: Iterable<T>): boolean {
    return this.#set.isSubsetOf(new Set(other));
  }

  isSupersetOf(other: Iterable<T>): boolean {
    return this.#set.isSupersetOf(new Set(other));
  }

  isDisjointFrom(other: Iterable<T>): boolean {
    return this.#set.isDisjointFrom(new Set(other));
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#set[Symbol.iterator]();
  }

  #become(items: ReadonlySet<T>): this {
    this.#set.clear();
    return this.update(items);
  }
}
