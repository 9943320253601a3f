/**
 * How long to look for something before going to sleep.
 *
 * How it works  Being woken across cores costs some fifty microseconds, looking costs the core. So look for as long as it has
 *               paid lately: a sleep that ended within the longest look would have been worth looking through, and sets the
 *               budget to the most; one that lasted longer halves it. With one core there is nobody to look for.
 * Source        Adaptive mutexes: spin while the holder is likely to be quick (Solaris, glibc, `parking_lot`).
 * @module
 */

/** Longest look, milliseconds. */
const MOST_MS = 0.2;
/** Shortest look, milliseconds, so that a change of pace is noticed. */
const LEAST_MS = 0.01;

/** Learns how long looking pays. */
export class Patience {
  readonly #worthwhile: boolean;
  #budget = MOST_MS;
  #asleepSince = Infinity;

  /** @param cores that this program may use */
  constructor(cores: number) {
    this.#worthwhile = cores > 1;
  }

  /** Milliseconds to look for, from now. */
  get budget(): number {
    return this.#worthwhile ? this.#budget : 0;
  }

  /** Going to sleep. */
  sleeps(now: number): void {
    this.#asleepSince = now;
  }

  /** Woken for something that had to be done. Without effect on one that was not asleep. */
  woken(now: number): void {
    if (this.#asleepSince === Infinity) return;
    this.#budget = now - this.#asleepSince < MOST_MS ? MOST_MS : Math.max(LEAST_MS, this.#budget / 2);
    this.#asleepSince = Infinity;
  }
}
