/**
 * Timers without a longest time.
 * @module
 */

/** Longest time that Node's own timers know, milliseconds. */
export const LONGEST = 2 ** 31 - 1;

/** A timer that can be taken back. */
export interface Timer {
  cancel(): void;
}

/** Calls back once, after so many milliseconds; never, when they are infinite. Keeps the event loop alive meanwhile. */
export function setTimer(milliseconds: number, callback: () => void): Timer {
  let left = milliseconds;
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    const part = Math.min(left, LONGEST);
    left -= part;
    timer = setTimeout(left > 0 ? start : callback, part);
  };
  if (milliseconds !== Infinity) start();
  return { cancel: () => clearTimeout(timer) };
}
