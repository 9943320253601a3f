/**
 * What a container lets its programs compute, and how long it has stopped them for it.
 *
 * How it works  The kernel's control groups say so in files: `cpu.max` and `cpu.stat` of version 2, `cpu.cfs_quota_us` and `cpu.stat` of version 1. In a
 *               container its own group is the root of what it sees; outside, `/proc/self/cgroup` names it.
 * Source        Linux, Documentation/admin-guide/cgroup-v2.rst, and scheduler/sched-bwc.rst.
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a container allows. */
export interface ContainerShare {
  /** Cores, a fraction among them; Infinity: no limit. */
  readonly cores: number;
  /** Milliseconds for which its programs were stopped so far because they had used up their share, on all cores. */
  readonly stopped: number;
}

/** Where the kernel says so. */
export interface ContainerFiles {
  readonly groups: string;
  readonly own: string;
}

const FILES: ContainerFiles = { groups: '/sys/fs/cgroup', own: '/proc/self/cgroup' };
const MICROSECONDS = 1000;
const NANOSECONDS = 1e6;

/** The share of this program's container; undefined where nothing says so. */
export function containerShare(files: ContainerFiles = FILES): ContainerShare | undefined {
  const lines = (read(files.own) ?? '').split('\n').map((line) => line.split(':'));
  // A line of version 2 names no controller; of version 1 it is `4:cpu,cpuacct:/path`.
  const second = lines.find(([, controllers]) => controllers === '')?.[2] ?? '/';
  const first = lines.find(([, controllers]) => controllers?.split(',').includes('cpu'))?.[2] ?? '/';
  return (
    fromSecond(join(files.groups, second)) ??
    fromSecond(files.groups) ??
    fromFirst(join(files.groups, 'cpu', first)) ??
    fromFirst(join(files.groups, 'cpu'))
  );
}

function fromSecond(folder: string): ContainerShare | undefined {
  const max = read(join(folder, 'cpu.max'));
  const stopped = numberIn(read(join(folder, 'cpu.stat')), 'throttled_usec');
  if (max === undefined || stopped === undefined) return undefined;
  const [quota, period] = max.trim().split(' ');
  return { cores: quota === 'max' ? Infinity : Number(quota) / Number(period), stopped: stopped / MICROSECONDS };
}

function fromFirst(folder: string): ContainerShare | undefined {
  const quota = Number(read(join(folder, 'cpu.cfs_quota_us')) ?? Number.NaN);
  const period = Number(read(join(folder, 'cpu.cfs_period_us')) ?? Number.NaN);
  const stopped = numberIn(read(join(folder, 'cpu.stat')), 'throttled_time');
  if (Number.isNaN(quota) || Number.isNaN(period) || stopped === undefined) return undefined;
  return { cores: quota < 0 ? Infinity : quota / period, stopped: stopped / NANOSECONDS };
}

function numberIn(text: string | undefined, name: string): number | undefined {
  const line = text?.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
