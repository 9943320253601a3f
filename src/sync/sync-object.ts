/**
 * The engine under every primitive: take at once, or stand in line until there is something to take.
 *
 * How it works  A primitive says what it takes for a request (`ready`), and which words change then (`taking`). This file does
 *               the rest, under the object's guard: whoever cannot take writes a record with the next ticket and sleeps;
 *               whoever gives something back grants it to the record that has waited longest, before anybody else can take
 *               it, and wakes its waiter. Threads that block have a record each; the promises of one thread stand in a line
 *               behind one record (`async-line.ts`), so that a hundred thousand of them cost the others nothing.
 * Invariants    1. Order: nobody takes while somebody who came earlier waits (`ordered`). Among threads the ticket of the
 *                  head of each line counts; when much is given at once, one thread's line may be served together.
 *               2. A grant belongs to its record. When the waiter has given up meanwhile, or its thread died, it is undone and
 *                  given to the next one.
 *               3. Waiting is never ended by a wake-up alone: each waiter looks at the object, under its guard.
 *               4. A thread that blocks takes over what its own promises were granted: they could do nothing with it meanwhile.
 * When it dies  A record of a dead thread is found by whoever fails to take: what it was granted goes back, what it held is
 *               given back where the object keeps count of it (`undo`), and the record is freed.
 * Source        A. Court et al.'s FIFO semaphores; WebKit's ParkingLot; Go's `sync/mutex.go` for grants that are handed over.
 * @module
 */
import type { Scope } from '../memory/region.ts';
import { SLICE } from '../memory/slice.ts';
import { load } from '../memory/words.ts';
import { lineOf } from './async-line.ts';
import { type Changes, type Core, inLot } from './core.ts';
import { tellNowAndThen } from './deaths.ts';
import { isDead } from './members.ts';
import { ownLines } from './own-lines.ts';
import {
  claim,
  codeOf,
  COUNT,
  earliest,
  eachRecord,
  GIVEN,
  GRANTED,
  HOLDING,
  KEY,
  MEMBER,
  openWaits,
  REQUEST,
  setMode,
  SYNC,
  TICKET,
  tidy,
  tookNudge,
  WAITING,
} from './records.ts';
import { constantSymbol, isConstantPlace } from './place.ts';
import { timeoutOf, type WaitOptions } from './wait-options.ts';
import { NOT_NOW, type Waitable } from './waitable.ts';
import { noteWait, noteWaitOf } from './waited.ts';
import { LOOK_AFTER, LOOKS, traceBelow, Watch } from './watch.ts';
import type { Agent } from './watch-table.ts';

/** Milliseconds until a blocked thread looks of its own accord, as nobody may have told it of a death; twice as long each time, up to… */
const LOOK_FIRST = 250;
const LOOK_LAST = 1000;

/** What all primitives are made of. */
export abstract class SyncObject implements Waitable {
  /** @internal */
  readonly core: Core;

  protected constructor(core: Core) {
    this.core = core;
  }

  /** @internal */
  static [constantSymbol](data: object): boolean {
    return isConstantPlace(data);
  }

  /** Among whom it is shared. */
  get scope(): Scope {
    return this.core.region.scope;
  }

  /** Whether those who came earlier go first. @internal */
  readonly ordered: boolean = true;

  /** Whether requests differ. @internal */
  readonly mixed: boolean = false;

  /** Whether the request could be satisfied now, were nobody before it. Under the guard. @internal */
  abstract ready(request: number): boolean;

  /** What changes when a request is granted to a member. Under the guard. @internal */
  abstract taking(request: number, member: number): Changes;

  /** What changes besides when this thread has what it requested: what it holds is noted. Under the guard. @internal */
  holding(_request: number): Changes {
    return [];
  }

  /**
   * What goes back when a waiter has given up what it was granted, or a member has died: what it was granted (`GRANTED`), what
   * it held (`HOLDING`), what it waited for (`WAITING`). @internal
   */
  abstract undo(code: number, count: number, request: number): Changes;

  /** The request of a newcomer, when it depends on the moment. Under the guard. @internal */
  stamp(request: number): number {
    return request;
  }

  /** Takes what was requested, and says with what result, or `NOT_NOW`. Under the guard. @internal */
  attempt(request: number, record: number): number {
    for (;;) {
      // What the dead have left may have been granted to this very record.
      if (record >= 0 && codeOf(this.core.lot, record) === GRANTED) return 0;
      if (this.ready(request) && !this.behindOthers(record)) {
        const changes = this.taking(request, this.core.me);
        for (const word of this.holding(request)) changes.push(word);
        if (changes.length > 0) this.core.commit(changes);
        return 0;
      }
      if (!this.reap()) return NOT_NOW;
    }
  }

  /** Whether somebody who came earlier waits. Under the guard. @internal */
  protected behindOthers(record: number): boolean {
    if (!this.ordered || this.core.waiting === 0) return false;
    const first = earliest(this.core.lot, this.core.key, this.mixed);
    return first >= 0 && first !== record;
  }

  /**
   * Called under the guard when a record could not be satisfied, before its waiter sleeps (again).
   *
   * @param nudged it had been told to look
   * @internal
   */
  missed(_record: number, _nudged: boolean): void {}

  /** Called before a blocked thread looks again, without the guard. @internal */
  beforeLook(): void {}

  /** Called under the guard when a waiter has given up. @internal */
  gaveUp(_request: number): void {
    this.grant();
  }

  /** Who has to release something, or be served, before the request can be; nobody when that is not known. @internal */
  blockers(_request: number): Agent[] {
    return [];
  }

  /** Whether what was granted to one request can serve the other. @internal */
  alike(one: number, other: number): boolean {
    return one === other;
  }

  /** Writes a record that waits. Under the guard. @internal */
  enqueue(request: number, mode: number): number {
    const { core } = this;
    const { words } = core.lot.region;
    const record = claim(core.lot, core.key, core.me);
    words[record + TICKET] = core.ticket();
    words[record + REQUEST] = request;
    setMode(core.lot, record, mode, core.alone);
    core.commit([
      inLot(record + COUNT), 1,
      inLot(record), WAITING,
      ...core.waitingIs(core.waiting + 1),
    ]); // biome-ignore format: place and value side by side
    return record;
  }

  /** What a record has come to: the result, or `NOT_NOW`. Under the guard. @internal */
  collect(record: number, request: number): number {
    const { lot } = this.core;
    if (codeOf(lot, record) === GRANTED) return 0;
    const result = this.attempt(request, record);
    return result === NOT_NOW && codeOf(lot, record) === GRANTED ? 0 : result;
  }

  /**
   * Blocks until the request is satisfied.
   *
   * @param queued called once the waiter stands in line and before it sleeps
   * @returns the result, or `NOT_NOW` when time was up
   * @internal
   */
  takeSync(wanted: number, timeout: number, queued?: () => void): number {
    let record = NOT_NOW;
    let request = wanted;
    const result = this.guarded(() => {
      request = this.stamp(wanted);
      const taken = this.attempt(request, NOT_NOW);
      if (taken === NOT_NOW && timeout > 0) record = this.standInLine(request, SYNC);
      else if (taken === NOT_NOW) this.gaveUp(request);
      return taken;
    });
    if (record === NOT_NOW) return result;
    queued?.();
    const since = performance.now();
    try {
      return this.#waitInLine(record, request, since + timeout, timeout === Infinity);
    } finally {
      noteWait(since);
    }
  }

  #waitInLine(record: number, request: number, end: number, forEver: boolean): number {
    const { lot } = this.core;
    const watched = forEver && (lot.held > 0 || ownLines(lot).size > 0);
    let watch: Watch | undefined;
    // What its own promises were granted, a blocked thread has to find by itself.
    const alone = !watched && ownLines(lot).size === 0;
    let seen: number | undefined;
    let lookEvery = LOOK_FIRST;
    let lookAt = performance.now() + lookEvery;
    for (let looks = 0; ; looks++) {
      const most = alone ? lookAt - performance.now() : watched && looks < LOOKS ? LOOK_AFTER : SLICE;
      lot.region.park(record, WAITING, Math.max(0, Math.min(end - performance.now(), most)));
      const now = performance.now();
      const timeIsUp = now >= end;
      const deaths = load(lot.region.words, lot.deaths);
      const untold = deaths === seen && load(lot.region.words, record) === WAITING;
      if (alone && untold && !timeIsUp && now < lookAt) continue;
      seen = deaths;
      lookEvery = Math.min(lookEvery * 2, LOOK_LAST);
      lookAt = now + lookEvery;
      tellNowAndThen(lot, now);
      this.beforeLook();
      const collected = this.guarded(() => this.lookAgain(record, request, timeIsUp));
      if (collected !== NOT_NOW || timeIsUp) {
        watch?.end();
        return collected;
      }
      if (!watched) continue;
      watch ??= new Watch(this, request, record, traceBelow(this.takeSync));
      const deadlock = watch.look();
      if (deadlock === undefined) continue;
      // What was handed over a moment ago looks as if this very thread held it.
      const granted = this.guarded(() => this.lookAgain(record, request, true));
      if (granted === NOT_NOW) throw deadlock;
      watch.end();
      return granted;
    }
  }

  /** Writes a record that waits, for a thread that is going to block. Under the guard. @internal */
  standInLine(request: number, mode: number): number {
    const record = this.enqueue(request, mode);
    this.missed(record, false);
    return record;
  }

  /** A blocked thread is awake: what its record has come to; it is gone then, or when time is up. Under the guard. @internal */
  lookAgain(record: number, request: number, timeIsUp: boolean): number {
    let result = this.collect(record, request);
    if (result === NOT_NOW && this.#takeFromOwnLine(record, request)) result = this.collect(record, request);
    if (result === NOT_NOW && !timeIsUp) this.missed(record, tookNudge(this.core.lot, record));
    else this.dequeue(record, request);
    if (result === NOT_NOW && timeIsUp) this.gaveUp(request);
    return result;
  }

  /** Lets this blocked thread have what a promise of its own was granted. Under the guard. */
  #takeFromOwnLine(record: number, request: number): boolean {
    const { core } = this;
    const { lot } = core;
    const { words } = lot.region;
    for (const own of ownLines(lot).keys()) {
      const given = load(words, own + GIVEN);
      if (given === 0 || load(words, own + KEY) !== core.key || !this.alike(load(words, own + REQUEST), request))
        continue;
      core.commit([
        inLot(own + GIVEN), given - 1,
        inLot(own), given > 1 ? GRANTED : WAITING,
        inLot(record + GIVEN), 1,
        inLot(record), GRANTED,
      ]); // biome-ignore format: place and value side by side
      return true;
    }
    return false;
  }

  /** Takes away a record that is done with. Under the guard. @internal */
  dequeue(record: number, request: number): void {
    const { core } = this;
    const { words } = core.lot.region;
    const given = load(words, record + GIVEN);
    const open = load(words, record + COUNT) - given;
    core.free(record, [...core.waitingIs(core.waiting - open), ...(given > 0 ? this.holding(request) : [])]);
  }

  /** Resolves once the request is satisfied, with the result; with `NOT_NOW` when time was up. @internal */
  take(wanted: number, options: WaitOptions | undefined, queued?: () => void): Promise<number> | number {
    const timeout = timeoutOf(options);
    const answer = this.guarded(() => {
      const request = this.stamp(wanted);
      const result = this.attempt(request, NOT_NOW);
      if (result === NOT_NOW && timeout > 0) return lineOf(this).join(this, request, { ...options, timeout });
      if (result === NOT_NOW) this.gaveUp(request);
      return result;
    });
    if (typeof answer === 'number') return answer;
    queued?.();
    noteWaitOf(answer);
    return answer;
  }

  /** Grants what there is to those who wait, the earliest first. Under the guard. @internal */
  grant(): void {
    const { core } = this;
    const { words } = core.lot.region;
    while (core.waiting > 0) {
      const record = earliest(core.lot, core.key, this.mixed);
      if (record < 0) {
        core.commit(core.waitingIs(openWaits(core.lot, core.key)));
        return;
      }
      const member = load(words, record + MEMBER);
      if (isDead(core.lot, member)) {
        this.reapRecord(record);
        continue;
      }
      const request = load(words, record + REQUEST);
      if (!this.ready(request)) return;
      this.give(record, this.taking(request, member));
    }
  }

  /** Gives a record one grant. Under the guard. @internal */
  give(record: number, changes: Changes): void {
    const { core } = this;
    const { words } = core.lot.region;
    core.commit([
      ...changes,
      inLot(record + GIVEN), load(words, record + GIVEN) + 1,
      ...core.waitingIs(core.waiting - 1),
      inLot(record), GRANTED,
    ]); // biome-ignore format: place and value side by side
    core.wake(record);
  }

  /** Wakes all who wait, to look for themselves. Under the guard. @internal */
  wakeAll(): void {
    const { core } = this;
    if (core.waiting === 0) return;
    eachRecord(core.lot, core.key, (record, code) => {
      if (code !== HOLDING) core.nudge(record);
    });
  }

  /** Calls a function under the guard, and leaves it whatever happens. @internal */
  guarded<R>(fn: () => R): R {
    this.enter();
    try {
      return fn();
    } finally {
      this.leaving();
      this.core.leave();
    }
  }

  /** Takes the guard; after a death under it, sees to those who wait. @internal */
  enter(): void {
    const somebodyDied = this.core.enter();
    this.entered();
    if (!somebodyDied) return;
    try {
      tidy(this.core.lot, this.core.key);
      this.mend();
    } catch (error) {
      this.core.leaveAsFound(); // there was no memory for it; the next one may have it
      throw error;
    }
  }

  /** Called when the guard has been taken, before anything is changed: for objects some of whose changes need no guard. @internal */
  entered(): void {}

  /** Called when the guard is about to be left. @internal */
  leaving(): void {}

  /** Somebody died while changing this object. Under the guard. @internal */
  mend(): void {
    this.reap();
    this.grant();
  }

  /** Takes back what the dead have left. True when that was anything. Under the guard. @internal */
  reap(): boolean {
    const { core } = this;
    let found = false;
    const dead: number[] = [];
    eachRecord(core.lot, core.key, (record) => {
      if (isDead(core.lot, load(core.lot.region.words, record + MEMBER))) dead.push(record);
    });
    for (const record of dead) {
      this.reapRecord(record);
      found = true;
    }
    if (found) this.grant();
    return found;
  }

  /** Takes back one record of a dead thread. Under the guard. @internal */
  protected reapRecord(record: number): void {
    const { core } = this;
    const code = codeOf(core.lot, record);
    const { words } = core.lot.region;
    const count = load(words, record + COUNT);
    const given = load(words, record + GIVEN);
    const request = load(words, record + REQUEST);
    if (code === HOLDING) core.free(record, this.undo(HOLDING, count, request));
    else {
      const open = count - given;
      const back = given > 0 ? this.undo(GRANTED, given, request) : this.undo(WAITING, open, request);
      core.free(record, [...core.waitingIs(core.waiting - open), ...back]);
    }
  }
}
