/**
 * The inputs of a trial: a sample that is gone through again and again, and a count of the calls that are left.
 * @module
 */

/** Inputs that are kept. */
const MOST_KEPT = 10_000;

/** Gives inputs for calls, no more than there may be. */
export class TrialInputs<I> {
  readonly #kept: readonly I[];
  readonly #limit: number;
  #next = 0;
  #calls = 0;

  constructor(inputs: Iterable<I>, limit: number) {
    const kept: I[] = [];
    for (const input of inputs) {
      kept.push(input);
      if (kept.length === MOST_KEPT) break;
    }
    this.#kept = kept;
    this.#limit = limit;
  }

  /** Different ones. */
  get size(): number {
    return this.#kept.length;
  }

  get first(): I {
    return this.#kept[0] as I;
  }

  /** Calls for which inputs have been given. */
  get calls(): number {
    return this.#calls;
  }

  /** Calls that may still be made. */
  get left(): number {
    return this.#limit - this.#calls;
  }

  /** The next inputs, fewer when not so many calls are left. */
  take(count: number): I[] {
    const taken: I[] = [];
    const most = Math.min(count, this.left);
    for (let n = 0; n < most; n++) {
      taken.push(this.#kept[this.#next] as I);
      this.#next = (this.#next + 1) % this.#kept.length;
    }
    this.#calls += most;
    return taken;
  }
}
