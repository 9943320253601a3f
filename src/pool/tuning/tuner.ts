/**
 * Finds how many workers, and how many tasks on each, get most done, while the pool works.
 *
 * How it works  In each window it is seen what the tasks did. Those that compute want one worker a core and one task each. Those that await want more
 *               tasks on each worker, those that block want more workers: how many, a search finds out. Then the pool is settled.
 * Steady        A settled pool stays as it is, until its tasks are of another kind, or its throughput is another one by half, for several windows in a
 *               row; and the next trial comes later each time it was in vain. So it cannot swing to and fro.
 * Invariants    Windows in which the pool was not busy say nothing, but of a step that may have made more places than there are tasks. The first window
 *               after a step is not counted: its tasks began before.
 * @module
 */
import { firstOf } from './first.ts';
import { Search, type Tuning, type TuningBounds } from './search.ts';

/** What was seen in a window. */
export interface WindowFigures {
  /** Milliseconds. */
  readonly span: number;
  /** Tasks, or items of chunks, a second. */
  readonly rate: number;
  /** Shares of the tasks' time. */
  readonly awaiting: number;
  readonly blocked: number;
}

/** A change of how the pool runs, and why. */
export interface TuningStep extends Tuning {
  /** Milliseconds since the pool was made. */
  readonly at: number;
  /** Tasks a second before. */
  readonly rate: number;
  readonly why: string;
}

type Want = 'cores' | 'tasks' | 'workers';

/** Share of a task's time that says what it wants more of. */
const MUCH = 0.5;
/** Milliseconds of windows whose mean is compared. */
const LONG_ENOUGH = 300;
/** So many in which tasks did not fill what a step has made are enough to judge it. */
const UNFILLED = 600;
/** So many windows in a row have to differ before a settled pool tries again. */
const DIFFERENT = 3;
/** Throughput differs when it is so many times more, or less. */
const OTHER = 1.5;
/** Windows between two trials, at first; twice as many each time that one was in vain. */
const PATIENCE = 20;
const MOST_PATIENCE = 5000;
/** Steps that are remembered. */
const MOST_STEPS = 50;

/** Decides. */
export class Tuner {
  readonly #bounds: TuningBounds;
  #now: Tuning;
  #want: Want | undefined;
  #search: Search | undefined;
  /** Tasks a second; undefined: a search goes on, or nothing was seen yet. */
  #settledAt: number | undefined;
  #skip = false;
  /** Of the windows since the last step: those in which tasks filled all places, and those in which they did not. */
  readonly #filled = new Mean();
  readonly #unfilled = new Mean();
  #different = 0;
  #patience = PATIENCE;
  #rest = 0;
  readonly #steps: TuningStep[] = [];
  readonly #made: number;

  /** @param made when the pool was */
  constructor(bounds: TuningBounds, made = performance.now()) {
    this.#bounds = bounds;
    this.#now = firstOf(bounds);
    this.#made = made;
  }

  get now(): Tuning {
    return this.#now;
  }

  get settled(): boolean {
    return this.#settledAt !== undefined;
  }

  /** The latest steps, the first one first. */
  get steps(): readonly TuningStep[] {
    return [...this.#steps];
  }

  /** A window has passed. @param filled tasks filled all places */
  look(figures: WindowFigures, filled: boolean): void {
    if (this.#skip) this.#skip = false;
    else if (filled) this.#lookFilled(figures);
    else if (this.#search !== undefined) this.#lookUnfilled(figures, this.#search);
  }

  #lookFilled(figures: WindowFigures): void {
    this.#filled.add(figures);
    if (this.#filled.span < LONG_ENOUGH && this.#settledAt === undefined) return;
    const { rate } = this.#filled;
    this.#filled.clear();
    const want = wantsOf(figures);
    if (this.#search !== undefined) this.#judge(this.#search, rate, want, true);
    else if (this.#settledAt === undefined || this.#isOther(this.#settledAt, rate, want)) this.#begin(rate, want);
  }

  #lookUnfilled(figures: WindowFigures, search: Search): void {
    this.#unfilled.add(figures);
    if (this.#unfilled.span >= UNFILLED) this.#judge(search, this.#unfilled.rate, wantsOf(figures), false);
  }

  /** Whether a settled pool had better try again. */
  #isOther(settledAt: number, rate: number, want: Want): boolean {
    this.#rest += 1;
    const differs = want !== this.#want || rate > settledAt * OTHER || rate < settledAt / OTHER;
    this.#different = differs ? this.#different + 1 : 0;
    return this.#different >= DIFFERENT && (want !== this.#want || this.#rest >= this.#patience);
  }

  #begin(rate: number, want: Want): void {
    this.#want = want;
    this.#different = 0;
    this.#rest = 0;
    this.#settledAt = rate;
    if (want === 'cores') {
      const plain = firstOf(this.#bounds);
      if (this.#now.workers !== plain.workers || this.#now.tasksPerWorker !== 1) {
        this.#step(plain, rate, 'the tasks compute: one worker a core, one task each');
      }
      return;
    }
    const search = new Search(this.#bounds, want, this.#now, rate, (...step) => this.#step(...step));
    if (!search.begin()) return;
    this.#search = search;
    this.#settledAt = undefined;
  }

  /** The last step has been seen for long enough. */
  #judge(search: Search, rate: number, want: Want, filled: boolean): void {
    if (search.judge(rate, filled, want === this.#want)) return;
    this.#search = undefined;
    this.#settledAt = search.rate;
    this.#patience = search.hasRisen ? PATIENCE : Math.min(this.#patience * 2, MOST_PATIENCE);
    this.#rest = 0;
  }

  #step(tuning: Tuning, rate: number, why: string): void {
    this.#now = tuning;
    this.#skip = true;
    this.#filled.clear();
    this.#unfilled.clear();
    this.#steps.push({ ...tuning, at: performance.now() - this.#made, rate, why });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }
}

const wantsOf = ({ awaiting, blocked }: WindowFigures): Want =>
  awaiting > MUCH ? 'tasks' : blocked > MUCH ? 'workers' : 'cores';

/** Of windows one after another. */
class Mean {
  #count = 0;
  span = 0;

  /** Tasks a second. */
  get rate(): number {
    return this.#count / this.span;
  }

  add({ span, rate }: WindowFigures): void {
    this.span += span;
    this.#count += rate * span;
  }

  clear(): void {
    this.span = 0;
    this.#count = 0;
  }
}
