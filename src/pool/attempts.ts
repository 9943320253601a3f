/**
 * Between the scheduler and the workers: each attempt at a job is a task like any other, in the table and at the dispatcher.
 *
 * How it works  The attempt stands in the table under the job's own future, and is told from the next one by its detail. What becomes of it
 *               goes to the scheduler instead of the future.
 * @module
 */
import type { Future } from '../futures/future.ts';
import { WATCHED } from '../workers/messages.ts';
import type { Dispatcher, Seat } from './dispatcher.ts';
import type { AnyFunction, Prepared } from './function-registry.ts';
import type { GivingUp } from './giving-up.ts';
import type { Intake } from './intake.ts';
import { LaneSeats } from './lane-seats.ts';
import type { Roster } from './roster.ts';
import type { Job } from './scheduling/job.ts';
import type { SchedulingRules } from './scheduling/plan.ts';
import { type Attempt, Scheduler, type Workshop } from './scheduling/scheduler.ts';
import type { Shipment } from './shipment.ts';
import { detailOf, type TaskTable } from './task-table.ts';

/** What it works with. */
export interface AttemptsOptions {
  readonly table: TaskTable;
  readonly intake: Intake;
  readonly roster: Roster;
  readonly dispatcher: Dispatcher;
  readonly givingUp: GivingUp;
  readonly tasksPerWorker: () => number;
  /** Why no task is taken any more; undefined: they are. */
  readonly refusal: () => unknown;
  /** Whether a worker has begun the task, or may have. */
  readonly isRunning: (future: Future<unknown>) => boolean;
  readonly onNoJobs: () => void;
  /** A task of a job that was submitted then is about to be placed. */
  readonly onLaunch: (id: number, since: number) => void;
}

/** Runs the attempts of one scheduler. */
export class Attempts implements Workshop {
  readonly scheduler: Scheduler;
  readonly #options: AttemptsOptions;
  readonly #laneSeats: LaneSeats;

  constructor(options: AttemptsOptions, rules: SchedulingRules) {
    this.#options = options;
    this.#laneSeats = new LaneSeats(options.roster);
    this.scheduler = new Scheduler(this, rules);
  }

  get room(): number {
    const { roster, tasksPerWorker, table } = this.#options;
    return roster.limit * tasksPerWorker() - table.size + this.scheduler.sticking;
  }

  get limit(): number {
    return this.#options.roster.limit;
  }

  get tasksPerWorker(): number {
    return this.#options.tasksPerWorker();
  }

  get staffed(): boolean {
    return !this.#options.roster.waits;
  }

  refusal(): unknown {
    return this.#options.refusal();
  }

  keep(fn: AnyFunction | Prepared, kind: number, args: readonly unknown[]): Shipment | Promise<Shipment> {
    return this.#options.intake.keep(fn, kind, args);
  }

  launch(job: Job, attempt: Attempt): void {
    const { table, intake } = this.#options;
    const { future, lane } = job;
    const shipment = job.shipment as Shipment;
    const kind = attempt.watched ? shipment.kind | WATCHED : shipment.kind;
    const id = table.add(future);
    table.setDetail(id, detailOf(attempt));
    this.#options.onLaunch(id, job.since);
    const seat = lane === undefined ? undefined : this.#laneSeats.seatOf(lane);
    intake.launch(future, id, shipment, kind, attempt, seat);
  }

  release(job: Job, error: unknown): void {
    this.#options.givingUp.release(job.future, error);
  }

  isRunning(future: Future<unknown>): boolean {
    return this.#options.isRunning(future);
  }

  onNoJobs(): void {
    this.#options.onNoJobs();
  }

  /** A worker is gone: what was meant for it alone, and had not begun, goes to another one. */
  leave(seat: Seat, unbegun: readonly number[], drop: (id: number) => void): void {
    this.#laneSeats.leave(seat);
    for (const id of unbegun) {
      const detail = this.#options.table.detail(id);
      drop(id);
      if (detail?.job !== undefined && detail.stale !== true) this.scheduler.onUnbegun(detail.job);
    }
  }
}
