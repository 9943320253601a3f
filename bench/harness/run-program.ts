/**
 * Runs one measurement in a fresh process, within a time limit.
 * @module
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figures, Outcome } from './measurement.ts';

/** A process that makes one measurement. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is given up. */
  readonly limit: number;
  /** What it has found out, by what it wrote and how long it took; undefined when it has not. Default: its line `figures:`. */
  readonly figuresIn?: (output: string, seconds: number) => Figures | undefined;
}

/** A program of Node, by its file. */
export function nodeProgram(file: URL, args: readonly string[], flags: readonly string[] = []): Program {
  return { command: process.execPath, args: [...flags, fileURLToPath(file), ...args], limit: LIMIT };
}

/** A program of CPython, by its file. It finds the modules of this folder, and leaves no compiled ones. */
export function pythonProgram(file: URL, args: readonly string[]): Program {
  const env = { PYTHONPATH: fileURLToPath(new URL('.', import.meta.url)), PYTHONDONTWRITEBYTECODE: '1' };
  return { command: 'python3', args: [fileURLToPath(file), ...args], env, limit: LIMIT };
}

const LIMIT = 20_000;

/** The group of each program that runs now. */
const running = new Set<number>();

/** Ends what runs now, with all its processes; for when the orchestrator itself is told to stop. */
export function endPrograms(): void {
  for (const pid of running) killGroup(pid);
}

/** Runs it; never rejects. */
export function runProgram({ command, args, env = {}, limit, figuresIn = figuresLine }: Program): Promise<Outcome> {
  return new Promise((resolve) => {
    const begin = performance.now();
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      // A group of its own, so that what hangs goes with all its processes.
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let output = '';
    let errors = '';
    let seconds = Number.NaN;
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const timer = setTimeout(() => {
      late = true;
      killGroup(pid);
    }, limit);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ failure: `${command} did not start: ${error.message}` });
    });
    child.on('exit', () => {
      seconds = (performance.now() - begin) / 1000;
      // What is left running would disturb the next measurement, and hold the pipes open.
      killGroup(pid);
      if (pid !== undefined) running.delete(pid);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const figures = code === 0 ? figuresIn(output, seconds) : undefined;
      if (figures !== undefined) resolve({ figures });
      else if (late) resolve({ failure: `gave no answer within ${limit / 1000} s` });
      else resolve({ failure: reasonIn(errors) ?? `ended with code ${code} and no figures` });
    });
  });
}

function figuresLine(output: string): Figures | undefined {
  const line = output.split('\n').find((text) => text.startsWith('figures:'));
  return line === undefined ? undefined : (JSON.parse(line.slice('figures:'.length)) as Figures);
}

function reasonIn(errors: string): string | undefined {
  const lines = errors.trim().split('\n');
  return (lines.find((line) => /error|exception/i.test(line)) ?? lines.at(-1))?.trim() || undefined;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has gone already.
  }
}
