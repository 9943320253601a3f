/**
 * What can go wrong around a task, as opposed to in it.
 * @module
 */
import { ManyhandsError, type ManyhandsErrorOptions, nameError } from './manyhands-error.ts';

/**
 * A pool, thread or process can no longer do its work.
 *
 * **Python** `concurrent.futures.BrokenExecutor`; there the whole executor is broken, here only what the message names.
 */
export class BrokenExecutor extends ManyhandsError {
  static {
    nameError(this, 'BrokenExecutor');
  }
}

/** What a `WorkerDiedError` knows. */
export interface WorkerDeath {
  /** `thread 3` or `process 4711`. */
  readonly worker: string;
  /** Process id, when the worker was a process. */
  readonly pid?: number | undefined;
  /** Thread id, when the worker was a thread. */
  readonly threadId?: number | undefined;
  /** Exit code, or null when a signal ended it. */
  readonly exitCode: number | null;
  /** Signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null;
  /** Name of the task's function, when a task was held. */
  readonly task?: string | undefined;
  /** Its arguments, in short. */
  readonly args?: string | undefined;
  /** Number of the attempt at it, from 1. */
  readonly attempt?: number | undefined;
  /**
   * Bytes that the worker used when it last said so, which it does when it turns to its tasks, once a second at most: of a thread what its heap
   * holds and what hangs on that, of a process its real memory.
   */
  readonly memory?: number | undefined;
  /** The last lines that the worker wrote to its standard error. */
  readonly stderr?: string | undefined;
}

/**
 * The worker that ran this task is gone. `ERR_WORKER_DIED`, or `ERR_OUT_OF_MEMORY` when its heap was full.
 *
 * **Python** `concurrent.futures.process.BrokenProcessPool`, which breaks the pool; here the other tasks go on.
 */
export class WorkerDiedError extends BrokenExecutor implements WorkerDeath {
  static {
    nameError(this, 'WorkerDiedError');
  }
  readonly worker: string;
  readonly pid: number | undefined;
  readonly threadId: number | undefined;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly task: string | undefined;
  readonly args: string | undefined;
  readonly attempt: number | undefined;
  readonly memory: number | undefined;
  readonly stderr: string | undefined;

  constructor(message: string, death: WorkerDeath, options: ManyhandsErrorOptions = {}) {
    super(message, { code: 'ERR_WORKER_DIED', ...options });
    this.worker = death.worker;
    this.pid = death.pid;
    this.threadId = death.threadId;
    this.exitCode = death.exitCode;
    this.signal = death.signal;
    this.task = death.task;
    this.args = death.args;
    this.attempt = death.attempt;
    this.memory = death.memory;
    this.stderr = death.stderr;
  }
}

/**
 * A task has ended so many workers that it is not tried again. `ERR_TASK_QUARANTINED`.
 *
 * **Python** has no counterpart; its pool is broken by the first.
 */
export class QuarantinedError extends BrokenExecutor {
  static {
    nameError(this, 'QuarantinedError');
  }
  /** How each of the workers ended, the first one first. */
  readonly deaths: readonly WorkerDiedError[];

  constructor(message: string, { deaths = [] }: { readonly deaths?: readonly WorkerDiedError[] } = {}) {
    super(message, { code: 'ERR_TASK_QUARANTINED', cause: deaths.at(-1) });
    this.deaths = deaths;
  }
}

/** A worker could not be started; `cause` says why. `ERR_WORKER_START`. */
export class WorkerStartError extends BrokenExecutor {
  static {
    nameError(this, 'WorkerStartError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_WORKER_START', ...options });
  }
}

/**
 * The task took longer than its `timeout`, counted from when it started. `ERR_TIMEOUT`.
 *
 * **Python** `TimeoutError`.
 */
export class TimeoutError extends ManyhandsError {
  static {
    nameError(this, 'TimeoutError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_TIMEOUT', ...options });
  }
}

/**
 * The task was given up before it had an answer. `ERR_CANCELLED`.
 *
 * **Python** `concurrent.futures.CancelledError`.
 */
export class CancelledError extends ManyhandsError {
  static {
    nameError(this, 'CancelledError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_CANCELLED', ...options });
  }
}

/**
 * The pool takes no more tasks. `ERR_POOL_CLOSED`.
 *
 * **Python** `RuntimeError: cannot schedule new futures after shutdown`.
 */
export class PoolClosedError extends ManyhandsError {
  static {
    nameError(this, 'PoolClosedError');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_POOL_CLOSED' });
  }
}

/**
 * The pool's backlog has no room for the task. `ERR_POOL_FULL`.
 *
 * **Python** `queue.Full` comes closest; the backlogs of its executors have no bound.
 */
export class PoolFullError extends ManyhandsError {
  static {
    nameError(this, 'PoolFullError');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_POOL_FULL' });
  }
}

/**
 * The object is in the wrong state for this call, for example started twice. `ERR_INVALID_STATE`.
 *
 * **Python** `concurrent.futures.InvalidStateError`, or the `RuntimeError` and `AssertionError` of `threading`.
 */
export class InvalidStateError extends ManyhandsError {
  static {
    nameError(this, 'InvalidStateError');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_INVALID_STATE' });
  }
}

/** An option or argument has a value that cannot be used. `ERR_INVALID_OPTION`. */
export class InvalidOptionError extends ManyhandsError {
  static {
    nameError(this, 'InvalidOptionError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_INVALID_OPTION', ...options });
  }
}
