/**
 * A managed queue.
 *
 * How it works  Items stay as they are in the manager, so proxies among them stay proxies. A place is handed to the putter that has waited longest,
 *               an item to the getter that has.
 * When it dies  A client that waits and is gone is given nothing: its item goes to the next one, or back to the front. An item whose answer
 *               was under way when its client died is lost with it.
 * @module
 */
import { InvalidStateError } from '../errors/executor-errors.ts';
import { Empty, Full, ShutDown } from '../errors/queue-errors.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { callingClient } from './caller.ts';
import { wholeFrom } from './semaphores.ts';
import { TurnLine } from './turn.ts';

/** What a getter is given. */
type Given<T> = { readonly item: T } | 'shut down';

/**
 * A queue, for proxies: `await manager.queue()`. It may hold proxies.
 *
 * **Python** `SyncManager.Queue`, `JoinableQueue`. Among threads and processes of one machine `Queue` in shared memory is faster.
 */
export class ManagedQueue<T> {
  readonly maxSize: number;
  #items: T[] = [];
  #room: number;
  #unfinished = 0;
  #shutDown = false;
  readonly #getters = new TurnLine<Given<T>>();
  readonly #putters = new TurnLine<'room' | 'shut down'>();
  readonly #joiners = new TurnLine<true>();

  /** @throws InvalidOptionError `ERR_INVALID_OPTION` */
  constructor({ maxSize = 0 }: { readonly maxSize?: number | undefined } = {}) {
    this.maxSize = wholeFrom(0, 'maxSize', maxSize);
    this.#room = maxSize === 0 ? Infinity : maxSize;
  }

  /** Items in it. */
  get size(): number {
    return this.#items.length;
  }

  /** Items that were put and are not done. */
  get unfinished(): number {
    return this.#unfinished;
  }

  get isShutDown(): boolean {
    return this.#shutDown;
  }

  /** @throws Full `ERR_QUEUE_FULL` when time was up; ShutDown `ERR_QUEUE_SHUT_DOWN`; the signal's reason */
  async put(item: T, options?: WaitOptions): Promise<void> {
    const client = callingClient();
    timeoutOf(options);
    if (this.tryPut(item)) return;
    const given = await this.#putters.wait(client, options, () => this.#makeRoom());
    if (given === undefined)
      throw new Full(`This managed queue has ${this.maxSize} items, and no room came in time.`, undefined); // who put it has it
    if (given === 'shut down') throw shutDown();
    this.#add(item);
  }

  /** Puts an item if there is room. @throws ShutDown `ERR_QUEUE_SHUT_DOWN` */
  tryPut(item: T): boolean {
    if (this.#shutDown) throw shutDown();
    if (this.#room <= 0) return false;
    this.#room -= 1;
    this.#add(item);
    return true;
  }

  /** @throws Empty `ERR_QUEUE_EMPTY` when time was up; ShutDown `ERR_QUEUE_SHUT_DOWN`; the signal's reason */
  async get(options?: WaitOptions): Promise<T> {
    const client = callingClient();
    timeoutOf(options);
    if (this.#items.length > 0) return this.#take();
    if (this.#shutDown) throw shutDown();
    const given = await this.#getters.wait(client, options, (back) => this.#putBack(back));
    if (given === undefined) throw new Empty('This managed queue is empty, and nothing came in time.');
    if (given === 'shut down') throw shutDown();
    return given.item;
  }

  /** Gets an item if there is one. @throws ShutDown `ERR_QUEUE_SHUT_DOWN` */
  tryGet(): T | undefined {
    if (this.#items.length > 0) return this.#take();
    if (this.#shutDown) throw shutDown();
    return undefined;
  }

  /** An item that was got is done. @throws InvalidStateError `ERR_INVALID_STATE` when none is open */
  taskDone(): void {
    if (this.#unfinished === 0) throw new InvalidStateError('taskDone() was called more often than items were put.');
    this.#unfinished -= 1;
    if (this.#unfinished === 0) this.#joiners.giveAll(true);
  }

  /** Waits until all items are done. @returns `true`; `false` when `timeout` milliseconds were over @throws the signal's reason */
  async join(options?: WaitOptions): Promise<boolean> {
    timeoutOf(options);
    return this.#unfinished === 0 || (await this.#joiners.wait(callingClient(), options, () => {})) !== undefined;
  }

  /** Takes no more items; what is in it can still be got, unless `immediate`. */
  shutdown({ immediate = false }: { readonly immediate?: boolean } = {}): void {
    this.#shutDown = true;
    if (immediate) {
      this.#unfinished -= this.#items.length;
      this.#items = [];
      if (this.#unfinished === 0) this.#joiners.giveAll(true);
    }
    this.#putters.giveAll('shut down');
    this.#getters.giveAll('shut down');
  }

  /** Items, until the queue is shut down. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof ShutDown) return;
        throw error;
      }
      yield item;
    }
  }

  #add(item: T): void {
    this.#unfinished += 1;
    if (this.#getters.give({ item })) this.#makeRoom();
    else this.#items.push(item);
  }

  #take(): T {
    const item = this.#items.shift() as T;
    this.#makeRoom();
    return item;
  }

  #putBack(given: Given<T>): void {
    if (given === 'shut down' || this.#getters.give(given)) return;
    this.#items.unshift(given.item);
    this.#room -= 1;
  }

  #makeRoom(): void {
    if (this.#room < 0 || !this.#putters.give('room')) this.#room += 1;
  }
}

const shutDown = (): ShutDown => new ShutDown('This managed queue was shut down.');
