/**
 * How long to look for something before going to sleep.
 *
 * How it works  Being woken across cores costs some fifty microseconds; looking costs the core, which is cheaper while what one
 *               looks for comes soon, and worse than nothing while the one that is to bring it waits for that very core. So:
 *               a look that found something sets the budget to the most, one in vain halves it down to nothing, and every so
 *               often a full one is tried again. With one core there is nobody to look for.
 * Source        Adaptive mutexes: spin while the holder is likely to be quick (Solaris, glibc, `parking_lot`).
 * @module
 */

/** Longest look, milliseconds, unless said otherwise. Less than a wake-up costs, so that looking in vain never doubles a wait. */
const MOST_MS = 0.03;
/** Looks shorter than this, milliseconds, are not begun. */
const LEAST_MS = 0.002;
/** Looks in vain after which a full one is tried. */
const TRY_EVERY = 32;

/** Learns whether looking pays. */
export class Patience {
  readonly #worthwhile: boolean;
  readonly #most: number;
  #budget: number;
  #vain = 0;

  /**
   * @param cores that this program may use
   * @param most longest look, milliseconds
   */
  constructor(cores: number, most: number = MOST_MS) {
    this.#worthwhile = cores > 1;
    this.#most = most;
    this.#budget = most;
  }

  /** Milliseconds to look for, from now. */
  get budget(): number {
    return this.#worthwhile ? this.#budget : 0;
  }

  /** A look has found something. */
  paid(): void {
    this.#budget = this.#most;
    this.#vain = 0;
  }

  /** A look has found nothing. */
  wasInVain(): void {
    this.#vain += 1;
    const less = this.#budget / 2;
    this.#budget = this.#vain % TRY_EVERY === 0 ? this.#most : less < LEAST_MS ? 0 : less;
  }
}
