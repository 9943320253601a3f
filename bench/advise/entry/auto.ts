/**
 * `auto.ts WORKLOAD [KIND WORKERS TASKS]`: what a pool of kind `'auto'` has found after five seconds, what it gets done then, and whether it still
 * changes; or what a pool of one setting gets done in the same place.
 * @module
 */
import { manyhands } from '../../harness/manyhands.ts';
import { median } from '../../harness/statistics.ts';
import { withWorkload } from '../list.ts';
import type { Setting } from '../settings.ts';

/** What it writes. */
export interface AutoAnswer {
  /** Tasks a second. */
  readonly rate: number;
  readonly found: Setting;
  /** Steps that it took later than it may. */
  readonly lateSteps: number;
}

/** Milliseconds in which it has to find out, in which it is measured then, and of one of its maps. */
const TIME_TO_FIND = 5000;
const AFTERWARDS = 2000;
const BATCH = 400;

const [, , name, kind, workersSet, tasksSet] = process.argv;

await withWorkload(name, async ({ fn, inputs }) => {
  const setting = { workers: Number(workersSet), tasksPerWorker: Number(tasksSet) };
  const pool = new manyhands.Pool(
    kind === undefined ? { kind: 'auto' } : { kind: kind as 'thread' | 'process', min: setting.workers, ...setting },
  );
  const begin = performance.now();
  const rates: number[] = [];
  let count = 100;
  do {
    const items = Array.from({ length: count }, (_, n) => inputs[n % inputs.length] as never);
    const start = performance.now();
    await pool.map(fn, items);
    const took = performance.now() - start;
    if (start - begin >= TIME_TO_FIND) rates.push((count * 1000) / took);
    count = Math.ceil(Math.min(count * 4, Math.max(20, (count * BATCH) / took)));
  } while (rates.length === 0 || performance.now() - begin < TIME_TO_FIND + AFTERWARDS);
  const { workers, tasksPerWorker, steps } = pool.tuning ?? { ...setting, steps: [] };
  const lateSteps = steps.filter(({ at }) => at > TIME_TO_FIND).length;
  if (process.env.STEPS)
    console.error(JSON.stringify(steps.map((s) => [s.workers, s.tasksPerWorker, s.at | 0, s.rate | 0, s.why])));
  const answer: AutoAnswer = { rate: median(rates), found: { kind: 'thread', workers, tasksPerWorker }, lateSteps };
  console.log(JSON.stringify(answer));
  await pool.close();
});
