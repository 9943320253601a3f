/**
 * Runs a fixture as a program of its own.
 * @module
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds after which a program is killed; its `code` is then null. */
const LIMIT = 60_000;

/** Runs a file beside this one with this Node. */
export function runProgram(file: string, ...args: readonly string[]): Promise<Ended> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path, ...args], { timeout: LIMIT }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout: stdout.trim(), stderr });
    });
  });
}
