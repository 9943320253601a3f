/**
 * What bounds a wait for a lock or its kin.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';

/** What bounds a wait. */
export interface WaitOptions {
  /** Milliseconds; for ever when left out. 0 tries once. When they are over, the answer is `false`. */
  readonly timeout?: number | undefined;
  /** Ends the wait by an exception, the signal's reason. A blocking wait looks at it before it begins only. */
  readonly signal?: AbortSignal | undefined;
}

/** The timeout of a wait, checked; its signal must not have been given already. */
export function timeoutOf(options: WaitOptions | undefined): number {
  if (options === undefined) return Infinity;
  const { timeout = Infinity, signal } = options;
  if (typeof timeout !== 'number' || !(timeout >= 0)) {
    throw new InvalidOptionError(`timeout must be a number of milliseconds, 0 or more; it is ${String(timeout)}.`);
  }
  signal?.throwIfAborted();
  return timeout;
}
