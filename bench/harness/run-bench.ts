/**
 * Runs a bench: picks what was asked for, measures in rounds, prints tables and targets, writes JSON to bench/results.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Form } from './bench.ts';
import { printReport } from './print-report.ts';
import { machineNow, type Report } from './report.ts';
import { endPrograms, runProgram } from './run-program.ts';
import { runSchedule } from './schedule.ts';

/** What was asked for. */
export interface RunOptions extends Form {
  /** Groups; all of them when undefined. */
  readonly only: readonly string[] | undefined;
  /** Contestants, picked from those in the plan; all of them when undefined. */
  readonly runners: (known: readonly string[]) => readonly string[] | undefined;
  /** In place of the bench's own limits. */
  readonly rounds: number | undefined;
  readonly seconds: number | undefined;
  /** Where the report goes. */
  readonly out: string | undefined;
  readonly onProgress: (text: string) => void;
}

/** Measures, prints and writes. */
export async function runBench(bench: Bench, options: RunOptions): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      endPrograms();
      process.kill(process.pid, signal);
    });
  }
  const { full, only, out, onProgress } = options;
  const form: Form = { full, dist: options.dist || bench.fromDist };
  const limits = bench.limits(full);
  const machine = machineNow(bench.rivals());
  const all = bench.plan(full);
  const runners = options.runners([...new Set(all.map(({ runner }) => runner))]);
  const plan = all.filter(
    ({ group, runner }) =>
      (only?.includes(group) ?? true) && (runners?.includes(runner) ?? true) && present(runner, machine),
  );
  if (machine.load > 0.5) {
    console.error(`This machine is busy (load ${machine.load.toFixed(2)}): trust the ratios more than the figures.`);
  }
  if (bench.fromDist) build(onProgress);

  const begin = performance.now();
  const series = await runSchedule(plan, {
    rounds: options.rounds ?? limits.rounds,
    budget: (options.seconds ?? limits.seconds) * 1000,
    titleOf: (measurement) => bench.titleOf(measurement),
    run: (measurement) => runProgram(bench.programOf(measurement, form)),
    onProgress,
  });
  onProgress('');
  const rows = series.flatMap((each) => bench.rowsOf(each));
  const part = only !== undefined || runners !== undefined;
  const report: Report = {
    form: part ? 'part' : full ? 'full' : 'short',
    date: new Date().toISOString(),
    manyhands: form.dist ? 'dist' : 'src',
    machine,
    seconds: (performance.now() - begin) / 1000,
    rows,
    targets: bench.targetsOf(rows),
  };
  console.log(printReport(report));
  write(report, out ?? fileOf(bench, report));
}

/** Full runs are kept with the project; the others stay on this machine. */
function fileOf(bench: Bench, { form }: Report): string {
  const folder = form === 'full' ? '' : 'local/';
  return fileURLToPath(new URL(`../results/${folder}${bench.nameOf(form)}.json`, import.meta.url));
}

function write(report: Report, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\nWritten: ${file}`);
}

function build(onProgress: (text: string) => void): void {
  onProgress('building …');
  execFileSync(process.execPath, [fileURLToPath(new URL('../../tools/build.mjs', import.meta.url))], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function present(runner: string, { python, rivals }: Report['machine']): boolean {
  if (runner.startsWith('CPython')) return python !== null;
  return rivals[runner.replace(' (tuned)', '')] !== null;
}
