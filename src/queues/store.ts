/**
 * What a queue keeps its messages in; who is next is the store's business.
 * @module
 */
import type { Message } from './message.ts';

/** Bytes of a message that are read in place. */
export interface Lease {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  release(): void;
}

/** Messages, in memory that is shared. */
export interface Store {
  /** How many there are. */
  readonly length: number;
  /** How many there are, or fewer: not more than `count` only if there are no more. For those who get. */
  lengthAbove(count: number): number;
  /** How many there are, or more: not less than `count` only if there are no fewer. For those who put. */
  lengthBelow(count: number): number;
  /** How many have ever been written, modulo 2 ** 32. */
  readonly written: number;
  /** Writes a message; false when there is no memory for it. Under the putters' guard. @param rank less is sooner, where that counts */
  write(message: Message, rank: number): boolean;
  /** Keeps what is next as it is, until `release`, for the calls below. Under the getters' guard. */
  hold(): void;
  release(): void;
  /** Finds the next message, for the calls below, and returns its tag; there is one. Under the getters' guard, and held. */
  find(): number;
  /** Bytes of the message that was found. Under the getters' guard, and held. */
  readonly nextLength: number;
  /** Takes the message out that was found, to `roomFor`, and returns its length. Under the getters' guard, and held. */
  take(): number;
  /** Takes the message out that was found, to bytes that are enough for it. Under the getters' guard, and held. */
  takeInto(target: Uint8Array): void;
  /** Takes the message out that was found, its bytes in place, where that can be. Under the getters' guard, and held. */
  lease(): Lease | undefined;
  /** Somebody died under the putters' guard; under that guard. */
  mend(): void;
}
