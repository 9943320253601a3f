/**
 * What bounds a wait for a lock or its kin.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { WaitOptions } from '../memory/wait.ts';

export type { WaitOptions };

/** The timeout of a wait, checked; its signal must not have been given already. */
export function timeoutOf(options: WaitOptions | undefined): number {
  if (options === undefined) return Infinity;
  const { timeout = Infinity, signal } = options;
  if (typeof timeout !== 'number' || !(timeout >= 0)) {
    throw new InvalidOptionError(`timeout must be a number of milliseconds, 0 or more; it is ${String(timeout)}.`);
  }
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.throwIfAborted !== 'function')
    throw new InvalidOptionError(`signal must be an AbortSignal; it is ${inspect(signal, { depth: 0 })}.`);
  signal?.throwIfAborted();
  return timeout;
}
