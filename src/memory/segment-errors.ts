/**
 * What goes wrong with segments, in words.
 * @module
 */
import { SharedMemoryError } from '../errors/sync-errors.ts';

/** Whether a system error says that no descriptor is free, in this process or in the system. */
export function isShortage(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Calls a function that takes descriptors. @throws SharedMemoryError `ERR_TOO_MANY_FILES` when none is free; as the function does */
export function withDescriptors<R>(fn: () => R): R {
  try {
    return fn();
  } catch (cause) {
    if (!isShortage(cause)) throw cause;
    throw new SharedMemoryError(
      `No file descriptor is free for shared memory (${(cause as NodeJS.ErrnoException).code}). Each object of scope 'process' keeps one until it is collected, a pipe two: make fewer, or raise the limit (ulimit -n).`,
      { code: 'ERR_TOO_MANY_FILES', cause },
    );
  }
}

/** Whoever sent it has it no more. */
export function gone(pid: number, cause?: unknown): SharedMemoryError {
  return new SharedMemoryError(
    `Process ${pid} no longer has the shared memory that it has sent: it has ended, or dropped it long ago. Keep it there until it has arrived.`,
    { code: 'ERR_SEGMENT_GONE', ...(cause === undefined ? {} : { cause }) },
  );
}

/** There is one of that name. */
export const taken = (name: string): SharedMemoryError =>
  new SharedMemoryError(`There is shared memory of the name ${JSON.stringify(name)} already.`, {
    code: 'ERR_SEGMENT_EXISTS',
  });

/** There is none of that name. */
export const notFound = (name: string): SharedMemoryError =>
  new SharedMemoryError(
    `There is no shared memory of the name ${JSON.stringify(name)}: it was never made, or whoever made it is gone.`,
    { code: 'ERR_SEGMENT_NOT_FOUND' },
  );
