/**
 * What writers and readers of one map do: one step after the other with random keys, for a while.
 *
 * It runs in threads and processes of its own.
 * @module
 */
import type { Barrier } from '../../src/index.ts';
import type { Values } from './measurement.ts';
import { PICKS, stockOf } from './stock.ts';

/** How much somebody did, in how many ms. */
export interface Done {
  readonly writes: number;
  readonly reads: number;
  readonly ms: number;
}

/** A map of any kind. */
export interface AnyMap {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
}

/** Whether one writes, or reads, or does both in turn. */
export type Part = 'write' | 'read' | 'both';

/** Starts when all are there; looks at the clock every 50 steps. */
export function mix(
  map: AnyMap,
  start: Barrier | undefined,
  part: Part,
  values: Values,
  seed: number,
  ms: number,
): Done {
  const { keys, picks, value, fits } = stockOf(values, seed);
  const count = part === 'both' ? 25 : 50;
  let steps = 0;
  start?.waitSync();
  const begin = performance.now();
  let now = begin;
  while (now < begin + ms) {
    for (const end = steps + count; steps < end; steps++) {
      const number = picks[steps & (PICKS - 1)] as number;
      const key = keys[number] as string;
      if (part !== 'read') map.set(key, value(number, steps));
      if (part !== 'write' && !fits(map.get(key), number)) throw new Error(`${key} has a value that nobody gave it`);
    }
    now = performance.now();
  }
  return { writes: part === 'read' ? 0 : steps, reads: part === 'write' ? 0 : steps, ms: now - begin };
}
