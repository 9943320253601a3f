/**
 * A managed dict: a map that lives in its manager.
 * @module
 */

/**
 * A map, for proxies: `await manager.dict()`.
 *
 * **Python** `SyncManager.dict`. Differences: iterating gives entries, as a `Map` does, goes on where it is while others change the dict, and
 * meets what they add; what is missing is undefined.
 *
 * **Gotchas** Keys are compared as a `Map` compares them, so texts and numbers make good ones: an object that was sent is never the same.
 */
export class Dict<K, V> implements Iterable<[K, V]> {
  readonly #map: Map<K, V>;

  constructor(entries: Iterable<readonly [K, V]> = []) {
    this.#map = new Map(entries);
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  /** What is there; `value`, which is then there, if nothing was. One step, whoever else calls. */
  setDefault(key: K, value: V): V | undefined {
    if (!this.#map.has(key)) this.#map.set(key, value);
    return this.#map.get(key);
  }

  /** Adds to a number, 0 when there is none. One step, whoever else calls. @returns the sum */
  increment(key: K, by = 1): number {
    const old = this.#map.get(key) ?? 0;
    if (typeof old !== 'number') throw new TypeError(`increment() adds to numbers; under this key is a ${typeof old}.`);
    const sum = old + by;
    this.#map.set(key, sum as V);
    return sum;
  }

  /** Whether there was anything. */
  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  /** Takes a value out; `otherwise` when there is none. */
  pop(key: K, otherwise?: V): V | undefined {
    if (!this.#map.has(key)) return otherwise;
    const value = this.#map.get(key);
    this.#map.delete(key);
    return value;
  }

  /** Takes the newest entry out; undefined when there is none. */
  popItem(): [K, V] | undefined {
    const last = [...this.#map].at(-1);
    if (last !== undefined) this.#map.delete(last[0]);
    return last;
  }

  clear(): void {
    this.#map.clear();
  }

  /** Sets several. @returns the dict itself */
  update(entries: Iterable<readonly [K, V]>): this {
    for (const [key, value] of entries) this.#map.set(key, value);
    return this;
  }

  keys(): K[] {
    return [...this.#map.keys()];
  }

  values(): V[] {
    return [...this.#map.values()];
  }

  entries(): [K, V][] {
    return [...this.#map];
  }

  /** The keys, newest first. */
  reversed(): K[] {
    return this.keys().toReversed();
  }

  /** A plain map with the same entries. */
  copy(): Map<K, V> {
    return new Map(this.#map);
  }

  /** A plain map with these entries as well. */
  merged(entries: Iterable<readonly [K, V]>): Map<K, V> {
    return new Map([...this.#map, ...entries]);
  }

  [Symbol.iterator](): Iterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }
}
