/**
 * Waiting for some futures.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { setTimer } from '../memory/timer.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { Completions, type Outcome } from './completions.ts';

/** When to stop waiting. */
export type ReturnWhen = 'allCompleted' | 'firstCompleted' | 'firstException';

/** Bounds of a `wait`. */
export interface WaitForFuturesOptions extends WaitOptions {
  /**
   * `'allCompleted'` (default); `'firstCompleted'`: when any is done; `'firstException'`: when any has failed, which one that was cancelled
   * has not, or all are done.
   */
  readonly returnWhen?: ReturnWhen;
}

/** What is done by now, and what is not. */
export interface WaitResult<F> {
  readonly done: Set<F>;
  readonly notDone: Set<F>;
}

const WHEN: readonly ReturnWhen[] = ['allCompleted', 'firstCompleted', 'firstException'];

/**
 * Waits until some futures, or other promises, are done: succeeded, failed or cancelled. Never rejects because of one of them, and throws no
 * `TimeoutError`: when `timeout` milliseconds are over it tells which are done.
 *
 * **Python** `concurrent.futures.wait`.
 *
 * @throws InvalidOptionError; the reason of `signal`
 * @example
 * const { done, notDone } = await wait(futures, { returnWhen: 'firstException' });
 * for (const future of notDone) future.cancel();
 */
export async function wait<F extends PromiseLike<unknown>>(
  futures: Iterable<F>,
  options: WaitForFuturesOptions = {},
): Promise<WaitResult<F>> {
  const timeout = timeoutOf(options);
  const { signal, returnWhen = 'allCompleted' } = options;
  if (!WHEN.includes(returnWhen)) {
    const names = WHEN.map((name) => `'${name}'`).join(', ');
    throw new InvalidOptionError(`returnWhen must be one of ${names}, not ${inspect(returnWhen)}.`);
  }
  const done = new Set<F>();
  const over = Promise.withResolvers<void>();
  const onSettled = (future: F, outcome: Outcome): void => {
    done.add(future);
    const enough = returnWhen === 'firstCompleted' || (returnWhen === 'firstException' && outcome === 'rejected');
    if (enough || all.open.size === 0) over.resolve();
  };
  const all = new Completions(futures, 'wait()', onSettled);
  await all.caughtUp();
  signal?.throwIfAborted();
  if (all.open.size > 0 && timeout > 0) {
    const timer = setTimer(timeout, () => over.resolve());
    const onAbort = (): void => over.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await over.promise;
      await all.caughtUp(); // what is done at the same time is told at the same time
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }
  return { done: new Set(done), notDone: new Set(all.open) };
}
