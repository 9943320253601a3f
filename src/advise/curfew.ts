/**
 * When a trial ends, whatever it is at.
 * @module
 */
import { setTimer, type Timer } from '../memory/timer.ts';

/** Calls back at a time, as `performance.now()` gives it, or when the signal is aborted. */
export function curfewAt(time: number, signal: AbortSignal | undefined, callback: () => void): Timer {
  const timer = setTimer(Math.max(0, time - performance.now()), callback);
  signal?.addEventListener('abort', callback, { once: true });
  if (signal?.aborted === true) callback();
  return {
    cancel(): void {
      timer.cancel();
      signal?.removeEventListener('abort', callback);
    },
  };
}
