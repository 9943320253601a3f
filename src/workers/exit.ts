/**
 * Ending a program, process or thread with a value.
 *
 * How it works  A thread's own stream hands what is written to the main thread, and the end of the thread may come before; so it writes
 *               to the descriptor of the process.
 * @module
 */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';

/** Descriptor of standard error. */
const STDERR = 2;

/**
 * Ends this program, or the process or thread that it is called in, with an exit code that says how it went.
 *
 * Nothing gives 0; a whole number or a boolean gives that, of which the system keeps the last eight bits; anything else is printed to standard error and gives 1.
 *
 * **Python** `sys.exit`. The difference: it ends at once. No `finally` runs on the way; listeners for `exit` do. In a task of
 * a pool it ends the worker, as `process.exit()` does.
 *
 * @example
 * if (process.argv.length > 3) exit('usage: convert FILE'); // prints that, exit code 1
 */
export function exit(value?: unknown): never {
  if (value === undefined || value === null) process.exit(0);
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) process.exit(Number(value));
  print(`${typeof value === 'string' ? value : inspect(value)}\n`);
  process.exit(1);
}

function print(line: string): void {
  if (isMainThread) {
    process.stderr.write(line); // at once, on POSIX
    return;
  }
  try {
    writeSync(STDERR, line);
  } catch {
    process.stderr.write(line); // nobody reads fast enough, or at all
  }
}
