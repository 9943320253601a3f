/**
 * The real command as a child process, from the sources or, when the tests run against it, from the installed package.
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const installed = process.env['MANYHANDS_PACKAGE'];

/** File of the command. */
export const commandFile =
  installed === undefined
    ? fileURLToPath(new URL('../../src/cli/entry/manyhands.ts', import.meta.url))
    : join(installed, 'dist/cli/entry/manyhands.js');

/** Folder of the modules that the tests hand to the command; it is the current directory of each run. */
export const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** How a run ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** Resolves once standard error, or output, so far matches. Rejects when the run ends without. */
  seen(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void>;
}

/** Options of a run. */
export interface RunOptions {
  /** What standard input holds; left open when `null`. */
  readonly input?: string | Uint8Array | null;
  readonly cwd?: string;
  /** Take no notice of the output: the test reads it itself. */
  readonly readStdout?: boolean;
}

const running = new Set<number>();
// Not even a test that fails leaves a command behind
process.on('exit', () => {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
});

/** Starts the command. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  const { input = '', cwd = fixtures, readStdout = true } = options;
  const child = spawn(process.execPath, [commandFile, ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, FORCE_COLOR: undefined, NO_COLOR: '1' },
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const text = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  const take = (name: 'stdout' | 'stderr') => (chunk: string) => {
    text[name] += chunk;
    for (const check of waiting) check();
  };
  if (readStdout) child.stdout.setEncoding('utf8').on('data', take('stdout'));
  child.stderr.setEncoding('utf8').on('data', take('stderr'));
  child.stdin.on('error', () => {}); // it need not read all of it
  if (input !== null) child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once(readStdout ? 'close' : 'exit', (code: number | null, signal: NodeJS.Signals | null) => {
      if (pid !== undefined) running.delete(pid);
      resolve({ code, signal, ...text });
    });
  });
  const seen = (name: 'stdout' | 'stderr', pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!pattern.test(text[name])) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
      void ended.then(() => reject(new Error(`It ended before ${name} matched ${pattern}: ${JSON.stringify(text)}`)));
    });
  return { child, ended, seen };
}

/** Runs the command to its end. */
export const manyhands = (args: readonly string[], options?: RunOptions): Promise<Ended> => start(args, options).ended;

/** The values of JSON lines. */
export const values = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

/** Both kinds of worker, as the command names them. */
export const kinds = ['--threads', '--processes'] as const;
