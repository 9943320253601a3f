/**
 * What bounds a wait for a lock or its kin.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { WaitOptions } from '../memory/wait.ts';

export type { WaitOptions };

/** Whether something can be the options of a wait. @throws InvalidOptionError */
export function checkWaitOptions(options: unknown): void {
  if (options === undefined || (typeof options === 'object' && options !== null)) return;
  throw new InvalidOptionError(
    `The options of a wait are an object, such as { timeout: 1000 }; these are ${inspect(options)}.`,
  );
}

/** The timeout of a wait, checked; its signal must not have been given already. */
export function timeoutOf(options: WaitOptions | undefined): number {
  if (options === undefined) return Infinity;
  checkWaitOptions(options);
  const { timeout = Infinity, signal } = options;
  if (typeof timeout !== 'number' || !(timeout >= 0)) {
    throw new InvalidOptionError(`timeout must be a number of milliseconds, 0 or more; it is ${inspect(timeout)}.`);
  }
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.throwIfAborted !== 'function')
    throw new InvalidOptionError(`signal must be an AbortSignal; it is ${inspect(signal, { depth: 0 })}.`);
  signal?.throwIfAborted();
  return timeout;
}
