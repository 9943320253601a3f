/**
 * When the promises of a thread that wait for locks are looked at: a few times soon after each has begun to wait, and no more.
 *
 * Invariant  The timer runs only while there is a wait that has not been looked at often enough yet, and keeps nothing alive.
 * @module
 */
import { LOOK_AFTER, LOOKS } from './watch.ts';

interface Due {
  readonly look: () => void;
  readonly since: number;
  left: number;
}

const due = new Set<Due>();
let running = false;

/** Calls `look` a few times. @returns ends that */
export function lookLater(look: () => void): () => void {
  const wait: Due = { look, since: performance.now(), left: LOOKS };
  due.add(wait);
  if (!running) run();
  return () => due.delete(wait);
}

function run(): void {
  running = true;
  setTimeout(tick, LOOK_AFTER).unref();
}

function tick(): void {
  const { now } = performance;
  const from = now.call(performance);
  for (const wait of [...due]) {
    if (!due.has(wait) || from - wait.since < LOOK_AFTER - 1) continue;
    wait.left -= 1;
    if (wait.left === 0) due.delete(wait);
    wait.look();
  }
  running = false;
  if (due.size > 0) run();
}
