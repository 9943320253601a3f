/**
 * How many values of which size there were, in little memory: enough for percentiles.
 *
 * How it works  A value is counted in one of the buckets that its power of two is cut into; a percentile is the upper edge of the bucket where
 *               it lies, so it is at most an eighth too large.
 * Source        The idea of HdrHistogram, with three bits.
 * @module
 */

/** Parts of one power of two. */
const PARTS = 8;
/** The smallest value that is told from nothing, milliseconds. */
const LEAST = 2 ** -12;

/** Values in short; milliseconds. */
export interface SpreadFigures {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts values. */
export class Spread {
  readonly #counts: number[] = [];
  #count = 0;
  #sum = 0;
  #max = 0;

  add(value: number): void {
    const bucket = value <= LEAST ? 0 : Math.ceil(Math.log2(value / LEAST) * PARTS);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += value;
    this.#max = Math.max(this.#max, value);
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  figures(): SpreadFigures {
    const count = this.#count;
    const mean = count === 0 ? 0 : this.#sum / count;
    return { count, mean, p50: this.#below(0.5), p90: this.#below(0.9), p99: this.#below(0.99), max: this.#max };
  }

  #below(share: number): number {
    let left = share * this.#count;
    for (const [bucket, count = 0] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return Math.min(this.#max, LEAST * 2 ** (bucket / PARTS));
    }
    return 0;
  }
}
