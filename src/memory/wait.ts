/**
 * Wait for a shared word to change, and wake those who wait.
 *
 * How it works  `waitSync` parks the thread in `Atomics.wait`, which `process.exit()` and `terminate()` end. `waitAsync` uses `Atomics.waitAsync`, whose promise does not keep the
 *               event loop alive, so a `KeepAlive` does for as long as somebody waits. No libuv pool thread is used and
 *               nothing polls.
 * Ordering      The waker changes the word first and wakes afterwards; the waiter passes the value that it saw. Between
 *               the two nothing can be lost: a wait for a value that is already gone returns at once.
 * When it dies  A waker that dies before `wake` leaves its waiters asleep; they end by their timeout or signal.
 * Source        futex(7); ECMA-262 `Atomics.wait`, `Atomics.waitAsync`.
 * @module
 */
import { KeepAlive } from './keep-alive.ts';
import { load, type Words } from './words.ts';

/** How a wait ended: the word differs from what was expected, or time ran out. */
export type WaitResult = 'changed' | 'timed-out';

/** What bounds a wait. */
export interface WaitOptions {
  /** Milliseconds; for ever when left out. 0 looks once. */
  readonly timeout?: number | undefined;
  /** Ends the wait by an exception, the signal's reason. A blocking wait looks at it before it begins only. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Blocks this thread until the word differs from `expected`, or `timeout` milliseconds have passed.
 *
 * Worker threads and scripts only: the event loop stands still meanwhile.
 */
export function waitSync(words: Words, index: number, expected: number, timeout = Infinity): WaitResult {
  const end = performance.now() + timeout;
  while (load(words, index) === expected) {
    const left = end - performance.now();
    if (left <= 0) return 'timed-out';
    Atomics.wait(words, index, expected, left);
  }
  return 'changed';
}

/**
 * Resolves once the word differs from `expected`, keeping the event loop alive until then and blocking nothing.
 *
 * A wait ended by its signal leaves a dormant entry in V8's list of waiters until the word is next woken; it holds no
 * reference to the caller.
 */
export async function waitAsync(
  words: Words,
  index: number,
  expected: number,
  options: WaitOptions = {},
): Promise<WaitResult> {
  const { timeout = Infinity, signal } = options;
  signal?.throwIfAborted();
  const end = performance.now() + timeout;
  const alive = KeepAlive.hold();
  const aborted = signal === undefined ? undefined : abortedPromise(signal);
  try {
    while (load(words, index) === expected) {
      const left = end - performance.now();
      if (left <= 0) return 'timed-out';
      const woken = Atomics.waitAsync(words, index, expected, left);
      if (woken.async) await (aborted === undefined ? woken.value : Promise.race([woken.value, aborted.promise]));
    }
    return 'changed';
  } finally {
    aborted?.forget();
    alive.release();
  }
}

/**
 * Calls back once the word is woken, or at once when it is not `expected`. Does not keep the event loop alive.
 *
 * What waits stays in V8's list until the word is next woken.
 */
export function onChange(words: Words, index: number, expected: number, callback: () => void): void {
  const woken = Atomics.waitAsync(words, index, expected);
  if (woken.async) void woken.value.then(callback);
  else queueMicrotask(callback);
}

/** Wakes up to `count` waiters of a word, of both kinds; returns how many were asleep. */
export function wake(words: Words, index: number, count = Infinity): number {
  return Atomics.notify(words, index, count);
}

function abortedPromise(signal: AbortSignal): { readonly promise: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  promise.catch(() => {});
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
