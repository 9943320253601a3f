/**
 * The threads and processes that this thread has started and has to wait for: it ends after them.
 *
 * Node ends a thread's threads together with it, and a process's; so whoever is no daemon is waited for first. What is to be done before
 * that is done while none of them keeps the event loop alive: when the loop runs empty, they are all that is left to wait for.
 * @module
 */

/** How the event loop waits for one. */
export interface ChildHold {
  ref(): void;
  /** Unless somebody waits for it. */
  unref(): void;
}

const living = new Map<Promise<unknown>, ChildHold>();
let farewell: (() => Promise<void>) | undefined;

/** This thread shall not end before that. */
export function awaitChild(exited: Promise<unknown>, hold: ChildHold): void {
  living.set(exited, hold);
  if (farewell !== undefined) hold.unref();
  const forget = (): void => void living.delete(exited);
  exited.then(forget, forget);
}

/** Has something done before children are waited for; whoever does it calls `waitForChildren` first. */
export function beforeChildren(run: () => Promise<void>): void {
  farewell = run;
  for (const child of living.values()) child.unref();
}

/** From now on they are waited for. */
export function waitForChildren(): void {
  farewell = undefined;
  for (const child of living.values()) child.ref();
}

/** Whether something is to be done before they are waited for. */
export const childrenCanWait = (): boolean => farewell !== undefined;

/** Calls back once all of them are gone, those included that start meanwhile; at once, when there are none. */
export function whenChildrenEnded(then: () => void): void {
  const again = (): void => whenChildrenEnded(then);
  if (farewell !== undefined) void farewell().finally(again);
  else if (living.size === 0) then();
  else void Promise.allSettled(living.keys()).then(again);
}
