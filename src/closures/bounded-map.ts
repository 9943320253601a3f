/**
 * A cache of limited size that forgets what was put in first.
 *
 * Used where the right answer can always be had again, only slower.
 * @module
 */

/** A map of at most `limit` entries. */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (this.#map.size >= this.#limit && !this.#map.has(key)) {
      const [oldest] = this.#map.keys();
      this.#map.delete(oldest as K);
    }
    this.#map.set(key, value);
  }

  getOrMake(key: K, make: () => V): V {
    const known = this.#map.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.set(key, made);
    return made;
  }
}
