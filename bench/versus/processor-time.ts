/**
 * Processor time of this process and of its children, which `process.cpuUsage()` leaves out while they live.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of a tick of /proc: 100 a second on every Linux that Node runs on. */
const TICK = 10;

/** Milliseconds of processor time so far: this process exactly, its children (on Linux) to 10 ms each. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenMs(process.pid);
}

function childrenMs(pid: number): number {
  if (process.platform !== 'linux') return 0;
  let ms = 0;
  for (const child of childrenOf(pid)) {
    // After the name, which may hold anything and ends in ')', utime and stime are the 12th and 13th fields.
    const fields = readFileSync(`/proc/${child}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    ms += (Number(fields[11]) + Number(fields[12])) * TICK + childrenMs(child);
  }
  return ms;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}
