/**
 * The tasks that a pool has not had an answer for, by number.
 *
 * How it works  A number is an index into an array, taken from a list of free ones, so putting and finding a task costs no
 *               hashing and a million of them costs a million pointers. A task that was given up keeps its number until
 *               its answer comes or its worker is gone: an answer can never meet a stranger. Nor can what a worker has yet to hear of
 *               one: until then its number is kept.
 * @module
 */
import { type Future, numberFuture } from '../futures/future.ts';
import type { Packet } from '../closures/packet.ts';
import { STREAM, WATCHED } from '../workers/messages.ts';
import type { Transferable } from '../workers/worker-backend.ts';
import type { Job } from './scheduling/job.ts';
import type { StreamSink } from './stream.ts';
import type { TimeLimit } from './time-limits.ts';

/** What is known of a task beyond its future; most tasks have none. */
export interface TaskDetail {
  /** The worker tells when it starts, and it hears when it is given up. */
  watched?: true;
  /** Milliseconds that it may run. */
  timeout?: number;
  /** Runs from when the task starts. */
  limit?: TimeLimit;
  /** Takes the listener off the caller's signal. */
  forgetSignal?: () => void;
  /** What it is sent with, when it is not compact. */
  payload?: Payload;
  /** Resolve with the chunk's time as well. */
  timed?: boolean;
  /** The function's name, where the worker's notes do not tell. */
  name?: string;
  /** The job of which this is an attempt: what becomes of it is told to its scheduler, and its future is not touched. */
  job?: Job;
  /** The attempt was given up: nobody waits for it, whatever becomes of its job. */
  stale?: true;
  onProgress?: (value: unknown) => unknown;
  /** Number of the last report on its progress. */
  progressed?: number;
  stream?: StreamSink;
}

/** What may be asked of a task. */
export interface TaskWishes {
  readonly timeout?: number | undefined;
  /** Answer with `[value, microseconds]`. */
  readonly timed?: boolean | undefined;
  readonly job?: Job | undefined;
  readonly onProgress?: ((value: unknown) => unknown) | undefined;
  readonly stream?: StreamSink | undefined;
  /** The task is to be told when it is given up, though it has no signal of its own: a map hears for all its tasks. */
  readonly watched?: boolean | undefined;
}

/** The same, with what gives it up. */
export interface TaskOrder extends TaskWishes {
  readonly signal?: AbortSignal | undefined;
}

/** Whether the worker is to say when the task starts, and to tell it when it is given up. */
export const isWatched = ({ signal, timeout, onProgress, stream, watched }: TaskOrder): boolean =>
  signal !== undefined || timeout !== undefined || onProgress !== undefined || stream !== undefined || watched === true;

/** The kind of a task of which that is asked. */
export const kindOf = (kind: number, order: TaskOrder | undefined): number =>
  order === undefined ? kind : kind | (isWatched(order) ? WATCHED : 0) | (order.stream === undefined ? 0 : STREAM);

/** What is to be known of a task of which that is asked. */
export function detailOf(wishes: TaskWishes): TaskDetail {
  const { timeout, timed, job, onProgress, stream } = wishes;
  const detail: TaskDetail = {};
  if (isWatched(wishes)) detail.watched = true;
  if (timed === true) detail.timed = true;
  if (timeout !== undefined) detail.timeout = timeout;
  if (job !== undefined) detail.job = job;
  if (onProgress !== undefined) detail.onProgress = onProgress;
  if (stream !== undefined) detail.stream = stream;
  return detail;
}

/** A task in packets: with the number of its function, or with the function. */
export interface Payload {
  readonly fn: number;
  readonly kind: number;
  readonly callee?: Packet;
  readonly args: Packet;
  readonly transfer: readonly Transferable[];
  /** Number of the attempt, when it is not the first. */
  readonly attempt?: number;
}

/** Futures by number. */
export class TaskTable {
  #futures: (Future<unknown> | undefined)[] = [];
  #free: number[] = [];
  readonly #details = new Map<number, TaskDetail>();
  /** Numbers that are kept, and whether their tasks have been taken out. */
  readonly #kept = new Map<number, boolean>();
  #size = 0;

  /** Tasks without an answer. */
  get size(): number {
    return this.#size;
  }

  /** Gives a future a number. */
  add(future: Future<unknown>): number {
    const id = this.#free.pop() ?? this.#futures.length;
    this.#futures[id] = future;
    this.#size += 1;
    numberFuture(future, id);
    return id;
  }

  get(id: number): Future<unknown> | undefined {
    return this.#futures[id];
  }

  /** Takes a task out; its number is free again, unless it is kept. */
  remove(id: number): void {
    this.#futures[id] = undefined;
    this.#size -= 1;
    if (this.#details.size > 0) this.#forgetDetail(id);
    if (this.#kept.size > 0) {
      if (this.#kept.has(id)) this.#kept.set(id, true);
      else this.#free.push(id);
    } else if (this.#size === 0 && this.#futures.length > 8192) {
      this.#futures = [];
      this.#free = [];
    } else {
      this.#free.push(id);
    }
  }

  /** The number is not given to another task before it has been let go. */
  keep(id: number): void {
    this.#kept.set(id, false);
  }

  letGo(id: number): void {
    if (this.#kept.get(id) === true) this.#free.push(id);
    this.#kept.delete(id);
  }

  setDetail(id: number, detail: TaskDetail): void {
    this.#details.set(id, detail);
  }

  detail(id: number): TaskDetail | undefined {
    return this.#details.size === 0 ? undefined : this.#details.get(id);
  }

  /** The numbers in use. */
  *ids(): Iterable<number> {
    for (let id = 0; id < this.#futures.length; id++) if (this.#futures[id] !== undefined) yield id;
  }

  #forgetDetail(id: number): void {
    const detail = this.#details.get(id);
    if (detail === undefined) return;
    this.#details.delete(id);
    detail.limit?.cancel();
    detail.forgetSignal?.();
  }
}
