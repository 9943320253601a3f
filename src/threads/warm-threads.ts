/**
 * The warm set: threads that have booted and wait for something to do, because booting one takes 8 to 10 ms and telling one
 * what to do takes none.
 *
 * How it works  A program that starts one thread gets no spare: it would pay for what it never uses. From the second start
 *               that asks for it on, a spare is booted a moment after the last one was taken. Only threads with this
 *               process's own flags and environment are interchangeable; others are started for the purpose.
 * At rest       A spare sleeps in its event loop and is unreferenced: it uses no processor time and keeps no program alive.
 * @module
 */
import { takesSpare } from '../workers/launch-options.ts';
import { rehearsal } from '../workers/rehearsal.ts';
import type { LaunchOptions } from '../workers/worker-backend.ts';
import { BareThread } from './bare-thread.ts';

/** Spares kept. */
const SPARES = 1;
/** Milliseconds after a start before a spare is booted, so that it does not compete with the thread just started. */
const SETTLE_MS = 50;

const spares: BareThread[] = [];
let wanted = 0;
let refill: NodeJS.Timeout | undefined;
let environmentOfSpares = '';

/** A thread for these options, warm if there is one. */
export function takeThread(options: LaunchOptions): BareThread {
  const { keepSpare = false } = options;
  if (!takesSpare(options)) return new BareThread(options);
  const spare = takeSpare();
  if (keepSpare) {
    wanted += 1;
    if (wanted > 1) scheduleRefill();
  }
  return spare ?? new BareThread(options);
}

function takeSpare(): BareThread | undefined {
  for (let spare = spares.pop(); spare !== undefined; spare = spares.pop()) {
    // A thread copies the environment when it boots; one that has changed since needs a new thread.
    if (!spare.gone && environmentOfSpares === JSON.stringify(process.env)) return spare;
    if (!spare.gone) void spare.terminate();
  }
  return undefined;
}

function scheduleRefill(): void {
  if (refill !== undefined) return;
  refill = setTimeout(() => {
    refill = undefined;
    environmentOfSpares = JSON.stringify(process.env);
    while (spares.length < SPARES) {
      const spare = new BareThread({});
      spare.port.postMessage(rehearsal('thread'));
      spares.push(spare);
    }
  }, SETTLE_MS);
  refill.unref();
}
