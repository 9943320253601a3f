/**
 * Cuts the work of a pool into windows and shows them to its tuner.
 *
 * How it works  Looked at when tasks have their answers, so nothing runs while the pool is at rest. A window is over when enough time has passed in
 *               it and enough tasks have ended; one in which workers were still being started is not shown, and of one in which they
 *               stood idle for want of tasks only that.
 * Cost          To measure a task takes as long as many a task, so of very short ones only some are measured, one or two a millisecond on all workers:
 *               what they come to stands for all. How many tasks end is counted without that.
 * @module
 */
import type { Collector, Totals } from '../insights/collector.ts';
import type { Tuning, TuningBounds } from './search.ts';
import { Tuner, type WindowFigures } from './tuner.ts';

/** What it steers. */
export interface Tuned {
  tune(tuning: Tuning): void;
  /** Each worker measures one in so many tasks from now on. */
  measure(every: number): void;
}

/** How it watches. */
export interface WatcherOptions {
  /** Nobody else wants to know what is measured. */
  readonly maySample: boolean;
  /** When the pool was made. */
  readonly made: number;
}

/** Milliseconds of a window, at least. */
const WINDOW = 100;
/** Share of its places' time that tasks have to fill. */
const BUSY = 0.7;
/** Tasks that have to end in a window, for each that may be under way; one is enough of so many. */
const ENOUGH = 2;
const MANY_ENDED = 64;
/** Milliseconds of a worker's time in which one task is measured. */
const BETWEEN = 2;
/** At most one in so many is not too few. */
const MOST_BETWEEN = 4096;

/** Watches a pool. */
export class Watcher {
  readonly tuner: Tuner;
  readonly #collector: Collector;
  readonly #pool: Tuned;
  readonly #maySample: boolean;
  #from: Totals;
  /** Tasks that have ended in the window, and when it can be over. */
  #ended = 0;
  #until = 0;
  #every = 1;

  constructor(bounds: TuningBounds, collector: Collector, pool: Tuned, { maySample, made }: WatcherOptions) {
    this.tuner = new Tuner(bounds, made);
    this.#collector = collector;
    this.#pool = pool;
    this.#maySample = maySample;
    this.#from = collector.totals();
    collector.onEnded = () => this.#look();
  }

  #look(): void {
    const { workers, tasksPerWorker } = this.tuner.now;
    this.#ended += 1;
    const places = workers * tasksPerWorker;
    if (this.#ended < Math.max(places, Math.min(ENOUGH * places, MANY_ENDED))) return;
    const now = performance.now();
    if (now < this.#until) return;
    const totals = this.#collector.totals();
    const span = totals.span - this.#from.span;
    this.#until = now + WINDOW - span;
    if (span < WINDOW) return;
    if (this.#maySample) this.#sample((this.#ended * BETWEEN) / (workers * span));
    if (this.#collector.readyWorkers >= workers) this.#show(this.#from, totals);
    this.#from = totals;
    this.#ended = 0;
    this.#until = now + WINDOW;
  }

  /** One in so many tasks is to be measured, about. */
  #sample(every: number): void {
    if (every < this.#every * 2 && every > this.#every / 2) return;
    const rounded = Math.min(MOST_BETWEEN, Math.max(1, Math.round(every)));
    if (rounded === this.#every) return;
    this.#every = rounded;
    this.#pool.measure(rounded);
  }

  #show(from: Totals, to: Totals): void {
    const { tuner } = this;
    const before = tuner.now;
    const { workers, tasksPerWorker } = before;
    const part = (key: keyof Totals): number => to[key] - from[key];
    const span = part('span');
    const each = part('count') / Math.max(1, part('measured'));
    const running = each * part('running');
    // Tasks that are in flight together on one worker each have what its thread did for all of them.
    const working = Math.min(each * part('working'), workers * span);
    const together = Math.max(1, running / Math.max(working, Number.MIN_VALUE));
    const time = Math.max(part('running') - part('queued') / together, Number.MIN_VALUE);
    const busy = (part('cpu') + part('blocked') + part('locks')) / together;
    const figures: WindowFigures = {
      span,
      rate: (part('items') * 1000) / span,
      awaiting: 1 - busy / time,
      blocked: part('blocked') / together / time,
    };
    tuner.look(figures, running >= BUSY * workers * tasksPerWorker * span);
    if (tuner.now !== before) this.#pool.tune(tuner.now);
  }
}
