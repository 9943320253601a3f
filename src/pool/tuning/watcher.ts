/**
 * Cuts the work of a pool into windows and shows them to its tuner.
 *
 * How it works  Looked at when tasks have their answers, so nothing runs while the pool is at rest. A window is over when enough time has passed in
 *               it and enough tasks have ended; one in which workers stood idle for want of tasks, or were still being started, is not
 *               shown.
 * @module
 */
import type { Collector, Totals } from '../insights/collector.ts';
import { Tuner, type Tuning, type TuningBounds } from './tuner.ts';

/** What it steers. */
export interface Tuned {
  tune(tuning: Tuning): void;
}

/** Milliseconds of a window, at least. */
const WINDOW = 100;
/** Share of its places' time that tasks have to fill. */
const BUSY = 0.7;
/** Tasks that have to end in a window, for each that may be under way. */
const ENOUGH = 2;

/** Watches a pool. */
export class Watcher {
  readonly tuner: Tuner;
  readonly #collector: Collector;
  readonly #pool: Tuned;
  #from: Totals;
  /** Tasks that have ended in the window, and when it can be over. */
  #ended = 0;
  #until = 0;

  constructor(bounds: TuningBounds, collector: Collector, pool: Tuned) {
    this.tuner = new Tuner(bounds);
    this.#collector = collector;
    this.#pool = pool;
    this.#from = collector.totals();
    collector.onEnded = () => this.#look();
  }

  #look(): void {
    const { workers, tasksPerWorker } = this.tuner.now;
    const places = workers * tasksPerWorker;
    this.#ended += 1;
    if (this.#ended < ENOUGH * places || performance.now() < this.#until) return;
    const totals = this.#collector.totals();
    const span = totals.span - this.#from.span;
    const count = totals.count - this.#from.count;
    this.#until = performance.now() + WINDOW - span;
    if (span < WINDOW) return;
    const from = this.#from;
    this.#from = totals;
    this.#ended = 0;
    this.#until = performance.now() + WINDOW;
    const part = (key: keyof Totals): number => totals[key] - from[key];
    const wasBusy = part('running') >= BUSY * places * span;
    if (!wasBusy || this.#collector.readyWorkers < workers) return;
    // Tasks that are in flight together on one worker each have what its thread did for all of them.
    const together = Math.max(1, part('running') / Math.max(part('working'), Number.MIN_VALUE));
    const time = Math.max(part('running') - part('queued') / together, Number.MIN_VALUE);
    const busy = (part('cpu') + part('blocked') + part('locks')) / together;
    const before = this.tuner.now;
    const after = this.tuner.look({
      rate: (count * 1000) / span,
      awaiting: 1 - busy / time,
      blocked: part('blocked') / together / time,
    });
    if (after !== before) this.#pool.tune(after);
  }
}
