/**
 * A soak: pools of all kinds at work for a long time, with failures, deaths, threads, processes, locks and shared memory that come and go.
 * What the program takes up must not grow.
 *
 * `node bench/endurance/soak.ts [--minutes 30]` writes bench/results/soak.json, and ends with exit code 1 when something has grown.
 * @module
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { manyhands } from '../harness/manyhands.ts';
import { machineNow } from '../harness/report.ts';
import { quarters } from './quarters.ts';
import { type Counts, shift } from './shift.ts';
import { type Vitals, vitals } from './vitals.ts';

const { int32, Lock, Pool, Process, Queue, SharedMemory, Thread, Value } = manyhands;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Number(values.minutes);
/** Looks altogether. */
const LOOKS = 60;
/** What may be more at the end: a part of it, and a bit besides. */
const MORE: Readonly<Partial<Record<keyof Vitals, readonly [part: number, besides: number]>>> = {
  memoryMiB: [0.1, 8],
  heapMiB: [0.1, 2],
  processes: [0, 1],
  threads: [0, 4],
  descriptors: [0, 8],
  segments: [0, 0],
  resources: [0, 4],
};

const pools = (['thread', 'process', 'hybrid'] as const).map(
  (kind) =>
    new Pool({ kind, workers: 2, quarantine: Infinity, ...(kind === 'hybrid' ? { threadsPerProcess: 2 } : {}) }),
);
const counts: Counts = { done: 0, retried: 0, timedOut: 0, cancelled: 0, died: 0 };
const looks: (Vitals & { readonly minute: number })[] = [];
const began = performance.now();
const elapsed = (): number => (performance.now() - began) / 60_000;
let shifts = 0;

while (elapsed() < minutes) {
  shifts += 1;
  await Promise.all(pools.map((pool) => shift(pool, counts, shifts % 10 === 0)));
  if (shifts % 5 === 0) await comings();
  if (elapsed() < (looks.length * minutes) / LOOKS) continue;
  const look = await vitals();
  looks.push({ minute: elapsed(), ...look });
  const figures = Object.entries(look).map(([name, value]) => `${name} ${Math.round(value as number)}`);
  console.log(`${elapsed().toFixed(1)} min  ${shifts} shifts  ${figures.join('  ')}`);
}
await Promise.all(pools.map((pool) => pool.close()));

/** Threads, processes, locks, queues and memory that live for a moment. */
async function comings(): Promise<void> {
  const lock = new Lock({ scope: 'process' });
  const sum = new Value(int32, 0, { scope: 'process' });
  const queue = new Queue<number>({ scope: 'process' });
  const work = (by: number): void => {
    lock.runSync(() => {
      sum.value += by;
    });
    queue.putSync(by);
  };
  const memory = new SharedMemory({ size: 100_000 });
  const workers = [new Thread(work, [1]), new Process(work, [2])];
  for (const worker of workers) worker.start();
  await Promise.all(workers.map((worker) => worker.join()));
  assert.equal(sum.value, 3);
  assert.equal((await queue.get()) + (await queue.get()), 3);
  memory.buf[0] = 1;
  memory.close();
}

const verdicts = Object.entries(MORE).map(([name, [part, besides]]) => {
  const { before, after } = quarters(looks.map((look) => look[name as keyof Vitals]));
  return { name, before, after, met: after <= before * (1 + part) + besides };
});
console.log(`\nIn the second quarter and in the last, ${shifts} shifts, ${JSON.stringify(counts)}:`);
for (const { name, before, after, met } of verdicts)
  console.log(`  ${met ? '✔' : '✖'} ${name.padEnd(12)} ${before.toFixed(1)} → ${after.toFixed(1)}`);
const report = { date: new Date().toISOString(), machine: machineNow({}), minutes, shifts, counts, verdicts, looks };
writeFileSync(new URL('../results/soak.json', import.meta.url), `${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode = verdicts.every(({ met }) => met) ? 0 : 1;
