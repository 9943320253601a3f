/**
 * The spare: one process that has booted and waits, because booting one takes 17 to 20 ms and telling one what to do half a
 * millisecond.
 *
 * How it works  As with the warm threads: from the second start that asks for it on, one spare is booted a moment after the
 *               last was taken. It is used only while this process's flags, environment and working directory are the ones
 *               that it was booted with.
 * At rest       It sleeps on its socket, is unreferenced, and ends when this process does.
 * @module
 */
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
const world = (): string => JSON.stringify([process.cwd(), process.env]);

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
