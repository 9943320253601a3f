/**
 * How long the code of this thread has waited for locks and their kin: what a measured task tells of itself.
 *
 * How it works  Added up where a wait has ended, and only there: what does not have to wait adds nothing. Waits of promises are counted once
 *               somebody asks, since they cost a promise more.
 * @module
 */

let milliseconds = 0;
let counting = false;

/** Milliseconds that this thread, and its promises since the first call, have waited. */
export function waited(): number {
  counting = true;
  return milliseconds;
}

/** A wait has ended. @param since when it began */
export function noteWait(since: number): void {
  milliseconds += performance.now() - since;
}

/** A promise waits. */
export function noteWaitOf(promise: Promise<unknown>): void {
  if (!counting) return;
  const since = performance.now();
  const end = (): void => noteWait(since);
  promise.then(end, end);
}
