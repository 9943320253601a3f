/**
 * A re-entrant lock. The algorithm is in `mutex.ts`; what is added is a count of levels.
 *
 * How it works  The holder is a thread, and within it a flow (`flow.ts`): the function given to `run`, and what it awaits. In
 *               one thread many async functions run, and they exclude each other like threads do. Whatever a flow starts while it
 *               holds the lock is part of it; what is left of it when its `run` is over is not. What is acquired outside of
 *               `run` without blocking belongs to nobody in particular, and is not re-entrant.
 * Levels        How many there are is in shared memory; whose they are, this thread notes: of the outermost the flow is the holder's,
 *               those of the others are in `here.flows`. When the outermost ends first, the lock belongs to the next one.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidStateError } from '../errors/executor-errors.ts';
import { DeadlockError, NotHeldError } from '../errors/sync-errors.ts';
import { load, store } from '../memory/words.ts';
import type { Core } from './core.ts';
import { currentFlow, isWithin, outwards, thisFlow } from './flow.ts';
import { Hold } from './hold.ts';
import { type EndlessLockOptions, FLOW, LEVELS, type LockOptions, Mutex } from './mutex.ts';
import {
  madeThere,
  coreAt,
  coreFor,
  packSymbol,
  type PlaceData,
  placeOf,
  type ScopeOptions,
  unpackSymbol,
} from './place.ts';
import { runHeld, runHeldSync } from './run-held.ts';
import { checkWaitOptions, timeoutOf } from './wait-options.ts';

/** The flow of a hold that was acquired outside of `run`, without blocking. */
const NAMELESS = -1;
/** The mark of a hold on an inner level: below 0, and tells the hold on the outermost one. */
const innerOf = (outermost: number): number => -1 - outermost;
const MOST_LEVELS = 0x7fff_ffff;

/**
 * A lock that its holder may acquire again, and has to release as many times.
 *
 * **Python** `threading.RLock`, `multiprocessing.RLock`.
 *
 * **Use it** when a function that holds the lock calls another that takes it too.
 *
 * **Gotchas** Only the holder may release it. Async functions of one thread are told apart by `run`: inside of it (awaits
 * included) the lock is re-entrant, also for what it starts; two that are started side by side exclude each other.
 * `await lock.acquire()` elsewhere excludes everybody, the function itself included. What `acquireSync` has got outside of every `run`
 * excludes all promises: `await lock.run(…)` then waits until it is released.
 *
 * @example
 * const lock = new RLock();
 * await lock.run(async () => {
 *   await lock.run(() => balance[0] += 1);      // the same flow: passes
 * });
 */
export class RLock extends Mutex {
  /** @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`, InvalidOptionError */
  constructor(options?: ScopeOptions);
  constructor(options: ScopeOptions | Core = {}) {
    super(coreFor(options));
  }

  /** Levels at which this thread holds it. */
  get level(): number {
    return this.mine ? (this.core.words[this.core.place(LEVELS)] as number) : 0;
  }

  /**
   * Waits for the lock; the event loop goes on.
   *
   * @returns what holds it, or one level of it; `false` when `timeout` milliseconds were over
   * @throws OwnerDiedError `ERR_OWNER_DIED` unless `recover` is asked for; the signal's reason
   */
  acquire(options?: EndlessLockOptions): Promise<Hold>;
  acquire(options: LockOptions): Promise<Hold | false>;
  async acquire(options?: LockOptions): Promise<Hold | false> {
    const flow = currentFlow() || NAMELESS;
    if (this.#isWithin) return this.#deeper(options);
    if (options === undefined && this.takeFree()) return this.hold(flow);
    return this.lock(options, flow);
  }

  /**
   * Blocks this thread until it has the lock.
   *
   * @returns what holds it, or one level of it; `false` when `timeout` milliseconds were over
   * @throws OwnerDiedError `ERR_OWNER_DIED`; DeadlockError `ERR_DEADLOCK` when another async function of this thread holds it
   */
  acquireSync(options?: EndlessLockOptions): Hold;
  acquireSync(options: LockOptions): Hold | false;
  acquireSync(options?: LockOptions): Hold | false {
    if (this.mine) {
      if (this.#isHolder) return this.#deeper(options);
      checkWaitOptions(options);
      if (options?.timeout === undefined) {
        throw new DeadlockError(
          'An async function of this thread holds this RLock, and could never release it while the thread blocks.',
        );
      }
    } else if (options === undefined && this.takeFree()) return this.hold(currentFlow());
    return this.lockSync(options);
  }

  /** Takes the lock, or one more level of it, if that can be had at once; `false` if not. */
  tryAcquire(): Hold | false {
    if (this.#isHolder) return this.#deeper(undefined);
    return this.takeFree() ? this.hold(currentFlow()) : this.lockSync({ timeout: 0 });
  }

  /** Whether what runs now is part of a flow that holds it. */
  get #isWithin(): boolean {
    return this.mine && (isWithin(this.flow) || this.here.flows.some(isWithin));
  }

  /** Whether what runs now is that, or holds it as this thread does where no flow runs. */
  get #isHolder(): boolean {
    return this.#isWithin || (this.mine && this.flow === 0 && currentFlow() === 0);
  }

  /** @internal */
  override get held(): boolean {
    return super.held || this.#isWithin;
  }

  #deeper(options: LockOptions | undefined): Hold {
    timeoutOf(options);
    const { words } = this.core;
    const place = this.core.place(LEVELS);
    const level = load(words, place);
    if (level === MOST_LEVELS) throw new InvalidStateError('This RLock is held at more levels than can be counted.');
    store(words, place, level + 1);
    this.here.flows.push(currentFlow());
    return new Hold(this, innerOf(this.here.current));
  }

  /**
   * Gives one level back, and with the last one the lock.
   *
   * @throws NotHeldError `ERR_NOT_HELD` when this thread does not hold it, or another async function of it does within `run`
   */
  override release(): void {
    if (!this.held) {
      const whose = this.mine ? 'the async function that releases it' : 'this thread';
      throw new NotHeldError(`This RLock is not held by ${whose}: ${this.describeState()}.`);
    }
    this.#leaveLevel();
  }

  #leaveLevel(): void {
    const { core } = this;
    const level = load(core.words, core.place(LEVELS));
    if (level <= 1) return this.unlock();
    store(core.words, core.place(LEVELS), level - 1);
    this.#leaveFlow();
  }

  /** One level less: that of the innermost flow around what runs now that has any, else the last one. */
  #leaveFlow(): void {
    const { flows } = this.here;
    const flow = thisFlow();
    for (const { number } of flow === undefined ? [] : outwards(flow)) {
      const last = flows.lastIndexOf(number);
      if (last >= 0) return void flows.splice(last, 1);
      if (number !== this.flow) continue;
      this.core.words[this.core.place(FLOW)] = flows.shift() ?? 0;
      return;
    }
    flows.pop();
  }

  /** @internal */
  override endHold(mark: number): boolean {
    if (!this.isHeldBy(mark < 0 ? innerOf(mark) : mark)) return false;
    this.#leaveLevel();
    return true;
  }

  /**
   * Calls a function while the lock is held, and resolves to what it returns. Inside of it the lock is re-entrant.
   *
   * @throws TimeoutError `ERR_TIMEOUT` when the lock could not be had in `timeout` milliseconds; as `acquire`
   */
  run<R>(fn: (hold: Hold) => R | PromiseLike<R>, options?: LockOptions): Promise<R> {
    return runHeld(this, fn, options);
  }

  /** Calls a function while the lock is held, and returns what it returns. @throws as `run` and `acquireSync` */
  runSync<R>(fn: (hold: Hold) => R, options?: LockOptions): R {
    return runHeldSync(this, fn, options);
  }

  [inspect.custom](): string {
    const levels = this.locked ? `, ${load(this.core.words, this.core.place(LEVELS))} levels` : '';
    return `RLock { ${this.describeState()}${levels} }`;
  }

  static [packSymbol](lock: RLock, destination: 'thread' | 'process'): PlaceData {
    return placeOf(lock, 'RLock', destination);
  }

  static [unpackSymbol](data: PlaceData): RLock {
    return madeThere(RLock, [coreAt(data)], data, this);
  }
}
