/**
 * A lock: one holder at a time. The algorithm is in `mutex.ts`.
 * @module
 */
import { inspect } from 'node:util';
import type { Core } from './core.ts';
import { currentFlow } from './flow.ts';
import type { Hold } from './hold.ts';
import { type EndlessLockOptions, type LockOptions, Mutex } from './mutex.ts';
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

/**
 * Lets one thread (or async function) at a time pass.
 *
 * **Python** `threading.Lock`, `multiprocessing.Lock`. Differences: one class for both; a lock whose holder died says so
 * (`OwnerDiedError`) instead of hanging; a thread that would block itself for ever gets a `DeadlockError`.
 *
 * **Use it** for state that several threads or processes change, and for async functions that must not interleave. Waiting is
 * not in strict order, so that no core idles; nobody is passed over for long.
 *
 * **Gotchas** It is not re-entrant: see `RLock`. As in Python, any thread may release it; the hold that `acquire` gives can
 * only release what it acquired. `acquireSync` blocks the event loop: in a server use `acquire`.
 *
 * @example
 * const lock = new Lock();
 * const hold = await lock.acquire();                 // in threads that may block: lock.acquireSync()
 * try { balance[0] += 1; } finally { hold.release(); }   // or: using hold = await lock.acquire();
 */
export class Lock extends Mutex {
  /** @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`, InvalidOptionError */
  constructor(options?: ScopeOptions);
  constructor(options: ScopeOptions | Core = {}) {
    super(coreFor(options));
  }

  /**
   * Waits for the lock; the event loop goes on.
   *
   * @returns what holds it; `false` when `timeout` milliseconds were over
   * @throws OwnerDiedError `ERR_OWNER_DIED` unless `recover` is asked for; the signal's reason
   */
  acquire(options?: EndlessLockOptions): Promise<Hold>;
  acquire(options: LockOptions): Promise<Hold | false>;
  async acquire(options?: LockOptions): Promise<Hold | false> {
    if (options === undefined && this.takeFree()) return this.hold(currentFlow());
    return this.lock(options, currentFlow());
  }

  /**
   * Blocks this thread until it has the lock.
   *
   * @returns what holds it; `false` when `timeout` milliseconds were over
   * @throws OwnerDiedError `ERR_OWNER_DIED`; DeadlockError `ERR_DEADLOCK` when this thread holds it already and gives no timeout
   */
  acquireSync(options?: EndlessLockOptions): Hold;
  acquireSync(options: LockOptions): Hold | false;
  acquireSync(options?: LockOptions): Hold | false {
    if (options === undefined && this.takeFree()) return this.hold(currentFlow());
    return this.lockSync(options);
  }

  /** Takes the lock if it is free; `false` if it is not. */
  tryAcquire(): Hold | false {
    return this.takeFree() ? this.hold(currentFlow()) : this.lockSync({ timeout: 0 });
  }

  /**
   * Gives the lock back, whoever holds it.
   *
   * @throws NotHeldError `ERR_NOT_HELD` when nobody does
   */
  override release(): void {
    this.unlock();
  }

  /**
   * Calls a function while the lock is held, and resolves to what it returns.
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
    return `Lock { ${this.describeState()} }`;
  }

  static [packSymbol](lock: Lock, destination: 'thread' | 'process'): PlaceData {
    return placeOf(lock, 'Lock', destination);
  }

  static [unpackSymbol](data: PlaceData): Lock {
    return madeThere(Lock, [coreAt(data)], data, this);
  }
}
