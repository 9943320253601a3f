/**
 * What all queues have in common: putting, getting, shutting down, and how they travel.
 *
 * How it works  A queue is a store of messages (`chain.ts`, `heap.ts`) with an end to put at and one to get at (`queue-end.ts`). To
 *               put is to encode, to enter the putters' end, to write, to leave, and to offer what is there to whoever waits at
 *               the other end; to get is the same the other way round.
 * Ordering      The count of messages is stored before the other end's count of waiters is read; who waits stores that count before
 *               it looks at the messages once more. So either sees the other.
 * When it dies  A message is there whole or not at all. Whoever dies between putting and offering leaves sleepers that look for
 *               themselves when they are told of the death.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError, InvalidStateError } from '../errors/executor-errors.ts';
import { Empty, Full, ShutDown } from '../errors/queue-errors.ts';
import { InvalidValueError } from '../errors/sync-errors.ts';
import type { Scope } from '../memory/region.ts';
import { Items } from '../messaging/items.ts';
import type { Memory } from '../shared/field.ts';
import { type MemoryOptions, newMemory, openMemory, receiveMemory, sendMemory } from '../shared/memory-of.ts';
import { type BlockPlace, constantSymbol, isConstantPlace, madeBy, packSymbol, unpackSymbol } from '../sync/place.ts';
import { type Readiness, readinessSymbol } from '../sync/readiness.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { NOT_NOW } from '../sync/waitable.ts';
import { wholeNumber } from '../sync/whole-number.ts';
import type { BytesLease } from './bytes-lease.ts';
import { Getters, Joiners, type Parcel, Putters, type Wish } from './ends.ts';
import { DONE, SHUT_DOWN } from './queue-end.ts';
import { DROPPED, HEADER_BYTES, OPEN, QueueRoom, SHUT } from './queue-room.ts';
import { type Received, Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import type { Store } from './store.ts';

/** How a queue is made. */
export interface QueueOptions extends MemoryOptions {
  /** Items that it holds at most, before `put` waits; 0 (default): no bound. */
  readonly maxSize?: number | undefined;
  /**
   * Bytes that it may grow to; addresses are set aside for them, and memory is used as it is needed. Default: 1 GiB. A `put` that
   * finds no memory fails with `Full`, whatever its timeout. Memory that small items have taken has no room for a large one later, also
   * when they are gone.
   */
  readonly most?: number | undefined;
}

/** How a queue is shut down. */
export interface QueueShutdownOptions {
  /** Drop the items that are in it, as if they had been got and done. Default: false, they can still be got. */
  readonly immediate?: boolean | undefined;
}

const MOST = 2 ** 30;
/** Words have numbers of 32 bits. */
const LIMIT = 2 ** 32;
const MOST_ITEMS = 0x7fff_ffff;

/** Makes the store of a kind of queue. @internal */
export interface StoreKind {
  /** Bytes that an empty one takes. */
  readonly bytes: number;
  open(room: QueueRoom): Store;
  /** Prepares new memory. */
  prepare(store: Store): void;
}

/** Whatever puts and gets. */
export abstract class BaseQueue<T> implements AsyncIterable<T> {
  readonly #room: QueueRoom;
  readonly #store: Store;
  readonly #putters: Putters;
  readonly #getters: Getters;
  readonly #joiners: Joiners;
  #closed = false;
  readonly #sender: Sender;
  readonly #receiver: Receiver;

  /** @internal */
  protected constructor(options: QueueOptions | Memory, kind: StoreKind, name: string) {
    this.#room = new QueueRoom('block' in options ? options : memoryFor(options, kind, name));
    this.#store = kind.open(this.#room);
    const over = (): boolean => this.#room.state !== OPEN;
    this.#putters = new Putters(this.#room.core(0), this.#room, this.#store, over);
    this.#getters = new Getters(this.#room.core(1), this.#room, this.#store, over);
    this.#sender = new Sender(this.#putters, this.#getters);
    this.#receiver = new Receiver(this.#getters, this.#putters, refusal);
    this.#joiners = new Joiners(this.#room.core(2), this.#room, this.#store);
  }

  /** Among whom it is shared. */
  get scope(): Scope {
    return this.#room.memory.block.region.scope;
  }

  /** How many items there are; others may be putting and getting. */
  get size(): number {
    this.usable();
    return this.#room.state === DROPPED ? 0 : Math.max(0, this.#store.length);
  }

  /** Whether there are none. */
  get empty(): boolean {
    return this.size === 0;
  }

  /** Bytes that are in use, those of items that were got included, which are used again. */
  get bytes(): number {
    this.usable();
    return this.#room.used;
  }

  /** Whether it was shut down. */
  get isShutDown(): boolean {
    return this.#room.state !== OPEN;
  }

  /** Whether this object was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** @internal */
  protected get limit(): number {
    return this.#room.maxSize;
  }

  /** @internal */
  protected set limit(items: number) {
    this.#room.maxSize = items;
    this.#putters.wake();
    this.#putters.offer();
  }

  /** What decides who is next, where the order is not that of arrival. @internal */
  protected rankOf(_item: T): number {
    return 0;
  }

  /**
   * Puts an item as soon as there is room for it.
   *
   * @throws EncodeError when the item cannot travel; Full `ERR_QUEUE_FULL` when `timeout` milliseconds were over, or there is no memory;
   *   ShutDown `ERR_QUEUE_SHUT_DOWN`; the signal's reason. Nothing has been put then.
   */
  async put(item: T, options?: WaitOptions): Promise<void> {
    this.usable();
    this.#wasPut(await this.#sender.send(item, this.rankOf(item), options), item);
  }

  /** Puts an item; blocks this thread until there is room for it. @throws as `put` */
  putSync(item: T, options?: WaitOptions): void {
    this.usable();
    const timeout = timeoutOf(options);
    this.#wasPut(this.#sender.sendSync(item, this.rankOf(item), timeout), item);
  }

  /** Puts an item if there is room for it; `false` if there is none. @throws as `put`, except for that */
  tryPut(item: T): boolean {
    this.usable();
    const parcel = this.#sender.sendSync(item, this.rankOf(item), 0);
    if (parcel.outcome === NOT_NOW) return false;
    this.#wasPut(parcel, item);
    return true;
  }

  #wasPut({ outcome, message, error }: Parcel, item: T): void {
    if (outcome === DONE) return;
    if (outcome === SHUT_DOWN) throw new ShutDown(`This ${this.#name} was shut down and takes no more items.`);
    if (outcome === NOT_NOW) throw new Full(`This ${this.#name} is full: it holds ${this.limit} items.`, item);
    if (error !== undefined) throw error;
    throw new Full(
      `This ${this.#name} has no memory for this item of ${message.length} bytes: it may have ${this.#room.most} bytes. Make it with a larger most, or with a maxSize.`,
      item,
    );
  }

  /**
   * Gets the next item as soon as there is one.
   *
   * @throws Empty `ERR_QUEUE_EMPTY` when `timeout` milliseconds were over; ShutDown `ERR_QUEUE_SHUT_DOWN` when nothing more will come; the
   *   signal's reason
   */
  async get(options?: WaitOptions): Promise<T> {
    this.usable();
    return this.#gotten(await this.#receiver.receive<T>(options));
  }

  /**
   * Gets the next item; blocks this thread until there is one.
   *
   * @throws as `get`; InvalidStateError `ERR_INVALID_STATE` when the next item refers to modules, which only `get` can load: it stays
   */
  getSync(options?: WaitOptions): T {
    this.usable();
    return this.#gotten(this.#receiver.receiveSync<T>(timeoutOf(options)));
  }

  /** Gets the next item if there is one; `undefined` if there is none. @throws as `getSync`, except for that */
  tryGet(): T | undefined {
    this.usable();
    const received = this.#receiver.receiveSync<T>(0);
    return received.outcome === NOT_NOW ? undefined : this.#gotten(received);
  }

  #gotten<V>({ outcome, value }: Received<V>): V {
    if (outcome === DONE) return value as V;
    if (outcome === SHUT_DOWN) throw new ShutDown(`This ${this.#name} was shut down and has no more items.`);
    throw new Empty(`This ${this.#name} is empty.`);
  }

  /**
   * Gets the next item, which has to be bytes, into memory that is there: no allocation, one copy.
   *
   * @returns how many bytes
   * @throws as `get`; InvalidValueError `ERR_INVALID_VALUE` when it is something else, or does not fit: it stays
   */
  async getInto(target: ArrayBufferView, options?: WaitOptions): Promise<number> {
    this.usable();
    return this.#gotten(await this.#receiver.receiveInto(target, options));
  }

  /** As `getInto`; blocks this thread until there is an item. */
  getIntoSync(target: ArrayBufferView, options?: WaitOptions): number {
    this.usable();
    return this.#gotten(this.#receiver.receiveIntoSync(target, timeoutOf(options)));
  }

  /**
   * Gets the next item, which has to be bytes, in place where it is large: no copy at all. Its memory is used again once it is released.
   *
   * @throws as `getInto`
   */
  async lease(options?: WaitOptions): Promise<BytesLease> {
    this.usable();
    return this.#gotten(await this.#receiver.lease(options));
  }

  /** As `lease`; blocks this thread until there is an item. */
  leaseSync(options?: WaitOptions): BytesLease {
    this.usable();
    return this.#gotten(this.#receiver.leaseSync(timeoutOf(options)));
  }

  /**
   * Shuts it down for everybody: `put` fails from now on, and `get` once it is empty. All who wait in vain are told.
   *
   * **Python** `Queue.shutdown` (3.13).
   */
  shutdown({ immediate = false }: QueueShutdownOptions = {}): void {
    this.usable();
    this.#putters.guarded(() => {
      if (this.#room.state !== DROPPED) this.#room.state = immediate ? DROPPED : SHUT;
    });
    this.#putters.wake();
    this.#getters.wake();
    this.#joiners.look();
  }

  /** Lets go of it here; others go on using it. Every later use of this object fails. */
  close(): void {
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Gets items until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new Items(
      (options) => this.get(options),
      (error) => error instanceof ShutDown,
    );
  }

  /** Gets items until the queue is shut down and empty; blocks this thread while there is none. */
  *[Symbol.iterator](): Generator<T, undefined> {
    for (;;) {
      let item: T;
      try {
        item = this.getSync();
      } catch (error) {
        if (error instanceof ShutDown) return;
        throw error;
      }
      yield item;
    }
  }

  /** @internal */
  [readinessSymbol](): Readiness {
    this.usable();
    return this.#receiver.readiness();
  }

  /** @throws InvalidStateError once this object was closed @internal */
  protected usable(): void {
    if (this.#closed) throw new InvalidStateError(`This ${this.#name} is closed.`);
  }

  get #name(): string {
    return this.constructor.name;
  }

  /** What `inspect` says besides. @internal */
  protected details(): string {
    return '';
  }

  [inspect.custom](): string {
    if (this.#closed) return `${this.#name} { closed }`;
    const { size } = this;
    const items = this.limit > 0 ? `${size} of ${this.limit} items` : `${size} item${size === 1 ? '' : 's'}`;
    const waiting = [
      [this.#getters.core.waiting + this.#getters.watchers.core.waiting, 'get'],
      [this.#putters.core.waiting, 'put'],
    ] as const;
    const lines = waiting.map(([count, what]) => (count > 0 ? `, ${count} waiting to ${what}` : '')).join('');
    return `${this.#name} { ${items}${this.details()}${lines}${this.isShutDown ? ', shut down' : ''} }`;
  }

  /** @internal */
  protected get joiners(): Joiners {
    return this.#joiners;
  }

  /** @internal */
  protected travel(destination: Scope): BlockPlace {
    const { memory } = this.#room;
    return sendMemory(memory, memory.block.at, memory.block.byteLength, this.#name, destination);
  }

  /** @internal */
  static [packSymbol](queue: BaseQueue<unknown>, destination: Scope): object {
    return { place: queue.travel(destination), own: Object.fromEntries(Object.entries(queue)) } satisfies QueueTravel;
  }

  /** @internal */
  static [constantSymbol](data: object): boolean {
    return isConstantPlace(data);
  }

  /** @internal */
  static [unpackSymbol](this: unknown, { place, own }: QueueTravel): object {
    return Object.assign(arrived(this, receiveMemory(place, true)), own);
  }
}

/** How a queue travels. */
export interface QueueTravel {
  readonly place: BlockPlace;
  /** Fields of a class that extends one of this library's. */
  readonly own: object;
}

const kinds = new Set<unknown>();

/** Says that a class is one of this library's that can be made over memory. @internal */
export function queueKind(Class: Function): void {
  kinds.add(Class);
}

/** A queue over memory that has travelled: made by the class of this library that it extends, not by a constructor of its own. @internal */
export function arrived(Class: unknown, memory: object): object {
  let Kind = Class;
  while (!kinds.has(Kind)) Kind = Object.getPrototypeOf(Kind);
  return madeBy<object>(Kind as never, [memory], Class);
}

/** Why the next item is not what was wished for. @internal */
function refusal({ into, inPlace, length }: Wish): Error {
  if (into === undefined && inPlace !== true)
    return new InvalidStateError(
      'The next item refers to functions or classes of modules, which are loaded by a promise. It stays: use await get().',
    );
  return new InvalidValueError(
    into !== undefined && length > into.length
      ? `The next item has ${length} bytes; there is room for ${into.length}. It stays.`
      : 'The next item is not a byte array or other typed array. It stays: get() it.',
  );
}

function memoryFor(options: QueueOptions, kind: StoreKind, name: string): Memory {
  const { most = MOST } = options;
  const maxSize = checkedSize(options.maxSize ?? 0);
  const least = HEADER_BYTES + kind.bytes;
  if (typeof most !== 'number' || !(most >= least && most <= LIMIT))
    throw new InvalidOptionError(`most must be a number of bytes from ${least} to ${LIMIT}; it is ${String(most)}.`);
  return newMemory({ byteLength: least, waits: true, text: name, most }, options, (memory) => {
    const room = new QueueRoom(memory);
    room.prepare(most, maxSize);
    kind.prepare(kind.open(room));
  });
}

/** A queue's most items, checked; as in Python, a negative number means no bound. @throws InvalidOptionError */
export function checkedSize(maxSize: number): number {
  if (typeof maxSize === 'number' && maxSize < 0 && Number.isInteger(maxSize)) return 0;
  wholeNumber('maxSize', maxSize, 0, MOST_ITEMS);
  return maxSize;
}

/** Memory that a process has given a name. @internal */
export const queueMemory = (kind: StoreKind, type: string, name: string): Memory =>
  openMemory({ byteLength: HEADER_BYTES + kind.bytes, waits: true, text: type }, name);
