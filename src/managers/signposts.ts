/**
 * A managed event and a managed barrier.
 *
 * When it dies  A client that waits at a barrier and is gone breaks it: the others would wait for ever.
 * @module
 */
import { TimeoutError } from '../errors/executor-errors.ts';
import { BrokenBarrierError } from '../errors/sync-errors.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { callingClient } from './caller.ts';
import { wholeFrom } from './semaphores.ts';
import { TurnLine } from './turn.ts';

/**
 * An event, for proxies: `await manager.event()`.
 *
 * **Python** `SyncManager.Event`. `wait` gives false when time is up.
 */
export class ManagedEvent {
  #set = false;
  readonly #line = new TurnLine<true>();

  get isSet(): boolean {
    return this.#set;
  }

  set(): void {
    this.#set = true;
    this.#line.giveAll(true);
  }

  clear(): void {
    this.#set = false;
  }

  async wait(options?: WaitOptions): Promise<boolean> {
    timeoutOf(options);
    if (this.#set) return true;
    return (await this.#line.wait(callingClient(), options, () => {})) === true;
  }
}

/**
 * A barrier, for proxies: `await manager.barrier(3)`.
 *
 * **Python** `SyncManager.Barrier`. A wait that times out, is given up, or whose client is gone breaks it for all.
 */
export class ManagedBarrier {
  readonly parties: number;
  #waiting = 0;
  #broken = false;
  readonly #line = new TurnLine<'passed' | 'broken'>();

  /** @throws InvalidOptionError `ERR_INVALID_OPTION` */
  constructor(parties: number) {
    this.parties = wholeFrom(1, 'parties', parties);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Waits until all parties do. @returns how many were still to come
   *
   * @throws BrokenBarrierError `ERR_BROKEN_BARRIER`; TimeoutError `ERR_TIMEOUT`; the signal's reason
   */
  async wait(options?: WaitOptions): Promise<number> {
    timeoutOf(options); // who has given up already does not come
    if (this.#broken) throw broken();
    const index = this.parties - this.#waiting - 1;
    if (index === 0) {
      this.#waiting = 0;
      this.#line.giveAll('passed');
      return 0;
    }
    this.#waiting += 1;
    let given: 'passed' | 'broken' | undefined;
    try {
      given = await this.#line.wait(callingClient(), options, () => {});
    } catch (error) {
      this.abort();
      throw error;
    }
    if (given === 'passed') return index;
    if (given === 'broken') throw broken();
    this.abort();
    throw new TimeoutError('Not all parties came to this barrier in time; it is broken now.');
  }

  /** Breaks it: who waits, and who comes, fails. */
  abort(): void {
    this.#broken = true;
    this.#waiting = 0;
    this.#line.giveAll('broken');
  }

  /** Makes it as it was at first; who waits fails. */
  reset(): void {
    this.abort();
    this.#broken = false;
  }
}

const broken = (): BrokenBarrierError =>
  new BrokenBarrierError('This managed barrier is broken: it was aborted or reset, or somebody gave up or died at it.');
