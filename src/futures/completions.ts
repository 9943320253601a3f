/**
 * Promises that are settled, in the order in which they are.
 *
 * How it works  Each is watched once. A promise says that it is settled in a turn of the microtask queue of its own: `caughtUp` resolves
 *               when those that were settled before have said so.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { isCancellation } from './cancellation.ts';

/** How one ended. */
export type Outcome = 'fulfilled' | 'rejected' | 'cancelled';

/** Some promises, each once. */
export class Completions<F extends PromiseLike<unknown>> {
  /** Those that are not settled. */
  readonly open: Set<F>;
  /** How many there are. */
  readonly count: number;
  readonly #onSettled: (future: F, outcome: Outcome) => void;

  /** @throws InvalidOptionError when one is no promise */
  constructor(futures: Iterable<F>, who: string, onSettled: (future: F, outcome: Outcome) => void) {
    if (typeof (futures as Iterable<F> | null | undefined)?.[Symbol.iterator] !== 'function')
      throw new InvalidOptionError(`${who} needs an iterable of futures.`);
    this.open = new Set(futures);
    this.count = this.open.size;
    this.#onSettled = onSettled;
    for (const future of this.open) {
      if (typeof (future as PromiseLike<unknown> | null | undefined)?.then !== 'function')
        throw new InvalidOptionError(`${who} needs futures or other promises; one of them is ${typeof future}.`);
    }
    for (const future of this.open) this.#watch(future);
  }

  /** Resolves when all that are settled by now have said so. */
  async caughtUp(): Promise<void> {
    await Promise.resolve();
    await Promise.resolve();
  }

  #watch(future: F): void {
    future.then(
      () => this.#settle(future, 'fulfilled'),
      (error: unknown) => this.#settle(future, isCancellation(error) ? 'cancelled' : 'rejected'),
    );
  }

  #settle(future: F, outcome: Outcome): void {
    if (this.open.delete(future)) this.#onSettled(future, outcome);
  }
}
