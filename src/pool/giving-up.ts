/**
 * Tasks that are given up: by their caller, by a signal, by time.
 *
 * How it works  The future is settled at once. A task that no worker has is taken back; one that a worker has is told by its signal, and when
 *               it goes on beyond the grace its worker is doomed: it gets no more tasks, and is killed as soon as nobody waits for anything
 *               that it has.
 * Invariants    Giving up one task ends no other one.
 * @module
 */
import { errorToData } from '../errors/error-data.ts';
import { CancelledError, TimeoutError } from '../errors/executor-errors.ts';
import { type Future, rejectFuture, taskOf } from '../futures/future.ts';
import { setTimer } from '../memory/timer.ts';
import type { Dispatcher, DispatchOwner, Seat } from './dispatcher.ts';
import type { Roster } from './roster.ts';
import type { TaskDetail, TaskTable } from './task-table.ts';

/** What it works with. */
export interface GivingUpOptions {
  readonly table: TaskTable;
  readonly dispatcher: Dispatcher;
  readonly roster: Roster;
  /** Milliseconds between a task's being given up and the end of a worker that goes on with it. */
  readonly grace: number;
  /** A worker has been doomed: another one may be needed. */
  readonly onDoomed: () => void;
}

/** Gives tasks up. */
export class GivingUp {
  readonly #options: GivingUpOptions;
  readonly #owner: DispatchOwner;

  constructor(owner: DispatchOwner, options: GivingUpOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  /** Gives a task up, wherever it is. */
  giveUp(future: Future<unknown>, reason: unknown): boolean {
    const { table, dispatcher, grace } = this.#options;
    const id = taskOf(future);
    if (future.done || table.get(id) !== future) return false;
    const error = reason ?? new CancelledError('The task was cancelled.');
    rejectFuture(future, error, true);
    if (dispatcher.withdraw(id)) {
      this.#owner.onDropped(id);
      return true;
    }
    const seat = dispatcher.holder(id);
    if (seat !== undefined) {
      seat.worker?.post({ type: 'abort', id, reason: errorToData(error) });
      // Not referenced: as long as the task is out, its worker keeps the program alive.
      setTimeout(() => this.#graceIsOver(future, id, seat), grace).unref();
    }
    return true;
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
    detail.timer = setTimer(timeout, () => {
      this.giveUp(future, new TimeoutError(`The task ran for more than its timeout of ${timeout} ms.`));
    });
  }

  /** A worker that still runs a task that was given up is replaced. */
  #graceIsOver(future: Future<unknown>, id: number, seat: Seat): void {
    const { table, dispatcher, roster, onDoomed } = this.#options;
    if (table.get(id) !== future || dispatcher.holder(id) !== seat) return;
    seat.doomed = true;
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
