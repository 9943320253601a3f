/**
 * Workers are told that tasks are given up.
 *
 * How it works  A notice goes by message. Where memory is shared, tasks and answers go another way, so that by the time that it is heard its
 *               task may have been answered, and a next one begun: its number is kept from all others until the worker has heard it, or is gone.
 * Invariants    A notice never meets a stranger.
 * @module
 */
import { errorToData } from '../errors/error-data.ts';
import type { Seat } from './dispatcher.ts';
import type { TaskTable } from './task-table.ts';

/** Notices to all workers of a crew. */
export class Notices {
  readonly #table: TaskTable;
  /** Numbers of the tasks of whose end a worker has not heard yet. */
  readonly #unheard = new Map<Seat, Set<number>>();

  constructor(table: TaskTable) {
    this.#table = table;
  }

  /** Tells a worker that a task which it has is given up; once, until it has heard it. */
  tell(seat: Seat, id: number, reason: unknown): void {
    if (seat.shared !== undefined) {
      const unheard = this.#unheard.get(seat) ?? new Set<number>();
      if (unheard.has(id)) return;
      this.#unheard.set(seat, unheard.add(id));
      this.#table.keep(id);
    }
    seat.worker?.post({ type: 'abort', id, reason: errorToData(reason) });
  }

  /** A worker has heard it. */
  onHeard(seat: Seat, id: number): void {
    if (this.#unheard.get(seat)?.delete(id) === true) this.#table.letGo(id);
  }

  /** A worker is gone. */
  leave(seat: Seat): void {
    for (const id of this.#unheard.get(seat) ?? []) this.#table.letGo(id);
    this.#unheard.delete(seat);
  }
}
