/**
 * Tasks that are given up: by their caller, by a signal, by time.
 *
 * How it works  The future is settled at once. A task that no worker has is taken back; one that a worker has is told by its signal, and when
 *               it goes on beyond the grace its worker is doomed: it gets no more tasks, and is killed as soon as nobody waits for anything
 *               that it has.
 * Invariants    Giving up one task ends no other one.
 * @module
 */
import { CancelledError, TimeoutError } from '../errors/executor-errors.ts';
import { LONGEST } from '../memory/timer.ts';
import { type Future, taskOf } from '../futures/future.ts';
import type { Dispatcher, DispatchOwner, Seat } from './dispatcher.ts';
import type { Notices } from './notices.ts';
import type { Roster } from './roster.ts';
import type { TaskDetail, TaskTable } from './task-table.ts';
import { TimeLimits } from './time-limits.ts';

/** What it works with. */
export interface GivingUpOptions {
  readonly table: TaskTable;
  readonly dispatcher: Dispatcher;
  readonly roster: Roster;
  readonly notices: Notices;
  /** Milliseconds between a task's being given up and the end of a worker that goes on with it. */
  readonly grace: number;
  /** Settles what was given up. */
  readonly settle: (future: Future<unknown>, detail: TaskDetail | undefined, error: unknown) => void;
  /** A worker has been doomed: another one may be needed. */
  readonly onDoomed: () => void;
}

/** Gives tasks up. */
export class GivingUp {
  readonly #options: GivingUpOptions;
  readonly #owner: DispatchOwner;
  readonly #limits = new TimeLimits();

  constructor(owner: DispatchOwner, options: GivingUpOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  /** Gives a task up, wherever it is; of a job, the attempt that is under way. */
  giveUp(future: Future<unknown>, reason: unknown): boolean {
    const { table, settle } = this.#options;
    const id = taskOf(future);
    if (future.done || table.get(id) !== future) return false;
    const detail = table.detail(id);
    if (detail?.stale === true) return false;
    const error = reason ?? new CancelledError('The task was cancelled.');
    settle(future, detail, error);
    this.#release(id, future, detail, error);
    return true;
  }

  /** Gives up the tasks that no worker has begun. */
  giveUpWaiting(reason: unknown): void {
    const { table, dispatcher, roster } = this.#options;
    const begun = new Set<number>();
    for (const seat of roster.seats) for (const id of dispatcher.held(seat)) begun.add(id);
    for (const id of table.ids()) {
      const future = table.get(id);
      if (future !== undefined && !begun.has(id)) this.giveUp(future, reason);
    }
  }

  /** Tells the tasks of a worker that they are given up; false when not all of them can hear of it. */
  tellAll(seat: Seat, reason: unknown): boolean {
    const { table, dispatcher, notices } = this.#options;
    const ids = dispatcher.held(seat);
    if (!seat.ready || !ids.every((id) => table.detail(id)?.watched === true)) return false;
    // First what waits there: it would be begun as soon as what runs has heard of it.
    for (const id of [...dispatcher.ahead(seat), ...ids]) notices.tell(seat, id, reason);
    return true;
  }

  /** Nobody waits any more for the attempt that is under way. */
  release(future: Future<unknown>, error: unknown): void {
    const { table } = this.#options;
    const id = taskOf(future);
    const detail = table.get(id) === future ? table.detail(id) : undefined;
    if (detail === undefined || detail.stale === true) return;
    this.#release(id, future, detail, error);
  }

  #release(id: number, future: Future<unknown>, detail: TaskDetail | undefined, error: unknown): void {
    const { dispatcher, notices, grace } = this.#options;
    if (detail?.job !== undefined) detail.stale = true;
    if (dispatcher.withdraw(id)) {
      this.#owner.onDropped(id);
      return;
    }
    const seat = dispatcher.holder(id);
    if (seat === undefined) return;
    notices.tell(seat, id, error);
    if (grace === Infinity) return;
    // What has come by then is heard before. The timer is not referenced: as long as the task is out, its worker keeps the program alive.
    const check = (): void => this.#graceIsOver(future, id, detail, seat);
    setTimeout(() => setImmediate(check), Math.min(grace, LONGEST)).unref();
  }

  /** Gives a task up when its signal is aborted. */
  bySignal(future: Future<unknown>, detail: TaskDetail, signal: AbortSignal): void {
    const onAbort = (): void => void this.giveUp(future, signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    detail.forgetSignal = () => signal.removeEventListener('abort', onAbort);
  }

  /** The task has been started: gives it up when its time is over. */
  byTime(future: Future<unknown>, detail: TaskDetail): void {
    const { timeout } = detail;
    if (timeout === undefined || future.done) return;
    detail.limit = this.#limits.add(timeout, () => {
      this.giveUp(future, new TimeoutError(`The task ran for more than its timeout of ${timeout} ms.`));
    });
  }

  /** A worker that still runs a task that was given up is replaced. */
  #graceIsOver(future: Future<unknown>, id: number, detail: TaskDetail | undefined, seat: Seat): void {
    const { table, dispatcher, roster, onDoomed } = this.#options;
    // A job's next attempt has the same future, and may have the same number.
    if (table.get(id) !== future || table.detail(id) !== detail || dispatcher.holder(id) !== seat) return;
    seat.doomed = true;
    dispatcher.bar(seat);
    roster.retire(seat);
    this.finish(seat);
    onDoomed();
  }

  /** Ends a doomed worker once only tasks that nobody wants are left on it. */
  finish(seat: Seat): void {
    if (this.#options.dispatcher.held(seat).some((id) => this.#owner.isWanted(id))) return;
    void seat.worker?.kill();
  }
}
