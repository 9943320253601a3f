/**
 * Random bytes and choices that come again for the same seed.
 * @module
 */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** From 0 on, below 1. (mulberry32) */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below that one. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }

  /** The bytes, damaged in one way or another. */
  damaged(bytes: Buffer): Buffer {
    const copy = Buffer.from(bytes);
    switch (this.below(6)) {
      case 0: // bits
        for (let left = 1 + this.below(4); left > 0 && copy.length > 0; left--) {
          const at = this.below(copy.length);
          copy[at] = (copy[at] as number) ^ (1 << this.below(8));
        }
        return copy;
      case 1: // cut off
        return copy.subarray(0, this.below(copy.length));
      case 2: // a byte that means something
        if (copy.length > 0) copy[this.below(copy.length)] = this.pick([0, 1, 12, 16, 18, 22, 23, 25, 127, 255]);
        return copy;
      case 3: // a large length
        if (copy.length > 4)
          copy.writeUInt32LE(this.pick([0xffffffff, 0x7fffffff, 0x00ffffff, copy.length]), this.below(copy.length - 4));
        return copy;
      case 4: // something in between
        return Buffer.concat([
          copy.subarray(0, this.below(copy.length)),
          this.bytes(this.below(20)),
          copy.subarray(this.below(copy.length)),
        ]);
      default: // nothing but noise
        return this.bytes(this.below(200));
    }
  }
}
