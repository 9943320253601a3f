/**
 * The error of a value that cannot travel to another thread or process.
 *
 * `path` says which part of the value it is about, and the message starts with it, for example
 * `argument 1 > .opts.onDone > captured variable 'socket': …`. The codes are listed in `src/closures/README.md`.
 * @module
 */
import { ManyhandsError, nameError } from './manyhands-error.ts';

/** Options of an `EncodeError`. */
export interface EncodeErrorOptions extends ErrorOptions {
  readonly code: string;
  /** Way from the value that was sent to the part that cannot be; empty when it is the value itself. */
  readonly path?: string;
}

/**
 * A value cannot be sent, or cannot be made anew where it arrived.
 *
 * **Python** `pickle.PicklingError` and `UnpicklingError`; there the message seldom says which part is to blame.
 */
export class EncodeError extends ManyhandsError {
  static {
    nameError(this, 'EncodeError');
  }
  /** Way from the value that was sent to the part that cannot be; empty when it is the value itself. */
  readonly path: string;

  constructor(message: string, options: EncodeErrorOptions) {
    const { code, path = '', cause } = options;
    super(path === '' ? message : `${path}: ${message}`, { code, ...(cause === undefined ? {} : { cause }) });
    this.path = path;
  }
}
