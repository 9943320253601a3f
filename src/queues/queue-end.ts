/**
 * One end of a queue, to wait at: for room, to put something, or for something to get.
 *
 * How it works  What there is to take (room, items) is counted by the queue. Whoever waited is granted one of it first: it is
 *               *reserved*, which one word here counts. The waiter does what it came for in the moment in which it learns of the
 *               grant, under the end's guard.
 * Layout        15 reserved; the rest of the core's own words is the store's.
 * Invariants    1. There is always as much to take as is reserved, unless all was dropped.
 *               2. Who finds nothing and stands in line looks once more (`missed`): the other end does not take this guard.
 *               3. What promises of this thread were granted they take before it takes anything else: they came earlier.
 *               4. A queue is over for those who wait when nothing is left, also nothing that is reserved: that may come back.
 * When it dies  Its act has happened or has not; what was reserved for it is granted to the next one.
 * @module
 */
import { availableParallelism } from 'node:os';
import { load, pause } from '../memory/words.ts';
import { Patience } from '../messaging/patience.ts';
import type { Changes, Core } from '../sync/core.ts';
import { isDeadBySystem } from '../sync/members.ts';
import { ownLines } from '../sync/own-lines.ts';
import { codeOf, eachRecord, GIVEN, GRANTED, KEY, MEMBER, modeOf, SYNC } from '../sync/records.ts';
import { SyncObject } from '../sync/sync-object.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { NOT_NOW } from '../sync/waitable.ts';
import type { QueueRoom } from './queue-room.ts';
import type { Store } from './store.ts';

const RESERVED = 15;
/**
 * Milliseconds to look for something at most. Twice what it takes to wake the other side: of two that wait for each other in turn, the
 * one that is awake is still looking when the other one answers, and so both stay awake.
 */
const LONGEST_LOOK = 0.1;
/** Looks between two at the clock. */
const LOOKS = 20;

/** Outcomes. */
export const DONE = 0;
/** The queue was shut down. */
export const SHUT_DOWN = 1;
/** It could not be done now or ever. */
export const REFUSED = 2;
/** Promises of this thread were granted something and have to take it first. */
const OWED = 3;

/** Who has to hear of what was done: whoever waits at the other end, or at this one. */
const OTHER = 1;
const OWN = 2;

/** What somebody comes to an end for. */
export interface Errand {
  outcome: number;
}

/** What those of this thread who wait came for, by request; whichever object of the same words serves them. */
const errands = new Map<number, Errand>();
let requests = 0;

function expect(errand: Errand): number {
  do requests = (requests + 1) & 0x3fff_ffff;
  while (errands.has(requests));
  errands.set(requests, errand);
  return requests;
}

/** Where those wait who put, or those who get. */
export abstract class QueueEnd<E extends Errand> extends SyncObject {
  readonly #patience = new Patience(availableParallelism(), LONGEST_LOOK);

  /** @internal */
  protected readonly room: QueueRoom;
  /** @internal */
  protected readonly store: Store;
  readonly #isOver: () => boolean;
  #other: QueueEnd<never> | undefined;
  /** Who has to hear of what was done under the guard, once it is left. */
  #news = 0;

  /** @param isOver whether nothing more will come, or go in */
  constructor(core: Core, room: QueueRoom, store: Store, isOver: () => boolean) {
    super(core);
    this.room = room;
    this.store = store;
    this.#isOver = isOver;
  }

  /** Says which end there is at the other side. */
  faces(other: QueueEnd<never>): void {
    this.#other = other;
  }

  /** How much there is to take, reserved or not; or less, but not `count` or less unless that is all. @internal */
  protected abstract availableBeyond(count: number): number;

  /** Whether nothing more will come, or go in. @internal */
  protected get over(): boolean {
    return this.#isOver();
  }

  /** Does what somebody came for, and notes the outcome. Under the guard. @internal */
  protected abstract act(errand: E): void;

  #perform(errand: E): void {
    this.act(errand);
    this.#news |= errand.outcome === DONE ? OTHER : OWN;
  }

  /** Offers what was done to whoever waits for it: at once, since whoever did it may be about to block. Without the guard. */
  #tell(): void {
    const news = this.#news;
    if (news === 0) return;
    this.#news = 0;
    if ((news & OTHER) !== 0) this.#other?.offer();
    if ((news & OWN) !== 0) this.offer();
  }

  override guarded<R>(fn: () => R): R {
    try {
      return super.guarded(fn);
    } finally {
      this.#tell();
    }
  }

  /** A plain read: it changes under the guard. */
  get #reserved(): number {
    const { core } = this;
    return core.words[core.place(RESERVED)] as number;
  }

  get #left(): number {
    const reserved = this.#reserved;
    return this.availableBeyond(reserved) - reserved;
  }

  /** Whether somebody who comes now would hear something: there is something to take, or there never will be. */
  get hasNews(): boolean {
    const available = this.availableBeyond(Infinity);
    return available > load(this.core.words, this.core.place(RESERVED)) || (available <= 0 && this.over);
  }

  /** Whether promises of this thread were granted something that they have not taken yet. */
  get owes(): boolean {
    return this.#owes();
  }

  /** Whether something was granted that nobody has taken yet. @internal */
  protected get hasGranted(): boolean {
    return load(this.core.words, this.core.place(RESERVED)) > 0;
  }

  /** Takes back what the dead were granted. True when that was anything. Under the guard. @internal */
  protected reapGranted(): boolean {
    return this.reap() || this.#reapEnded();
  }

  /** Does it, if that can be done at once and nobody waits. */
  now(errand: E): number {
    this.enter();
    try {
      if (this.core.hasWaiters || this.#left <= 0 || this.#mayOwe()) return NOT_NOW;
      this.#perform(errand);
      return errand.outcome;
    } finally {
      this.core.leave();
      this.#tell();
    }
  }

  /** Does it as soon as it can be done; blocks this thread. */
  waitSync(errand: E, timeout: number): number {
    if (timeout > 0 && this.#watch()) {
      const outcome = this.now(errand);
      if (outcome !== NOT_NOW) return outcome;
    }
    const request = expect(errand);
    try {
      for (;;) {
        this.#serveOwn();
        const began = performance.now();
        const result = this.takeSync(request, timeout);
        if (result === DONE) this.#patience.slept(performance.now() - began); // who only asks, without time, has not slept
        if (result !== OWED) return outcomeOf(result, errand);
      }
    } finally {
      errands.delete(request);
    }
  }

  /** Does it as soon as it can be done. */
  async wait(errand: E, options: WaitOptions | undefined): Promise<number> {
    timeoutOf(options);
    const request = expect(errand);
    try {
      for (;;) {
        this.#serveOwn();
        const taken = this.take(request, options);
        if (taken !== OWED) return outcomeOf(await taken, errand);
      }
    } finally {
      errands.delete(request);
    }
  }

  /** Looks for something to take for a moment: being woken takes longer. */
  #watch(): boolean {
    const { budget } = this.#patience;
    if (budget === 0 || this.core.waiting > 0) return false;
    for (const end = performance.now() + budget; performance.now() < end; ) {
      for (let i = 0; i < LOOKS; i++) {
        if (this.#left > 0) {
          this.#patience.paid();
          return true;
        }
        pause();
      }
    }
    this.#patience.wasInVain();
    return false;
  }

  /** Whether promises of this thread may have been granted something that they have not taken yet. */
  #mayOwe(): boolean {
    return this.#reserved > 0 && ownLines(this.core.lot).size > 0;
  }

  /** Lets promises of this thread take what they were granted. */
  #serveOwn(): void {
    if (!this.#mayOwe()) return;
    for (const [record, line] of [...ownLines(this.core.lot)]) if (this.#isOwed(record)) line.look();
  }

  /** Whether promises of this thread were granted something that they have not taken yet. Under the guard. */
  #owes(): boolean {
    if (!this.#mayOwe()) return false;
    for (const record of ownLines(this.core.lot).keys()) if (this.#isOwed(record)) return true;
    return false;
  }

  #isOwed(record: number): boolean {
    const { lot, key } = this.core;
    const { words } = lot.region;
    return load(words, record + KEY) === key && load(words, record + GIVEN) > 0;
  }

  /** There may be more to take: whoever waits gets it. */
  offer(): void {
    if (this.core.waiting > 0) this.guarded(() => this.grant());
  }

  /** Has all who wait look for themselves. */
  wake(): void {
    this.guarded(() => this.wakeAll());
  }

  override attempt(request: number, record: number): number {
    for (;;) {
      if (record >= 0 && codeOf(this.core.lot, record) === GRANTED) return DONE;
      // It may have been granted since this thread looked, which others need no leave for.
      if (this.#owes()) return record < 0 ? OWED : NOT_NOW;
      if (this.#left > 0 && !this.behindOthers(record)) {
        this.#perform(errands.get(request) as E);
        return DONE;
      }
      if (this.over && this.availableBeyond(0) <= 0) return SHUT_DOWN;
      if (!this.reap() && (record < 0 || !this.#reapEnded())) return NOT_NOW;
    }
  }

  /** As `reap`, for threads of whose end nobody has heard: whoever started them may be the one that is blocked here. */
  #reapEnded(): boolean {
    const { core } = this;
    const { lot } = core;
    if (this.#reserved === 0) return false;
    const ended: number[] = [];
    eachRecord(lot, core.key, (record, code) => {
      if (code === GRANTED && isDeadBySystem(lot, load(lot.region.words, record + MEMBER))) ended.push(record);
    });
    for (const record of ended) this.reapRecord(record);
    if (ended.length > 0) this.grant();
    return ended.length > 0;
  }

  override ready(): boolean {
    return this.#left > 0;
  }

  override taking(): Changes {
    return [this.core.place(RESERVED), this.#reserved + 1];
  }

  override holding(request: number): Changes {
    this.#perform(errands.get(request) as E);
    // Those who waited for what was reserved to come back do so in vain.
    if (this.core.waiting > 0 && this.availableBeyond(0) <= 0 && this.over) this.wakeAll();
    return [this.core.place(RESERVED), this.#reserved - 1];
  }

  override undo(code: number, count: number): Changes {
    return code === GRANTED ? [this.core.place(RESERVED), this.#reserved - count] : [];
  }

  override beforeLook(): void {
    this.#serveOwn();
  }

  override missed(record: number): void {
    // This thread's own promises were granted something just now: it takes that first, and does not sleep before.
    if (this.#owes() && modeOf(this.core.lot, record) === SYNC) this.core.nudge(record);
    else this.grant();
  }
}

const outcomeOf = (result: number, errand: Errand): number => (result === DONE ? errand.outcome : result);
