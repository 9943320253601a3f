/**
 * A shift: a bit of everything that a pool does, with results that are checked. What fails on purpose is expected to fail.
 * @module
 */
import assert from 'node:assert/strict';
import type { Pool } from '../../src/index.ts';
import { manyhands } from '../harness/manyhands.ts';

const { CancelledError, currentTask, TimeoutError, WorkerDiedError } = manyhands;

const add = (a: number, b: number): number => a + b;
const mapSize = (map: Map<string, number>): number => map.size;
const double = (n: number): number => n * 2;
const text = (n: number): string => 'x'.repeat(n);

/** How often each outcome has come. */
export interface Counts {
  done: number;
  retried: number;
  timedOut: number;
  cancelled: number;
  died: number;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Works one shift. @param deadly whether one of its tasks ends its worker */
export async function shift(pool: Pool, counts: Counts, deadly: boolean): Promise<void> {
  const flaky = (n: number): number => {
    if (currentTask().attempt < 3) throw new RangeError('not yet');
    return n;
  };
  const patient = pool.with({ retries: 3, backoff: 1 });
  const all: Promise<unknown>[] = [
    ...range(300).map(async (n) => assert.equal(await pool.submit(add, n, 1), n + 1)),
    ...range(30).map(async (n) => assert.equal(await pool.submit(mapSize, new Map([[`${n}`, n]])), 1)),
    ...range(10).map(async (n) => assert.equal((await pool.submit(text, n * 1000)).length, n * 1000)),
    ...range(10).map(async (n) => {
      assert.equal(await patient.submit(flaky, n), n);
      counts.retried += 1;
    }),
    ...range(10).map(async (n) => assert.equal(await pool.with({ sticky: n, priority: n }).submit(double, n), 2 * n)),
    ...range(5).map((n) => rejects(pool.with({ timeout: 5 }).submit(waits, n), TimeoutError, counts, 'timedOut')),
    ...range(5).map(() => {
      const future = pool.submit(double, 1);
      future.cancel();
      return rejects(future, CancelledError, counts, 'cancelled', true);
    }),
    pool.map(double, range(2000)).then((results) => assert.equal(results[1999], 3998)),
    streams(pool),
  ];
  if (deadly) all.push(rejects(pool.submit(ends), WorkerDiedError, counts, 'died'));
  const outcomes = await Promise.allSettled(all);
  for (const outcome of outcomes) {
    // With several tasks at once a worker's end takes others along.
    if (outcome.status === 'fulfilled') counts.done += 1;
    else if (deadly && outcome.reason instanceof WorkerDiedError) counts.died += 1;
    else throw outcome.reason;
  }
}

async function streams(pool: Pool): Promise<void> {
  const upTo = function* (n: number): Generator<number> {
    for (let i = 0; i < n; i++) yield i;
  };
  let sum = 0;
  for await (const item of pool.stream(upTo, [50])) sum += item;
  assert.equal(sum, 1225);
}

/** Ends when it is told to. */
async function waits(n: number): Promise<number> {
  const { signal } = currentTask();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return n;
}

function ends(): never {
  process.exit(3);
}

async function rejects(
  future: PromiseLike<unknown>,
  kind: new (...args: never[]) => Error,
  counts: Counts,
  name: keyof Counts,
  mayPass = false,
): Promise<void> {
  try {
    await future;
  } catch (error) {
    if (!(error instanceof kind)) throw error;
    counts[name] += 1;
    return;
  }
  assert.ok(mayPass, 'it was to fail');
}
