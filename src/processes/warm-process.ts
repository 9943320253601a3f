/**
 * The spare: one process that has booted and waits, because booting one takes 17 to 20 ms and telling one what to do half a
 * millisecond.
 *
 * How it works  As with the warm threads: from the second start that asks for it on, one spare is booted a moment after the
 *               last was taken. It is used only while all that a process takes over from this one is what it was when the spare was
 *               booted: a program that has given its privileges up gets none with them.
 * At rest       It sleeps on its socket, is unreferenced, and ends when this process does.
 * @module
 */
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { takesSpare } from '../workers/launch-options.ts';
import { rehearsal } from '../workers/rehearsal.ts';
import type { LaunchOptions } from '../workers/worker-backend.ts';
import { BareProcess } from './bare-process.ts';

/** Milliseconds after a start before the spare is booted. */
const SETTLE_MS = 50;

let spare: BareProcess | undefined;
let spareWorld = '';
let wanted = 0;
let refill: NodeJS.Timeout | undefined;

/** What a process takes over when it boots. */
const world = (): string =>
  JSON.stringify([process.cwd(), process.env, process.execArgv, process.argv.slice(2), getPriority(), rights()]);

/** Whose rights this process has, and which those have not who are given its files. */
function rights(): unknown[] {
  const { getuid, geteuid, getgid, getegid, getgroups } = process;
  return [getuid?.(), geteuid?.(), getgid?.(), getegid?.(), getgroups?.(), umask()];
}

/** As the system tells it. To ask by `process.umask()` is to have none for a moment, in all threads. */
function umask(): string | undefined {
  try {
    return /^Umask:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}

/** A process for these options, the spare if it fits. */
export function takeProcess(options: LaunchOptions): BareProcess {
  const { keepSpare = false } = options;
  if (!takesSpare(options)) return new BareProcess(options);
  const taken = takeSpare();
  if (keepSpare) {
    wanted += 1;
    if (wanted > 1) scheduleRefill();
  }
  return taken ?? new BareProcess(options);
}

function takeSpare(): BareProcess | undefined {
  const taken = spare;
  spare = undefined;
  if (taken === undefined || taken.gone) return undefined;
  if (spareWorld === world()) return taken;
  taken.kill('SIGKILL');
  return undefined;
}

function scheduleRefill(): void {
  if (refill !== undefined || spare !== undefined) return;
  refill = setTimeout(() => {
    refill = undefined;
    try {
      spareWorld = world();
      spare = new BareProcess({});
      spare.post(rehearsal('process'));
    } catch {
      // Whoever needs a process will hear why there can be none.
    }
  }, SETTLE_MS);
  refill.unref();
}
