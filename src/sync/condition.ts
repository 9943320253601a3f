/**
 * A condition: waits, with a lock given up meanwhile, until somebody says that something has changed.
 *
 * How it works  Who waits stands in the condition's line before it gives up the lock, so no notification can fall between. A
 *               notification is granted to the one that has waited longest, and only to those who wait at that moment; it
 *               then takes the lock back like anybody else.
 * Layout        0 notifications being given out; 0 whenever nobody is under the guard
 * Invariants    1. Nobody is woken without a notification: waits end by one, by time, or by their signal.
 *               2. A notification that reaches a waiter who has given up, or died, goes to the next one.
 *               3. However a wait ends, the lock is held again, at as many levels as before.
 * When it dies  See 2. When the holder of the lock dies, waiters hear of it when they take the lock back: `OwnerDiedError`.
 * Source        C. A. R. Hoare, "Monitors" (1974); B. Lampson, D. Redell, "Experience with Processes and Monitors in Mesa" (1980).
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { NotHeldError } from '../errors/sync-errors.ts';
import { type Changes, Core } from './core.ts';
import type { Hold } from './hold.ts';
import type { Lock } from './lock.ts';
import { type EndlessLockOptions, type LockOptions, Mutex, type Suspended } from './mutex.ts';
import {
  checkedScope,
  checkOptions,
  constantSymbol,
  coreAt,
  isConstantPlace,
  madeThere,
  newCore,
  packSymbol,
  type PlaceData,
  placeOf,
  type ScopeOptions,
  unpackSymbol,
} from './place.ts';
import { GRANTED } from './records.ts';
import { RLock } from './rlock.ts';
import { runHeld, runHeldSync } from './run-held.ts';
import { SyncObject } from './sync-object.ts';
import { timeoutOf, type WaitOptions } from './wait-options.ts';
import { wholeNumber } from './whole-number.ts';
import { NOT_NOW } from './waitable.ts';

const GIVING = 0;
const MOST = 0x7fff_ffff;

/** The first argument, where it is no lock. */
function onlyOptions(first: unknown, second: unknown): unknown {
  if (second === undefined && typeof first === 'object' && first !== null && !(first instanceof SyncObject))
    return first;
  throw new InvalidOptionError(
    `The lock of a Condition is a Lock or an RLock; this is ${inspect(first, { depth: 0 })}.`,
  );
}

interface ConditionData {
  readonly place: PlaceData;
  readonly lock: Lock | RLock;
}

/**
 * Waits for something that others bring about under a lock.
 *
 * **Python** `threading.Condition`, `multiprocessing.Condition`, `asyncio.Condition`.
 *
 * **Gotchas** After a wait the lock is held, but what was waited for may be gone again: use `waitFor`, or a loop. Hold the lock to
 * notify. The lock's scope is the condition's.
 *
 * @example
 * const changed = new Condition();
 * const hold = await changed.acquire();
 * try { await changed.waitFor(() => items.length > 0); } finally { hold.release(); }
 */
export class Condition extends SyncObject {
  /** The lock under which it waits and notifies. */
  readonly lock: Lock | RLock;

  /**
   * @param lock the lock to use; a new `RLock` when it is left out
   * @throws InvalidOptionError `ERR_INVALID_OPTION` when the scopes differ, or it is no lock; UnsupportedPlatformError
   */
  constructor(lock?: Lock | RLock, options?: ScopeOptions);
  constructor(options: ScopeOptions);
  constructor(first?: Lock | RLock | ScopeOptions, second?: ScopeOptions | Core) {
    const lock = first instanceof Mutex ? first : undefined;
    if (second instanceof Core) super(second);
    else {
      const options = lock === undefined && first !== undefined ? onlyOptions(first, second) : second;
      if (options !== undefined) checkOptions(options);
      const { scope = lock?.scope } = (options ?? {}) as ScopeOptions;
      if (lock !== undefined && checkedScope(scope) !== lock.scope) {
        throw new InvalidOptionError(
          `The scope of a Condition is that of its lock, which is '${lock.scope}', not '${scope}'.`,
        );
      }
      super(newCore({ scope }));
    }
    this.lock = lock ?? new RLock({ scope: this.scope });
  }

  /** Acquires the lock. @throws as the lock's own */
  acquire(options?: EndlessLockOptions): Promise<Hold>;
  acquire(options: LockOptions): Promise<Hold | false>;
  acquire(options?: LockOptions): Promise<Hold | false> {
    return this.lock.acquire(options as LockOptions);
  }

  /** Acquires the lock. @throws as the lock's own */
  acquireSync(options?: EndlessLockOptions): Hold;
  acquireSync(options: LockOptions): Hold | false;
  acquireSync(options?: LockOptions): Hold | false {
    return this.lock.acquireSync(options as LockOptions);
  }

  /** Acquires the lock if it is free. */
  tryAcquire(): Hold | false {
    return this.lock.tryAcquire();
  }

  /** Releases the lock. @throws NotHeldError */
  release(): void {
    this.lock.release();
  }

  /** Calls a function while the lock is held. @throws as the lock's own */
  run<R>(fn: (hold: Hold) => R | PromiseLike<R>, options?: LockOptions): Promise<R> {
    return runHeld(this.lock, fn, options);
  }

  /** Calls a function while the lock is held. @throws as the lock's own */
  runSync<R>(fn: (hold: Hold) => R, options?: LockOptions): R {
    return runHeldSync(this.lock, fn, options);
  }

  /**
   * Gives the lock up, waits for a notification and takes the lock back; the event loop goes on.
   *
   * @returns `true`; `false` when `timeout` milliseconds were over
   * @throws NotHeldError `ERR_NOT_HELD` when this thread does not hold the lock, or another async function of it does within `run`; the signal's reason, once the lock is held again
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const lock = this.#held('wait');
    timeoutOf(options);
    let state: Suspended | undefined;
    const answer = this.take(0, options, () => {
      state = lock.suspend();
    });
    try {
      return (await answer) !== NOT_NOW;
    } finally {
      if (state !== undefined) await lock.resume(state);
    }
  }

  /**
   * Gives the lock up, blocks this thread until there is a notification and takes the lock back.
   *
   * @returns `true`; `false` when `timeout` milliseconds were over
   * @throws NotHeldError `ERR_NOT_HELD` when this thread does not hold the lock
   */
  waitSync(options?: WaitOptions): boolean {
    const lock = this.#held('wait');
    let state: Suspended | undefined;
    try {
      return (
        this.takeSync(0, timeoutOf(options), () => {
          state = lock.suspend();
        }) !== NOT_NOW
      );
    } finally {
      if (state !== undefined) lock.resumeSync(state);
    }
  }

  /**
   * Waits until `predicate` holds, and looks again at each notification. `timeout` counts for the whole.
   *
   * @returns what `predicate` returned last; when time was up, that is something falsy
   * @throws as `wait`, unless `predicate` holds at once
   */
  async waitFor<T>(predicate: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    const end = performance.now() + timeoutOf(options);
    for (;;) {
      const result = await predicate();
      if (result) return result;
      const left = end - performance.now();
      if (left <= 0) return this.#inVain(result);
      await this.wait({ ...options, timeout: left });
    }
  }

  /** As `waitFor`; blocks this thread. */
  waitForSync<T>(predicate: () => T, options?: WaitOptions): T {
    const end = performance.now() + timeoutOf(options);
    for (;;) {
      const result = predicate();
      if (result) return result;
      const left = end - performance.now();
      if (left <= 0) return this.#inVain(result);
      this.waitSync({ ...options, timeout: left });
    }
  }

  /**
   * Lets those who have waited longest go on, as soon as they have the lock.
   *
   * @param count how many at most; 1 or more
   * @throws NotHeldError `ERR_NOT_HELD` when this thread does not hold the lock
   */
  notify(count = 1): void {
    wholeNumber('count', count, 1, MOST);
    this.#held('notify');
    if (this.core.waiting === 0) return;
    this.guarded(() => {
      this.core.commit([this.core.place(GIVING), count]);
      this.grant();
    });
  }

  /** Lets all who wait go on. @throws NotHeldError `ERR_NOT_HELD` */
  notifyAll(): void {
    this.notify(MOST);
  }

  /** Time is up: what could not have been waited for at all is an error all the same. */
  #inVain<T>(result: T): T {
    this.#held('wait');
    return result;
  }

  #held(what: string): Mutex {
    const { lock } = this;
    if (lock.held) return lock;
    const who = lock.mine ? 'the async function that does it' : 'this thread';
    throw new NotHeldError(`To ${what}, ${who} has to hold the lock of the Condition: ${inspect(lock)}.`);
  }

  override attempt(): number {
    this.reap();
    return NOT_NOW;
  }

  override grant(): void {
    super.grant();
    if (this.core.own(GIVING) !== 0) this.core.commit([this.core.place(GIVING), 0]);
  }

  override ready(): boolean {
    return this.core.own(GIVING) > 0;
  }

  override taking(): Changes {
    return [this.core.place(GIVING), this.core.own(GIVING) - 1];
  }

  override undo(code: number, count: number): Changes {
    return code === GRANTED ? [this.core.place(GIVING), this.core.own(GIVING) + count] : [];
  }

  [inspect.custom](): string {
    const waiting = this.core.waiting > 0 ? `, ${this.core.waiting} waiting` : '';
    return `Condition { ${inspect(this.lock)}${waiting} }`;
  }

  static [packSymbol](condition: Condition, destination: 'thread' | 'process'): ConditionData {
    return { place: placeOf(condition, 'Condition', destination, ['lock']), lock: condition.lock };
  }

  /** @internal */
  static override [constantSymbol]({ place, lock }: ConditionData): boolean {
    return isConstantPlace({ place }) && isConstantPlace({ place: placeOf(lock, 'Lock', 'thread') });
  }

  static [unpackSymbol]({ place, lock }: ConditionData): Condition {
    return madeThere(Condition, [lock, coreAt(place)], place, this);
  }
}
