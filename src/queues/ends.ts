/**
 * The ends of a queue: where one waits for room, for items, and for all items to be done.
 *
 * Layout  Joiners: 0 items done.
 * @module
 */
import { InvalidStateError } from '../errors/executor-errors.ts';
import type { Changes, Core } from '../sync/core.ts';
import { Gate } from '../sync/gate.ts';
import { isHandle, isImmediate, isRaw, type Message, newBytes } from './message.ts';
import { DONE, type Errand, QueueEnd, REFUSED, SHUT_DOWN } from './queue-end.ts';
import { DROPPED, type QueueRoom, WATCHERS } from './queue-room.ts';
import type { Lease, Store } from './store.ts';
import { Watchers } from './watchers.ts';

/** Something to put. */
export interface Parcel extends Errand {
  message: Message;
  rank: number;
  /** Why it could not be put. */
  error: unknown;
}

/** Where those wait who put. */
export class Putters extends QueueEnd<Parcel> {
  protected override availableBeyond(count: number): number {
    if (this.over) return 0;
    const { maxSize } = this.room;
    return maxSize > 0 ? maxSize - this.store.lengthBelow(maxSize - count) : Infinity;
  }

  protected override act(parcel: Parcel): void {
    try {
      parcel.outcome = this.over ? SHUT_DOWN : this.store.write(parcel.message, parcel.rank) ? DONE : REFUSED;
    } catch (error) {
      parcel.outcome = REFUSED;
      parcel.error = error;
    }
  }

  override mend(): void {
    this.store.mend();
    super.mend();
  }
}

/** What is to become of the next item. */
export interface Wish extends Errand {
  /** Whether the item may be one that is made by a promise. */
  readonly later: boolean;
  /** Whether it has to outlive the next one. */
  readonly kept: boolean;
  /** Where bytes are to go; it must be bytes then. */
  readonly into?: Uint8Array | undefined;
  /** Whether it may be read in place; it must be bytes then. */
  readonly inPlace?: boolean;
  /** Whether it must be a descriptor, and nothing else may be one. */
  readonly handle?: boolean;
  tag: number;
  length: number;
  bytes: Buffer | undefined;
  lease: Lease | undefined;
  /** Why it could not be taken, other than what it is. */
  error: unknown;
}

/** Where those wait who get. */
export class Getters extends QueueEnd<Wish> {
  /** Those who wait to hear that there is something. */
  readonly watchers: Watchers;
  #mayTell = false;

  constructor(core: Core, room: QueueRoom, store: Store, isOver: () => boolean) {
    super(core, room, store, isOver);
    this.watchers = new Watchers(room.core(WATCHERS), this);
  }

  override offer(): void {
    if (this.core.waiting > 0) super.offer();
    else this.watchers.tell();
  }

  override wake(): void {
    super.wake();
    this.watchers.tell();
  }

  override grant(): void {
    super.grant();
    this.#mayTell = true;
  }

  /** For a watcher, who holds the guard of its own line and tells the others there. */
  takeBack(): boolean {
    return this.hasGranted && super.guarded(() => this.reapGranted());
  }

  override holding(request: number): Changes {
    this.#mayTell = true; // it may have been the last one
    return super.holding(request);
  }

  override guarded<R>(fn: () => R): R {
    try {
      return super.guarded(fn);
    } finally {
      if (this.#mayTell) {
        this.#mayTell = false;
        this.watchers.tell();
      }
    }
  }

  protected override availableBeyond(count: number): number {
    return this.room.state === DROPPED ? 0 : this.store.lengthAbove(count);
  }

  protected override act(wish: Wish): void {
    wish.error = undefined;
    try {
      this.store.hold();
      try {
        this.#take(wish);
      } finally {
        this.store.release();
      }
    } catch (error) {
      wish.outcome = REFUSED;
      wish.error = error;
    }
  }

  #take(wish: Wish): void {
    const store = this.store;
    if (this.room.state === DROPPED || store.lengthAbove(0) <= 0) {
      wish.outcome = SHUT_DOWN;
      return;
    }
    wish.tag = store.find();
    wish.outcome = REFUSED;
    if (isHandle(wish.tag) || wish.handle === true) {
      if (wish.handle !== true || !isHandle(wish.tag)) return;
      this.#keep(wish, store.nextLength);
      wish.outcome = DONE;
    } else if (wish.into !== undefined || wish.inPlace === true) {
      if (isRaw(wish.tag)) this.#takeBytes(wish);
    } else if (wish.later || isImmediate(wish.tag)) {
      if (wish.kept) this.#keep(wish, store.nextLength);
      else wish.length = store.take();
      wish.outcome = DONE;
    }
  }

  /** Into bytes of its own: the room that others use may hold what this thread is about to read. */
  #keep(wish: Wish, length: number): void {
    wish.length = length;
    wish.bytes = newBytes(length);
    this.store.takeInto(wish.bytes);
  }

  #takeBytes(wish: Wish): void {
    const store = this.store;
    wish.length = store.nextLength;
    if (wish.into === undefined) {
      wish.lease = store.lease();
      if (wish.lease === undefined) this.#keep(wish, wish.length);
    } else {
      if (wish.length > wish.into.length) return;
      store.takeInto(wish.into);
    }
    wish.outcome = DONE;
  }
}

const ITEMS_DONE = 0;

/** Where those wait who want all items to be done. */
export class Joiners extends Gate {
  readonly #room: QueueRoom;
  readonly #store: Store;

  constructor(core: Core, room: QueueRoom, store: Store) {
    super(core);
    this.#room = room;
    this.#store = store;
  }

  /** Items that were put, or if the rest was dropped those that were got, and are not done. */
  get unfinished(): number {
    // Before what was put: of an item that is put and done in between, the other order would see only that it is done.
    const done = this.core.own(ITEMS_DONE);
    const { written, length } = this.#store;
    const items = this.#room.state === DROPPED ? written - length : written;
    return Math.max(0, (items - done) | 0);
  }

  protected override get open(): boolean {
    return this.unfinished === 0;
  }

  /** An item is done. @throws InvalidStateError when all were */
  done(): void {
    const { core } = this;
    const counted = this.guarded(() => {
      if (this.open) return false;
      core.commit([core.place(ITEMS_DONE), (core.own(ITEMS_DONE) + 1) | 0]);
      if (this.open) this.wakeAll();
      return true;
    });
    if (!counted) throw new InvalidStateError('taskDone() was called more often than items were put.');
  }

  /** Items may have been dropped: whoever waits looks. */
  look(): void {
    this.guarded(() => this.wakeAll());
  }
}
