/**
 * `Process`: a function in a process of its own.
 * @module
 */
import { constants } from 'node:os';
import { Activity, type ActivityOptions, type Target } from '../workers/activity.ts';
import type { WorkerBackend } from '../workers/worker-backend.ts';
import { processBackend } from './process-backend.ts';

/** Options of a process. */
export type ProcessOptions = ActivityOptions;

/**
 * A function in a process of its own: parallel, with its own memory, and able to die alone.
 *
 * **Python** `multiprocessing.Process`; `join` also returns the result.
 *
 * @example
 * const child = new Process((name) => `${name} in process ${process.pid}`, ['hello']);
 * child.start();
 * console.log(await child.join());
 */
export class Process<T = unknown, A extends readonly unknown[] = readonly unknown[]> extends Activity<T> {
  constructor(target?: Target<A, T>, args?: A, options?: ProcessOptions) {
    super(target, args, options);
  }

  protected override backend(): WorkerBackend {
    return processBackend;
  }

  override start(): void {
    super.start();
    children.add(this);
    this.exited.addEventListener('abort', () => children.delete(this), { once: true });
  }

  /** Process id, once started. **Python** `pid`, `ident`. */
  get pid(): number | undefined {
    return this.task?.handle.pid;
  }

  /** Exit code; -15 when SIGTERM ended it (-N for signal N), as in Python; null while it runs. */
  get exitCode(): number | null {
    const { exit } = this;
    if (exit === undefined) return null;
    return exit.signal === null ? exit.exitCode : -constants.signals[exit.signal];
  }

  /** The signal that ended it, or null. */
  get signalCode(): NodeJS.Signals | null {
    return this.exit?.signal ?? null;
  }
}

const children = new Set<Process>();

/**
 * The processes that this thread has started and that live, in the order in which they were started; without those of pools.
 *
 * **Python** `multiprocessing.active_children`, which also joins those that have ended; here they are never zombies.
 */
export const activeChildren = (): Process[] => [...children];
