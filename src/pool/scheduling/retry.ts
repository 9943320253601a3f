/**
 * Whether a failed task is tried again.
 *
 * How it works  What cannot turn out otherwise is not tried again: a value that cannot be sent, arguments that were moved to the first worker,
 *               a task that was given up. A task that has killed several workers gets no more of them, whatever it was granted.
 * @module
 */
import { EncodeError } from '../../errors/encode-error.ts';
import { CancelledError, QuarantinedError, WorkerDiedError, WorkerStartError } from '../../errors/executor-errors.ts';
import type { Job } from './job.ts';

/** What becomes of a job whose attempt failed: the error to end with, or undefined when it is to be tried again. */
export function verdict(job: Job, error: unknown, quarantine: number): { readonly error: unknown } | undefined {
  const { plan, attempts } = job;
  if (error instanceof WorkerDiedError) {
    job.deaths ??= [];
    job.deaths.push(error);
    if (job.deaths.length >= quarantine && plan.retries > 0) return { error: quarantined(job.deaths) };
  }
  if (attempts > plan.retries || job.shipment?.moved === true || isFinal(error)) return { error };
  try {
    if (plan.retryIf !== undefined && !plan.retryIf(error, attempts)) return { error };
  } catch (thrown) {
    return { error: thrown };
  }
  return undefined;
}

const isFinal = (error: unknown): boolean =>
  error instanceof EncodeError || error instanceof CancelledError || error instanceof WorkerStartError;

function quarantined(deaths: readonly WorkerDiedError[]): QuarantinedError {
  const last = deaths.at(-1) as WorkerDiedError;
  return new QuarantinedError(
    `${last.task ?? 'The task'}(${last.args ?? ''}) has ended ${deaths.length} workers and is not tried again: ` +
      `${deaths.map(({ worker, signal, exitCode }) => `${worker} by ${signal ?? `exit code ${exitCode}`}`).join(', ')}. ` +
      'The errors of all of them are in `deaths`. Run it in a Process of its own to look into it, or raise the pool’s `quarantine`.',
    { deaths },
  );
}
