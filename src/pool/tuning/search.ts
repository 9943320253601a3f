/**
 * One search for how many tasks on each worker, or how many workers, get most done.
 *
 * How it works  Up first: tasks four times as many, or workers twice as many, as long as that brings a twentieth more. When it does not, the step is taken
 *               back, and a smaller one tried if there is one. If the last step that was kept brought little, then down: what seemed to be its gain may have
 *               been tasks that got warm, so half as many are tried, as long as they get as much done, within a twentieth.
 * Invariants    Steps down are compared with the most that was seen, so that many small losses are not one large one. A search has an end:
 *               it goes up once and down once.
 * @module
 */

/** How the pool runs. */
export interface Tuning {
  readonly workers: number;
  readonly tasksPerWorker: number;
}

/** What there may be at most. */
export interface TuningBounds {
  /** Workers for tasks that compute, and at first. */
  readonly cores: number;
  readonly workers: number;
  readonly tasksPerWorker: number;
}

/** Takes a change, and what was done before, in tasks a second. */
export type TakeStep = (tuning: Tuning, rate: number, why: string) => void;

/** A step has to bring so much more; one down may lose so much. */
const GAIN = 1.05;
/** A step that brings less than this share of what it could is looked at again from above. */
const LITTLE = 0.5;
/** Times as many tasks on a worker: a large step first. */
const LARGE = 4;
const SMALL = 2;

/** A search. */
export class Search {
  readonly #bounds: TuningBounds;
  readonly #what: 'tasks' | 'workers';
  readonly #take: TakeStep;
  #now: Tuning;
  #before: Tuning;
  /** What the next step is compared with. */
  #rate: number;
  #factor = LARGE;
  #rises = true;
  #broughtLittle = false;
  #hasRisen = false;

  constructor(bounds: TuningBounds, what: 'tasks' | 'workers', now: Tuning, rate: number, take: TakeStep) {
    this.#bounds = bounds;
    this.#what = what;
    this.#now = now;
    this.#before = now;
    this.#rate = rate;
    this.#take = take;
  }

  /** Tasks a second, the most that was seen. */
  get rate(): number {
    return this.#rate;
  }

  /** Whether more of something brought more. */
  get hasRisen(): boolean {
    return this.#hasRisen;
  }

  /** Takes the first step; false when there is none. */
  begin(): boolean {
    return this.#tryNext();
  }

  /**
   * Keeps the last step, or takes it back.
   *
   * @param rate what was done since
   * @param canFillMore there are so many tasks that more places could be filled
   * @param goesOn the tasks are still of that kind
   * @returns whether another step was taken
   */
  judge(rate: number, canFillMore: boolean, goesOn: boolean): boolean {
    const before = this.#rate;
    const isKept = this.#rises ? rate >= before * GAIN : rate >= before / GAIN;
    if (!isKept) {
      const percent = Math.round((100 * rate) / before);
      this.#step(this.#before, rate, `that brought ${percent} % of what was done before`);
      return goesOn && this.#goOnAfterLoss();
    }
    this.#rate = this.#rises ? rate : Math.max(rate, before);
    if (this.#rises) {
      this.#hasRisen = true;
      this.#broughtLittle = rate / before - 1 < LITTLE * (places(this.#now) / places(this.#before) - 1);
    }
    if (!goesOn) return false;
    const mayGoOn = canFillMore || !this.#rises;
    return (mayGoOn && this.#tryNext()) || this.#turnDown();
  }

  #goOnAfterLoss(): boolean {
    if (this.#what === 'tasks' && this.#factor === LARGE) {
      this.#factor = SMALL;
      if (this.#tryNext()) return true;
    }
    return this.#turnDown();
  }

  #turnDown(): boolean {
    if (!this.#rises || !this.#broughtLittle) return false;
    this.#rises = false;
    this.#factor = SMALL;
    return this.#tryNext();
  }

  /** Makes more, or fewer; false when that cannot be. */
  #tryNext(): boolean {
    const next = this.#rises ? this.#more() : this.#fewer();
    if (places(next) === places(this.#now)) return false;
    const where = this.#what === 'tasks' ? 'on each worker' : 'workers';
    const why = this.#rises
      ? `the tasks ${this.#what === 'tasks' ? 'await' : 'block'}: more ${where}`
      : `perhaps fewer ${where} do as much`;
    this.#step(next, this.#rate, why);
    return true;
  }

  #more(): Tuning {
    const { workers, tasksPerWorker } = this.#now;
    return this.#what === 'tasks'
      ? { workers, tasksPerWorker: Math.min(tasksPerWorker * this.#factor, this.#bounds.tasksPerWorker) }
      : { workers: Math.min(workers * SMALL, this.#bounds.workers), tasksPerWorker };
  }

  #fewer(): Tuning {
    const { workers, tasksPerWorker } = this.#now;
    return this.#what === 'tasks'
      ? { workers, tasksPerWorker: Math.max(1, Math.floor(tasksPerWorker / this.#factor)) }
      : { workers: Math.max(Math.floor(workers / SMALL), Math.min(workers, this.#bounds.cores)), tasksPerWorker };
  }

  #step(tuning: Tuning, rate: number, why: string): void {
    this.#before = this.#now;
    this.#now = tuning;
    this.#take(tuning, rate, why);
  }
}

const places = ({ workers, tasksPerWorker }: Tuning): number => workers * tasksPerWorker;
