/**
 * How long to look for something before going to sleep.
 *
 * How it works  Being woken across cores costs some fifty microseconds; looking costs the core, which is cheaper while what one
 *               looks for comes soon, and worse than nothing while the one that is to bring it waits for that very core. So:
 *               a look that found something sets the budget to the most, one in vain halves it down to nothing, and every so
 *               often a full one is tried again. With one core there is nobody to look for.
 *               Two that wait for each other in turn can come to share a core while another one is idle: whoever is woken is put where
 *               its waker runs, which then looks in vain, for ever after. The system moves one of them when it sees two at work on one
 *               core for some milliseconds. So whoever sleeps often, and each time for a moment only, looks now and then for that long.
 * Source        Adaptive mutexes: spin while the holder is likely to be quick (Solaris, glibc, `parking_lot`).
 * @module
 */

/** Longest look, milliseconds, unless said otherwise. Less than a wake-up costs, so that looking in vain never doubles a wait. */
const MOST_MS = 0.03;
/** Looks shorter than this, milliseconds, are not begun. */
const LEAST_MS = 0.002;
/** Looks in vain after which a full one is tried. */
const TRY_EVERY = 32;

/** A sleep of fewer milliseconds was a moment only. */
const MOMENT_MS = 0.2;
/** Such sleeps, one after another, after which one looks long. */
const MOMENTS = 64;
/** A long look, milliseconds: a few ticks of the system's clock. */
const LONG_MS = 10;
/**
 * Milliseconds between two long looks: a thirtieth of a core at most. With a second between them half of the pairs that were measured
 * had not come apart after a second; with this, eight of eight had, and a round trip took 1 to 6 microseconds instead of 70.
 */
const LONG_EVERY = 300;

/** Learns whether looking pays. */
export class Patience {
  readonly #worthwhile: boolean;
  readonly #most: number;
  #budget: number;
  #vain = 0;
  #moments = 0;
  #looksLongAt = 0;

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
    if (!this.#worthwhile) return 0;
    return this.#moments >= MOMENTS && this.#mayLookLong() ? LONG_MS : this.#budget;
  }

  #mayLookLong(): boolean {
    this.#moments = 0;
    const now = performance.now();
    if (now < this.#looksLongAt) return false;
    this.#looksLongAt = now + LONG_EVERY;
    return true;
  }

  /** What was looked for in vain has come, after so many milliseconds of sleep. */
  slept(milliseconds: number): void {
    this.#moments = milliseconds < MOMENT_MS ? this.#moments + 1 : 0;
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
