/**
 * Makes one measurement in a process of its own.
 * @module
 */
import { answer } from '../harness/answer.ts';
import { manyhands } from '../harness/manyhands.ts';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { median } from '../harness/statistics.ts';
import type { StartMeasurement } from './measurement.ts';

const { Pool, Process, Thread } = manyhands;

/** Starts before the clock counts: the first ones find no spare, and everything else cold. */
const WARM = 4;

/** Milliseconds of the clock that all processes share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

const sleep = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

async function measureOne(kind: TeamKind, gap: number, atLeast: number, toFirstLine: boolean): Promise<Figures> {
  const Worker = kind === 'thread' ? Thread : Process;
  const work = toFirstLine ? (): number => Number(process.hrtime.bigint()) / 1e6 : (): number => 0;
  const took: number[] = [];
  for (let n = 0, end = Infinity; now() < end || took.length < 5; n++) {
    if (n === WARM) end = now() + atLeast;
    await sleep(gap);
    const from = now();
    const worker = new Worker(work);
    worker.start();
    const begun = await worker.join();
    if (n >= WARM) took.push((toFirstLine ? begun : now()) - from);
  }
  return { us: median(took) * 1000, starts: took.length };
}

async function measureMany(kind: TeamKind, count: number): Promise<Figures> {
  const Worker = kind === 'thread' ? Thread : Process;
  const from = now();
  const workers = Array.from({ length: count }, () => new Worker(() => {}));
  for (const worker of workers) worker.start();
  await Promise.all(workers.map((worker) => worker.join()));
  return { us: (now() - from) * 1000 };
}

async function measurePool(kind: TeamKind, workers: number, tasks: number): Promise<Figures> {
  const from = now();
  const pool = new Pool({ kind, workers });
  const double = (n: number): number => n * 2;
  const answers = await Promise.all(Array.from({ length: tasks }, (_, n) => pool.submit(double, n)));
  const us = (now() - from) * 1000;
  if (answers.some((value, n) => value !== 2 * n)) throw new Error('A wrong answer.');
  await pool.close();
  return { us };
}

await answer(({ kind, of, atLeast }: StartMeasurement) => {
  switch (of.test) {
    case 'join':
    case 'first':
      return measureOne(kind, of.gap, atLeast, of.test === 'first');
    case 'many':
      return measureMany(kind, of.count);
    case 'pool':
      return measurePool(kind, of.size, of.tasks);
  }
});
