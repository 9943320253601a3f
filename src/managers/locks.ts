/**
 * Managed locks.
 *
 * How it works  A lock is held by a client, that is, by a thread. What is released is handed to whoever has waited longest. A re-entrant one is
 *               then had by all of that client who wait, each by a level of its own: what it holds already it does not wait for.
 * When it dies  A lock whose holder is gone stays locked, and says so: each `acquire` fails with `ERR_OWNER_DIED` until one asks for
 *               `{ recover: true }`, or somebody releases it, which says as much. So do the locks of `sync/`.
 * @module
 */
import { NotHeldError, OwnerDiedError } from '../errors/sync-errors.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { callingClient, type Client } from './caller.ts';
import { TurnLine } from './turn.ts';

/** How a lock is acquired. */
export interface AcquireOptions extends WaitOptions {
  /** Takes the lock of a holder that is gone; the caller mends what it guards. */
  readonly recover?: boolean | undefined;
}

type Given = 'free' | 'left behind';

/**
 * A lock, for proxies: `await manager.lock()`.
 *
 * **Python** `SyncManager.Lock`. Anybody may release it. `acquire` gives false when time is up.
 */
export class ManagedLock {
  #locked = false;
  #holder: Client | undefined;
  #leftBehind = false;
  /** Whether it was given to one who waits, and has not taken it yet: nobody holds it then. */
  #given = false;
  #forget: (() => void) | undefined;
  readonly #line = new TurnLine<Given>();

  get locked(): boolean {
    return this.#locked;
  }

  /** @internal */
  get _heldBy(): Client | undefined {
    return this.#holder;
  }

  /** @throws OwnerDiedError `ERR_OWNER_DIED`; the signal's reason */
  async acquire(options: AcquireOptions = {}): Promise<boolean> {
    const client = callingClient();
    const turn = this._turn(client, options);
    if (turn !== undefined && !(await turn)) return false;
    this._take(client);
    return true;
  }

  /** Takes it if it is free. @throws OwnerDiedError `ERR_OWNER_DIED` */
  tryAcquire(): boolean {
    if (this.#leftBehind) throw ownerDied();
    if (this.#locked) return false;
    this._take(callingClient());
    return true;
  }

  /** @throws NotHeldError `ERR_NOT_HELD` when nobody holds it */
  release(): void {
    if (!this.#locked || this.#given) throw new NotHeldError('This managed lock is not held by anybody.');
    this._unlock();
  }

  /** @internal Waits until it may be taken, and must be at once; false when time was up. Undefined: there is nothing to wait for. */
  _turn(client: Client, options: AcquireOptions): Promise<boolean> | undefined {
    timeoutOf(options);
    const { recover = false } = options;
    if (this.#leftBehind && !recover) throw ownerDied();
    if (this.#leftBehind || !this.#locked) return undefined;
    const refuse = (given: Given): Error | undefined => (given === 'left behind' && !recover ? ownerDied() : undefined);
    return this.#line.wait(client, options, (back) => this.#offer(back), refuse).then((given) => given !== undefined);
  }

  /** @internal */
  _unlock(): void {
    this.#forget?.();
    this.#holder = undefined;
    this.#leftBehind = false;
    this.#offer('free');
  }

  /** @internal */
  _take(client: Client): void {
    this.#locked = true;
    this.#given = false;
    this.#leftBehind = false;
    this.#holder = client;
    this.#forget = client.onGone(() => {
      this.#holder = undefined;
      this.#leftBehind = true;
      this.#offer('left behind');
    });
  }

  #offer(given: Given): void {
    this.#given = this.#line.give(given);
    if (this.#given) this.#leftBehind = false;
    else if (given === 'free') this.#locked = false;
    else this.#leftBehind = true;
  }
}

/**
 * A lock that its holder may acquire again: `await manager.rlock()`.
 *
 * **Python** `SyncManager.RLock`. The holder is a thread: two async functions of one thread do not keep each other out.
 */
export class ManagedRLock extends ManagedLock {
  #level = 0;
  readonly #waiting = new Set<Reentrant>();

  override async acquire(options: AcquireOptions = {}): Promise<boolean> {
    return this._enter(callingClient(), options, 1);
  }

  override tryAcquire(): boolean {
    if (this._heldBy === callingClient()) this.#level += 1;
    else if (super.tryAcquire()) this.#level = 1;
    else return false;
    return true;
  }

  /** @throws NotHeldError `ERR_NOT_HELD` when another thread holds it, or nobody does */
  override release(): void {
    if (this._heldBy !== callingClient())
      throw new NotHeldError('This managed RLock is not held by the thread that releases it.');
    this.#level -= 1;
    if (this.#level === 0) this._unlock();
  }

  /** @internal Gives it back at all its levels. */
  _leave(): number {
    const level = this.#level;
    this._unlock();
    return level;
  }

  /** @internal Has it, by so many levels more. */
  async _enter(client: Client, options: AcquireOptions, level: number): Promise<boolean> {
    timeoutOf(options);
    if (this._heldBy === client) {
      this.#level += level;
      return true;
    }
    const waiter: Reentrant = { client, level, joins: new AbortController(), joined: false };
    const { signal } = options;
    const both = signal === undefined ? waiter.joins.signal : AbortSignal.any([signal, waiter.joins.signal]);
    this.#waiting.add(waiter);
    try {
      const turn = this._turn(client, { ...options, signal: both });
      if (turn !== undefined && !(await turn)) return waiter.joined;
    } catch (error) {
      if (waiter.joined) return true;
      throw error;
    } finally {
      this.#waiting.delete(waiter);
    }
    this._take(client);
    this.#level = level;
    this.#join(client);
    return true;
  }

  /** The client has it: so do all of it who wait, and they leave the line. */
  #join(client: Client): void {
    for (const waiter of this.#waiting) {
      if (waiter.client !== client) continue;
      this.#waiting.delete(waiter);
      this.#level += waiter.level;
      waiter.joined = true;
      waiter.joins.abort();
    }
  }
}

/** One of a client who waits for a re-entrant lock. */
interface Reentrant {
  readonly client: Client;
  readonly level: number;
  /** Takes it out of the line. */
  readonly joins: AbortController;
  /** Whether it has its levels, since another of its client was given the lock. */
  joined: boolean;
}

/**
 * A condition with a re-entrant lock of its own: `await manager.condition()`.
 *
 * **Python** `SyncManager.Condition`. Wait in a loop that looks at what is waited for.
 */
export class ManagedCondition {
  readonly #lock = new ManagedRLock();
  readonly #line = new TurnLine<true>();
  #waiting = 0;

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** @throws OwnerDiedError `ERR_OWNER_DIED`; the signal's reason */
  async acquire(options?: AcquireOptions): Promise<boolean> {
    return this.#lock.acquire(options);
  }

  /** @throws NotHeldError `ERR_NOT_HELD` */
  release(): void {
    this.#lock.release();
  }

  /**
   * Gives the lock back, waits for `notify`, and has the lock again. False when time was up.
   *
   * @throws NotHeldError `ERR_NOT_HELD`
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const client = callingClient();
    this.#check(client);
    timeoutOf(options);
    const level = this.#lock._leave();
    this.#waiting += 1;
    let told: true | undefined;
    try {
      told = await this.#line.wait(client, options, () => void this.#line.give(true));
    } finally {
      this.#waiting -= 1;
      if (!client.signal.aborted) await this.#lock._enter(client, {}, level);
    }
    return told === true;
  }

  /** Wakes so many. @throws NotHeldError `ERR_NOT_HELD` */
  notify(count = 1): void {
    this.#check(callingClient());
    for (let i = 0; i < count && this.#line.give(true); i++);
  }

  /** Wakes all. @throws NotHeldError `ERR_NOT_HELD` */
  notifyAll(): void {
    this.#check(callingClient());
    this.#line.giveAll(true);
  }

  #check(client: Client): void {
    if (this.#lock._heldBy !== client)
      throw new NotHeldError('A condition is used by who holds its lock: await condition.acquire() first.');
  }
}

const ownerDied = (): OwnerDiedError =>
  new OwnerDiedError(
    'The thread or process that held this managed lock is gone. What the lock guards may be half changed: acquire it with { recover: true }, ' +
      'mend that, and release it.',
  );
