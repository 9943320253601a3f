/**
 * The floor: promises created and resolved with nothing carried anywhere.
 *
 * Two loops. The one that counts resolves each promise as it makes it. The other keeps the resolvers and calls them later, as
 * everything must that waits for an answer.
 * @module
 */
import assert from 'node:assert/strict';
import type { Figures } from '../harness/measurement.ts';
import { median } from '../harness/statistics.ts';

/** Microseconds a promise in both loops. */
export async function measurePromises(count: number, atLeast: number): Promise<Figures> {
  const us = await timed(resolvedAtOnce, count, atLeast);
  return { us, resolvedLaterUs: await timed(resolvedLater, count, atLeast) };
}

async function timed(loop: (count: number) => Promise<unknown[]>, count: number, atLeast: number): Promise<number> {
  const warmUntil = performance.now() + 200;
  do await loop(5000);
  while (performance.now() < warmUntil);
  const batches: number[] = [];
  const until = performance.now() + atLeast;
  do {
    const begin = performance.now();
    const results = await loop(count);
    batches.push(((performance.now() - begin) * 1000) / count);
    assert.equal(results[count - 1], count);
  } while (performance.now() < until);
  return median(batches);
}

function resolvedAtOnce(count: number): Promise<number[]> {
  const promises = new Array<Promise<number>>(count);
  for (let i = 0; i < count; i++) promises[i] = new Promise((resolve) => resolve(i + 1));
  return Promise.all(promises);
}

function resolvedLater(count: number): Promise<number[]> {
  const resolvers = new Array<(value: number) => void>(count);
  const promises = new Array<Promise<number>>(count);
  for (let i = 0; i < count; i++) {
    promises[i] = new Promise((resolve) => {
      resolvers[i] = resolve;
    });
  }
  for (let i = 0; i < count; i++) resolvers[i]?.(i + 1);
  return Promise.all(promises);
}

/** Submits to nobody: the promises of one turn of the event loop are resolved at its end. What waiting costs at least. */
export function resolveLater(): (index: number) => Promise<unknown> {
  let waiting: ((value: number) => void)[] = [];
  const resolveAll = (): void => {
    const resolvers = waiting;
    waiting = [];
    for (const [index, resolve] of resolvers.entries()) resolve(index);
  };
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(resolveAll);
    });
}
