/**
 * Queues, and pipes for large buffers, between workers of their own: the rate from the first put of a run to its last get.
 * @module
 */
import assert from 'node:assert/strict';
import { manyhands } from '../harness/manyhands.ts';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { median } from '../harness/statistics.ts';
import { getBuffers, putBuffers, receiveBuffers, sendBuffers, type Way } from './buffer-ends.ts';
import { BUFFERS, ON_THE_WAY } from './buffers.ts';
import { getItems, type Got, putItems } from './item-ends.ts';
import { type Item, ITEMS } from './items.ts';
import type { Calls } from './measurement.ts';
import { type Run, type Start, WARM } from './runs.ts';

const { Barrier, int32, Pipe, Process, Queue, SharedArray, Thread } = manyhands;

/** Microseconds a small object, of so many producers and as many consumers. */
export async function measureItems(scope: TeamKind, pairs: number, calls: Calls, atLeast: number): Promise<Figures> {
  const queue = new Queue<Item>({ scope });
  const start = startOf(scope, pairs * 2, atLeast);
  const Worker = workerOf(scope);
  const count = ITEMS / pairs;
  const producers = Array.from({ length: pairs }, (_, i) => new Worker(putItems, [queue, start, i, count, calls]));
  const consumers = Array.from({ length: pairs }, () => new Worker(getItems, [queue, start, count, calls]));
  for (const worker of [...producers, ...consumers]) worker.start();
  // All at once: when one fails, the others wait for it in vain.
  const [put, got] = await Promise.all([
    Promise.all(producers.map((producer) => producer.join() as Promise<Run[]>)),
    Promise.all(consumers.map((consumer) => consumer.join() as Promise<Got>)),
  ]);
  const runs = put[0]?.length ?? 0;
  for (let id = 0; id < ITEMS; id++) {
    const times = got.reduce((sum, { counts }) => sum + (counts[id] as number), 0);
    assert.equal(times, runs, `item ${id} was put ${runs} times and got ${times} times`);
  }
  return figuresOf(
    put,
    got.map(({ runs }) => runs),
    ITEMS,
  );
}

/** Microseconds a large buffer, through a queue. */
export async function measureBuffers(scope: TeamKind, size: number, way: Way, atLeast: number): Promise<Figures> {
  const queue = new Queue<Uint8Array>({ scope, maxSize: ON_THE_WAY });
  const start = startOf(scope, 2, atLeast);
  const Worker = workerOf(scope);
  const producer = new Worker(putBuffers, [queue, start, size]);
  const consumer = new Worker(getBuffers, [queue, start, size, way]);
  return ofTwo(producer, consumer);
}

/** Microseconds a large buffer, through a pipe. */
export async function measurePipeBuffers(scope: TeamKind, size: number, atLeast: number): Promise<Figures> {
  const { left, right } = new Pipe<never>({ scope, duplex: false, maxSize: ON_THE_WAY });
  const start = startOf(scope, 2, atLeast);
  const Worker = workerOf(scope);
  const producer = new Worker(sendBuffers, [right, start, size]);
  const consumer = new Worker(receiveBuffers, [left, start, size]);
  return ofTwo(producer, consumer);
}

interface OneOfTwo {
  start(): void;
  join(): Promise<unknown>;
}

async function ofTwo(producer: OneOfTwo, consumer: OneOfTwo): Promise<Figures> {
  producer.start();
  consumer.start();
  const [put, got] = (await Promise.all([producer.join(), consumer.join()])) as [Run[], Run[]];
  return figuresOf([put], [got], BUFFERS);
}

const workerOf = (scope: TeamKind) => (scope === 'thread' ? Thread : Process);

function startOf(scope: TeamKind, workers: number, atLeast: number): Start {
  return { all: new Barrier(workers, { scope }), last: new SharedArray(int32, 1, { scope }), atLeast };
}

/** Of the runs that began when all was warm, which the last one did. */
function figuresOf(put: readonly (readonly Run[])[], got: readonly (readonly Run[])[], count: number): Figures {
  const spans = (put[0] ?? []).map((_, i) => ({
    began: Math.min(...put.map((runs) => runs[i]?.began ?? Number.NaN)),
    ended: Math.max(...got.map((runs) => runs[i]?.ended ?? Number.NaN)),
  }));
  const warm = (spans[0]?.began ?? 0) + WARM;
  const counted = spans.filter(({ began }, i) => began >= warm || i === spans.length - 1);
  return { us: median(counted.map(({ began, ended }) => ((ended - began) * 1000) / count)), runs: counted.length };
}
