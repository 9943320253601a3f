/**
 * The core of every lock and its kin: a guard for the object's words, changes that happen whole or not at all, and the
 * wake-ups that follow from them.
 *
 * How it works  Whoever changes an object's words, or the records that wait for it, holds its guard: a tiny lock, held for well
 *               under a microsecond and never while user code runs. A change of several words is written to a log first; the
 *               count of the log is what commits it. Whoever takes the guard over from a thread that died holding it finishes
 *               what the log says.
 * Layout        0 guard · 1 key in the lot, once somebody has waited, or held it · 2 tickets drawn · 3 waiters not yet granted ·
 *               4 entries in the log · 5-14 log: place and value, five times · 16-31 the object's own words.
 * Invariants    1. Guard: 0, or the id of the member that holds it, and `CONTENDED` when others may be parked on it.
 *               2. A word that is changed through `commit` is changed under the guard only, as long as somebody waits.
 *               3. Waiters are woken after the guard has been left, so that they do not run into it.
 * Ordering      Log entries, then the count, then the changes, then the count back to 0.
 * When it dies  Before the count: nothing has happened. After it: the next one does it again, which changes nothing twice.
 *               Between leaving and waking: the waiters look for themselves (see `sync-object.ts`).
 * Source        Redo logs as in any database; U. Drepper, "Futexes Are Tricky" (2011) for the guard.
 * @module
 */
import { follow } from '../memory/grow.ts';
import type { Region } from '../memory/region.ts';
import { compareExchange, exchange, load, pause, spinning, store, type Words } from '../memory/words.ts';
import type { Lot } from './lot.ts';
import { ID_MASK, isDead, isDeadBySystem } from './members.ts';
import { meIn } from './lots.ts';
import { FREE, giveBack, nudge } from './records.ts';
import { ownLines } from './own-lines.ts';
import { wakeRecord } from './wake.ts';

/** Words that a core takes, the object's own included. */
export const CORE_WORDS = 32;
/** Words that are enough where nothing but the guard is used. */
export const CORE_GUARD_WORDS = 5;
/** Where the object's own words begin. */
export const OWN = 16;

const KEY = 1;
const TICKETS = 2;
const WAITERS = 3;
const LOG = 4;
const MOST_CHANGES = 10;
const CONTENDED = 0x8000_0000 | 0;
const SPINS = 100;
/** Milliseconds for which a thread waits for the guard before it looks whether its holder lives. */
const GUARD_SLICE = 5;

/** Words to change and what to: place, value, place, value… A place of the lot is given as `inLot(place)`. */
export type Changes = number[];

/** Names a word of the lot in a list of changes. */
export const inLot = (word: number): number => ~word;

/** What this thread has of a lock. */
export interface HeldHere {
  /** Numbers the holds that were given. */
  given: number;
  /** The one that holds now, or 0. */
  current: number;
  /** The flows of what is held besides: of the inner levels of an `RLock`, of the reads of an `RwLock`; 0 for none. */
  flows: number[];
}

/** One object's words, and how to change them. */
export class Core {
  readonly region: Region;
  words: Words;
  readonly at: number;
  readonly lot: Lot;
  /** This thread's id in the lot. */
  readonly me: number;
  /** What this thread has of the object, once it has had anything; by `held-here.ts`. */
  here: HeldHere | undefined = undefined;
  /** Whether nobody else shows the object: it was made here, and has not travelled. */
  alone = false;
  /** How much this thread holds of it, as long as it is `alone` (`holdings.ts`). */
  heldAlone = 0;
  readonly #waiters: number;
  /** Who died holding the guard, when it was last taken over. */
  #takenFrom = 0;
  #wakes: number[] = [];

  /**
   * @param at first word of the object
   * @param waiters where waiters are counted, if elsewhere: whoever often asks whether there are any does so in another cache line then
   */
  constructor(region: Region, at: number, lot: Lot, waiters: number = at + WAITERS) {
    this.#waiters = waiters;
    this.region = region;
    this.words = region.words;
    this.at = at;
    this.lot = lot;
    this.me = meIn(lot);
  }

  /** The region may have grown: has the words reach what is new. */
  follow(): void {
    follow(this.region);
    this.words = this.region.words;
  }

  /** Whether somebody has the guard, or has died with it. */
  get taken(): boolean {
    return load(this.words, this.at) !== 0;
  }

  /** Takes the guard. True when somebody died holding it: what was committed has been finished, the rest has not happened. */
  enter(): boolean {
    if (compareExchange(this.words, this.at, 0, this.me) === 0) return false;
    return this.#enterLate();
  }

  #enterLate(): boolean {
    const { words, at, me, lot } = this;
    for (let i = spinning ? SPINS : 0; i > 0; i--) {
      if (load(words, at) === 0 && compareExchange(words, at, 0, me) === 0) return false;
      pause();
    }
    for (let parked = false; ; parked = true) {
      const guard = load(words, at);
      const holder = guard & ID_MASK;
      if (holder === 0) {
        // Others may be parked as well, which this thread no longer knows.
        if (compareExchange(words, at, guard, me | CONTENDED) === guard) return false;
        continue;
      }
      if (parked ? isDeadBySystem(lot, holder) : isDead(lot, holder)) {
        if (compareExchange(words, at, guard, me | CONTENDED) !== guard) continue;
        this.#takenFrom = holder;
        this.#redo();
        return true;
      }
      const marked = guard | CONTENDED;
      if (guard !== marked && compareExchange(words, at, guard, marked) !== guard) continue;
      this.region.park(at, marked, GUARD_SLICE);
    }
  }

  /** Leaves the guard and wakes whom `wake` has named. */
  leave(): void {
    if (exchange(this.words, this.at, 0) < 0) this.region.unpark(this.at, 1);
    if (this.#wakes.length > 0) this.#deliver();
  }

  /** Leaves the guard, after `enter` has said that somebody died, to whoever comes next as it was found. */
  leaveAsFound(): void {
    exchange(this.words, this.at, this.#takenFrom | CONTENDED);
    this.region.unpark(this.at, 1);
  }

  /** Makes some changes as one. At most five. */
  commit(changes: Changes): void {
    if (changes.length > 2) {
      if (changes.length > MOST_CHANGES) throw new RangeError(`The log has room for ${MOST_CHANGES / 2} changes.`);
      const { words, at } = this;
      for (let i = 0; i < changes.length; i++) store(words, at + LOG + 1 + i, changes[i] as number);
      store(words, at + LOG, changes.length);
    }
    this.#apply(changes);
    if (changes.length > 2) store(this.words, this.at + LOG, 0);
  }

  #apply(changes: Changes): void {
    for (let i = 0; i < changes.length; i += 2) {
      const place = changes[i] as number;
      if (place < 0) store(this.lot.region.words, ~place, changes[i + 1] as number);
      else store(this.words, place, changes[i + 1] as number);
    }
  }

  #redo(): void {
    const { at } = this;
    const length = load(this.words, at + LOG);
    if (length === 0) return;
    this.follow();
    const changes: Changes = [];
    for (let i = 0; i < length; i++) changes.push(load(this.words, at + LOG + 1 + i));
    this.#apply(changes);
    store(this.words, at + LOG, 0);
  }

  /** Has the waiter of a record look for itself: wakes it once the guard is left. Under the guard. */
  nudge(record: number): void {
    nudge(this.lot, record);
    this.wake(record);
  }

  /** Wakes the waiter of a record, whose state has changed, once the guard is left. */
  wake(record: number): void {
    if (this.#wakes.at(-1) !== record) this.#wakes.push(record);
  }

  #deliver(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    const own = ownLines(this.lot);
    for (const record of wakes) {
      const line = own.get(record);
      if (line === undefined) wakeRecord(this.lot, record);
      else line.look();
    }
  }

  /** Frees a record: with it go these changes. */
  free(record: number, changes: Changes = []): void {
    changes.push(inLot(record), FREE);
    this.commit(changes);
    giveBack(this.lot, record);
  }

  /** The object's key in the lot; given to it when it is first asked for. */
  get key(): number {
    const key = load(this.words, this.at + KEY);
    return key === 0 ? this.#newKey() : key;
  }

  #newKey(): number {
    const key = this.lot.newKey();
    return compareExchange(this.words, this.at + KEY, 0, key) || key; // another thread may have given it one
  }

  /** The next ticket. */
  ticket(): number {
    const ticket = (load(this.words, this.at + TICKETS) + 1) | 0;
    store(this.words, this.at + TICKETS, ticket);
    return ticket;
  }

  /** Waiters that have not been granted what they want. */
  get waiting(): number {
    return load(this.words, this.#waiters);
  }

  /** Whether there are any. A plain read, for under the guard. */
  get hasWaiters(): boolean {
    return this.words[this.#waiters] !== 0;
  }

  /** The change that makes `waiting` that. */
  waitingIs(count: number): Changes {
    return [this.#waiters, Math.max(0, count)];
  }

  own(index: number): number {
    return load(this.words, this.at + OWN + index);
  }

  /** Place of one of the object's own words. */
  place(index: number): number {
    return this.at + OWN + index;
  }
}
