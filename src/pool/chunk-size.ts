/**
 * How many items go into one chunk, and how many chunks wait for a worker.
 *
 * How it works  A chunk should take about two milliseconds: long enough that the way there and back costs nothing, short
 *               enough that progress flows and the workers end together. The time of an item is learnt from the chunks that
 *               have come back, the first of which hold one item. When the number of items is known, a chunk is never more
 *               than its share of what is left, so the last ones are small.
 *               Where workers keep all cores busy, the thread that supplies them gets a core only now and then: chunks wait
 *               for each worker that give it enough to do meanwhile, eight of quick ones, two of long ones.
 * Source        Guided self-scheduling (Polychronopoulos and Kuck, 1987), bounded by measured time.
 * @module
 */

/** Microseconds that a chunk should take. */
const TARGET_US = 2000;
/** Most items in a chunk. */
const MOST = 16_384;
/** A chunk is at most this many times as long as the last measured one. */
const GROWTH = 16;
/** Microseconds of work that should wait for a worker, in so many chunks. */
const WAITING_US = 16_000;
const LEAST_WAITING = 2;
const MOST_WAITING = 8;

/** Chooses chunk sizes while a map runs. */
export class ChunkSize {
  readonly #fixed: number | undefined;
  #next = 1;
  #waiting = LEAST_WAITING;

  constructor(fixed: number | undefined) {
    this.#fixed = fixed;
  }

  /** Chunks in flight for each worker, besides those that it can have under way. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Items for the next chunk, given how many are left. @param places chunks that can be under way at once */
  next(remaining: number | undefined, places: number): number {
    if (this.#fixed !== undefined) return this.#fixed;
    if (remaining === undefined) return this.#next;
    return Math.max(1, Math.min(this.#next, Math.ceil(remaining / (2 * places))));
  }

  /** A chunk of `items` took so many microseconds. */
  measured(items: number, microseconds: number): void {
    this.#waiting = Math.max(LEAST_WAITING, Math.min(MOST_WAITING, Math.ceil(WAITING_US / microseconds)));
    if (this.#fixed !== undefined) return;
    const wanted = microseconds === 0 ? MOST : Math.round((TARGET_US * items) / microseconds);
    this.#next = Math.max(1, Math.min(wanted, items * GROWTH, MOST));
  }
}
