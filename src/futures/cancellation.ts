/**
 * What tells a task that was given up from one that failed.
 * @module
 */
import { CancelledError } from '../errors/executor-errors.ts';

/** Whether an error says that something was given up: a `CancelledError`, or the web's `AbortError`. */
export const isCancellation = (error: unknown): boolean =>
  error instanceof CancelledError || (error as { readonly name?: unknown } | null | undefined)?.name === 'AbortError';
