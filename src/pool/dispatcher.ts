/**
 * How tasks reach workers and answers come back: one interface, one way for workers that share memory and one for those that
 * do not. The pool chooses by that property and never learns which kind of worker it has.
 * @module
 */
import type { HeldTask } from '../workers/held-tasks.ts';
import type { SharedSetup } from '../workers/messages.ts';
import type { WorkerHandle } from '../workers/worker-backend.ts';

/** A worker's place in a pool. */
export interface Seat {
  /** Its number, below the pool's largest size; free again once the worker has left. */
  readonly number: number;
  /** What the worker has to share, if anything. */
  readonly shared: SharedSetup | undefined;
  /** Set as soon as the worker has been started. */
  worker: WorkerHandle | undefined;
  /** Whether it has said that it is ready. */
  ready: boolean;
  /** Takes no more tasks; leaves when it has none. */
  retiring: boolean;
  /** Is killed as soon as nobody waits for what it has: it did not stop when it was asked to. */
  doomed: boolean;
  /** Bytes that the worker used when it last said so. */
  memory: number | undefined;
  /** Milliseconds that its `init` took, where that is measured. */
  prepared?: number;
}

/** Takes a report; with the status `FAILED`, why one could not be read. */
export type Reporter = (status: number, extra: number, value: unknown) => void;

/** What a dispatcher asks of its owner. */
export interface DispatchOwner {
  /** Tasks that have been put and not answered. */
  readonly outstanding: number;
  /** An answer has arrived. */
  onAnswer(id: number, status: number, extra: number, value: unknown, seat: Seat): void;
  /** Takes what a task says before it has ended, if anybody listens. */
  reporter(id: number, seat: Seat): Reporter | undefined;
  /** Whether somebody still waits for a task. */
  isWanted(id: number): boolean;
  /**
   * Sends a task whose payload is not compact to the worker that is to do it. False when nobody wants it any more, or it cannot be sent,
   * which whoever waits for it has been told by then; the worker has not.
   */
  sendPayload(id: number, seat: Seat): boolean;
  /** A doomed worker has let go of a task. */
  onLetGo(seat: Seat): void;
  /** A task that nobody wants any more has been dropped before a worker got it. */
  onDropped(id: number): void;
  /** Nothing is outstanding, and has not been for a turn of the event loop. */
  onIdle(): void;
}

/** What a worker had when it left. */
export interface Leftovers {
  /** Tasks that it had begun, or may have. */
  readonly held: HeldTask[];
  /** Numbers of the tasks that were meant for it alone and that it had not begun. */
  readonly unbegun: number[];
}

/** Feeds the workers of one pool. */
export interface Dispatcher {
  /** Gives a place to a worker about to be started. */
  seat(): Seat;
  /** The worker is ready for tasks. */
  onReady(seat: Seat): void;
  /** Takes in a batch of answers, or a wake-up call. */
  onBatch(seat: Seat, bytes: Uint8Array | undefined): void;
  /** Takes in what the worker has said before the message that has just come from it. */
  catchUp(seat: Seat): void;
  /** A task of this seat has been answered by a message of its own. */
  onAnswered(seat: Seat, id: number, status: number): void;
  /** Takes a task, to be given to a worker as soon as there is room; false when its values have no compact form. */
  put(id: number, fn: number, kind: number, values: readonly unknown[]): boolean;
  /** Takes a task whose values were written before. */
  putBytes(id: number, fn: number, kind: number, bytes: Uint8Array): void;
  /** Takes a task for one worker, which does it before those that any worker may do. */
  give(seat: Seat, id: number, fn: number, kind: number, bytes: Uint8Array): void;
  /** Takes a task back that lies where workers pull from, or waits for one that is not ready; false when it waits further back, or a worker has it. */
  withdraw(id: number): boolean;
  /** The worker that has a task, if one has. */
  holder(id: number): Seat | undefined;
  /** Numbers of the tasks that a worker has and may have begun. */
  held(seat: Seat): number[];
  /** Numbers of the tasks that were sent to a worker and that it has not begun. */
  ahead(seat: Seat): number[];
  /** Has a worker begin nothing more, whatever it does now: what `held` says from then on does not grow. */
  bar(seat: Seat): void;
  /** The worker is gone: takes its last answers in and returns the tasks that it had. */
  leave(seat: Seat): Leftovers;
  /** Gives what waits to workers that have become ready or free. */
  feed(): void;
}
