/**
 * How many jobs are handed on beyond those that the workers can run at once.
 *
 * How it works  A job that has been handed on cannot be overtaken any more, so in principle none is handed on before there is a worker for
 *               it. But a worker that is done within microseconds would stand idle for the way there and back. So the time between two
 *               looks is divided by the tasks that ended in it, and as many are handed on as make up a millisecond of work: slow tasks, none.
 * Source        As in `window-dispatcher.ts`: credit-based flow control, with TCP's slow start.
 * @module
 */

/** Most jobs ahead. */
const MOST = 1024;
/** Milliseconds of work that may be ahead. */
const AHEAD_MS = 1;

/** Measures, and says how many. */
export class Lookahead {
  #ahead = 0;
  #lastLook = 0;
  #ended = 0;

  /** Jobs that may be handed on beyond what can run at once. */
  get ahead(): number {
    return this.#ahead;
  }

  /**
   * Whether it is too early to hand on more: tiny jobs go in batches, as workers that get them one by one fall asleep after each.
   *
   * @param room jobs that could be run at once, less those that have been handed on
   */
  mayWait(room: number): boolean {
    return room + this.#ahead < this.#ahead / 2;
  }

  /** A job has ended. */
  ended(): void {
    this.#ended += 1;
  }

  /** Takes in what has ended since the last look. */
  look(now: number): void {
    if (this.#ended === 0) return;
    const each = Math.max(0.0005, (now - this.#lastLook) / this.#ended);
    this.#ahead = Math.min(MOST, this.#ahead * 2 + 1, Math.floor(AHEAD_MS / each));
    this.#ended = 0;
    this.#lastLook = now;
  }

  /** Work begins after a time without any. */
  start(now: number): void {
    this.#lastLook = now;
    this.#ended = 0;
  }
}
