/**
 * Threads as the system numbers them.
 * @module
 */
import { readdirSync, readlinkSync } from 'node:fs';

/** This thread's number in the system, where that can be had without a foreign call (Linux); else 0. Takes some microseconds. */
export function systemThread(): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(readlinkSync('/proc/thread-self').split('/')[2]);
  } catch {
    return 0;
  }
}

/** The numbers of all threads of this process, where the system says (Linux). Takes some microseconds. */
export function systemThreads(): ReadonlySet<number> | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return new Set(readdirSync('/proc/self/task').map(Number));
  } catch {
    return undefined; // no descriptor is free
  }
}
