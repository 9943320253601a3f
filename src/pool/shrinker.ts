/**
 * Ends workers that were not needed for a while.
 *
 * How it works  Notes the most tasks that were out at once. When the time is over there were workers enough for those, and any more have
 *               stood idle: they end, and the count begins anew.
 * At rest       The timer runs only while there are more workers than are kept, and does not keep the program alive.
 * @module
 */

/** Whoever has the workers. */
export interface Shrinkable {
  readonly outstanding: number;
  /** Ends workers until so many are left; returns whether there are more left than are kept in any case. */
  shrink(needed: number): boolean;
}

/** Counts, and ends. */
export class Shrinker {
  readonly #timeout: number;
  readonly #pool: Shrinkable;
  #most = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeout: number, pool: Shrinkable) {
    this.#timeout = timeout;
    this.#pool = pool;
  }

  /** Another task is out. */
  note(): void {
    this.#most = Math.max(this.#most, this.#pool.outstanding);
    this.#timer ??= this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      const needed = this.#most;
      this.#most = this.#pool.outstanding;
      this.#timer = this.#pool.shrink(needed) || this.#most > 0 ? this.#start() : undefined;
    }, this.#timeout).unref();
  }
}
