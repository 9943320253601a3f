/**
 * A job: a task that the scheduler keeps, through all its attempts.
 * @module
 */
import type { WorkerDiedError } from '../../errors/executor-errors.ts';
import type { Future } from '../../futures/future.ts';
import type { Timer } from '../../memory/timer.ts';
import type { Shipment } from '../shipment.ts';
import type { Gate } from './gate.ts';
import type { Queued } from './job-heap.ts';
import type { TaskPlan } from './plan.ts';

/**
 * `preparing`: its function's module is being asked what it exports · `waiting` for a worker or a gate · `out`: an attempt is on its way ·
 * `resting` before the next attempt · `over`.
 */
export type JobState = 'preparing' | 'waiting' | 'out' | 'resting' | 'over';

/** A task and what has become of it so far. */
export interface Job extends Queued {
  readonly future: Future<unknown>;
  readonly plan: TaskPlan;
  /** When it was submitted. */
  readonly since: number;
  readonly gates: readonly Gate<Job>[];
  /** The lane that it keeps to, whose worker is to do it. */
  readonly lane: number | undefined;
  readonly timed: boolean;
  state: JobState;
  /** Its function and arguments, as they were when it was submitted. */
  shipment: Shipment | undefined;
  /** Attempts made, the one under way included. */
  attempts: number;
  /** Whether no worker has the attempt any more. */
  left: boolean;
  /** How the attempt ended; it is over when the worker is done with it as well. */
  failure: { readonly error: unknown } | undefined;
  /** Workers that died of it. */
  deaths: WorkerDiedError[] | undefined;
  /** Ends the rest before the next attempt. */
  rest: Timer | undefined;
  /** Deadline, longest wait: taken back when the job is over. */
  timers: Timer[] | undefined;
  forgetSignal: (() => void) | undefined;
}
