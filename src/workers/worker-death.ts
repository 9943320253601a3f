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

/** The error of a task that was running when its worker ended. */
export function workerDied(
  handle: WorkerHandle | undefined,
  exit: WorkerExit,
  task: string,
  args: string,
  consequence: string,
): WorkerDiedError {
  const worker = handle?.label ?? 'worker';
  return new WorkerDiedError(
    `The ${worker} ${howItEnded(exit)} while it was running ${task}(${args}).${consequence}`,
    {
      worker,
      pid: handle?.pid,
      threadId: handle?.threadId,
      exitCode: exit.exitCode,
      signal: exit.signal,
      task,
      args,
    },
    {
      ...(exit.outOfMemory ? { code: 'ERR_OUT_OF_MEMORY' } : {}),
      ...(exit.error === undefined ? {} : { cause: exit.error }),
    },
  );
}
