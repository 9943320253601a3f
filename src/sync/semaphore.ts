/**
 * A counting semaphore.
 *
 * How it works  Permits are counted in one word. Taking one while there are some and nobody waits, and giving one back while nobody
 *               waits, are one atomic operation each. Otherwise the guard is taken, and the word marked; who comes when there are
 *               no permits, or when others wait already, stands in line and is granted the next one in the order of arrival.
 *               With `reclaim` it is noted who holds how many, always under the guard.
 * Layout        0 permits left, `MARK` · 1 most there may be (0: no bound) · 2 whether those of the dead come back
 * Invariants    1. Permits left, granted and held are as many as there were at first, plus what was released beyond that.
 *               2. Nobody overtakes: a thread that releases and acquires at once goes behind those who wait.
 *               3. The word has `MARK` as long as anybody waits or is about to, and while it is changed under the guard; as long as
 *                  it has, it is changed under the guard only.
 * When it dies  A permit that was granted to a dead waiter is given to the next one. One that a dead thread held is lost, as
 *               in Python, or comes back with `reclaim`. A mark that a dead thread has left is taken away by the next one who
 *               finds it, since that one takes the guard.
 * Source        E. W. Dijkstra, "Cooperating Sequential Processes" (1965); `asyncio.Semaphore` for the order.
 * @module
 */
import { inspect } from 'node:util';
import { NotHeldError } from '../errors/sync-errors.ts';
import { compareExchange, load, store } from '../memory/words.ts';
import { type Changes, Core } from './core.ts';
import { Hold, type Holdable } from './hold.ts';
import { holdLess, holdMore } from './holdings.ts';
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
import { runHeld, runHeldSync } from './run-held.ts';
import { WAITING } from './records.ts';
import { SyncObject } from './sync-object.ts';
import { timeoutOf, type WaitOptions } from './wait-options.ts';
import { wholeNumber } from './whole-number.ts';
import { NOT_NOW } from './waitable.ts';

/** How a semaphore is made. */
export interface SemaphoreOptions extends ScopeOptions {
  /**
   * Whether the permits that a thread or process holds come back when it dies. Only for permits that are released by whoever
   * acquired them. Default: false; true for a `BoundedSemaphore`.
   */
  readonly reclaim?: boolean | undefined;
}

/** What bounds a wait, without an end in time. */
export interface EndlessWaitOptions extends WaitOptions {
  readonly timeout?: undefined;
}

const PERMITS = 0;
const BOUND = 1;
const RECLAIM = 2;
const MOST = 0x7fff_ffff;
const MARK = 0x8000_0000 | 0;

/**
 * Lets so many pass at once.
 *
 * **Python** `threading.Semaphore`, `multiprocessing.Semaphore`, `asyncio.Semaphore`; permits are granted in order of arrival.
 *
 * **Use it** to bound how many do something at once, or to count what there is to take.
 *
 * **Gotchas** It may be released above its first value; see `BoundedSemaphore`. The permits of a thread that dies are lost
 * unless the semaphore is made with `{ reclaim: true }`.
 *
 * @example
 * const connections = new Semaphore(10);
 * await Promise.all(urls.map((url) => connections.run(() => fetch(url))));
 */
export class Semaphore extends SyncObject implements Holdable {
  /**
   * @param permits how many may pass; 0 or more
   * @throws InvalidOptionError `ERR_INVALID_OPTION`, UnsupportedPlatformError
   */
  constructor(permits?: number, options?: SemaphoreOptions);
  constructor(permits: number | Core = 1, options: SemaphoreOptions = {}) {
    if (permits instanceof Core) {
      super(permits);
      return;
    }
    wholeNumber('permits', permits, 0, MOST, "new Semaphore(1, { scope: 'process' })");
    super(newCore(options));
    this.setUp(permits, 0, options.reclaim ?? false);
  }

  /** @internal */
  protected setUp(permits: number, bound: number, reclaim: boolean): void {
    const { core } = this;
    store(core.words, core.place(PERMITS), permits);
    store(core.words, core.place(BOUND), bound);
    store(core.words, core.place(RECLAIM), reclaim ? 1 : 0);
  }

  /** Permits left. */
  get value(): number {
    return this.core.own(PERMITS) & MOST;
  }

  /** Whether none is left. */
  get locked(): boolean {
    return this.value === 0;
  }

  /**
   * Waits for a permit; the event loop goes on.
   *
   * @returns the permit; `false` when `timeout` milliseconds were over
   */
  acquire(options?: EndlessWaitOptions): Promise<Hold>;
  acquire(options: WaitOptions): Promise<Hold | false>;
  async acquire(options?: WaitOptions): Promise<Hold | false> {
    if (options === undefined && this.#takeFree()) return new Hold(this, 0);
    const answer = this.take(0, options);
    return (typeof answer === 'number' ? answer : await answer) === NOT_NOW ? false : new Hold(this, 0);
  }

  /** Blocks this thread until it has a permit. @returns the permit; `false` when `timeout` milliseconds were over */
  acquireSync(options?: EndlessWaitOptions): Hold;
  acquireSync(options: WaitOptions): Hold | false;
  acquireSync(options?: WaitOptions): Hold | false {
    if (options === undefined && this.#takeFree()) return new Hold(this, 0);
    return this.takeSync(0, timeoutOf(options)) === NOT_NOW ? false : new Hold(this, 0);
  }

  /** Takes a permit if there is one and nobody waits for it; `false` if not. */
  tryAcquire(): Hold | false {
    return this.#takeFree() ? new Hold(this, 0) : this.acquireSync({ timeout: 0 });
  }

  /** Takes a permit that nobody else wants. */
  #takeFree(): boolean {
    const { core } = this;
    const at = core.place(PERMITS);
    if (core.own(RECLAIM) !== 0) return false;
    for (let word = load(core.words, at); word > 0; ) {
      const found = compareExchange(core.words, at, word, word - 1);
      if (found === word) return true;
      word = found;
    }
    return false;
  }

  /** Gives permits back that nobody waits for. */
  #giveUnwanted(permits: number, most: number): boolean {
    const { core } = this;
    const at = core.place(PERMITS);
    if (core.own(RECLAIM) !== 0) return false;
    for (let word = load(core.words, at); word >= 0 && word + permits <= most; ) {
      const found = compareExchange(core.words, at, word, word + permits);
      if (found === word) return true;
      word = found;
    }
    return false;
  }

  /** From here on the word is changed under the guard only. @internal */
  override entered(): void {
    const { core } = this;
    if (core.own(RECLAIM) === 0) this.#mark(MARK);
  }

  /** @internal */
  override leaving(): void {
    const { core } = this;
    if (core.own(RECLAIM) === 0 && core.waiting === 0) this.#mark(0);
  }

  /** By exchange alone: words in the shared heap have no bits to set. */
  #mark(mark: number): void {
    const { core } = this;
    const at = core.place(PERMITS);
    for (let word = load(core.words, at); (word & MARK) !== mark; ) {
      const found = compareExchange(core.words, at, word, (word & MOST) | mark);
      if (found === word) return;
      word = found;
    }
  }

  /** The change that makes the permits left so many. Under the guard. */
  #left(permits: number): Changes {
    const { core } = this;
    return [core.place(PERMITS), (core.own(PERMITS) & MARK) | permits];
  }

  /**
   * Gives permits back, or adds new ones.
   *
   * @param permits how many; 1 or more
   * @throws InvalidOptionError; NotHeldError `ERR_NOT_HELD` when a bounded semaphore would have more than at first
   */
  release(permits = 1): void {
    wholeNumber('permits', permits, 1, MOST);
    const { core } = this;
    const bound = core.own(BOUND) || MOST;
    if (this.#giveUnwanted(permits, bound)) return;
    const value = this.guarded(() => {
      const after = this.value + permits;
      if (after > bound) return after;
      const changes = this.#left(after);
      if (core.own(RECLAIM) === 0) core.commit(changes);
      else if (!holdLess(core, permits, changes)) core.commit(changes);
      this.grant();
      return after;
    });
    if (value > bound) {
      throw new NotHeldError(
        `This ${this.constructor.name} would have ${value} permits, and may have ${bound}: it was released too often.`,
      );
    }
  }

  /**
   * Calls a function while a permit is held, and resolves to what it returns.
   *
   * @throws TimeoutError `ERR_TIMEOUT` when no permit could be had in `timeout` milliseconds; the signal's reason
   */
  run<R>(fn: (hold: Hold) => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return runHeld(this, fn, options);
  }

  /** Calls a function while a permit is held, and returns what it returns. @throws as `run` */
  runSync<R>(fn: (hold: Hold) => R, options?: WaitOptions): R {
    return runHeldSync(this, fn, options);
  }

  /** @internal */
  endHold(): boolean {
    this.release();
    return true;
  }

  override ready(): boolean {
    return this.value > 0;
  }

  override taking(): Changes {
    return this.#left(this.value - 1);
  }

  override holding(): Changes {
    return this.core.own(RECLAIM) === 0 ? [] : holdMore(this.core);
  }

  override undo(code: number, count: number): Changes {
    const { core } = this;
    if (code === WAITING) return [];
    return this.#left(Math.min(this.value + count, core.own(BOUND) || MOST));
  }

  [inspect.custom](): string {
    const bound = this.core.own(BOUND);
    const of = bound === 0 ? '' : ` of ${bound}`;
    const { waiting } = this.core;
    return `${this.constructor.name} { value: ${this.value}${of}${waiting > 0 ? `, ${waiting} waiting` : ''} }`;
  }

  static [packSymbol](semaphore: Semaphore, destination: 'thread' | 'process'): PlaceData {
    return placeOf(semaphore, semaphore.constructor.name, destination);
  }

  static [unpackSymbol](data: PlaceData): Semaphore {
    return madeThere(Semaphore, [coreAt(data)], data, this);
  }
}

/**
 * A semaphore that cannot be released above its first value, and whose permits come back when their holder dies.
 *
 * **Python** `threading.BoundedSemaphore`.
 *
 * @example
 * const seats = new BoundedSemaphore(2, { scope: 'process' });
 */
export class BoundedSemaphore extends Semaphore {
  /**
   * @param permits how many may pass, and how many there may ever be; 1 or more
   * @throws InvalidOptionError `ERR_INVALID_OPTION`, UnsupportedPlatformError
   */
  constructor(permits?: number, options?: SemaphoreOptions);
  constructor(permits: number | Core = 1, options: SemaphoreOptions = {}) {
    if (permits instanceof Core) {
      super(permits as never);
      return;
    }
    wholeNumber('permits', permits, 1, MOST, "new BoundedSemaphore(1, { scope: 'process' })");
    super(permits, options);
    this.setUp(permits, permits, options.reclaim ?? true);
  }
}
