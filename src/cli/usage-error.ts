/**
 * What is wrong with how the command was called, as opposed to with the work: one line for people, exit code 2, no stack.
 * @module
 */
import { ManyhandsError } from '../index.ts';

/** Exit code of a call that cannot be carried out; nothing was run. */
export const USAGE_EXIT_CODE = 2;

/** The command was called in a way that cannot be carried out. `ERR_USAGE`. */
export class UsageError extends ManyhandsError {
  override readonly name = 'UsageError';
  /** What may help, on lines of its own. */
  readonly hint: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly hint?: string } = {}) {
    super(message, { code: 'ERR_USAGE', ...options });
    this.hint = options.hint;
  }
}
