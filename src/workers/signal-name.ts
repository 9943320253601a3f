/**
 * The names of signals, checked.
 * @module
 */
import { constants } from 'node:os';
import { InvalidOptionError } from '../errors/executor-errors.ts';

/**
 * A signal's name, given its name or its number on this system.
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when there is no such signal
 */
export function signalName(signal: unknown): NodeJS.Signals {
  for (const [name, number] of Object.entries(constants.signals)) {
    if (signal === name || signal === number) return name as NodeJS.Signals;
  }
  const what = typeof signal === 'number' || typeof signal === 'string' ? JSON.stringify(signal) : typeof signal;
  throw new InvalidOptionError(
    `There is no signal ${what} on this system; a signal is a name such as 'SIGTERM', or its number.`,
  );
}
