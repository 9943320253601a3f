/**
 * What tests of one scope or the other need: its workers, and to know who stands in line.
 * @module
 */
import { inspect } from 'node:util';
import { Process, type ScopeOptions, Thread } from '../../src/index.ts';

/** The worker that belongs to a scope. */
export const workerOf = (scope: NonNullable<ScopeOptions['scope']>): typeof Thread | typeof Process =>
  scope === 'thread' ? Thread : Process;

/** How many wait for an object, as it says itself; a condition's lock is not meant. */
export function waitersOf(object: object): number {
  const found = /(\d+) waiting/.exec(inspect(object).replace(/(?<=\{ )R?Lock \{[^}]*\}/, ''))?.[1];
  return found === undefined ? 0 : Number(found);
}

/** Resolves once so many wait. Nobody is told when somebody lies down to sleep, so it has to be asked. */
export async function untilWaiting(object: object, count: number): Promise<void> {
  const end = performance.now() + 60_000;
  while (waitersOf(object) !== count) {
    if (performance.now() > end) throw new Error(`${waitersOf(object)} instead of ${count} wait: ${inspect(object)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
