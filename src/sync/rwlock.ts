/**
 * A lock for many readers or one writer.
 *
 * How it works  One word says who writes, another how many read. Who comes while somebody waits stands in line behind, in the
 *               order of arrival; a run of readers at its head goes in together. So neither kind can starve the other.
 * Layout        0 writer: id, `DIED` · 1 readers · 2 flow of the writer
 * Invariants    1. There is a writer, or there are readers, or neither.
 *               2. What a thread reads is noted as its holding; in which flows it does, it knows itself (`here.flows`).
 * When it dies  A reader changes nothing, so a dead one is simply no reader any more. A dead writer leaves the lock as a dead
 *               holder leaves a `Lock`: `OwnerDiedError` until a writer recovers it.
 * Source        P. J. Courtois et al., "Concurrent Control with Readers and Writers" (1971); here with one line for both.
 * @module
 */
import { inspect } from 'node:util';
import { DeadlockError, NotHeldError, OwnerDiedError } from '../errors/sync-errors.ts';
import { load, store } from '../memory/words.ts';
import type { Changes, Core, HeldHere } from './core.ts';
import { currentFlow, isWithin, outwards, thisFlow } from './flow.ts';
import { heldHere } from './held-here.ts';
import { Hold, type Holdable } from './hold.ts';
import { heldCount, holdLess, holdMore } from './holdings.ts';
import { describe, ID_MASK, isDead, isDeadBySystem } from './members.ts';
import type { EndlessLockOptions, LockOptions } from './mutex.ts';
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
import { eachRecord, GRANTED, HOLDING, MEMBER, TICKET, WAITING } from './records.ts';
import { runHeld, runHeldSync } from './run-held.ts';
import { SyncObject } from './sync-object.ts';
import { timeoutOf } from './wait-options.ts';
import { NOT_NOW } from './waitable.ts';
import type { Agent } from './watch-table.ts';

const WRITER = 0;
const READERS = 1;
const FLOW = 2;
const DIED = 0x4000_0000;
/** The flow of a write that was given to a promise which has not been told. */
const UNTOLD = -2;

/** Requests: a bit each. */
const WRITE = 1;
const RECOVER = 2;

/** Results. */
const TAKEN = 0;
const RECOVERED = 1;
const OWNER_DIED = 2;

/**
 * Lets many read at once, or one write.
 *
 * **Python** has none. Java: `ReentrantReadWriteLock(fair)`; Rust: `RwLock`.
 *
 * **Use it** for what is read often and written seldom, when reading takes longer than a microsecond or two; for less, a `Lock` costs
 * less.
 *
 * **Gotchas** It is not re-entrant, and a reader cannot become a writer: who reads and asks to read again may wait behind a writer
 * who waits for the first read to end.
 *
 * @example
 * const table = new RwLock();
 * await table.read(() => lookUp(key));
 * await table.write(() => replace(key, value));
 */
export class RwLock extends SyncObject {
  override readonly mixed = true;
  readonly #readSide: Side;
  readonly #writeSide: Side;

  /** @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`, InvalidOptionError */
  constructor(options?: ScopeOptions);
  constructor(options: ScopeOptions | Core = {}) {
    super(coreFor(options));
    this.#readSide = new Side(this, 0);
    this.#writeSide = new Side(this, WRITE);
  }

  /** How many hold it for reading. */
  get readers(): number {
    return this.core.own(READERS);
  }

  /** Whether somebody holds it for writing. */
  get writing(): boolean {
    return this.#writer !== 0;
  }

  /**
   * Waits until it may be read; the event loop goes on.
   *
   * @returns what holds it; `false` when `timeout` milliseconds were over
   * @throws OwnerDiedError `ERR_OWNER_DIED` unless `recover` is asked for; the signal's reason
   */
  acquireRead(options?: EndlessLockOptions): Promise<Hold>;
  acquireRead(options: LockOptions): Promise<Hold | false>;
  acquireRead(options?: LockOptions): Promise<Hold | false> {
    return this.#readSide.acquire(options);
  }

  /** Blocks this thread until it may be read. @returns as `acquireRead` @throws as `acquireRead`; DeadlockError `ERR_DEADLOCK` */
  acquireReadSync(options?: EndlessLockOptions): Hold;
  acquireReadSync(options: LockOptions): Hold | false;
  acquireReadSync(options?: LockOptions): Hold | false {
    return this.#readSide.acquireSync(options);
  }

  /** Holds it for reading if that can be had at once; `false` if not. @throws OwnerDiedError */
  tryAcquireRead(): Hold | false {
    return this.#readSide.acquireSync({ timeout: 0 });
  }

  /**
   * Waits until it may be written; the event loop goes on.
   *
   * @returns what holds it; `false` when `timeout` milliseconds were over
   * @throws OwnerDiedError `ERR_OWNER_DIED` unless `recover` is asked for; the signal's reason
   */
  acquireWrite(options?: EndlessLockOptions): Promise<Hold>;
  acquireWrite(options: LockOptions): Promise<Hold | false>;
  acquireWrite(options?: LockOptions): Promise<Hold | false> {
    return this.#writeSide.acquire(options);
  }

  /** Blocks this thread until it may be written. @returns as `acquireWrite` @throws as `acquireWrite`; DeadlockError `ERR_DEADLOCK` */
  acquireWriteSync(options?: EndlessLockOptions): Hold;
  acquireWriteSync(options: LockOptions): Hold | false;
  acquireWriteSync(options?: LockOptions): Hold | false {
    return this.#writeSide.acquireSync(options);
  }

  /** Holds it for writing if that can be had at once; `false` if not. @throws OwnerDiedError */
  tryAcquireWrite(): Hold | false {
    return this.#writeSide.acquireSync({ timeout: 0 });
  }

  /** Ends one read of this thread. @throws NotHeldError `ERR_NOT_HELD` */
  releaseRead(): void {
    if (!this.#readSide.endCurrent()) throw new NotHeldError(`This thread does not read: ${inspect(this)}.`);
  }

  /** Ends the write of this thread. @throws NotHeldError `ERR_NOT_HELD` */
  releaseWrite(): void {
    if (!this.#writeSide.endCurrent()) throw new NotHeldError(`This thread does not write: ${inspect(this)}.`);
  }

  /** Calls a function while others may read but not write. @throws TimeoutError `ERR_TIMEOUT`; as `acquireRead` */
  read<R>(fn: (hold: Hold) => R | PromiseLike<R>, options?: LockOptions): Promise<R> {
    return runHeld(this.#readSide, fn, options, `${this.constructor.name}, for reading,`);
  }

  /** Calls a function while others may read but not write. @throws TimeoutError `ERR_TIMEOUT`; as `acquireReadSync` */
  readSync<R>(fn: (hold: Hold) => R, options?: LockOptions): R {
    return runHeldSync(this.#readSide, fn, options, `${this.constructor.name}, for reading,`);
  }

  /** Calls a function while nobody else reads or writes. @throws TimeoutError `ERR_TIMEOUT`; as `acquireWrite` */
  write<R>(fn: (hold: Hold) => R | PromiseLike<R>, options?: LockOptions): Promise<R> {
    return runHeld(this.#writeSide, fn, options, `${this.constructor.name}, for writing,`);
  }

  /** Calls a function while nobody else reads or writes. @throws TimeoutError `ERR_TIMEOUT`; as `acquireWriteSync` */
  writeSync<R>(fn: (hold: Hold) => R, options?: LockOptions): R {
    return runHeldSync(this.#writeSide, fn, options, `${this.constructor.name}, for writing,`);
  }

  override attempt(request: number, record: number): number {
    const { core } = this;
    const gone = record < 0 ? isDead : isDeadBySystem;
    for (let owner = this.#writer; owner !== 0 && gone(core.lot, owner); owner = this.#writer) {
      if (this.reap()) continue; // one that was only granted the lock never wrote
      core.commit([core.place(WRITER), DIED]);
      this.wakeAll();
    }
    const died = (core.own(WRITER) & DIED) !== 0;
    if (died && (request & RECOVER) === 0) return OWNER_DIED;
    const result = super.attempt(request, record);
    return result === NOT_NOW ? NOT_NOW : died ? RECOVERED : TAKEN;
  }

  /** The writer; for a writer those who read; and whoever stands in line before it. */
  override blockers(request: number): Agent[] {
    const { core } = this;
    const { words } = core.lot.region;
    const writer = this.#writer;
    if (writer !== 0) return [{ member: writer, flow: core.own(FLOW) }];
    return this.guarded(() => {
      const found: Agent[] = [];
      let own = 0;
      eachRecord(core.lot, core.key, (record, code) => {
        if (code === WAITING && load(words, record + MEMBER) === core.me) own = load(words, record + TICKET);
      });
      eachRecord(core.lot, core.key, (record, code) => {
        const before = code === WAITING && ((load(words, record + TICKET) - own) | 0) < 0;
        const reads = code !== WAITING && (request & WRITE) !== 0;
        const member = load(words, record + MEMBER);
        if (before) found.push({ member, flow: 0 });
        else if (reads) for (const flow of this.#readsOf(member)) found.push({ member, flow });
      });
      if (core.heldAlone > 0 && (request & WRITE) !== 0) {
        for (const flow of this.#readsOf(core.me)) found.push({ member: core.me, flow });
      }
      return found;
    });
  }

  /** The flows in which a member reads; 0 where that is not known. */
  #readsOf(member: number): Iterable<number> {
    const { flows } = this.here;
    return member === this.core.me && flows.length > 0 ? new Set(flows) : [0];
  }

  /** Whether this thread has been given a write of which a promise has not been told. @internal */
  get untold(): boolean {
    return this.#writer === this.core.me && this.core.own(FLOW) === UNTOLD;
  }

  get #writer(): number {
    return this.core.own(WRITER) & ID_MASK;
  }

  override ready(request: number): boolean {
    const { core } = this;
    if (this.#writer !== 0) return false;
    return (request & WRITE) === 0 || core.own(READERS) === 0;
  }

  override taking(request: number, member: number): Changes {
    const { core } = this;
    if ((request & WRITE) === 0) return [core.place(READERS), core.own(READERS) + 1];
    return [core.place(WRITER), (core.own(WRITER) & DIED) | member, core.place(FLOW), UNTOLD];
  }

  override holding(request: number): Changes {
    return (request & WRITE) === 0 ? holdMore(this.core, this.readers === 0) : [];
  }

  override grant(): void {
    // After a death each has to look for itself, and most of them fail.
    if ((this.core.own(WRITER) & DIED) !== 0) this.wakeAll();
    else super.grant();
  }

  override undo(code: number, count: number, request: number): Changes {
    const { core } = this;
    if (code === HOLDING) return [core.place(READERS), Math.max(0, core.own(READERS) - count)];
    if (code !== GRANTED) return [];
    if ((request & WRITE) !== 0) return [core.place(WRITER), 0];
    return [core.place(READERS), Math.max(0, core.own(READERS) - count)];
  }

  /** What this thread has of it, by whatever object: its writes by number, its reads by flow. @internal */
  get here(): HeldHere {
    return this.core.here ?? heldHere(this.core);
  }

  /** Ends a hold of this thread; false when it has none. @internal */
  endSide(request: number): boolean {
    const { core } = this;
    const write = (request & WRITE) !== 0;
    if (write) this.here.current = 0;
    return this.guarded(() => {
      if (write) {
        if (this.#writer !== core.me) return false;
        core.commit([core.place(WRITER), 0, core.place(FLOW), 0]);
      } else if (!holdLess(core, 1, [core.place(READERS), core.own(READERS) - 1])) return false;
      core.lot.held -= 1;
      this.grant();
      return true;
    });
  }

  /** This thread has it now. @internal */
  has(request: number, flow: number | undefined): void {
    const { core } = this;
    core.lot.held += 1;
    if ((request & WRITE) === 0) this.here.flows.push(flow ?? 0);
    else if (flow !== undefined) store(core.words, core.place(FLOW), flow);
  }

  /** This thread is going to block. @internal */
  refuseThread(request: number): void {
    const { core } = this;
    if (this.#writer === core.me) this.#refuse('This thread writes');
    if ((request & WRITE) !== 0 && core.own(READERS) > 0 && this.#readsItself()) this.#refuse('This thread reads');
  }

  /** What runs now is going to wait. What this thread holds in no flow, or in another one, may be released meanwhile. @internal */
  refuseFlow(request: number): void {
    const { core } = this;
    if (this.#writer === core.me && isWithin(core.own(FLOW))) this.#refuse('This async function writes');
    if ((request & WRITE) !== 0 && this.here.flows.some(isWithin)) this.#refuse('This async function reads');
  }

  #refuse(who: string): never {
    throw new DeadlockError(
      `${who} under this ${this.constructor.name} already, and would wait for itself for ever. Release it first, or give a timeout if somebody else is going to release it.`,
    );
  }

  #readsItself(): boolean {
    return this.guarded(() => heldCount(this.core) > 0);
  }

  [inspect.custom](): string {
    const { core } = this;
    const writer = core.own(WRITER);
    const line = core.waiting > 0 ? `, ${core.waiting} waiting` : '';
    const state =
      (writer & ID_MASK) !== 0
        ? `written by ${describe(core.lot, writer & ID_MASK)}`
        : this.readers > 0
          ? `${this.readers} reading`
          : (writer & DIED) === 0
            ? 'unlocked'
            : 'unlocked, its last writer died';
    return `RwLock { ${state}${line} }`;
  }

  static [packSymbol](lock: RwLock, destination: 'thread' | 'process'): PlaceData {
    return placeOf(lock, 'RwLock', destination);
  }

  static [unpackSymbol](data: PlaceData): RwLock {
    return madeThere(RwLock, [coreAt(data)], data, this);
  }
}

/** One way to hold a lock of this kind. */
class Side implements Holdable {
  readonly #lock: RwLock;
  readonly #request: number;

  constructor(lock: RwLock, request: number) {
    this.#lock = lock;
    this.#request = request;
  }

  async acquire(options?: LockOptions): Promise<Hold | false> {
    const flow = currentFlow();
    if (flow > 0 && timeoutOf(options) === Infinity && options?.signal === undefined) {
      this.#lock.refuseFlow(this.#request);
    }
    const answer = this.#lock.take(this.#requestFor(options), options);
    if (typeof answer === 'number') return this.#held(answer, flow);
    const result = await answer;
    // Whoever likes may have ended the write since it was given.
    return this.#held(result, flow, this.#request === WRITE && !this.#lock.untold);
  }

  acquireSync(options?: LockOptions): Hold | false {
    const timeout = timeoutOf(options);
    if (timeout === Infinity) this.#lock.refuseThread(this.#request);
    return this.#held(this.#lock.takeSync(this.#requestFor(options), timeout), currentFlow());
  }

  #requestFor(options: LockOptions | undefined): number {
    return this.#request | (options?.recover === true ? RECOVER : 0);
  }

  #held(result: number, flow: number, ended = false): Hold | false {
    if (result === NOT_NOW) return false;
    if (result === OWNER_DIED) {
      throw new OwnerDiedError(
        'Whoever wrote under this RwLock died; what it guards may be half changed. Acquire it for writing with { recover: true }, mend that, and release it.',
      );
    }
    this.#lock.has(this.#request, ended ? undefined : flow);
    if (this.#request !== WRITE) return new Hold(this, flow, result === RECOVERED);
    const { here } = this.#lock;
    here.given += 1;
    if (!ended) here.current = here.given;
    return new Hold(this, here.given, result === RECOVERED);
  }

  /** @param mark the number of a write; the flow of a read, as those of one flow are alike */
  endHold(mark: number): boolean {
    if (this.#request !== WRITE) return this.#endRead(mark);
    return mark === this.#lock.here.current && this.endCurrent();
  }

  endCurrent(): boolean {
    if (this.#request === WRITE) return this.#lock.endSide(WRITE);
    const flow = thisFlow();
    const reads = flow === undefined ? [] : outwards(flow).map(({ number }) => number);
    return this.#endRead(reads.find((each) => this.#lock.here.flows.includes(each)) ?? 0);
  }

  #endRead(flow: number): boolean {
    const { flows } = this.#lock.here;
    const ended = this.#lock.endSide(this.#request);
    const last = flows.lastIndexOf(flow);
    if (ended) flows.splice(last < 0 ? flows.length - 1 : last, 1);
    else flows.length = 0; // somebody has ended all of them, before they were told perhaps
    return ended;
  }
}
