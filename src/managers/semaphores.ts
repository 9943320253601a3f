/**
 * Managed semaphores.
 *
 * When it dies  The permits of a client that is gone are lost, as in Python, or come back with `reclaim`: then it is noted who has how many.
 *               So do the semaphores of `sync/`.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { NotHeldError } from '../errors/sync-errors.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { callingClient, type Client } from './caller.ts';
import { TurnLine } from './turn.ts';

/** How a managed semaphore is made. */
export interface ManagedSemaphoreOptions {
  /** Whether the permits of a client come back when it is gone. Default: false; true for a bounded one. */
  readonly reclaim?: boolean | undefined;
}

/**
 * A semaphore, for proxies: `await manager.semaphore(3)`. Permits are granted in the order of arrival.
 *
 * **Python** `SyncManager.Semaphore`. `acquire` gives false when time is up. Whoever releases need not be who acquired; with `reclaim` a
 * permit that somebody else gives back is taken off the one who has had one longest.
 */
export class ManagedSemaphore {
  #permits: number;
  readonly #reclaim: boolean;
  readonly #held = new Map<Client, number>();
  readonly #line = new TurnLine<true>();

  /** @throws InvalidOptionError `ERR_INVALID_OPTION` */
  constructor(permits = 1, { reclaim = false }: ManagedSemaphoreOptions = {}) {
    this.#permits = wholeFrom(0, 'permits', permits);
    this.#reclaim = reclaim;
  }

  /** Permits left. */
  get value(): number {
    return this.#permits;
  }

  async acquire(options?: WaitOptions): Promise<boolean> {
    const client = callingClient();
    timeoutOf(options);
    if (this.tryAcquire()) return true;
    const given = await this.#line.wait(client, options, () => this.#back(1));
    if (given === undefined) return false;
    this.#note(client);
    return true;
  }

  tryAcquire(): boolean {
    if (this.#permits === 0) return false;
    this.#permits -= 1;
    this.#note(callingClient());
    return true;
  }

  release(count = 1): void {
    wholeFrom(1, 'count', count);
    this.#forget(callingClient(), count);
    this.#back(count);
  }

  #back(count: number): void {
    for (let i = 0; i < count; i++) if (!this.#line.give(true)) this.#permits += 1;
  }

  #note(client: Client): void {
    if (!this.#reclaim) return;
    const held = this.#held.get(client);
    this.#held.set(client, (held ?? 0) + 1);
    if (held !== undefined) return;
    client.onGone(() => {
      const lost = this.#held.get(client) ?? 0;
      this.#held.delete(client);
      this.#back(lost);
    });
  }

  /** Its own permits first, then those of who has had them longest. */
  #forget(client: Client, count: number): void {
    let left = count;
    for (const each of [client, ...this.#held.keys()]) {
      const held = this.#held.get(each) ?? 0;
      const less = Math.min(held, left);
      if (held > 0) this.#held.set(each, held - less);
      left -= less;
    }
  }
}

/**
 * A semaphore that has never more permits than at first: `await manager.boundedSemaphore(3)`.
 *
 * **Python** `SyncManager.BoundedSemaphore`.
 */
export class ManagedBoundedSemaphore extends ManagedSemaphore {
  readonly #most: number;

  constructor(permits = 1, options: ManagedSemaphoreOptions = {}) {
    super(permits, { reclaim: true, ...options });
    this.#most = permits;
  }

  /** @throws NotHeldError `ERR_NOT_HELD` when there would be more permits than at first */
  override release(count = 1): void {
    if (this.value + count > this.#most)
      throw new NotHeldError(
        `This managed semaphore has ${this.value} of ${this.#most} permits; ${count} more is too many.`,
      );
    super.release(count);
  }
}

/** @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function wholeFrom(least: number, name: string, count: unknown): number {
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= least) return count;
  throw new InvalidOptionError(`${name} must be a whole number of at least ${least}; it is ${String(count)}.`);
}
