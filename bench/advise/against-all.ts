/**
 * The advice against all there is: for each of twelve workloads, what `advise()` recommends and how much of the best of many settings it gets done.
 *
 * `node bench/advise/against-all.ts [--only compute,tiny] [--repeat 3] [--rounds 3] [--out FILE]` writes bench/results/advise.json. Settings are
 * measured as their user would have them, by `pool.map` over many inputs with all workers up, in turns; the recommended one is among them.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { manyhands } from '../harness/manyhands.ts';
import { machineNow } from '../harness/report.ts';
import { type Workload, workloads } from './list.ts';

const { advise, cpuCount, Pool } = manyhands;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    repeat: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    out: { type: 'string', default: fileURLToPath(new URL('../results/advise.json', import.meta.url)) },
  },
});
const REPEAT = Number(options.repeat);
const ROUNDS = Number(options.rounds);
/** Milliseconds of one measurement. */
const SLICE = 300;
/** Milliseconds in which a pool of kind `'auto'` has to find out, in which it is measured then, and of one of its maps. */
const TIME_TO_FIND = 5000;
const AFTERWARDS = 3000;
const BATCH = 1000;
/** Share of the best that the recommended setting has to reach. */
const WANTED = 0.9;

interface Setting {
  readonly kind: 'none' | 'thread' | 'process';
  readonly workers: number;
  readonly tasksPerWorker: number;
}

const cores = cpuCount();

/** What is tried besides what is recommended. */
function grid(): Setting[] {
  const settings: Setting[] = [{ kind: 'none', workers: 1, tasksPerWorker: 1 }];
  for (const workers of new Set([1, cores, cores * 2, cores * 4, cores * 8, cores * 16]))
    settings.push({ kind: 'thread', workers, tasksPerWorker: 1 });
  for (const tasksPerWorker of [8, 32, 128, 512]) {
    settings.push({ kind: 'thread', workers: 1, tasksPerWorker }, { kind: 'thread', workers: cores, tasksPerWorker });
  }
  for (const workers of new Set([cores, cores * 4])) settings.push({ kind: 'process', workers, tasksPerWorker: 1 });
  settings.push({ kind: 'process', workers: cores, tasksPerWorker: 32 });
  return settings;
}

const nameOf = ({ kind, workers, tasksPerWorker }: Setting): string =>
  kind === 'none' ? 'none' : `${kind} x${workers}${tasksPerWorker === 1 ? '' : ` x${tasksPerWorker}`}`;

/** One setting with its workers up. */
class Stand {
  readonly setting: Setting;
  readonly rates: number[] = [];
  readonly #workload: Workload;
  readonly #pool: InstanceType<typeof Pool> | undefined;
  #count = 0;

  constructor(setting: Setting, workload: Workload) {
    this.setting = setting;
    this.#workload = workload;
    const { kind, workers, tasksPerWorker } = setting;
    if (kind !== 'none') this.#pool = new Pool({ kind, workers, tasksPerWorker, min: workers });
  }

  /** Runs about so long; the first time to find out how many calls that is. */
  async run(): Promise<void> {
    const first = this.#count === 0;
    const count = first ? 2 * this.setting.workers * this.setting.tasksPerWorker : this.#count;
    const { inputs } = this.#workload;
    const items = Array.from({ length: count }, (_, n) => inputs[n % inputs.length] as never);
    const start = performance.now();
    if (this.#pool === undefined) {
      for (const item of items) {
        const result = this.#workload.fn(item);
        if (result instanceof Promise) await result;
      }
    } else await this.#pool.map(this.#workload.fn, items);
    const took = performance.now() - start;
    const wanted = (count * SLICE) / took;
    if (took < SLICE / 3) {
      this.#count = Math.ceil(Math.min(wanted, count * 8));
      await this.run();
      return;
    }
    this.#count = Math.max(1, Math.ceil(wanted));
    if (!first) this.rates.push((count * 1000) / took);
  }

  get rate(): number {
    const sorted = this.rates.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}

/** What a pool that finds out for itself gets done, once it had time to; and what it has found. */
async function findOut({ fn, inputs }: Workload): Promise<{ rate: number; found: Setting; lateSteps: number }> {
  const pool = new Pool({ kind: 'auto' });
  const begin = performance.now();
  const rates: number[] = [];
  let count = 100;
  for (;;) {
    const start = performance.now();
    await pool.map(
      fn,
      Array.from({ length: count }, (_, n) => inputs[n % inputs.length] as never),
    );
    const took = performance.now() - start;
    if (start - begin >= TIME_TO_FIND) rates.push((count * 1000) / took);
    if (performance.now() - begin >= TIME_TO_FIND + AFTERWARDS && rates.length > 0) break;
    count = Math.ceil(Math.min(count * 4, Math.max(20, (count * BATCH) / took)));
  }
  const { workers, tasksPerWorker, steps } = pool.tuning as NonNullable<typeof pool.tuning>;
  await pool.close();
  const lateSteps = steps.filter(({ at }) => at > TIME_TO_FIND).length;
  return {
    rate: rates.toSorted((a, b) => a - b)[rates.length >> 1] as number,
    found: { kind: 'thread', workers, tasksPerWorker },
    lateSteps,
  };
}

async function measure(workload: Workload): Promise<object> {
  const inputs = workload.inputs;
  const began = performance.now();
  const advice = await advise(workload.fn, inputs);
  const trialMs = performance.now() - began;
  const { kind, workers, tasksPerWorker } = advice;
  const recommended: Setting = { kind, workers, tasksPerWorker };
  const settings = new Map([...grid(), recommended].map((setting) => [nameOf(setting), setting]));
  const rates = new Map<string, number[]>();
  // A pool of each at once would be some hundred workers: each has its rounds, and all are gone through several times.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, setting] of round % 2 === 0 ? settings : [...settings].toReversed()) {
      const stand = new Stand(setting, workload);
      try {
        await stand.run();
        await stand.run();
        rates.set(name, [...(rates.get(name) ?? []), stand.rate]);
      } catch {
        // what cannot go to processes
      }
      await stand.close();
    }
  }
  const medians = [...rates].map(
    ([name, all]) => [name, all.toSorted((a, b) => a - b)[all.length >> 1] as number] as const,
  );
  const [best] = medians.toSorted((a, b) => b[1] - a[1]) as [readonly [string, number]];
  const own = medians.find(([name]) => name === nameOf(recommended))?.[1] ?? 0;
  const share = own / best[1];
  const auto = await findOut(workload);
  const pools = medians.filter(([name]) => name !== 'none');
  const bestPool = Math.max(...pools.map(([, rate]) => rate));
  const autoShare = auto.rate / bestPool;
  console.log(
    `${workload.name.padEnd(10)} ${advice.work.padEnd(16)} ${nameOf(recommended).padEnd(18)} ${share >= WANTED ? 'ok' : '--'} ${share.toFixed(2)} of ${best[0].padEnd(18)} ${best[1].toPrecision(4)}/s, trial ${Math.round(trialMs)} ms, ${advice.calls} calls; auto: ${nameOf(auto.found)} ${autoShare >= WANTED ? 'ok' : '--'} ${autoShare.toFixed(2)} of the best pool, ${auto.lateSteps} late steps`,
  );
  return {
    name: workload.name,
    work: advice.work,
    recommended: nameOf(recommended),
    share,
    best: best[0],
    trialMs,
    calls: advice.calls,
    rates: Object.fromEntries(medians),
    expected: advice.throughput,
    auto: { ...auto, found: nameOf(auto.found), share: autoShare },
  };
}

const { list, end } = await workloads();
const only = options.only?.split(',');
const machine = machineNow({});
const results: object[] = [];
try {
  for (let repeat = 0; repeat < REPEAT; repeat++) {
    for (const workload of list) {
      if (only === undefined || only.includes(workload.name)) results.push({ repeat, ...(await measure(workload)) });
    }
  }
} finally {
  end();
}
const met = results.filter((each) => (each as { share: number }).share >= WANTED).length;
console.log(`${met} of ${results.length} within ${Math.round((1 - WANTED) * 100)} % of the best`);
writeFileSync(
  options.out,
  `${JSON.stringify({ date: new Date().toISOString(), machine, cores, results }, undefined, 2)}\n`,
);
