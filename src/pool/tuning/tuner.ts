/**
 * Finds how many workers, and how many tasks on each, get most done, while the pool works.
 *
 * How it works  In each window it is seen what the tasks did. Those that compute want one worker a core and one task each; those that await want more
 *               tasks on each worker; those that block want more workers. Workers are doubled, tasks made four times as many, as long as that brings a
 *               twentieth more. When it does not, the step is taken back, a smaller one is tried if there is one, and the pool is settled.
 * Steady        A settled pool stays as it is, until its tasks are of another kind, or its throughput is another one by half, for several windows in a
 *               row; and the next trial comes later each time it was in vain. So it cannot swing to and fro.
 * Invariants    Windows in which the pool was not busy say nothing. The first one after a step is not counted: its tasks began before.
 * @module
 */

/** What was seen in a window. */
export interface WindowFigures {
  /** Tasks a second. */
  readonly rate: number;
  /** Shares of the tasks' time. */
  readonly awaiting: number;
  readonly blocked: number;
}

/** How the pool runs. */
export interface Tuning {
  readonly workers: number;
  readonly tasksPerWorker: number;
}

/** A change of it, and why. */
export interface TuningStep extends Tuning {
  /** Milliseconds since the pool was made. */
  readonly at: number;
  /** Tasks a second before. */
  readonly rate: number;
  readonly why: string;
}

/** What there may be at most. */
export interface TuningBounds {
  /** Workers for tasks that compute, and at first. */
  readonly cores: number;
  readonly workers: number;
  readonly tasksPerWorker: number;
}

type Want = 'cores' | 'tasks' | 'workers';

/** Share of a task's time that says what it wants more of. */
const MUCH = 0.5;
/** A step has to bring so much more. */
const GAIN = 1.05;
/** Windows whose mean is compared. */
const WINDOWS = 3;
/** Times as many tasks on a worker: a large step first. */
const LARGE = 4;
const SMALL = 2;
/** So many windows in a row have to differ before a settled pool tries again. */
const DIFFERENT = 3;
/** Throughput differs when it is so many times more, or less. */
export const OTHER = 1.5;
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
  /** What the last step is compared with; undefined: settled, or never begun. */
  #base: { readonly tuning: Tuning; readonly rate: number } | undefined;
  #settledAt: number | undefined;
  #skip = false;
  /** Of the windows since the last step. */
  readonly #rates: number[] = [];
  #factor = LARGE;
  #different = 0;
  #patience = PATIENCE;
  #rest = 0;
  readonly #steps: TuningStep[] = [];
  readonly #began = performance.now();

  constructor(bounds: TuningBounds) {
    this.#bounds = bounds;
    this.#now = { workers: Math.min(bounds.cores, bounds.workers), tasksPerWorker: 1 };
  }

  get now(): Tuning {
    return this.#now;
  }

  get settled(): boolean {
    return this.#settledAt !== undefined;
  }

  /** Settled, and what was seen last gives no reason to try again. */
  get calm(): boolean {
    return this.settled && this.#different === 0;
  }

  /** The latest steps, the first one first. */
  get steps(): readonly TuningStep[] {
    return [...this.#steps];
  }

  /** A window in which the pool was busy has passed; returns how it is to run from now on. */
  look(figures: WindowFigures): Tuning {
    if (this.#skip) {
      this.#skip = false;
      return this.#now;
    }
    this.#rates.push(figures.rate);
    if (this.#rates.length < WINDOWS && this.#settledAt === undefined) return this.#now;
    const rate = this.#rates.reduce((sum, each) => sum + each, 0) / this.#rates.length;
    this.#rates.length = 0;
    const want: Want = figures.awaiting > MUCH ? 'tasks' : figures.blocked > MUCH ? 'workers' : 'cores';
    if (this.#base !== undefined) this.#judge(this.#base, rate, want);
    else if (this.#settledAt === undefined || this.#isOther(this.#settledAt, rate, want)) this.#begin(rate, want);
    return this.#now;
  }

  /** Whether a settled pool had better try again. */
  #isOther(settledAt: number, rate: number, want: Want): boolean {
    this.#rest += 1;
    const differs = want !== this.#want || rate > settledAt * OTHER || rate < settledAt / OTHER;
    this.#different = differs ? this.#different + 1 : 0;
    return this.#different >= DIFFERENT && (want !== this.#want || this.#rest >= this.#patience);
  }

  #begin(rate: number, want: Want): void {
    const { cores, workers } = this.#bounds;
    this.#want = want;
    this.#different = 0;
    this.#rest = 0;
    const plain = { workers: Math.min(cores, workers), tasksPerWorker: 1 };
    const isPlain = this.#now.workers === plain.workers && this.#now.tasksPerWorker === 1;
    if (want === 'cores') {
      if (!isPlain) this.#step(plain, rate, 'the tasks compute: one worker a core, one task each');
      this.#settledAt = rate;
      return;
    }
    this.#factor = LARGE;
    if (!this.#climb(rate)) this.#settledAt = rate;
  }

  /** Makes more of what the tasks want more of; false when there may be no more. */
  #climb(rate: number): boolean {
    const { workers, tasksPerWorker } = this.#now;
    const next =
      this.#want === 'tasks'
        ? { workers, tasksPerWorker: Math.min(tasksPerWorker * this.#factor, this.#bounds.tasksPerWorker) }
        : { workers: Math.min(workers * SMALL, this.#bounds.workers), tasksPerWorker };
    if (next.workers === workers && next.tasksPerWorker === tasksPerWorker) return false;
    this.#base = { tuning: this.#now, rate };
    this.#settledAt = undefined;
    this.#step(
      next,
      rate,
      this.#want === 'tasks' ? 'the tasks await: more on each worker' : 'the tasks block: more workers',
    );
    return true;
  }

  #judge(base: { readonly tuning: Tuning; readonly rate: number }, rate: number, want: Want): void {
    this.#base = undefined;
    if (rate >= base.rate * GAIN) {
      this.#patience = PATIENCE;
      if (want === this.#want && this.#climb(rate)) return;
      this.#settledAt = rate;
      return;
    }
    this.#step(base.tuning, rate, `that brought ${Math.round((100 * rate) / base.rate)} % of what was done before`);
    if (want === 'tasks' && this.#want === want && this.#factor === LARGE) {
      this.#factor = SMALL;
      if (this.#climb(base.rate)) return;
    }
    this.#settledAt = base.rate;
    this.#patience = Math.min(this.#patience * 2, MOST_PATIENCE);
    this.#rest = 0;
  }

  #step(tuning: Tuning, rate: number, why: string): void {
    this.#now = tuning;
    this.#skip = true;
    this.#steps.push({ ...tuning, at: performance.now() - this.#began, rate, why });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }
}
