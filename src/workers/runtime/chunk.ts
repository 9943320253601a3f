/**
 * Calls a function for each item of a chunk.
 *
 * How it works  One after the other: a function that returns plain values is called in a plain loop, and from the first promise on the rest is
 *               awaited, item by item. What one item throws is told with its place in the chunk; what the whole took, with the results.
 * @module
 */
import { gatherTransfers } from '../transfer.ts';

/** Anything that a task may call, called with whatever comes. */
export type Callee = (...args: unknown[]) => unknown;

/** Calls a function with each item, or with each list of arguments; gives a `TimedResult`, or a promise of one. */
export function applyChunk(call: Callee, single: boolean, items: readonly unknown[]): unknown {
  const start = performance.now();
  const results = new Array<unknown>(items.length);
  for (let index = 0; index < items.length; index++) {
    try {
      const item = items[index];
      const result = single ? call(item) : call(...(item as unknown[]));
      if (isThenable(result)) return applyRest(call, single, items, results, index, result, start);
      results[index] = result;
    } catch (thrown) {
      throw new ItemFailure(index, thrown);
    }
  }
  return new TimedResult(gatherTransfers(results), microseconds(start));
}

/** The rest of a chunk whose function turned out to be asynchronous. */
async function applyRest(
  call: Callee,
  single: boolean,
  items: readonly unknown[],
  results: unknown[],
  from: number,
  first: PromiseLike<unknown>,
  start: number,
): Promise<unknown> {
  for (let index = from; index < items.length; index++) {
    try {
      const item = items[index];
      results[index] = await (index === from ? first : single ? call(item) : call(...(item as unknown[])));
    } catch (thrown) {
      throw new ItemFailure(index, thrown);
    }
  }
  return new TimedResult(gatherTransfers(results), microseconds(start));
}

/** Which item of a chunk threw what. */
export class ItemFailure {
  readonly #brand = true;
  readonly index: number;
  readonly thrown: unknown;

  constructor(index: number, thrown: unknown) {
    this.index = index;
    this.thrown = thrown;
  }

  /** `instanceof` would ask a `Proxy` of the user's for its prototype, and that may throw. */
  static is(value: unknown): value is ItemFailure {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

/** A chunk's results with the time that they took. */
export class TimedResult {
  readonly #brand = true;
  readonly value: unknown;
  readonly microseconds: number;

  constructor(value: unknown, micros: number) {
    this.value = value;
    this.microseconds = micros;
  }

  static is(value: unknown): value is TimedResult {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

const microseconds = (start: number): number => Math.min(2 ** 31 - 1, Math.round((performance.now() - start) * 1000));

/** Whether a value is to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}
