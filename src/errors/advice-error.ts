/**
 * What the advisor cannot do.
 * @module
 */
import { ManyhandsError, nameError } from './manyhands-error.ts';

/**
 * `advise()` has nothing to go by: no call came to an end within its budget, or all of them failed (`cause` is the first error). `ERR_NO_ADVICE`.
 *
 * **Python** has no counterpart.
 */
export class NoAdviceError extends ManyhandsError {
  static {
    nameError(this, 'NoAdviceError');
  }

  constructor(message: string, cause?: unknown) {
    super(message, { code: 'ERR_NO_ADVICE', ...(cause === undefined ? {} : { cause }) });
  }
}
