/**
 * How many jobs are handed on beyond those that the workers can run at once.
 *
 * How it works  A job that has been handed on cannot be overtaken any more, so in principle none is handed on before there is a worker for
 *               it. But a worker that is done within microseconds would stand idle for the way there and back. So the time between two
 *               looks is divided by the tasks that ended in it, and as many are handed on as make up a millisecond of work: slow tasks, none.
 *               And only tasks of functions that have proved to be quick: whatever has been quick up to now, the next one may take an hour.
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
  /** Functions whose tasks were quick when they were last looked at. */
  readonly #quick = new Set<number>();
  /** Functions whose tasks have ended since the last look, and the last of them. */
  readonly #seen = new Set<number>();
  #last = 0;

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

  /** Whether tasks of a function may be handed on before a worker is free. */
  covers(fn: number): boolean {
    return this.#ahead > 0 && this.#quick.has(fn);
  }

  /** A task of a function has ended; 0: of one that has no number. */
  ended(fn: number): void {
    this.#ended += 1;
    if (fn === this.#last) return;
    this.#last = fn;
    if (fn > 0) this.#seen.add(fn);
  }

  /** Takes in what has ended since the last look. */
  look(now: number): void {
    if (this.#ended === 0) return;
    const each = Math.max(0.0005, (now - this.#lastLook) / this.#ended);
    this.#ahead = Math.min(MOST, this.#ahead * 2 + 1, Math.floor(AHEAD_MS / each));
    for (const fn of this.#seen) {
      if (this.#ahead > 0) this.#quick.add(fn);
      else this.#quick.delete(fn);
    }
    this.start(now);
  }

  /** Work begins after a time without any. */
  start(now: number): void {
    this.#lastLook = now;
    this.#ended = 0;
    this.#last = 0;
    this.#seen.clear();
  }
}
