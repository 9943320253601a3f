/**
 * At most so many starts within any span of time.
 *
 * How it works  The times of the last `limit` starts are kept; one more may start when the oldest of them is `interval` ago. So the limit
 *               holds for every span, not only on the average, as with a bucket of tokens, or between ticks of a clock.
 * Source        The sliding log of rate limiters.
 * @module
 */
import { InvalidOptionError } from '../../errors/executor-errors.ts';
import { counting, duration, inWords } from '../checks.ts';

/** So many tasks may start in any span of so many milliseconds. */
export interface RateOptions {
  /** Starts at most; a whole number of at least 1. */
  readonly limit: number;
  /** Milliseconds. */
  readonly interval: number;
}

/** Counts starts. */
export class Rate {
  readonly #limit: number;
  readonly #interval: number;
  readonly #starts: number[] = [];
  #oldest = 0;

  constructor({ limit, interval }: RateOptions) {
    this.#limit = limit;
    this.#interval = interval;
  }

  /** From when on one more may start, on the clock of `performance.now()`. */
  get readyAt(): number {
    return this.#starts.length < this.#limit ? 0 : (this.#starts[this.#oldest] as number) + this.#interval;
  }

  /** Counts a start. */
  take(now: number): void {
    if (this.#starts.length < this.#limit) {
      this.#starts.push(now);
    } else {
      this.#starts[this.#oldest] = now;
      this.#oldest = (this.#oldest + 1) % this.#limit;
    }
  }

  /** Whether nothing that was counted matters any more. */
  isOver(now: number): boolean {
    if (this.#starts.length === 0) return true;
    const last = this.#starts.length < this.#limit ? this.#starts.length - 1 : this.#oldest + this.#limit - 1;
    return (this.#starts[last % this.#limit] as number) + this.#interval <= now;
  }
}

/** Checks so many in an interval. */
export function rateOf(value: RateOptions, name: string): RateOptions {
  if (typeof value !== 'object' || value === null) {
    throw new InvalidOptionError(`${name} must be { limit, interval }, not ${inWords(value)}.`);
  }
  return { limit: counting(value.limit, `${name}.limit`), interval: duration(value.interval, `${name}.interval`) };
}
