/**
 * What this program and all that it has started take up, as the system sees it. Linux.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { collectGarbage } from './collect-garbage.ts';

/** One look. */
export interface Vitals {
  /** MiB, each page shared out among those who have it. */
  readonly memoryMiB: number;
  /** MiB of this program's own heap. */
  readonly heapMiB: number;
  readonly processes: number;
  readonly threads: number;
  readonly descriptors: number;
  /** Files of shared memory with names of this library. */
  readonly segments: number;
  /** What keeps this program's event loop alive. */
  readonly resources: number;
}

const MIB = 2 ** 20;

/** Looks, after the garbage has been collected here. */
export async function vitals(): Promise<Vitals> {
  await collectGarbage();
  const pids = family();
  const sum = (each: (pid: number) => number): number => pids.reduce((total, pid) => total + each(pid), 0);
  return {
    memoryMiB: sum((pid) => Number(/^Pss: +(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)) / 1024,
    heapMiB: process.memoryUsage().heapUsed / MIB,
    processes: pids.length,
    threads: sum((pid) => list(`/proc/${pid}/task`).length),
    descriptors: sum((pid) => list(`/proc/${pid}/fd`).length),
    segments: list('/dev/shm').filter((name) => name.startsWith('manyhands-')).length,
    resources: process.getActiveResourcesInfo().length,
  };
}

/** This process and its descendants. */
function family(): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of list('/proc').filter((each) => /^\d+$/.test(each))) {
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1] ?? 0);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found = [process.pid];
  for (const pid of found) found.push(...(childrenOf.get(pid) ?? []));
  return found;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it has ended meanwhile
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
