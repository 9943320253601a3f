/**
 * The waits of one end of a pipe: closing the end ends them.
 *
 * A wait takes its message when it is granted one, so it has to leave its line: it is given a signal.
 * @module
 */
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';

/** What bounds a wait, the closing of the end included. */
export interface OwnWait extends WaitOptions {
  readonly signal: AbortSignal;
}

/** Those who wait at an end. */
export class OwnWaits {
  readonly #closing = new AbortController();
  readonly #unbounded: OwnWait = { signal: this.#closing.signal };

  /** Calls a function that waits. */
  wait<T>(options: WaitOptions | undefined, waits: (options: OwnWait) => Promise<T>): Promise<T> {
    const closing = this.#closing.signal;
    closing.throwIfAborted();
    if (options === undefined) return waits(this.#unbounded);
    timeoutOf(options);
    const { signal } = options;
    return signal === undefined
      ? waits({ ...options, signal: closing })
      : untilEither(signal, closing, (either) => waits({ ...options, signal: either }));
  }

  /** Ends all of them. */
  end(reason: Error): void {
    this.#closing.abort(reason);
  }
}

async function untilEither<T>(
  one: AbortSignal,
  other: AbortSignal,
  waits: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const forget = new AbortController();
  for (const each of [one, other])
    each.addEventListener('abort', () => either.abort(each.reason), { once: true, signal: forget.signal });
  try {
    return await waits(either.signal);
  } finally {
    forget.abort();
  }
}
