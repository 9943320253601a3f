/**
 * A barrier: so many parties wait for each other, round after round.
 *
 * How it works  Each arrival counts. The last one of a round runs the action, if there is one, and opens the barrier; the others
 *               leave one by one, and each takes its number with it. Who comes meanwhile waits outside until the last has left,
 *               and then arrives. A thread that blocks lets its own promises leave first: they could not, meanwhile.
 * Layout        0 parties · 1 phase · 2 round · 3 arrived · 4 still to leave · 5 next number · 6 who runs the action, or
 *               has arrived last · 7 broken
 * Invariants    1. Phases: filling → acting → leaving → filling, and the round goes up.
 *               2. Who waits remembers its round. It leaves with a number while that round is being left, and with an error when
 *                  the round is over and it is still there, or the barrier is broken.
 * When it dies  A party that dies while it waits, or while it runs the action, breaks the barrier; one that was only about to leave
 *               is counted as gone. One that dies before it arrives is not known to the barrier; give waits a timeout.
 * Source        `threading.Barrier`; J. Mellor-Crummey, M. Scott, "Algorithms for Scalable Synchronization" (1991).
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError, TimeoutError } from '../errors/executor-errors.ts';
import { BrokenBarrierError } from '../errors/sync-errors.ts';
import { load, store } from '../memory/words.ts';
import { type Changes, Core } from './core.ts';
import { isDeadBySystem } from './members.ts';
import { ownLines } from './own-lines.ts';
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
import { KEY, WAITING } from './records.ts';
import { SyncObject } from './sync-object.ts';
import { checkWaitOptions, timeoutOf, type WaitOptions } from './wait-options.ts';
import { wholeNumber } from './whole-number.ts';
import { NOT_NOW } from './waitable.ts';

/** How a barrier is made. */
export interface BarrierOptions extends ScopeOptions {
  /**
   * Called once a round, by the party that arrives last, before anybody leaves. It stays in the thread that made the barrier: where
   * a thread or process that was sent the barrier arrives last, no action is called. A promise that it returns is waited for by
   * `wait`; `waitSync` cannot.
   */
  readonly action?: (() => unknown) | undefined;
  /** Milliseconds that a wait lasts at most, unless it says otherwise. */
  readonly timeout?: number | undefined;
}

const PARTIES = 0;
const PHASE = 1;
const ROUND = 2;
const ARRIVED = 3;
const LEAVING = 4;
const NUMBER = 5;
const ACTOR = 6;
const BROKEN = 7;

const FILLING = 0;
const ACTING = 1;
const LEAVE = 2;

/** The request of who waits outside; rounds are not negative. */
const OUTSIDE = -1;
const ROUNDS = 0x7fff_ffff;

/** Results that are no number. */
const LAST = 0x1000_0000;
const FAILED = 0x1000_0001;
const COME_IN = 0x1000_0002;
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
  /** The round that whoever came most recently, by this object, arrives at; or `OUTSIDE`. */
  #came = OUTSIDE;

  /**
   * @param parties how many; 1 or more
   * @throws InvalidOptionError `ERR_INVALID_OPTION`, UnsupportedPlatformError
   */
  constructor(parties: number, options?: BarrierOptions);
  constructor(parties: number | Core, options: BarrierOptions = {}) {
    if (parties instanceof Core) super(parties);
    else {
      wholeNumber('parties', parties, 1, MOST, "new Barrier(2, { scope: 'process' })");
      super(newCore(options));
      store(this.core.words, this.core.place(PARTIES), parties);
    }
    this.#action = checkedAction(options.action);
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
   * @throws BrokenBarrierError `ERR_BROKEN_BARRIER`; the signal's reason; TimeoutError `ERR_TIMEOUT` when time is up while the
   *   round before is not over, which breaks nothing
   */
  async wait(options?: WaitOptions): Promise<number> {
    checkWaitOptions(options);
    const timeout = options?.timeout ?? this.#timeout;
    const end = performance.now() + timeoutOf({ ...options, timeout });
    for (;;) {
      const left = Math.max(0, end - performance.now());
      const answer = this.take(0, { ...options, timeout: left });
      const round = this.#came;
      const result = await answer;
      if (result === COME_IN) continue;
      if (result !== LAST) return this.#number(result, round, timeout);
      await this.#act(round, async (action) => void (await action()));
      return this.#number(this.#open(round), round, timeout);
    }
  }

  /** Arrives, and blocks this thread until the others have. @returns as `wait` @throws as `wait` */
  waitSync(options?: WaitOptions): number {
    checkWaitOptions(options);
    const timeout = options?.timeout ?? this.#timeout;
    const end = performance.now() + timeoutOf({ ...options, timeout });
    for (;;) {
      this.beforeLook();
      const result = this.takeSync(0, Math.max(0, end - performance.now()));
      const round = this.#came;
      if (result === COME_IN) continue;
      if (result !== LAST) return this.#number(result, round, timeout);
      this.#act(round, (action) => void action());
      return this.#number(this.#open(round), round, timeout);
    }
  }

  #act<R extends void | Promise<void>>(round: number, call: (action: () => unknown) => R): R | undefined {
    if (this.#action === undefined) return undefined;
    try {
      const result = call(this.#action);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        this.#actionFailed(round);
        throw error;
      }) as R;
    } catch (error) {
      this.#actionFailed(round);
      throw error;
    }
  }

  /** Breaks the round that the action was for; one that has been reset meanwhile is no business of it. */
  #actionFailed(round: number): void {
    this.guarded(() => {
      if (this.#isActing(round)) this.#break();
    });
  }

  #isActing(round: number): boolean {
    const { core } = this;
    return !this.broken && core.own(ROUND) === round && core.own(PHASE) === ACTING;
  }

  /** The last one opens the barrier. */
  #open(round: number): number {
    const { core } = this;
    return this.guarded(() => {
      if (!this.#isActing(round)) return FAILED;
      const others = core.own(ARRIVED) - 1;
      core.commit([
        core.place(PHASE), LEAVE,
        core.place(LEAVING), others,
        core.place(NUMBER), 0,
        core.place(ACTOR), 0,
      ]); // biome-ignore format: place and value side by side
      if (others === 0) this.#nextRound();
      this.wakeAll();
      return others;
    });
  }

  /** Everybody has left, or has been sent away. */
  #nextRound(): void {
    const { core } = this;
    core.commit([
      core.place(ROUND), (core.own(ROUND) + 1) & ROUNDS,
      core.place(ARRIVED), 0,
      core.place(PHASE), FILLING,
      core.place(ACTOR), 0,
      core.place(BROKEN), 0,
    ]); // biome-ignore format: place and value side by side
    this.wakeAll(); // those who wait outside come in
  }

  #number(result: number, round: number, timeout: number): number {
    if (result === NOT_NOW && round === OUTSIDE) {
      throw new TimeoutError(
        `The round before was not over after ${timeout} ms: its action runs, or the threads of its parties are busy. The barrier is not broken.`,
      );
    }
    if (result === NOT_NOW) {
      this.abort();
      throw new BrokenBarrierError(`The other parties did not arrive in ${timeout} ms; the barrier is broken.`);
    }
    if (result === FAILED) throw new BrokenBarrierError('The barrier was broken or reset.');
    return result;
  }

  /** Breaks the barrier: all who wait, and whoever comes, get an error, until `reset`. */
  abort(): void {
    this.guarded(() => this.#break());
  }

  #break(): void {
    if (!this.broken) this.core.commit([this.core.place(BROKEN), 1]);
    this.wakeAll();
  }

  /** Gives all who wait an error, and makes the barrier usable again. A round that is being left is left in peace. */
  reset(): void {
    this.guarded(() => {
      if (this.broken || this.core.own(PHASE) !== LEAVE) this.#nextRound();
    });
  }

  override stamp(): number {
    this.#came = this.core.own(PHASE) === FILLING ? this.core.own(ROUND) : OUTSIDE;
    return this.#came;
  }

  /** This thread is going to block, or is blocked: its own promises, for which others may wait outside, or itself, leave now. */
  override beforeLook(): void {
    const { lot, key } = this.core;
    for (const [record, line] of [...ownLines(lot)]) if (load(lot.region.words, record + KEY) === key) line.look();
  }

  override attempt(round: number, record: number): number {
    const { core } = this;
    const phase = core.own(PHASE);
    if (this.broken) return FAILED;
    if (round === OUTSIDE) return record >= 0 && phase === FILLING ? COME_IN : this.#stillWaits();
    if (record < 0) return this.#arrive();
    if (round !== core.own(ROUND)) return FAILED;
    if (phase === LEAVE) return this.#leaveRound();
    if (phase === ACTING && isDeadBySystem(core.lot, core.own(ACTOR))) this.#break();
    return this.#stillWaits();
  }

  #stillWaits(): number {
    this.reap();
    return this.broken ? FAILED : NOT_NOW;
  }

  #arrive(): number {
    const { core } = this;
    // One that died waiting is counted among those who have arrived; a last one who finds it so late must not open for the dead.
    if (core.waiting > 0) this.reap();
    if (this.broken) return FAILED;
    const arrived = core.own(ARRIVED) + 1;
    if (arrived < this.parties) {
      core.commit([core.place(ARRIVED), arrived, core.place(ACTOR), core.me]);
      return NOT_NOW;
    }
    core.commit([core.place(ARRIVED), arrived, core.place(PHASE), ACTING, core.place(ACTOR), core.me]);
    return LAST;
  }

  #leaveRound(): number {
    const number = this.core.own(NUMBER);
    this.core.commit([this.core.place(NUMBER), number + 1]);
    this.#oneLeft();
    return number;
  }

  #oneLeft(): void {
    const left = this.core.own(LEAVING) - 1;
    this.core.commit([this.core.place(LEAVING), left]);
    if (left <= 0) this.#nextRound();
  }

  /** Whoever gives up is not counted any more. */
  override gaveUp(round: number): void {
    const { core } = this;
    if (this.broken || round !== core.own(ROUND)) return;
    const phase = core.own(PHASE);
    if (phase === LEAVE) this.#oneLeft();
    else {
      const actor = phase === ACTING ? core.own(ACTOR) : 0; // whoever runs the action is none of those who can give up
      core.commit([core.place(ARRIVED), core.own(ARRIVED) - 1, core.place(ACTOR), actor]);
    }
  }

  override ready(): boolean {
    return false;
  }

  override taking(): Changes {
    return [];
  }

  override grant(): void {}

  override mend(): void {
    const { core } = this;
    const actor = core.own(ACTOR);
    // It was counted, and may not have come to stand in line, where its death would be found.
    if (core.own(PHASE) !== LEAVE && actor !== 0 && isDeadBySystem(core.lot, actor)) this.#break();
    this.reap();
    this.wakeAll();
  }

  override undo(code: number, count: number, round: number): Changes {
    const { core } = this;
    if (code !== WAITING || round !== core.own(ROUND)) return [];
    if (core.own(PHASE) === LEAVE) return [core.place(LEAVING), core.own(LEAVING) - count];
    return [core.place(BROKEN), 1];
  }

  override reap(): boolean {
    const found = super.reap();
    const { core } = this;
    if (found && this.broken) this.wakeAll();
    else if (found && core.own(PHASE) === LEAVE && core.own(LEAVING) <= 0) this.#nextRound();
    return found;
  }

  [inspect.custom](): string {
    const phase = this.core.own(PHASE);
    const line = `${this.waiting}/${this.parties}`;
    const state = this.broken ? 'broken' : phase === LEAVE ? 'draining' : `filling, waiters=${line}`;
    return `Barrier { ${state} }`;
  }

  static [packSymbol](barrier: Barrier, destination: 'thread' | 'process'): BarrierData {
    return { place: placeOf(barrier, 'Barrier', destination), timeout: barrier.#timeout };
  }

  static [unpackSymbol]({ place, timeout }: BarrierData): Barrier {
    return madeThere(Barrier, [coreAt(place), { timeout }], place, this);
  }
}

function checkedAction(action: unknown): (() => unknown) | undefined {
  if (action === undefined || typeof action === 'function') return action as (() => unknown) | undefined;
  throw new InvalidOptionError(`action must be a function; it is ${inspect(action, { depth: 0 })}.`);
}

interface BarrierData {
  readonly place: PlaceData;
  readonly timeout: number;
}
