/**
 * What an acquire gives: something to release, once.
 * @module
 */
import { NotHeldError } from '../errors/sync-errors.ts';

/** What can be held. */
export interface Holdable {
  /** Ends a hold; `mark` is what the object gave to it. Says whether it was still held by it. @internal */
  endHold(mark: number): boolean;
}

/**
 * A lock, or a permit, that is held: released by `release()`, or at the end of the scope by `using`.
 *
 * **Python** the `with` statement around a lock.
 *
 * @example
 * const hold = await lock.acquire();
 * try { … } finally { hold.release(); }      // using hold = await lock.acquire();
 */
export class Hold implements Disposable {
  #of: Holdable | undefined;
  readonly #mark: number;
  /** Whether the one before died holding it, so that what it guards has to be looked over. */
  readonly recovered: boolean;

  /** @internal */
  constructor(of: Holdable, mark: number, recovered = false) {
    this.#of = of;
    this.#mark = mark;
    this.recovered = recovered;
  }

  /** Releases it. @throws NotHeldError `ERR_NOT_HELD` when that has been done before */
  release(): void {
    const of = this.#of;
    this.#of = undefined;
    if (of?.endHold(this.#mark) !== true) throw new NotHeldError('This hold has been released before.');
  }

  /** Releases it, if that has not been done. */
  [Symbol.dispose](): void {
    const of = this.#of;
    this.#of = undefined;
    of?.endHold(this.#mark);
  }
}
