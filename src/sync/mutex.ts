/**
 * Mutual exclusion: what `Lock` and `RLock` are made of.
 *
 * How it works  The lock word is 0, or says who holds it. Taking a free lock and giving back one that nobody waits for are one
 *               atomic operation each. Otherwise the waiter marks the word, stands in line (`sync-object.ts`) and sleeps. A
 *               release that finds the mark frees the word and wakes the first in line, who has to be faster than whoever
 *               comes along: that keeps both cores busy. A waiter that was woken and came too late is handed the lock at the
 *               next release, so nobody is passed over more than once after being woken.
 * Layout        0 lock word: id of the holder, `WAITERS`, `DIED` · 1 flow of the holder · 2 levels (RLock) · 3 since
 * Invariants    1. While the word has `WAITERS` or `DIED`, it changes under the guard only, except that nobody can take it.
 *               2. The mark is set while the lock is held, in the same atomic operation that looks whether it is.
 *               3. A waiter that was woken answers for the next one: it takes the lock and marks it, or passes the wake-up on.
 *                  So only the living are woken; one that dies before it answers is told of, and then all look.
 * When it dies  The word names a member that is dead: it becomes `DIED` without a holder, and all who wait, and whoever comes,
 *               get `OwnerDiedError`, until one that asked for it recovers the lock. One that was handed the lock and died
 *               before it knew has changed nothing: its lock is simply freed.
 * Source        Go's `sync/mutex.go` (normal and starving mode); U. Drepper, "Futexes Are Tricky"; POSIX robust mutexes.
 * @module
 */
import { DeadlockError, NotHeldError, OwnerDiedError } from '../errors/sync-errors.ts';
import { compareExchange, load, pause, spinning, store } from '../memory/words.ts';
import { type Changes, type Core, type HeldHere, inLot } from './core.ts';
import { currentFlow, isRunning, isWithin } from './flow.ts';
import { heldHere } from './held-here.ts';
import { Hold, type Holdable } from './hold.ts';
import { describe, ID_MASK, identity, isDead, isDeadBySystem } from './members.ts';
import { earliest, GIVEN, GRANTED, MEMBER, REQUEST } from './records.ts';
import { SyncObject } from './sync-object.ts';
import { timeoutOf, type WaitOptions } from './wait-options.ts';
import type { Agent } from './watch-table.ts';
import { NOT_NOW } from './waitable.ts';

/** What bounds the wait for a lock, and how it is taken. */
export interface LockOptions extends WaitOptions {
  /** Take the lock also when the one before died holding it; `recovered` of the hold then says so. */
  readonly recover?: boolean | undefined;
}

/** As `LockOptions`, without an end in time. */
export interface EndlessLockOptions extends LockOptions {
  readonly timeout?: undefined;
}

/** A lock that was given up for a while. */
export interface Suspended {
  readonly flow: number;
  readonly levels: number;
  readonly hold: number;
  readonly flows: number[];
}

const WORD = 0;
export const FLOW = 1;
export const LEVELS = 2;

const WAITERS = 0x8000_0000 | 0;
const DIED = 0x4000_0000;

/** Requests. */
const RECOVER = 1;
const HAND_OVER = 2;

/** Results. */
const TAKEN = 0;
const RECOVERED = 1;
const OWNER_DIED = 2;

/** The flow of a lock that was given to a promise which has not been told: nobody's, so nobody is in it already. */
const UNTOLD = -2;

const SPINS = 60;

/** A lock word and its line. */
export abstract class Mutex extends SyncObject implements Holdable {
  override readonly ordered = false;
  readonly #word: number;

  protected constructor(core: Core) {
    super(core);
    this.#word = core.place(WORD);
  }

  /** What this thread has of it, by whatever object. @internal */
  protected get here(): HeldHere {
    return this.core.here ?? heldHere(this.core);
  }

  /** Whether anybody holds it. */
  get locked(): boolean {
    return (load(this.core.words, this.#word) & ID_MASK) !== 0;
  }

  /** Who holds it: process and thread (0 is a process's main thread); undefined when nobody does. */
  get owner(): { readonly pid: number; readonly threadId: number } | undefined {
    const id = load(this.core.words, this.#word) & ID_MASK;
    return id === 0 ? undefined : identity(this.core.lot, id);
  }

  /** Whether this thread holds it. A plain read: what others change about that decides at the exchange that follows. @internal */
  get mine(): boolean {
    return ((this.core.words[this.#word] as number) & ID_MASK) === this.core.me;
  }

  /**
   * Whether what runs now holds it, as far as that can be told: what a flow holds that still runs, nobody else does; what was acquired
   * outside of every `run` the whole thread holds, and so it does what the flows that have acquired it have left behind. @internal
   */
  get held(): boolean {
    if (!this.mine) return false;
    const { flow } = this;
    return flow !== UNTOLD && (!isRunning(flow) || isWithin(flow));
  }

  /** Takes a free lock. @internal */
  protected takeFree(): boolean {
    return compareExchange(this.core.words, this.#word, 0, this.core.me) === 0;
  }

  /** Gives back a lock of this thread that nobody waits for. @internal */
  protected freeUnwanted(): boolean {
    return compareExchange(this.core.words, this.#word, this.core.me, 0) === this.core.me;
  }

  protected hold(flow: number, recovered = false): Hold {
    const { words } = this.core;
    words[this.core.place(FLOW)] = flow;
    words[this.core.place(LEVELS)] = 1;
    this.core.lot.held += 1;
    const { here } = this;
    here.given += 1;
    here.current = here.given;
    return new Hold(this, here.given, recovered);
  }

  /** What a promise gets when it is told. Whoever likes may have released the lock since it was given: then it holds nothing. */
  #holdIfGiven(flow: number, recovered: boolean): Hold {
    if (this.mine && this.flow === UNTOLD) return this.hold(flow, recovered);
    this.core.lot.held += 1; // who released it counted one down
    this.here.given += 1;
    return new Hold(this, this.here.given, recovered);
  }

  /** The flow of this thread's hold: a plain read. @internal */
  protected get flow(): number {
    return this.core.words[this.core.place(FLOW)] as number;
  }

  /** Blocks for the lock. @internal */
  protected lockSync(options: LockOptions | undefined): Hold | false {
    const timeout = timeoutOf(options);
    if (timeout === 0 && this.#heldByTheLiving()) return false;
    for (let i = spinning && timeout > 0 ? SPINS : 0; i >= 0; i--) {
      if (load(this.core.words, this.#word) === 0 && this.takeFree()) return this.hold(currentFlow());
      pause();
    }
    if (timeout === Infinity && this.mine) this.#refuseSelf('thread');
    return this.#held(this.takeSync(options?.recover === true ? RECOVER : 0, timeout), currentFlow());
  }

  /** Waits for the lock. @internal */
  protected lock(options: LockOptions | undefined, flow: number): Promise<Hold | false> {
    const timeout = timeoutOf(options);
    if (this.takeFree()) return Promise.resolve(this.hold(flow));
    if (timeout === Infinity && options?.signal === undefined && this.mine && isWithin(this.flow)) {
      this.#refuseSelf('async function');
    }
    const answer = this.take(options?.recover === true ? RECOVER : 0, options);
    if (typeof answer === 'number') return Promise.resolve(this.#held(answer, flow));
    return answer.then((result) => this.#held(result, flow));
  }

  #held(result: number, flow: number): Hold | false {
    if (result === NOT_NOW) return false;
    if (result === OWNER_DIED) {
      throw new OwnerDiedError(
        `Whoever held this ${this.constructor.name} died; what it guards may be half changed. Acquire it with { recover: true }, mend that, and release it.`,
      );
    }
    return this.#holdIfGiven(flow, result === RECOVERED);
  }

  override blockers(): Agent[] {
    const { words } = this.core;
    const member = load(words, this.#word) & ID_MASK;
    return member === 0 ? [] : [{ member, flow: load(words, this.core.place(FLOW)) }];
  }

  #heldByTheLiving(): boolean {
    const owner = load(this.core.words, this.#word) & ID_MASK;
    return owner !== 0 && !isDead(this.core.lot, owner);
  }

  #refuseSelf(who: string): never {
    throw new DeadlockError(
      `This ${who} holds this ${this.constructor.name} already, and would wait for itself for ever. Release it first, use an RLock, or give a timeout if somebody else is going to release it.`,
    );
  }

  /** Gives it back to whoever waits. @throws NotHeldError @internal */
  protected unlock(): void {
    const { core } = this;
    const { here } = this;
    here.current = 0;
    if (here.flows.length > 0) here.flows = [];
    if (this.mine) {
      core.lot.held -= 1;
      core.words[core.place(FLOW)] = UNTOLD; // whose flow it is must not be read as that of the next holder
      if (this.freeUnwanted()) return;
    }
    if (!this.guarded(() => this.#unlockUnderGuard()))
      throw new NotHeldError(`This ${this.constructor.name} is not locked.`);
  }

  #unlockUnderGuard(): boolean {
    const { core } = this;
    const { words } = core;
    for (;;) {
      const word = load(words, this.#word);
      if ((word & ID_MASK) === 0) return false;
      const head = this.#head();
      if (head >= 0 && this.#wantsHandOver(head)) {
        // Marked, it cannot be freed by its holder at the same moment (a plain lock may be released by anybody).
        if ((word & WAITERS) === 0 && compareExchange(words, this.#word, word, word | WAITERS) !== word) continue;
        store(words, core.place(FLOW), UNTOLD);
        this.#handOver(head);
        return true;
      }
      store(words, core.place(FLOW), UNTOLD);
      if (compareExchange(words, this.#word, word, 0) !== word) continue;
      if (head >= 0) core.nudge(head);
      return true;
    }
  }

  /** Who has waited longest, and lives: a wake-up for the dead would be one for nobody. -1: nobody waits. Under the guard. */
  #head(): number {
    const { core } = this;
    while (core.waiting > 0) {
      const head = earliest(core.lot, core.key, false);
      if (head < 0) core.commit(core.waitingIs(0));
      else if (isDead(core.lot, load(core.lot.region.words, head + MEMBER))) this.reapRecord(head);
      else return head;
    }
    return -1;
  }

  #wantsHandOver(record: number): boolean {
    return (load(this.core.lot.region.words, record + REQUEST) & HAND_OVER) !== 0;
  }

  #handOver(record: number): void {
    const { core } = this;
    const { words } = core.lot.region;
    const more = core.waiting > 1 ? WAITERS : 0;
    core.commit([
      inLot(record + GIVEN), 1,
      inLot(record), GRANTED,
      ...core.waitingIs(core.waiting - 1),
      this.#word, load(words, record + MEMBER) | more,
    ]); // biome-ignore format: place and value side by side
    core.wake(record);
  }

  override attempt(request: number, record: number): number {
    const { core } = this;
    const { words, lot } = core;
    for (;;) {
      const word = load(words, this.#word);
      const owner = word & ID_MASK;
      if (owner === 0) {
        if ((word & DIED) !== 0 && (request & RECOVER) === 0) return OWNER_DIED;
        const others = core.waiting > (record < 0 ? 0 : 1) ? WAITERS : 0;
        if (compareExchange(words, this.#word, word, core.me | (word & DIED) | others) !== word) continue;
        store(words, core.place(FLOW), UNTOLD);
        return (word & DIED) === 0 ? TAKEN : RECOVERED;
      }
      if (record < 0 ? isDead(lot, owner) : isDeadBySystem(lot, owner)) {
        if (!this.reap()) this.#ownerDied(word);
      } else if ((word & WAITERS) !== 0 || compareExchange(words, this.#word, word, word | WAITERS) === word) {
        return NOT_NOW;
      }
    }
  }

  #ownerDied(word: number): void {
    const { core } = this;
    if (compareExchange(core.words, this.#word, word, DIED) !== word) return;
    this.wakeAll();
  }

  /** Whoever wants it wants the same. */
  override alike(): boolean {
    return true;
  }

  /** Woken in vain: the next release hands the lock over. */
  override missed(record: number, nudged: boolean): void {
    const { words } = this.core.lot.region;
    if (nudged) store(words, record + REQUEST, load(words, record + REQUEST) | HAND_OVER);
  }

  /** Wakes the first in line, when the lock is free. */
  override grant(): void {
    const { core } = this;
    if (core.waiting === 0 || this.locked) return;
    const head = this.#head();
    if (head >= 0) core.nudge(head);
  }

  override gaveUp(_request: number): void {
    const { core } = this;
    this.grant();
    // Whoever was woken and gave up may have been the one to mark the word for those behind it.
    while (core.waiting > 0) {
      const word = load(core.words, this.#word);
      if ((word & ID_MASK) === 0 || (word & WAITERS) !== 0) break;
      if (compareExchange(core.words, this.#word, word, word | WAITERS) === word) break;
    }
  }

  override ready(): boolean {
    return false;
  }

  override taking(): Changes {
    return [];
  }

  /** A lock that was handed to somebody who never knew. */
  override undo(code: number, count: number): Changes {
    return code === GRANTED && count > 0 ? [this.#word, 0] : [];
  }

  /** @internal */
  endHold(mark: number): boolean {
    if (!this.isHeldBy(mark)) return false;
    this.release();
    return true;
  }

  /**
   * Whether that hold has it still: another thread may have released the lock since, and a third one, or a promise of this thread,
   * may have it. @internal
   */
  protected isHeldBy(hold: number): boolean {
    return hold === this.here.current && this.mine && this.flow !== UNTOLD;
  }

  abstract release(): void;

  /** Gives the lock up entirely, to take it back later as it was. @internal */
  suspend(): Suspended {
    const { core, here } = this;
    const levels = load(core.words, core.place(LEVELS));
    const state = { flow: this.flow, levels, hold: here.current, flows: here.flows };
    this.unlock();
    return state;
  }

  /** @internal */
  protected resumed(state: Suspended): void {
    const { words } = this.core;
    store(words, this.core.place(FLOW), state.flow);
    store(words, this.core.place(LEVELS), state.levels);
    this.here.current = state.hold;
    this.here.flows = state.flows;
  }

  /** Takes the lock back after `suspend`. @internal */
  resumeSync(state: Suspended): void {
    this.lockSync(undefined);
    this.resumed(state);
  }

  /** Takes the lock back after `suspend`. @internal */
  async resume(state: Suspended): Promise<void> {
    await this.lock(undefined, state.flow);
    this.resumed(state);
  }

  /** For people. @internal */
  protected describeState(): string {
    const word = load(this.core.words, this.#word);
    const { waiting } = this.core;
    const line = waiting > 0 ? `, ${waiting} waiting` : '';
    if ((word & ID_MASK) !== 0) return `locked by ${describe(this.core.lot, word & ID_MASK)}${line}`;
    return `unlocked${(word & DIED) === 0 ? '' : ', its last owner died'}${line}`;
  }
}
