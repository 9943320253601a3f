/**
 * The ways to hand tasks over, and the clock around them.
 * @module
 */
import assert from 'node:assert/strict';
import type { Shape } from './measurement.ts';

/** Tasks in flight in the `window` shape. */
const WINDOW = 64;

/** A call of the i-th task; resolves to its result. */
export type Call = (index: number) => Promise<unknown>;

/** Microseconds a task of each batch, and, one after another, of each round trip. */
export interface Timing {
  readonly batches: readonly number[];
  readonly trips: readonly number[];
}

/** Hands over `tasks` tasks in a shape, over and over until `atLeast` ms have gone by; after a warm-up of its own. */
export async function timeShape(
  shape: Shape,
  tasks: number,
  call: Call,
  options: { readonly atLeast: number; readonly most: number; readonly prepare?: (tasks: number) => void },
): Promise<Timing> {
  const { atLeast, most, prepare } = options;
  const trips: number[] = [];
  const run = async (count: number): Promise<number> => {
    prepare?.(count);
    const begin = performance.now();
    if (shape === 'sequence') await oneByOne(count, call, trips);
    else if (shape === 'window') await inWindow(count, call);
    else for (let done = 0; done < count; done += most) await allAtOnce(done, Math.min(done + most, count), call);
    return ((performance.now() - begin) * 1000) / count;
  };

  const warmUp = Math.min(tasks, 5000);
  const warmUntil = performance.now() + Math.min(atLeast, 300);
  do await run(warmUp);
  while (performance.now() < warmUntil);

  trips.length = 0;
  const batches: number[] = [];
  const until = performance.now() + atLeast;
  do batches.push(await run(tasks));
  while (performance.now() < until);
  return { batches, trips };
}

async function allAtOnce(from: number, to: number, call: Call): Promise<void> {
  const promises = new Array<Promise<unknown>>(to - from);
  for (let i = from; i < to; i++) promises[i - from] = call(i);
  const results = await Promise.all(promises);
  assert.equal(results.length, to - from);
}

async function inWindow(count: number, call: Call): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
}

async function oneByOne(count: number, call: Call, trips: number[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await call(i);
    trips.push((performance.now() - begin) * 1000);
  }
}
