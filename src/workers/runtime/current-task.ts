/**
 * What a running task can know of itself: its signal.
 *
 * How it works  Only a task that can be cancelled or timed out has a context; it is carried through the task's awaits by
 *               `AsyncLocalStorage`, which is created with the first such task, so that others pay nothing.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

let storage: AsyncLocalStorage<TaskContext> | undefined;

/** One task in flight. */
export class TaskContext {
  readonly id: number;
  readonly #controller = new AbortController();

  constructor(id: number) {
    this.id = id;
  }

  /** Aborted when the task is cancelled or runs out of time. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}

/** Calls `run` as the given task. */
export function runWatched<T>(context: TaskContext, run: () => T): T {
  storage ??= new AsyncLocalStorage();
  return storage.run(context, run);
}

const neverAborted = new AbortController().signal;

/**
 * The signal of the task that this code runs in: aborted when its caller gives it up or its `timeout` has passed.
 *
 * A task submitted without `signal` and `timeout`, and code outside a task, get a signal that never fires.
 *
 * **Python** has no counterpart; a running `Future` cannot be cancelled there.
 *
 * @example
 * const fetchPage = async (url: string) => (await fetch(url, { signal: taskSignal() })).text();
 * await pool.with({ timeout: 2000 }).submit(fetchPage, 'http://localhost:8080/');
 */
export function taskSignal(): AbortSignal {
  return storage?.getStore()?.signal ?? neverAborted;
}
