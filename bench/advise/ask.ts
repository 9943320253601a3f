/**
 * Asks a fresh process: what one measurement leaves behind, compiled code or garbage, shall not meet the next.
 * @module
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LIMIT = 60_000;

/** Runs a program of entry/; its last line is the answer, as JSON. */
export async function ask<Answer>(program: string, ...args: readonly (string | number)[]): Promise<Answer> {
  const file = fileURLToPath(new URL(`./entry/${program}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args.map(String)], { timeout: LIMIT });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) as string) as Answer;
}
