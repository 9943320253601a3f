/**
 * Runs one measurement in a fresh process, within a time limit.
 * @module
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figures, Measurement } from './measurement.ts';

/** The figures, or why there are none. */
export type Outcome = { readonly figures: Figures } | { readonly failure: string };

/** How measuring processes are run. */
export interface RunOptions {
  /** Milliseconds after which a measurement is given up. */
  readonly limit: number;
  /** Whether manyhands is taken from dist/. */
  readonly dist: boolean;
}

/** The group of each measurement that runs now. */
const running = new Set<number>();

/** Ends what runs now, with all its processes; for when the orchestrator itself is told to stop. */
export function endMeasurements(): void {
  for (const pid of running) killGroup(pid);
}

/** Runs it; never rejects. */
export function runMeasurement(measurement: Measurement, { limit, dist }: RunOptions): Promise<Outcome> {
  const [command, args] = commandOf(measurement);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(dist ? { MANYHANDS_BENCH_DIST: '1' } : {}) },
      // A group of its own, so that a library that hangs goes with all its processes.
      detached: true,
    });
    if (child.pid !== undefined) running.add(child.pid);
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid);
    }, limit);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ failure: `${command} did not start: ${error.message}` });
    });
    child.on('exit', () => {
      // What a library left running would disturb the next measurement, and hold the pipes open.
      killGroup(child.pid);
      if (child.pid !== undefined) running.delete(child.pid);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const line = output.split('\n').find((text) => text.startsWith('figures:'));
      if (line !== undefined) resolve({ figures: JSON.parse(line.slice('figures:'.length)) as Figures });
      else if (late) resolve({ failure: `gave no answer within ${limit / 1000} s` });
      else resolve({ failure: firstReason(errors) ?? `ended with code ${code} and no figures` });
    });
  });
}

function commandOf(measurement: Measurement): [string, string[]] {
  const json = JSON.stringify(measurement);
  if (measurement.runner === 'CPython') {
    return ['python3', [fileURLToPath(new URL('./entry/cpython.py', import.meta.url)), json, String(Date.now())]];
  }
  const flags = measurement.of.test === 'memory' ? ['--expose-gc'] : [];
  return [process.execPath, [...flags, fileURLToPath(new URL('./entry/measure.ts', import.meta.url)), json]];
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has gone already.
  }
}

function firstReason(errors: string): string | undefined {
  return (
    errors
      .split('\n')
      .find((line) => /error|exception/i.test(line))
      ?.trim() ||
    errors.trim().split('\n').at(-1) ||
    undefined
  );
}
