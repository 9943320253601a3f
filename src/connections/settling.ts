/**
 * Watching promises, for those who may cease to.
 *
 * Why           What was given to a promise's `then` stays there until it settles. Whoever waits again and again for the first of several things, of
 *               which one is a promise that stays, would leave something there each time.
 * How it works  Each promise is given one reaction, the first time that it is watched; that tells those who watch then.
 * Invariant     A promise that nobody else holds is not held here.
 * @module
 */

/** How a promise was settled: with what it was rejected, if it was. */
export interface Outcome {
  readonly rejected: boolean;
  readonly reason?: unknown;
}

type Watcher = (outcome: Outcome) => void;

interface Settling {
  outcome: Outcome | undefined;
  readonly watchers: Set<Watcher>;
}

const settlings = new WeakMap<PromiseLike<unknown>, Settling>();

function settlingOf(promise: PromiseLike<unknown>): Settling {
  const known = settlings.get(promise);
  if (known !== undefined) return known;
  const settling: Settling = { outcome: undefined, watchers: new Set() };
  const settle = (outcome: Outcome): void => {
    settling.outcome = outcome;
    for (const tell of settling.watchers) tell(outcome);
    settling.watchers.clear();
  };
  settlings.set(promise, settling);
  Promise.resolve(promise).then(
    () => settle({ rejected: false }),
    (reason: unknown) => settle({ rejected: true, reason }),
  );
  return settling;
}

/** Whether a promise is known to be settled; it is watched from the first time on that this is asked. */
export const isSettled = (promise: PromiseLike<unknown>): boolean => settlingOf(promise).outcome !== undefined;

/** Tells, once, when a promise is settled, at once if it is known to be. @returns ends the watch */
export function onSettled(promise: PromiseLike<unknown>, tell: Watcher): () => void {
  const { outcome, watchers } = settlingOf(promise);
  if (outcome !== undefined) tell(outcome);
  else watchers.add(tell);
  return () => void watchers.delete(tell);
}
