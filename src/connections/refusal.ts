/**
 * Telling the program of a client that was turned away.
 *
 * Invariant  Whatever the program's callback does, the listener goes on: strangers must not be able to end a program by a mistake that only they
 *            bring about. What it throws becomes a warning each time, and so does the rejection of a promise that it returns.
 * @module
 */
import { inspect } from 'node:util';

/** Calls back; never throws. */
export function tellRefusal(onRefused: (error: Error) => unknown, error: Error): void {
  try {
    const returned = onRefused(error);
    if (returned instanceof Promise) returned.catch(warn);
  } catch (thrown) {
    warn(thrown);
  }
}

function warn(thrown: unknown): void {
  process.emitWarning("A listener's onRefused threw; the client was turned away, and the listener goes on.", {
    type: 'ManyhandsWarning',
    code: 'MANYHANDS_ON_REFUSED',
    detail: inspect(thrown),
  });
}
