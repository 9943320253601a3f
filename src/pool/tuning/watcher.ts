/**
 * Cuts the work of a pool into windows and shows them to its tuner.
 *
 * How it works  Looked at when tasks have their answers, so nothing runs while the pool is at rest. A window is over when enough time has passed in
 *               it and enough tasks have ended; one in which workers stood idle for want of tasks, or were still being started, is not
 *               shown.
 * At rest       Tasks so short that to measure them costs too much are measured only now and then once the pool is settled, or not kept busy by them;
 *               and when their number changes by half.
 * @module
 */
import type { Collector, Totals } from '../insights/collector.ts';
import { OTHER, Tuner, type Tuning, type TuningBounds } from './tuner.ts';

/** What it steers. */
export interface Tuned {
  tune(tuning: Tuning): void;
  /** Whether tasks are measured from now on. */
  measure(on: boolean): void;
}

/** Milliseconds of a window, at least. */
const WINDOW = 100;
/** Share of its places' time that tasks have to fill. */
const BUSY = 0.7;
/** Tasks that have to end in a window, for each that may be under way. */
const ENOUGH = 2;
/** So many tasks a millisecond on a worker are too many to measure them all: each costs some microseconds. */
const MANY = 2;
/** Milliseconds for which nothing is measured then; twice as many each time that nothing could be seen, because the pool was not busy. */
const REST = 1000;
const MOST_REST = 10_000;
/** Windows in which that has to be so. */
const IN_VAIN = 3;

/** Watches a pool. */
export class Watcher {
  readonly tuner: Tuner;
  readonly #collector: Collector;
  readonly #pool: Tuned;
  readonly #mayRest: boolean;
  #from: Totals;
  /** Tasks that have ended in the window; since when it lasts, and when it can be over. */
  #ended = 0;
  #since = performance.now();
  #until = 0;
  /** Until when nothing is measured; undefined: it is. */
  #restUntil: number | undefined;
  #rest = REST;
  #rateBefore = 0;
  #inVain = 0;

  /** @param mayRest nobody else wants to know what is measured */
  constructor(bounds: TuningBounds, collector: Collector, pool: Tuned, mayRest: boolean) {
    this.tuner = new Tuner(bounds);
    this.#collector = collector;
    this.#pool = pool;
    this.#mayRest = mayRest;
    this.#from = collector.totals();
    collector.onEnded = () => this.#look();
  }

  #look(): void {
    const { workers, tasksPerWorker } = this.tuner.now;
    this.#ended += 1;
    if (this.#ended < ENOUGH * workers * tasksPerWorker) return;
    const now = performance.now();
    if (now < this.#until) return;
    if (this.#restUntil !== undefined) {
      this.#lookInRest(now, this.#restUntil);
      return;
    }
    const totals = this.#collector.totals();
    const span = totals.span - this.#from.span;
    this.#until = now + WINDOW - span;
    if (span < WINDOW) return;
    const isMany = this.#ended > MANY * workers * span;
    const wasShown = this.#show(this.#from, totals);
    this.#inVain = wasShown ? 0 : this.#inVain + 1;
    if (this.#mayRest && isMany && (wasShown ? this.tuner.calm : this.#inVain >= IN_VAIN)) {
      this.#rest = wasShown ? REST : Math.min(this.#rest * 2, MOST_REST);
      this.#restUntil = now + this.#rest;
      this.#rateBefore = this.#rate(now);
      this.#pool.measure(false);
    }
    this.#begin(now, totals);
  }

  /** Tasks a second, measured or not. */
  #rate(now: number): number {
    return (this.#ended * 1000) / (now - this.#since);
  }

  #begin(now: number, totals: Totals): void {
    this.#from = totals;
    this.#ended = 0;
    this.#since = now;
    this.#until = now + WINDOW;
  }

  /** How many tasks end is known also when they are not measured. */
  #lookInRest(now: number, until: number): void {
    const rate = this.#rate(now);
    if (now >= until || rate > this.#rateBefore * OTHER || rate < this.#rateBefore / OTHER) {
      this.#restUntil = undefined;
      this.#inVain = 0;
      this.#pool.measure(true);
    }
    this.#begin(now, this.#collector.totals());
  }

  /** Shows a window to the tuner, if the pool was busy in it. */
  #show(from: Totals, to: Totals): boolean {
    const { workers, tasksPerWorker } = this.tuner.now;
    const part = (key: keyof Totals): number => to[key] - from[key];
    const span = part('span');
    const wasBusy = part('running') >= BUSY * workers * tasksPerWorker * span;
    if (!wasBusy || this.#collector.readyWorkers < workers) return false;
    // Tasks that are in flight together on one worker each have what its thread did for all of them.
    const together = Math.max(1, part('running') / Math.max(part('working'), Number.MIN_VALUE));
    const time = Math.max(part('running') - part('queued') / together, Number.MIN_VALUE);
    const busy = (part('cpu') + part('blocked') + part('locks')) / together;
    const before = this.tuner.now;
    const after = this.tuner.look({
      rate: (part('count') * 1000) / span,
      awaiting: 1 - busy / time,
      blocked: part('blocked') / together / time,
    });
    if (after !== before) this.#pool.tune(after);
    return true;
  }
}
