/**
 * Measures what is not a stream of small tasks: map, speed-up, start-up, memory, rest.
 * @module
 */
import assert from 'node:assert/strict';
import type { Figures } from '../harness/measurement.ts';
import { median } from '../harness/statistics.ts';
import type { Contestant, Team, TeamKind } from './contestant.ts';
import { processorMs } from './processor-time.ts';

/** Microseconds an item of a map over `0 … items - 1`. */
export async function measureMap(team: Team, items: number, atLeast: number): Promise<Figures> {
  const { map } = team;
  if (map === undefined) throw new Error('this library has no map over an array');
  const numbers = Array.from({ length: items }, (_, i) => i);
  await map(numbers.slice(0, 20_000));
  const batches: number[] = [];
  const until = performance.now() + atLeast;
  do {
    const begin = performance.now();
    const squares = await map(numbers);
    batches.push(((performance.now() - begin) * 1000) / items);
    assert.equal(squares.length, items);
    assert.equal(squares[items - 1], (items - 1) ** 2);
  } while (performance.now() < until);
  return { us: median(batches), batches: batches.length };
}

/** How many times faster two workers are than one, in turns of one and the other. */
export async function measureSpeedup(
  contestant: Contestant,
  kind: TeamKind,
  { rounds, tasks }: { readonly rounds: number; readonly tasks: number },
): Promise<Figures> {
  const times: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 3; turn++) {
    for (const workers of [1, 2] as const) {
      const team = await contestant.start(kind, workers);
      await Promise.all(Array.from({ length: workers * 3 }, () => team.burn(rounds)));
      const begin = performance.now();
      await Promise.all(Array.from({ length: tasks }, () => team.burn(rounds)));
      times[workers - 1]?.push(performance.now() - begin);
      await team.stop();
    }
  }
  const [one, two] = times.map(median) as [number, number];
  return { speedup: one / two, taskMs: one / tasks };
}

/**
 * Milliseconds to a first result: from the program's start (`coldMs`, Node's own start included), from the pool's creation in a
 * program that has loaded the library (`poolMs`), and from that of a second pool after the first has ended (`secondPoolMs`).
 */
export async function measureStartup(contestant: Contestant, kind: TeamKind, workers: number): Promise<Figures> {
  const begin = performance.now();
  const team = await contestant.start(kind, workers);
  assert.equal(await team.add(1, 2), 3);
  // The clock's zero is the start of this process.
  const coldMs = performance.now();
  await team.stop();
  const beginSecond = performance.now();
  const second = await contestant.start(kind, workers);
  assert.equal(await second.add(1, 2), 3);
  const secondPoolMs = performance.now() - beginSecond;
  await second.stop();
  return { coldMs, poolMs: coldMs - begin, secondPoolMs };
}

/** What a memory test asks of whoever keeps the promises. */
export type Submit = (index: number) => Promise<unknown>;

/**
 * Bytes that a task keeps, after a collection: while all wait (`waitingBytes`), when all have settled and their promises are
 * still held (`settledBytes`), when those are dropped too (`leftBytes`); and microseconds a task for all of it.
 */
export async function measureMemory(submit: Submit, tasks: number): Promise<Figures> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('the memory test needs node --expose-gc');
  const used = (): number => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  await Promise.all(Array.from({ length: 20_000 }, (_, i) => submit(i)));
  const before = used();
  let promises = new Array<Promise<unknown>>(tasks);
  let begin = performance.now();
  for (let i = 0; i < tasks; i++) promises[i] = submit(i);
  let ms = performance.now() - begin;
  const waiting = used() - before;
  begin = performance.now();
  for (const promise of promises) await promise;
  ms += performance.now() - begin;
  const settled = used() - before;
  // Read after the figure was taken, or the engine would have dropped them before.
  assert.equal(promises.length, tasks);
  promises = [];
  const left = used() - before;
  return {
    us: (ms * 1000) / tasks,
    waitingBytes: waiting / tasks,
    settledBytes: settled / tasks,
    leftBytes: left / tasks,
  };
}

/** Milliseconds of processor time that a pool which has just worked uses in `ms` ms without work, its processes included. */
export async function measureIdle(team: Team, ms: number): Promise<Figures> {
  await Promise.all(Array.from({ length: 10_000 }, (_, i) => team.add(i, 1)));
  // What the work left to do (collections, compilations) is not rest: let it pass.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = processorMs();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const cpuMs = processorMs() - before;
  return { cpuPercent: (cpuMs / ms) * 100, cpuMs };
}
