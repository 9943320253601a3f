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
  readonly #places: () => number;
  #limit = 0;

  /** @param places  tasks that the workers can run at once, by now */
  constructor(places: () => number) {
    this.#places = places;
  }

  get value(): number {
    return Math.floor(Math.max(this.#limit, this.#places()));
  }

  /** An answer has come, so many milliseconds after its input was sent. */
  answered(milliseconds: number): void {
    const places = this.#places();
    const limit = Math.max(places, this.#limit);
    if (milliseconds < QUICK) this.#limit = Math.min(places * MOST_A_PLACE, limit + 1);
    else if (milliseconds > SLOW) this.#limit = Math.max(places, limit * 0.75);
  }
}
