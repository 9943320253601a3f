/**
 * A gate: only so many jobs at once, or so many in a span of time, get past it. The others wait before it.
 *
 * How it works  A job that finds a gate shut waits in that gate's own heap, so that it stands in nobody else's way. When the gate may have
 *               opened, by a job that left it or by time, the scheduler lets the most urgent ones back into its own heap, one for each
 *               that can pass.
 * At rest       The timer runs only while a job waits for the rate.
 * @module
 */
import { setTimer, type Timer } from '../../memory/timer.ts';
import { JobHeap, type Queued } from './job-heap.ts';
import type { Rate } from './rate.ts';

/** What a gate tells its scheduler. */
export type OnOpen<J extends Queued> = (gate: Gate<J>) => void;

/** Lets jobs pass by number and by rate. */
export class Gate<J extends Queued> {
  readonly waiting = new JobHeap<J>();
  readonly #limit: number;
  readonly #rate: Rate | undefined;
  readonly #onOpen: OnOpen<J>;
  /** Jobs that are to pass it, or have. */
  #claims = 0;
  #inside = 0;
  #timer: Timer | undefined;

  constructor(limit: number, rate: Rate | undefined, onOpen: OnOpen<J>) {
    this.#limit = limit;
    this.#rate = rate;
    this.#onOpen = onOpen;
  }

  /** A job is to pass. */
  join(): void {
    this.#claims += 1;
  }

  /** A job is over. When it was the last, nobody waits any more, not even for the rate. */
  part(): void {
    this.#claims -= 1;
    if (this.#claims === 0) this.close();
  }

  /** Whether one more may pass now. */
  isOpen(now: number): boolean {
    return this.#inside < this.#limit && (this.#rate === undefined || this.#rate.readyAt <= now);
  }

  enter(now: number): void {
    this.#inside += 1;
    this.#rate?.take(now);
  }

  leave(): void {
    this.#inside -= 1;
    this.#onOpen(this);
  }

  /** Somebody waits: sees to it that `onOpen` is called when time alone opens the gate. */
  watch(now: number): void {
    if (this.#rate === undefined || this.#timer !== undefined || this.#inside >= this.#limit) return;
    this.#timer = setTimer(Math.max(1, Math.ceil(this.#rate.readyAt - now)), () => {
      this.#timer = undefined;
      this.#onOpen(this);
    });
  }

  /** Whether it can be forgotten. */
  isIdle(now: number): boolean {
    return this.#claims === 0 && this.#inside === 0 && (this.#rate?.isOver(now) ?? true);
  }

  /** Nobody waits any more. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
