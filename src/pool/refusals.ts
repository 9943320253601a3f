/**
 * Why a task is not even begun.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { CancelledError, InvalidOptionError, PoolClosedError } from '../errors/executor-errors.ts';

/** The pool has ended. */
export const closed = (): PoolClosedError =>
  new PoolClosedError('The pool is closed and takes no more tasks. Make a new one, or submit before close().');

/** There is nothing to run. */
export const notAFunction = (fn: unknown): InvalidOptionError =>
  new InvalidOptionError(`A task needs a function to run; this is ${fn === null ? 'null' : `of type ${typeof fn}`}.`);

/** A pool cannot be sent. */
export const staysHere = (): EncodeError =>
  new EncodeError(
    'a pool belongs to the thread that made it. Make one of its own in the task, or let the task return what is to be submitted.',
    { code: 'ERR_NOT_CLONEABLE' },
  );

const errors = new WeakSet<object>();

/** Notes that this is why a task's arguments could not be sent: nobody has begun it. */
export function unsent(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) errors.add(error);
  return error;
}

/** Whether it was noted of an error. */
export const wasUnsent = (error: unknown): boolean => typeof error === 'object' && error !== null && errors.has(error);

/** It was taken back from its worker. */
export const withdrawn = (): CancelledError => new CancelledError('The task was given up before it started.');
