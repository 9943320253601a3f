/**
 * The error of a pool that can do nothing more.
 * @module
 */
import { WorkerStartError } from '../errors/executor-errors.ts';
import { howItEnded } from '../workers/worker-death.ts';
import type { Hopeless } from './roster.ts';

/** Says why a pool of workers of this kind has given up. */
export function hopeless({ reason, exit, error }: Hopeless, kind: string): WorkerStartError {
  switch (reason) {
    case 'init':
      return new WorkerStartError(
        'The init function of the pool has failed in a worker, so there is nobody for its tasks. The cause is attached.',
        { cause: error },
      );
    case 'restarts':
      return new WorkerStartError(
        `More workers have died than the pool's maxRestarts allows; the last one ${howItEnded(exit)}. The pool has given up.`,
        { cause: exit.error },
      );
    default:
      return new WorkerStartError(
        `No ${kind} worker could be started: the last of three in a row ${howItEnded(exit)} before it was ready. ` +
          'The pool has given up; the cause is attached. Check execArgv, NODE_OPTIONS and the modules they load.',
        { cause: exit.error },
      );
  }
}
