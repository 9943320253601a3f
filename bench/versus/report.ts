/**
 * What a run leaves behind: its machine, its figures as medians over the rounds, and what they say about the targets.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { contestants } from './contestants.ts';
import type { Planned } from './plan.ts';
import { rivalVersion } from './rival-package.ts';
import type { Row } from './row.ts';
import type { Series } from './schedule.ts';
import { median } from './statistics.ts';
import { type Target, targetsOf } from './targets.ts';

/** Where a run took place. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  /** Load average of the last minute, before the run. */
  readonly load: number;
  readonly node: string;
  readonly python: string | null;
  /** Versions of the rivals; null for what is not installed. */
  readonly rivals: Readonly<Record<string, string | null>>;
}

/** A run, as it is written to bench/results. */
export interface Report {
  readonly form: 'short' | 'full' | 'part';
  readonly date: string;
  /** What of manyhands was measured: its sources or its build. */
  readonly manyhands: 'src' | 'dist';
  readonly machine: Machine;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
}

/** The machine as it is now. */
export function machineNow(): Machine {
  const packages = Object.values(contestants).flatMap((entry) => ('package' in entry ? [entry.package] : []));
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0] as number,
    node: process.versions.node,
    python: pythonVersion(),
    rivals: Object.fromEntries(packages.map((name) => [name, rivalVersion(name) ?? null])),
  };
}

/** The rows of all series, and the targets judged by them. */
export function resultsOf(series: readonly Series[]): { rows: Row[]; targets: Target[] } {
  const rows = series.map(rowOf);
  return { rows, targets: targetsOf(rows) };
}

function rowOf({ measurement, title, outcomes }: Series): Row {
  const { group, runner, kind, workers, of } = measurement as Planned;
  const row = { group, title, runner, kind, workers, of };
  const all = outcomes.flatMap((outcome) => ('figures' in outcome ? [outcome.figures] : []));
  const failure = outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome.failure] : []))[0];
  const [first] = all;
  if (first === undefined) return { ...row, values: [], failure: failure ?? 'not run' };
  const names = Object.keys(first);
  const valuesOf = (name: string): number[] => all.flatMap((figures) => figures[name] ?? []);
  return {
    ...row,
    figures: Object.fromEntries(names.map((name) => [name, rounded(median(valuesOf(name)))])),
    values: valuesOf(names[0] as string).map(rounded),
    ...(failure === undefined ? {} : { failure }),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(5));

function pythonVersion(): string | null {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' }).replace('Python', '').trim();
  } catch {
    return null;
  }
}
