/**
 * The advice against all there is: for each of twelve workloads, what `advise()` recommends, and how much that gets done of the best of many settings.
 *
 * `node bench/advise/against-all.ts [--only compute,tiny] [--repeat 3] [--rounds 1] [--out FILE]` writes bench/results/advise.json.
 *
 * How it works  Each measurement is made by a process of its own. All settings are gone through `rounds` times. Then, as often as `repeat` says: the advice
 *               is asked for anew, and the recommended setting is measured beside the best few again (the best of so many was partly the luckiest), and
 *               a pool of kind 'auto'.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { manyhands } from '../harness/manyhands.ts';
import { machineNow } from '../harness/report.ts';
import { median } from '../harness/statistics.ts';
import { ask } from './ask.ts';
import type { AutoAnswer } from './entry/auto.ts';
import type { TrialAnswer } from './entry/trial.ts';
import { names } from './list.ts';
import { grid, nameOf, type Setting } from './settings.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: names.join(',') },
    repeat: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '1' },
    out: { type: 'string', default: fileURLToPath(new URL('../results/advise.json', import.meta.url)) },
  },
});
/** Share of the best that is wanted. */
const WANTED = 0.9;
/** So many of the best settings, and of the best pools, are measured again each time. */
const FINALISTS = 2;
/** So often, in turns: of noisy figures measured once, the best would be the luckiest. */
const FINAL_ROUNDS = 3;

/** What one workload came to. */
interface Row {
  readonly name: string;
  /** Tasks a second of all settings, the best first. */
  readonly rates: Readonly<Record<string, number>>;
  readonly repeats: readonly Repeat[];
}

/** What one trial, and one pool of kind 'auto', came to. */
interface Repeat {
  readonly trial: TrialAnswer;
  readonly auto: AutoAnswer;
  /** Tasks a second of those that were measured again, the best first. */
  readonly again: Readonly<Record<string, number>>;
  /** Of what the best setting gets done. */
  readonly adviceShare: number;
  /** Of what the best pool gets done in its place. */
  readonly autoShare: number;
}

type Rates = readonly (readonly [Setting, number])[];

const cores = manyhands.cpuCount();

/** Adds what each setting gets done now to what is known of it; those that cannot run the workload stay away. */
async function goThrough(name: string, settings: readonly Setting[], known: Map<Setting, number[]>): Promise<void> {
  for (const setting of settings) {
    const { kind, workers, tasksPerWorker } = setting;
    const rate = await ask<number>('rate', name, kind, workers, tasksPerWorker).catch(() => undefined);
    if (rate !== undefined) known.set(setting, [...(known.get(setting) ?? []), rate]);
  }
}

/** Goes through them so often, forth and back. */
async function inTurns(
  name: string,
  settings: readonly Setting[],
  rounds: number,
  known: Map<Setting, number[]>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await goThrough(name, round % 2 === 0 ? settings : settings.toReversed(), known);
  }
}

const bestFirst = (known: ReadonlyMap<Setting, readonly number[]>): Rates =>
  [...known].map(([setting, rates]) => [setting, median(rates)] as const).toSorted((a, b) => b[1] - a[1]);

const named = (rates: Rates): Record<string, number> =>
  Object.fromEntries(rates.map(([setting, rate]) => [nameOf(setting), Math.round(rate)]));

async function measure(name: string): Promise<Row> {
  const settings = grid(cores);
  const all = new Map<Setting, number[]>();
  await inTurns(name, settings, Number(options.rounds), all);
  const rates = bestFirst(all);
  const pools = rates.filter(([{ kind }]) => kind !== 'none');
  const best = [...rates.slice(0, FINALISTS), ...pools.slice(0, FINALISTS)].map(([setting]) => setting);
  const repeats: Repeat[] = [];
  for (let n = 0; n < Number(options.repeat); n++) {
    const trial = await ask<TrialAnswer>('trial', name);
    const recommended = settings.find((setting) => nameOf(setting) === nameOf(trial.recommended)) ?? trial.recommended;
    const finalists = [...new Set([...best, recommended])];
    const final = new Map<Setting, number[]>();
    await inTurns(name, finalists, FINAL_ROUNDS, final);
    const again = bestFirst(final);
    const [, most] = again[0] as Rates[number];
    const [{ kind, workers, tasksPerWorker }] = again.find(([setting]) => setting.kind !== 'none') as Rates[number];
    const auto = await ask<AutoAnswer>('auto', name);
    const bestPool = await ask<AutoAnswer>('auto', name, kind, workers, tasksPerWorker);
    const adviceShare = median(final.get(recommended) ?? [0]) / most;
    repeats.push({ trial, auto, again: named(again), adviceShare, autoShare: auto.rate / bestPool.rate });
  }
  return { name, rates: named(rates), repeats };
}

function print({ name, repeats }: Row): void {
  for (const { trial, auto, again, adviceShare, autoShare } of repeats) {
    const mark = (share: number): string => `${share >= WANTED ? 'met' : 'NOT'} ${share.toFixed(2)}`;
    console.log(
      [
        name.padEnd(9),
        trial.work.padEnd(16),
        `${mark(adviceShare)} ${nameOf(trial.recommended)} (best: ${Object.keys(again)[0]})`.padEnd(48),
        `trial ${Math.round(trial.took)} ms ${trial.calls} calls`.padEnd(27),
        `auto ${mark(autoShare)} ${nameOf(auto.found)}, ${auto.lateSteps} late steps`,
      ].join('  '),
    );
  }
}

const machine = machineNow({});
const rows: Row[] = [];
for (const name of options.only.split(',')) {
  const row = await measure(name);
  print(row);
  rows.push(row);
}
const met = (key: 'adviceShare' | 'autoShare'): string => {
  const inEach = Array.from(
    { length: Number(options.repeat) },
    (_, n) => rows.filter(({ repeats }) => (repeats[n] as Repeat)[key] >= WANTED).length,
  );
  return `${inEach.join(', ')} of ${rows.length}`;
};
console.log(
  `advice within a tenth of the best: ${met('adviceShare')}; auto within a tenth of the best pool: ${met('autoShare')}`,
);
writeFileSync(
  options.out,
  `${JSON.stringify({ date: new Date().toISOString(), machine, cores, rows }, undefined, 2)}
`,
);
