/**
 * What a run leaves behind: its machine, its figures as medians over the rounds, and what they say about the targets.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { Row } from './row.ts';
import type { Target } from './target.ts';

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
export function machineNow(rivals: Machine['rivals']): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0] as number,
    node: process.versions.node,
    python: pythonVersion(),
    rivals,
  };
}

function pythonVersion(): string | null {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' }).replace('Python', '').trim();
  } catch {
    return null;
  }
}
