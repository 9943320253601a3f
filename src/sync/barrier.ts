/**
 * A barrier: so many parties wait for each other, round after round.
 *
 * How it works  Each arrival counts. The last one of a round runs the action, if there is one, and opens the barrier; the others
 *               leave one by one, and each takes its number with it. Who arrives while a round is still being left belongs to the
 *               next one, which begins when the last has left.
 * Layout        0 parties · 1 phase · 2 round · 3 arrived in this round · 4 arrived for the next · 5 still to leave ·
 *               6 next number · 7 who runs the action · 8 broken · 9 the next round has been called off
 * Invariants    1. Phases: filling → acting → leaving → filling. Rounds go up by one, by three when the next was called off.
 *               2. Who waits remembers its round. It leaves with a number when that round is being left, and with an error when
 *                  the round is over and it is still there, or the barrier is broken.
 * When it dies  A party that dies while it waits, or while it runs the action, breaks the barrier. One that dies before it arrives
 *               is not known to the barrier; give waits a timeout.
 * Source        `threading.Barrier`; J. Mellor-Crummey, M. Scott, "Algorithms for Scalable Synchronization" (1991).
 * @module
 */
import { inspect } from 'node:util';
import { BrokenBarrierError } from '../errors/sync-errors.ts';
import { store } from '../memory/words.ts';
import type { Changes, Core } from './core.ts';
import { isDeadBySystem } from './members.ts';
import { coreAt, newCore, packSymbol, type PlaceData, placeOf, type ScopeOptions, unpackSymbol } from './place.ts';
import { WAITING } from './records.ts';
import { SyncObject } from './sync-object.ts';
import { timeoutOf, type WaitOptions } from './wait-options.ts';
import { wholeNumber } from './whole-number.ts';
import { NOT_NOW } from './waitable.ts';

/** How a barrier is made. */
export interface BarrierOptions extends ScopeOptions {
  /**
   * Called once a round, by the party that arrives last, before anybody leaves. It stays in the thread that made the barrier: where
   * a thread or process that was sent the barrier arrives last, no action is called.
   */
  readonly action?: (() => unknown) | undefined;
  /** Milliseconds that a wait lasts at most, unless it says otherwise. */
  readonly timeout?: number | undefined;
}

const PARTIES = 0;
const PHASE = 1;
const ROUND = 2;
const ARRIVED = 3;
const EARLY = 4;
const LEAVING = 5;
const NUMBER = 6;
const ACTOR = 7;
const BROKEN = 8;
const CALLED_OFF = 9;

const FILLING = 0;
const ACTING = 1;
const LEAVE = 2;

/** Results that are no number. */
const LAST = 0x1000_0000;
const FAILED = 0x1000_0001;
const MOST = 0xff_ffff;

/**
 * Lets parties wait for each other.
 *
 * **Python** `threading.Barrier`, `multiprocessing.Barrier`, `asyncio.Barrier`. A wait that is over in time breaks the barrier, as in
 * `threading`; one that is given up by its signal does not count any more, as in `asyncio`.
 *
 * @example
 * const round = new Barrier(4);
 * const number = await round.wait();      // 0 … 3, another one for each
 */
export class Barrier extends SyncObject {
  override readonly ordered = false;
  readonly #action: (() => unknown) | undefined;
  readonly #timeout: number;

  /**
   * @param parties how many; 1 or more
   * @throws InvalidOptionError `ERR_INVALID_OPTION`, UnsupportedPlatformError
   */
  constructor(parties: number, options?: BarrierOptions);
  constructor(parties: number | Core, options: BarrierOptions = {}) {
    if (typeof parties === 'object') super(parties);
    else {
      wholeNumber('parties', parties, 1, MOST);
      super(newCore(options));
      store(this.core.words, this.core.place(PARTIES), parties);
    }
    this.#action = options.action;
    this.#timeout = timeoutOf({ timeout: options.timeout });
  }

  /** How many have to arrive. */
  get parties(): number {
    return this.core.own(PARTIES);
  }

  /** How many have arrived and wait. */
  get waiting(): number {
    return this.broken || this.core.own(PHASE) === LEAVE ? 0 : this.core.own(ARRIVED);
  }

  /** Whether the barrier is broken: every wait fails until `reset`. */
  get broken(): boolean {
    return this.core.own(BROKEN) !== 0;
  }

  /**
   * Arrives, and waits for the others; the event loop goes on.
   *
   * @returns a number from 0 to `parties - 1`, another one for each party of the round
   * @throws BrokenBarrierError `ERR_BROKEN_BARRIER`; the signal's reason
   */
  async wait(options?: WaitOptions): Promise<number> {
    const timeout = options?.timeout ?? this.#timeout;
    let result = await this.take(0, { ...options, timeout });
    if (result === LAST) {
      await this.#act(async (action) => void (await action()));
      result = this.#open();
    }
    return this.#number(result, timeout);
  }

  /** Arrives, and blocks this thread until the others have. @returns as `wait` @throws BrokenBarrierError */
  waitSync(options?: WaitOptions): number {
    const timeout = timeoutOf({ ...options, timeout: options?.timeout ?? this.#timeout });
    let result = this.takeSync(0, timeout);
    if (result === LAST) {
      this.#act((action) => void action());
      result = this.#open();
    }
    return this.#number(result, timeout);
  }

  #act<R extends void | Promise<void>>(call: (action: () => unknown) => R): R | undefined {
    if (this.#action === undefined) return undefined;
    try {
      const result = call(this.#action);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        this.abort();
        throw error;
      }) as R;
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** The last one opens the barrier. */
  #open(): number {
    const { core } = this;
    this.enter();
    const mine = core.own(PHASE) === ACTING && core.own(ACTOR) === core.me && !this.broken;
    const others = core.own(ARRIVED) - 1;
    if (mine) {
      core.commit([
        core.place(PHASE), LEAVE,
        core.place(LEAVING), others,
        core.place(NUMBER), 0,
        core.place(ACTOR), 0,
      ]); // biome-ignore format: place and value side by side
      if (others === 0) this.#nextRound();
      this.wakeAll();
    }
    core.leave();
    return mine ? others : FAILED;
  }

  #nextRound(): void {
    const { core } = this;
    const arrived = core.own(EARLY);
    const full = arrived === this.parties;
    const round = core.own(ROUND) + (core.own(CALLED_OFF) === 0 ? 1 : 3);
    core.commit([
      core.place(ROUND), round | 0,
      core.place(ARRIVED), arrived,
      core.place(EARLY), 0,
      core.place(CALLED_OFF), 0,
      core.place(PHASE), full ? ACTING : FILLING,
    ]); // biome-ignore format: place and value side by side
    if (full) this.wakeAll(); // whoever looks first plays the last one's part
  }

  #number(result: number, timeout: number): number {
    if (result === NOT_NOW) {
      this.abort();
      throw new BrokenBarrierError(`The other parties did not arrive in ${timeout} ms; the barrier is broken.`);
    }
    if (result === FAILED) throw new BrokenBarrierError('The barrier was broken or reset.');
    return result;
  }

  /** Breaks the barrier: all who wait, and whoever comes, get an error, until `reset`. */
  abort(): void {
    this.enter();
    this.#break();
    this.core.leave();
  }

  #break(): void {
    if (!this.broken) this.core.commit([this.core.place(BROKEN), 1]);
    this.wakeAll();
  }

  /** Gives all who wait an error, and makes the barrier usable again. A round that is being left is left in peace. */
  reset(): void {
    const { core } = this;
    this.enter();
    if (core.own(PHASE) === LEAVE && !this.broken) {
      core.commit([core.place(EARLY), 0, core.place(CALLED_OFF), 1]);
    } else {
      core.commit([core.place(LEAVING), 0, core.place(EARLY), 0, core.place(CALLED_OFF), 0, core.place(ACTOR), 0]);
      core.commit([
        core.place(ROUND), (core.own(ROUND) + 2) | 0,
        core.place(ARRIVED), 0,
        core.place(PHASE), FILLING,
        core.place(BROKEN), 0,
      ]); // biome-ignore format: place and value side by side
    }
    this.wakeAll();
    core.leave();
  }

  override stamp(): number {
    const { core } = this;
    return (core.own(ROUND) + (core.own(PHASE) === FILLING ? 0 : 1)) | 0;
  }

  override attempt(round: number, record: number): number {
    if (this.broken) return FAILED;
    if (record < 0) return this.#arrive();
    const { core } = this;
    const now = core.own(ROUND);
    if (round === ((now + 1) | 0)) return core.own(CALLED_OFF) === 0 ? this.#stillWaits() : FAILED;
    if (round !== now) return FAILED;
    const phase = core.own(PHASE);
    if (phase === LEAVE) return this.#leaveRound();
    if (phase === ACTING) {
      const actor = core.own(ACTOR);
      if (actor === 0) {
        core.commit([core.place(ACTOR), core.me]);
        return LAST;
      }
      if (isDeadBySystem(core.lot, actor)) this.#break();
    }
    return this.#stillWaits();
  }

  #stillWaits(): number {
    this.reap();
    return this.broken ? FAILED : NOT_NOW;
  }

  #arrive(): number {
    const { core } = this;
    if (core.own(PHASE) !== FILLING) {
      if (core.own(EARLY) < this.parties) core.commit([core.place(EARLY), core.own(EARLY) + 1]);
      return NOT_NOW;
    }
    const arrived = core.own(ARRIVED) + 1;
    if (arrived < this.parties) {
      core.commit([core.place(ARRIVED), arrived]);
      return NOT_NOW;
    }
    core.commit([core.place(ARRIVED), arrived, core.place(PHASE), ACTING, core.place(ACTOR), core.me]);
    return LAST;
  }

  #leaveRound(): number {
    const { core } = this;
    const number = core.own(NUMBER);
    const left = core.own(LEAVING) - 1;
    core.commit([core.place(NUMBER), number + 1, core.place(LEAVING), left]);
    if (left <= 0) this.#nextRound();
    return number;
  }

  /** Whoever gives up is not counted any more. */
  override gaveUp(round: number): void {
    const { core } = this;
    const place = round === core.own(ROUND) ? ARRIVED : EARLY;
    if (!this.broken && core.own(place) > 0) core.commit([core.place(place), core.own(place) - 1]);
  }

  override ready(): boolean {
    return false;
  }

  override taking(): Changes {
    return [];
  }

  override grant(): void {}

  override mend(): void {
    this.reap();
    this.wakeAll();
  }

  /** A party that died while it waited breaks the barrier. */
  override undo(code: number, count: number, round: number): Changes {
    const { core } = this;
    if (code !== WAITING) return [];
    if (core.own(PHASE) === LEAVE && round === core.own(ROUND)) {
      return [core.place(LEAVING), Math.max(0, core.own(LEAVING) - count)];
    }
    return [core.place(BROKEN), 1];
  }

  override reap(): boolean {
    const found = super.reap();
    const { core } = this;
    if (found && this.broken) this.wakeAll();
    else if (found && core.own(PHASE) === LEAVE && core.own(LEAVING) === 0) this.#nextRound();
    return found;
  }

  [inspect.custom](): string {
    const phase = this.core.own(PHASE);
    const line = `${this.waiting}/${this.parties}`;
    const state = this.broken ? 'broken' : phase === LEAVE ? 'draining' : `filling, waiters=${line}`;
    return `Barrier { ${state} }`;
  }

  static [packSymbol](barrier: Barrier, destination: 'thread' | 'process'): BarrierData {
    return { place: placeOf(barrier.core, 'Barrier', destination), timeout: barrier.#timeout };
  }

  static [unpackSymbol]({ place, timeout }: BarrierData): Barrier {
    return new this(coreAt(place) as never, { timeout });
  }
}

interface BarrierData {
  readonly place: PlaceData;
  readonly timeout: number;
}
