/**
 * The comparison with rivals: `npm run bench -- [options]`. Prints tables and targets, writes JSON to bench/results.
 *
 * See bench/README.md for the options.
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { burn } from './versus/entry/tasks.ts';
import { groups, planOf } from './versus/plan.ts';
import { printReport } from './versus/print-report.ts';
import { machineNow, type Report, resultsOf } from './versus/report.ts';
import { endMeasurements } from './versus/run-measurement.ts';
import { runSchedule } from './versus/schedule.ts';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    runners: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    dist: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  const list = Object.entries(groups).map(([name, what]) => `  ${name.padEnd(10)} ${what}`);
  console.log(`npm run bench -- [--full] [--only GROUP,…] [--runners NAME,…] [--rounds N] [--seconds S] [--dist] [--out FILE]

Groups:\n${list.join('\n')}`);
} else {
  await main();
}

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      endMeasurements();
      process.kill(process.pid, signal);
    });
  }
  const { full, dist } = options;
  const only = chosen(options.only, Object.keys(groups), 'group');
  const machine = machineNow();
  const all = planOf({ full, burnRounds: burnRoundsOf(12) });
  const runners = chosen(options.runners, [...new Set(all.map(({ runner }) => runner))], 'runner');
  const plan = all.filter(
    ({ group, runner }) =>
      (only?.includes(group) ?? true) && (runners?.includes(runner) ?? true) && present(runner, machine),
  );

  if (machine.load > 0.5) {
    console.error(`This machine is busy (load ${machine.load.toFixed(2)}): trust the ratios more than the figures.`);
  }
  const begin = performance.now();
  const series = await runSchedule(plan, {
    rounds: numberOf(options.rounds, 3),
    budget: numberOf(options.seconds, full ? 3600 : 105) * 1000,
    limit: full ? 90_000 : 20_000,
    dist,
    onProgress,
  });
  onProgress('');
  const part = only !== undefined || runners !== undefined;
  const report: Report = {
    form: part ? 'part' : full ? 'full' : 'short',
    date: new Date().toISOString(),
    manyhands: dist ? 'dist' : 'src',
    machine,
    seconds: (performance.now() - begin) / 1000,
    ...resultsOf(series),
  };
  console.log(printReport(report));

  // Full runs are kept with the project; the others stay on this machine.
  const file =
    options.out ??
    fileURLToPath(new URL(`./results/${full && !part ? '' : 'local/'}${report.form}.json`, import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\nWritten: ${file}`);
}

function present(runner: string, { python, rivals }: Report['machine']): boolean {
  if (runner === 'CPython') return python !== null;
  return rivals[runner.replace(' (tuned)', '')] !== null;
}

/** Rounds of `burn` that take so many ms here. */
function burnRoundsOf(ms: number): number {
  const rounds = 2_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const begin = performance.now();
    burn(rounds);
    best = Math.min(best, performance.now() - begin);
  }
  return Math.round((rounds * ms) / best);
}

function chosen(text: string | undefined, known: readonly string[], what: string): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  console.error(`No ${what} is called ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}

function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (value > 0) return value;
  console.error(`--rounds and --seconds take a number above 0, not '${text}'.`);
  process.exit(2);
}

function onProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
