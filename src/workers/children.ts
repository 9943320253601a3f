/**
 * The threads and processes that this thread has started and has to wait for: it ends after them.
 *
 * Node ends a thread's threads together with it, and a process's; so whoever is no daemon is waited for first.
 * @module
 */
const living = new Set<Promise<unknown>>();

/** This thread shall not end before that. */
export function awaitChild(exited: Promise<unknown>): void {
  living.add(exited);
  const forget = (): void => void living.delete(exited);
  exited.then(forget, forget);
}

/** Resolves once all of them are gone, those included that start meanwhile; at once, when there are none. */
export function whenChildrenEnded(then: () => void): void {
  if (living.size === 0) then();
  else void Promise.allSettled(living).then(() => whenChildrenEnded(then));
}
