/**
 * How a pool of kind `'auto'` runs. What finds that out is loaded with the first such pool: most programs have none.
 * @module
 */
import type { Collector } from '../insights/collector.ts';
import { firstOf } from './first.ts';
import type { Tuning, TuningBounds } from './search.ts';
import type { Tuner, TuningStep } from './tuner.ts';
import type { Tuned } from './watcher.ts';

/** How a pool of kind `'auto'` runs. */
export interface PoolTuning extends Tuning {
  /** Whether it has found what is best, and stays with it. */
  readonly settled: boolean;
  /** The latest fifty changes, the first one first. */
  readonly steps: readonly TuningStep[];
}

/** Steers a pool. */
export class SelfTuning {
  readonly #first: Tuning;
  #tuner: Tuner | undefined;

  /** @param maySample nobody else wants to know what is measured */
  constructor(bounds: TuningBounds, collector: Collector, pool: Tuned, maySample: boolean) {
    this.#first = firstOf(bounds);
    const made = performance.now();
    void import('./watcher.ts').then(({ Watcher }) => {
      this.#tuner = new Watcher(bounds, collector, pool, { maySample, made }).tuner;
    });
  }

  get state(): PoolTuning {
    const tuner = this.#tuner;
    return tuner === undefined
      ? { ...this.#first, settled: false, steps: [] }
      : { ...tuner.now, settled: tuner.settled, steps: tuner.steps };
  }
}
