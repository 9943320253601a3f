/**
 * Receives values: enter the end, copy out, leave, and decode.
 * @module
 */
import { InvalidValueError } from '../errors/sync-errors.ts';
import { type Readiness, readinessSymbol } from '../sync/readiness.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { NOT_NOW } from '../sync/waitable.ts';
import { BytesLease } from './bytes-lease.ts';
import type { Getters, Putters, Wish } from './ends.ts';
import { decodeBytes, decodeItem } from './message.ts';
import { DONE, REFUSED } from './queue-end.ts';

/** What was received: nothing, where the outcome is another than `DONE`. */
export interface Received<V> {
  readonly outcome: number;
  readonly value: V | undefined;
}

const wishFor = (wanted: Partial<Wish>): Wish => ({
  later: false,
  kept: false,
  outcome: NOT_NOW,
  tag: 0,
  length: 0,
  bytes: undefined,
  lease: undefined,
  error: undefined,
  ...wanted,
});

/** Where values come out. */
export class Receiver {
  readonly #getters: Getters;
  readonly #now = wishFor({});
  readonly #later = wishFor({ later: true });

  readonly #refusal: (wish: Wish) => Error;

  /** @param refusal what to throw when what comes next is not what was wished for, and stays */
  constructor(getters: Getters, putters: Putters, refusal: (wish: Wish) => Error) {
    this.#getters = getters;
    getters.faces(putters);
    this.#refusal = refusal;
  }

  /** The next value, as soon as there is one. */
  async receive<T>(options: WaitOptions | undefined): Promise<Received<T>> {
    const timeout = timeoutOf(options);
    const quick = this.#later;
    const outcome = this.#getters.now(quick);
    if (outcome === DONE) return { outcome, value: (await decodeItem(quick.tag, quick.length)) as T };
    const wish = wishFor({ later: true, kept: true });
    wish.outcome = await this.#getters.wait(wish, { ...options, timeout });
    this.#got(wish);
    const value = wish.outcome === DONE ? ((await decodeBytes(wish.tag, wish.bytes as Buffer)) as T) : undefined;
    return { outcome: wish.outcome, value };
  }

  /** The next value; blocks this thread until there is one. */
  receiveSync<T>(timeout: number): Received<T> {
    const wish = this.#takeSync(this.#now, timeout);
    const { outcome } = wish;
    return { outcome, value: outcome === DONE ? (decodeItem(wish.tag, wish.length) as T) : undefined };
  }

  /** The next value's bytes, copied into memory that is there. @returns how many @throws InvalidValueError */
  async receiveInto(target: ArrayBufferView, options: WaitOptions | undefined): Promise<Received<number>> {
    return lengthOf(await this.#take(wishFor({ into: bytesOf(target) }), options));
  }

  receiveIntoSync(target: ArrayBufferView, timeout: number): Received<number> {
    return lengthOf(this.#takeSync(wishFor({ into: bytesOf(target) }), timeout));
  }

  /** The next value's bytes, in place where that can be. @throws InvalidValueError */
  async lease(options: WaitOptions | undefined): Promise<Received<BytesLease>> {
    return leaseOf(await this.#take(wishFor({ inPlace: true }), options));
  }

  leaseSync(timeout: number): Received<BytesLease> {
    return leaseOf(this.#takeSync(wishFor({ inPlace: true }), timeout));
  }

  /** What the next message says of a descriptor; it must say that. */
  async receiveHandle(options: WaitOptions | undefined): Promise<Received<Uint8Array>> {
    const { outcome, bytes } = await this.#take(wishFor({ handle: true }), options);
    return { outcome, value: bytes };
  }

  /** Waits until there is something to receive, or nothing more will come, and leaves all as it is. False when time was up. */
  poll(options: WaitOptions | undefined): Promise<boolean> {
    return this.#getters.watchers.wait(options);
  }

  /** As `poll`; blocks this thread while it waits. */
  pollSync(options: WaitOptions | undefined): boolean {
    return this.#getters.watchers.waitSync(options);
  }

  /** For whoever waits for one of several things. */
  readiness(): Readiness {
    return this.#getters.watchers[readinessSymbol]();
  }

  async #take(wish: Wish, options: WaitOptions | undefined): Promise<Wish> {
    const timeout = timeoutOf(options);
    wish.outcome = this.#getters.now(wish);
    if (wish.outcome === NOT_NOW) wish.outcome = await this.#getters.wait(wish, { ...options, timeout });
    return this.#got(wish);
  }

  #takeSync(wish: Wish, timeout: number): Wish {
    wish.outcome = this.#getters.now(wish);
    if (wish.outcome === NOT_NOW) wish.outcome = this.#getters.waitSync(wish, timeout);
    return this.#got(wish);
  }

  #got(wish: Wish): Wish {
    if (wish.outcome !== REFUSED) return wish;
    throw wish.error ?? this.#refusal(wish);
  }
}

const lengthOf = ({ outcome, length }: Wish): Received<number> => ({ outcome, value: length });

const leaseOf = ({ outcome, lease, bytes }: Wish): Received<BytesLease> => ({
  outcome,
  value: outcome === DONE ? new BytesLease(lease ?? (bytes as Buffer)) : undefined,
});

function bytesOf(target: ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(target)) return new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  throw new InvalidValueError('There has to be a typed array, a DataView or a Buffer to be filled.');
}
