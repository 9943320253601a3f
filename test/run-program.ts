/**
 * Runs a program to its end, as a user would.
 * @module
 */
import { spawn } from 'node:child_process';

/** How a program ended. */
export interface ProgramEnd {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how to run it. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; after that it is killed. */
  readonly timeout?: number;
  /** What it reads; nothing by default. */
  readonly input?: string;
}

/** The test runner's own variables: a program that inherits them reports to the runner instead of printing. */
const OF_THE_RUNNER = { NODE_TEST_CONTEXT: undefined, NODE_TEST_WORKER_ID: undefined };

/** Runs a program; resolves however it ends. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  const { cwd, env = {}, timeout = 110_000, input = '' } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...OF_THE_RUNNER, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
      shell: process.platform === 'win32' && !program.endsWith('.exe'),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
  });
}
