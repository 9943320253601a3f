/**
 * `rate.ts WORKLOAD KIND WORKERS TASKS`: tasks a second of one setting, as its user has it: `pool.map` over many inputs, all workers up and warm.
 * @module
 */
import { manyhands } from '../../harness/manyhands.ts';
import { withWorkload, type Workload } from '../list.ts';
import type { Setting } from '../settings.ts';

/** Milliseconds of one measurement, about. */
const SLICE = 800;
/** So many of them, once workers are up and warm, for which they have so many milliseconds at least. */
const SLICES = 2;
const WARM_UP = 600;

const [, , name, kind, workers, tasksPerWorker] = process.argv;

await withWorkload(name, async (workload) => {
  const run = runner(workload, {
    kind: kind as Setting['kind'],
    workers: Number(workers),
    tasksPerWorker: Number(tasksPerWorker),
  });
  let count = 2 * Number(workers) * Number(tasksPerWorker);
  const warmAt = performance.now() + WARM_UP;
  // The first run starts the workers: it says nothing of how many calls fill a slice.
  for (let took = await run(count); performance.now() < warmAt || took < SLICE / 2; ) {
    took = await run(count);
    count = Math.ceil(count * Math.min(8, SLICE / took));
  }
  let all = 0;
  for (let n = 0; n < SLICES; n++) all += await run(count);
  console.log(JSON.stringify((SLICES * count * 1000) / all));
  await run.close();
});

/** Milliseconds that so many calls take. */
interface Run {
  (count: number): Promise<number>;
  close(): Promise<void>;
}

function runner({ fn, inputs }: Workload, { kind, workers, tasksPerWorker }: Setting): Run {
  const pool = kind === 'none' ? undefined : new manyhands.Pool({ kind, workers, tasksPerWorker, min: workers });
  const run = async (count: number): Promise<number> => {
    const items = Array.from({ length: count }, (_, n) => inputs[n % inputs.length] as never);
    const start = performance.now();
    if (pool !== undefined) await pool.map(fn, items);
    else {
      for (const item of items) {
        const result = fn(item);
        if (result instanceof Promise) await result;
      }
    }
    return performance.now() - start;
  };
  return Object.assign(run, { close: async () => pool?.close() });
}
