/**
 * Signals for a thread, which has none of its own: they go by message, and the one that cannot be heard ends it.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { WorkerHandle } from '../workers/worker-backend.ts';

/**
 * Sends a signal to a thread; false when there is nobody left to hear it.
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION` for SIGSTOP
 */
export function sendToThread(thread: WorkerHandle, signal: NodeJS.Signals): boolean {
  if (thread.state === 'gone') return false;
  if (signal === 'SIGSTOP')
    throw new InvalidOptionError('A thread cannot be stopped and continued, so not sent SIGSTOP.');
  if (signal === 'SIGKILL') void thread.kill();
  else thread.post({ type: 'signal', name: signal });
  return true;
}
