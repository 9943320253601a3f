/**
 * Bytes of an item, read where they lie.
 * @module
 */
import { InvalidStateError } from '../errors/executor-errors.ts';
import type { Lease } from './store.ts';

/**
 * The bytes of an item that was taken out of a queue, in the queue's own memory where they are many.
 *
 * **Gotchas** Read them before `release()`: afterwards the next item may lie there.
 */
export class BytesLease implements Disposable {
  #lease: Lease | undefined;
  #bytes: Uint8Array | undefined;

  /** @internal */
  constructor(from: Lease | Uint8Array) {
    if (from instanceof Uint8Array) this.#bytes = from;
    else {
      this.#lease = from;
      this.#bytes = from.bytes;
    }
  }

  /** The bytes. @throws InvalidStateError `ERR_INVALID_STATE` once they were released */
  get bytes(): Uint8Array {
    if (this.#bytes === undefined) throw new InvalidStateError('These bytes have been released.');
    return this.#bytes;
  }

  /** Whether they lie in the queue's memory, which waits to be used again. */
  get inPlace(): boolean {
    return this.#lease !== undefined;
  }

  /** Gives the memory back; more than once does nothing. */
  release(): void {
    this.#lease?.release();
    this.#lease = undefined;
    this.#bytes = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
