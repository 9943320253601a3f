/**
 * How many inputs to have at the workers at once: as few as keep them busy.
 *
 * How it works  It starts at one for each place that a worker has. While answers come faster than a worker could be handed the
 *               next input, the limit grows, so that short tasks travel in batches; when they take long, it shrinks back.
 * Why few       What is at the workers when the first Ctrl-C comes is waited for. With long tasks that must be those that run
 *               and no others; with short ones a few milliseconds' worth does not matter.
 * @module
 */

/** Answers faster than this, in milliseconds, raise the limit. */
const QUICK = 4;
/** Answers slower than this lower it. */
const SLOW = 12;
/** Most inputs for each place. */
const MOST_A_PLACE = 64;

/** A limit that follows how long tasks take. */
export class InFlightLimit {
  readonly #least: number;
  readonly #most: number;
  #limit: number;

  /** @param places  tasks that the workers can run at once */
  constructor(places: number) {
    this.#least = places;
    this.#most = places * MOST_A_PLACE;
    this.#limit = places;
  }

  get value(): number {
    return Math.floor(this.#limit);
  }

  /** An answer has come, so many milliseconds after its input was sent. */
  answered(milliseconds: number): void {
    if (milliseconds < QUICK) this.#limit = Math.min(this.#most, this.#limit + 1);
    else if (milliseconds > SLOW) this.#limit = Math.max(this.#least, this.#limit * 0.75);
  }
}
