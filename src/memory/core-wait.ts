/**
 * How long this thread was able to run and had no core.
 *
 * How it works  The kernel counts it, in nanoseconds: the second number in `/proc/thread-self/schedstat`. The file is opened once a thread, with
 *               which it is closed, and read anew each time, which takes some two microseconds.
 * Source        Linux, Documentation/scheduler/sched-stats.rst.
 * @module
 */
import { openSync, readSync } from 'node:fs';

const NANOSECONDS = 1e6;
const MOST_BYTES = 64;

let file: number | undefined;
let unknown = process.platform !== 'linux';
const buffer = Buffer.alloc(MOST_BYTES);

/** Milliseconds since the thread's start; 0 where that is not known. */
export function coreWait(): number {
  if (unknown) return 0;
  try {
    file ??= openSync('/proc/thread-self/schedstat', 'r');
    const length = readSync(file, buffer, 0, MOST_BYTES, 0);
    return Number(buffer.toString('latin1', 0, length).split(' ')[1]) / NANOSECONDS;
  } catch {
    unknown = true; // a kernel without it
    return 0;
  }
}
