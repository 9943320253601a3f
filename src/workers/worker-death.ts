/**
 * The error of a task whose worker ended: one wording for pools, threads and processes.
 * @module
 */
import { WorkerDiedError } from '../errors/executor-errors.ts';
import type { WorkerExit, WorkerHandle } from './worker-backend.ts';

/** How a worker ended, in words. */
export function howItEnded(exit: WorkerExit): string {
  if (exit.outOfMemory) return 'ran out of memory';
  return exit.signal === null ? `ended with exit code ${exit.exitCode}` : `was ended by ${exit.signal}`;
}

/** What is known of a task whose worker ended. */
export interface LostTask {
  /** Name of its function. */
  readonly task: string;
  /** In short. */
  readonly args: string;
  /** From 1. */
  readonly attempt?: number | undefined;
  /** Bytes that its worker used when it last said so. */
  readonly memory?: number | undefined;
}

/** The error of a task that was running when its worker ended. @param consequence a sentence for the end of the message */
export function workerDied(
  handle: WorkerHandle | undefined,
  exit: WorkerExit,
  lost: LostTask,
  consequence: string,
): WorkerDiedError {
  const worker = handle?.label ?? 'worker';
  const { task, args, attempt = 1 } = lost;
  const { exitCode, signal, stderr = '' } = exit;
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  return new WorkerDiedError(
    `The ${worker} ${howItEnded(exit)} while it was running ${task}(${args})${again}.${consequence}`,
    { worker, pid: handle?.pid, threadId: handle?.threadId, exitCode, signal, ...lost, attempt, stderr },
    {
      ...(exit.outOfMemory ? { code: 'ERR_OUT_OF_MEMORY' } : {}),
      ...(exit.error === undefined ? {} : { cause: exit.error }),
    },
  );
}
