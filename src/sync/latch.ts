/**
 * A latch: counts down to zero once, and lets everybody pass from then on.
 *
 * Layout        0 count
 * When it dies  A party that dies before it has counted down is not known to the latch; give waits a timeout.
 * Source        java.util.concurrent.CountDownLatch; C++20 std::latch.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidStateError } from '../errors/executor-errors.ts';
import { load, store } from '../memory/words.ts';
import { Core } from './core.ts';
import { Gate } from './gate.ts';
import {
  madeThere,
  coreAt,
  newCore,
  packSymbol,
  type PlaceData,
  placeOf,
  type ScopeOptions,
  unpackSymbol,
} from './place.ts';
import { wholeNumber } from './whole-number.ts';

const COUNT = 0;
const MOST = 0x7fff_ffff;

/**
 * Waits for so many things to have happened.
 *
 * **Python** has none; the nearest is a `Barrier` that is used once. Java has `CountDownLatch`.
 *
 * @example
 * const ready = new Latch(4);
 * const threads = [1, 2, 3, 4].map(() => new Thread(() => ready.countDown()));
 * for (const thread of threads) thread.start();
 * await ready.wait();
 */
export class Latch extends Gate {
  /**
   * @param count how often `countDown` has to be called; 0 or more
   * @throws InvalidOptionError `ERR_INVALID_OPTION`, UnsupportedPlatformError
   */
  constructor(count: number, options?: ScopeOptions);
  constructor(count: number | Core, options: ScopeOptions = {}) {
    if (count instanceof Core) {
      super(count);
      return;
    }
    wholeNumber('count', count, 0, MOST, "new Latch(3, { scope: 'process' })");
    super(newCore(options));
    store(this.core.words, this.core.place(COUNT), count);
  }

  /** What is left to count down. */
  get count(): number {
    return load(this.core.words, this.core.place(COUNT));
  }

  /**
   * Counts down.
   *
   * @param by how far; 1 or more
   * @throws InvalidStateError `ERR_INVALID_STATE` when that is more than is left
   */
  countDown(by = 1): void {
    wholeNumber('by', by, 1, MOST);
    const { core } = this;
    const left = this.guarded(() => {
      const after = core.own(COUNT) - by;
      if (after >= 0) core.commit([core.place(COUNT), after]);
      if (after === 0) this.wakeAll();
      return after;
    });
    if (left < 0) throw new InvalidStateError(`This Latch has ${left + by} left to count, which is less than ${by}.`);
  }

  protected override get open(): boolean {
    return this.count === 0;
  }

  [inspect.custom](): string {
    const { waiting } = this.core;
    return `Latch { count: ${this.count}${waiting > 0 ? `, ${waiting} waiting` : ''} }`;
  }

  static [packSymbol](latch: Latch, destination: 'thread' | 'process'): PlaceData {
    return placeOf(latch, 'Latch', destination);
  }

  static [unpackSymbol](data: PlaceData): Latch {
    return madeThere(Latch, [coreAt(data)], data, this);
  }
}
