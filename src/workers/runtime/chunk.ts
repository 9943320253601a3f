/**
 * Calls a function for each item of a chunk.
 *
 * How it works  One after the other: a function that returns plain values is called in a plain loop, and from the first promise on the rest is
 *               awaited, item by item. What one item throws is told with its place in the chunk; what the whole took, with the results.
 * @module
 */
import { errorToData } from '../../errors/error-data.ts';
import type { SettledChunk } from '../messages.ts';
import { gatherTransfers, Transfer } from '../transfer.ts';
import type { Transferable } from '../worker-backend.ts';

/** Anything that a task may call, called with whatever comes. */
export type Callee = (...args: unknown[]) => unknown;

/** Calls a function with each item, or with each list of arguments, until one throws; gives a `TimedResult`, or a promise of one. */
export function applyChunk(call: Callee, single: boolean, items: readonly unknown[]): unknown {
  const start = performance.now();
  const results = new Array<unknown>(items.length);
  const end = (): TimedResult => new TimedResult(gatherTransfers(results), start);
  return each(call, single, items, results, end, (index, thrown) => {
    throw new ItemFailure(index, thrown);
  });
}

/** The same, but each item is tried whatever became of the others; gives a `TimedResult` of `Settled`, or a promise of one. */
export function settleChunk(call: Callee, single: boolean, items: readonly unknown[]): unknown {
  const start = performance.now();
  const results = new Array<unknown>(items.length);
  const failures: [number, unknown][] = [];
  const end = (): TimedResult => new TimedResult(new Settled(gatherTransfers(results), failures), start);
  return each(call, single, items, results, end, (index, thrown) => {
    failures.push([index, thrown]);
  });
}

type OnFailure = (index: number, thrown: unknown) => void;

function each(
  call: Callee,
  single: boolean,
  items: readonly unknown[],
  results: unknown[],
  end: () => TimedResult,
  onFailure: OnFailure,
): unknown {
  const of = (index: number): unknown => (single ? call(items[index]) : call(...(items[index] as unknown[])));
  /** The rest, once the function has turned out to be asynchronous. */
  const rest = async (from: number, first: PromiseLike<unknown>): Promise<TimedResult> => {
    for (let index = from; index < items.length; index++) {
      try {
        results[index] = await (index === from ? first : of(index));
      } catch (thrown) {
        onFailure(index, thrown);
      }
    }
    return end();
  };
  for (let index = 0; index < items.length; index++) {
    try {
      const result = of(index);
      if (isThenable(result)) return rest(index, result);
      results[index] = result;
    } catch (thrown) {
      onFailure(index, thrown);
    }
  }
  return end();
}

/** Results and failures of a chunk. */
export class Settled {
  readonly #brand = true;
  readonly #results: readonly unknown[];
  readonly #list: readonly Transferable[];
  readonly #failures: readonly (readonly [number, unknown])[];

  constructor(values: unknown, failures: readonly (readonly [number, unknown])[]) {
    const { value, list } = Transfer.is(values) ? values : new Transfer(values, []);
    this.#results = value as readonly unknown[];
    this.#list = list;
    this.#failures = failures;
  }

  /** What to send. */
  get value(): unknown {
    return this.#with(this.#results, this.#failures);
  }

  /** What to send when not all of that can be: results that cannot have failed, and errors are data. */
  async sendable(refusalOf: (result: unknown) => Promise<{ readonly error: unknown } | undefined>): Promise<unknown> {
    const results = [...this.#results];
    const failures = [...this.#failures];
    for (const [index, result] of results.entries()) {
      const refusal = await refusalOf(result);
      if (refusal === undefined) continue;
      results[index] = undefined;
      failures.push([index, refusal.error]);
    }
    return this.#with(results, failures.map(asData));
  }

  /** What to send when not even that can be: no result, and why. */
  unsendable(error: unknown): unknown {
    const failures = new Map(this.#failures);
    const all = Array.from(this.#results, (_, index) =>
      asData([index, failures.has(index) ? failures.get(index) : error]),
    );
    return [[], all];
  }

  #with(results: readonly unknown[], failures: SettledChunk[1]): unknown {
    const settled: unknown = [results, failures];
    return this.#list.length === 0 ? settled : new Transfer(settled, this.#list);
  }

  static is(value: unknown): value is Settled {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

const asData = ([index, error]: readonly [number, unknown]): [number, unknown, true] => [
  index,
  errorToData(error),
  true,
];

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

  /** @param start when it began */
  constructor(value: unknown, start: number) {
    this.value = value;
    this.microseconds = Math.min(2 ** 31 - 1, Math.round((performance.now() - start) * 1000));
  }

  static is(value: unknown): value is TimedResult {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

/** Whether a value is to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}
