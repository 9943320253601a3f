/**
 * A first-in, first-out allocator over one stretch of bytes, owned by one thread.
 *
 * How it works  Blocks are cut from the front of the free part and given back in the order in which they were cut, so the
 *               free part is one stretch that may wrap. There is nothing to search and nothing can fragment. A block never
 *               wraps: when the rest of the stretch is too short, the rest is left unused until it is passed.
 * Layout        [ … free | oldest block … newest block | free … ]
 * Invariants    1. `start` is where the oldest block begins, `end` where the next may begin.
 *               2. Empty means `used === 0`, and then the next block begins at 0, so that a quiet arena stays in cache.
 * When it dies  Only its owner changes it; readers of a block learn its offset from somewhere else.
 * Source        The bip buffer (Simon Cooke, 2003), less its reservations.
 * @module
 */

/** Offsets are multiples of this. */
const ALIGN = 8;

/** A first-in, first-out allocator of byte ranges. */
export class Arena {
  readonly #base: number;
  readonly #capacity: number;
  /** Length of each block, unused tail included, oldest first. */
  readonly #blocks: number[] = [];
  #oldest = 0;
  #start = 0;
  #end = 0;
  #used = 0;

  /**
   * @param base first byte of the stretch
   * @param capacity its length in bytes
   */
  constructor(base: number, capacity: number) {
    this.#base = base;
    this.#capacity = capacity;
  }

  /** Bytes that one block may have right now; cut it with `take`. */
  room(): number {
    if (this.#used === 0) return this.#capacity;
    if (this.#end <= this.#start) return this.#start - this.#end;
    return Math.max(this.#capacity - this.#end, this.#start);
  }

  /**
   * Where a block of at least `bytes` may begin, or -1 when it does not fit now. Nothing is taken yet: write first, then
   * `take` what was written.
   */
  reserve(bytes: number): number {
    if (this.#used === 0) {
      this.#start = 0;
      this.#end = 0;
      return bytes <= this.#capacity ? this.#base : -1;
    }
    if (this.#end > this.#start) {
      if (this.#capacity - this.#end >= bytes) return this.#base + this.#end;
      return bytes <= this.#start ? this.#base : -1;
    }
    return this.#start - this.#end >= bytes ? this.#base + this.#end : -1;
  }

  /** Takes the block at `offset`, which `reserve` returned. */
  take(offset: number, bytes: number): void {
    const length = Math.ceil(bytes / ALIGN) * ALIGN;
    const begin = offset - this.#base;
    const skipped = begin === this.#end ? 0 : this.#capacity - this.#end;
    this.#blocks.push(skipped + length);
    this.#used += skipped + length;
    this.#end = begin + length;
  }

  /** Gives back the oldest block. */
  release(): void {
    const length = this.#blocks[this.#oldest];
    if (length === undefined) throw new RangeError('The arena holds no block to release.');
    this.#oldest += 1;
    if (this.#oldest > 512 && this.#oldest * 2 > this.#blocks.length) {
      this.#blocks.splice(0, this.#oldest);
      this.#oldest = 0;
    }
    this.#used -= length;
    this.#start += length;
    if (this.#start >= this.#capacity) this.#start -= this.#capacity;
  }
}
