/**
 * Futures in the order in which they are done.
 * @module
 */
import { TimeoutError } from '../errors/executor-errors.ts';
import { setTimer, type Timer } from '../memory/timer.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { Completions } from './completions.ts';

/**
 * Yields futures, or other promises, as they are settled: each once, those first that are by now. Await each for its result or error.
 *
 * With a `timeout` the loop ends with a `TimeoutError` that many milliseconds after the call, if some are not done; those that are were
 * yielded before. Leaving the loop early gives none of them up.
 *
 * **Python** `concurrent.futures.as_completed`, `asyncio.as_completed`.
 *
 * @throws TimeoutError `ERR_TIMEOUT`; the reason of `signal`; InvalidOptionError
 * @example
 * const futures = urls.map((url) => pool.submit(fetchPage, url));
 * for await (const future of asCompleted(futures, { timeout: 10_000 })) console.log((await future).length);
 */
export function asCompleted<F extends PromiseLike<unknown>>(
  futures: Iterable<F>,
  options?: WaitOptions,
): AsyncIterableIterator<F> {
  return new AsCompleted(futures, options);
}

/** Not a generator: that would await what it yields. */
class AsCompleted<F extends PromiseLike<unknown>> implements AsyncIterableIterator<F> {
  readonly #all: Completions<F>;
  #done: F[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #timer: Timer;
  readonly #onAbort = (): void => this.#changed();
  #expired = false;
  #ended = false;
  #wake: (() => void)[] = [];

  constructor(futures: Iterable<F>, options: WaitOptions | undefined) {
    const timeout = timeoutOf(options);
    this.#all = new Completions(futures, 'asCompleted()', (future) => {
      if (this.#ended) return;
      this.#done.push(future);
      this.#changed();
    });
    this.#signal = options?.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#timer = setTimer(timeout, () => {
      this.#expired = true;
      this.#changed();
    });
    if (timeout === 0) this.#expired = true;
  }

  async next(): Promise<IteratorResult<F, undefined>> {
    await this.#all.caughtUp();
    while (!this.#ended) {
      const future = this.#done.shift();
      if (future !== undefined) return { done: false, value: future };
      if (this.#all.open.size === 0) break;
      this.#checkBounds();
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<F, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #checkBounds(): void {
    const { size } = this.#all.open;
    if (!this.#expired && this.#signal?.aborted !== true) return;
    this.#end();
    this.#signal?.throwIfAborted();
    throw new TimeoutError(`${size} (of ${this.#all.count}) futures unfinished.`);
  }

  #changed(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  #end(): void {
    this.#ended = true;
    this.#done = [];
    this.#timer.cancel();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#changed();
  }
}
