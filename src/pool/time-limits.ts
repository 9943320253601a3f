/**
 * Time limits of tasks that run: one timer for all that have the same.
 *
 * How it works  Limits of one length are over in the order in which they began, so they stand in a line, and a timer runs for the first.
 *               Most are taken back long before: that is a mark on the entry, and entries with a mark leave when they are first, or when they
 *               are more than half of the line.
 * At rest       No timer: it goes with the last limit.
 * @module
 */
import { setTimer, type Timer } from '../memory/timer.ts';

/** One limit. */
export class TimeLimit {
  readonly at: number;
  /** Called when the time is over; undefined once that was, or it was taken back. */
  onOver: (() => void) | undefined;
  readonly #line: Line;

  constructor(at: number, onOver: () => void, line: Line) {
    this.at = at;
    this.onOver = onOver;
    this.#line = line;
  }

  cancel(): void {
    if (this.onOver === undefined) return;
    this.onOver = undefined;
    this.#line.onCancel();
  }
}

/** Limits of one length. */
class Line {
  readonly #length: number;
  readonly #onEmpty: () => void;
  #limits: TimeLimit[] = [];
  #first = 0;
  #active = 0;
  #timer: Timer | undefined;

  constructor(length: number, onEmpty: () => void) {
    this.#length = length;
    this.#onEmpty = onEmpty;
  }

  add(onOver: () => void): TimeLimit {
    const limit = new TimeLimit(performance.now() + this.#length, onOver, this);
    this.#limits.push(limit);
    this.#active += 1;
    this.#timer ??= setTimer(this.#length, this.#onTime);
    return limit;
  }

  onCancel(): void {
    this.#active -= 1;
    if (this.#active === 0) {
      this.#timer?.cancel();
      this.#onEmpty();
    } else if (this.#limits.length - this.#first > 2 * this.#active + 64) {
      this.#limits = this.#limits.filter(({ onOver }) => onOver !== undefined);
      this.#first = 0;
    }
  }

  /** What has come while this thread did something else is heard before: an answer that is here in time is not late. */
  readonly #onTime = (): void => void setImmediate(this.#onTurn);

  readonly #onTurn = (): void => {
    if (this.#active === 0) return;
    const now = performance.now();
    let first = this.#limits[this.#first];
    while (first !== undefined && (first.onOver === undefined || first.at <= now)) {
      this.#first += 1;
      const { onOver } = first;
      first.onOver = undefined;
      if (onOver !== undefined) {
        this.#active -= 1;
        onOver();
      }
      first = this.#limits[this.#first];
    }
    if (this.#active === 0) this.#onEmpty();
    else this.#timer = setTimer(Math.max(1, Math.ceil((first as TimeLimit).at - now)), this.#onTime);
  };
}

/** All limits of one pool. */
export class TimeLimits {
  readonly #lines = new Map<number, Line>();

  /** Calls back after so many milliseconds, unless it is taken back before. */
  add(milliseconds: number, onOver: () => void): TimeLimit {
    let line = this.#lines.get(milliseconds);
    if (line === undefined) {
      line = new Line(milliseconds, () => this.#lines.delete(milliseconds));
      this.#lines.set(milliseconds, line);
    }
    return line.add(onOver);
  }
}
