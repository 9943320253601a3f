/**
 * What can go wrong around managed objects.
 * @module
 */
import { ManyhandsError, type ManyhandsErrorOptions, nameError } from './manyhands-error.ts';

/**
 * A managed object cannot be used: the name is not one that it shows (`ERR_NOT_EXPOSED`), it is not there any more
 * (`ERR_OBJECT_GONE`), the thread or process that it lives in is gone (`ERR_MANAGER_GONE`), or too many calls are under way
 * (`ERR_TOO_MANY_CALLS`); or a name to publish it by is another's (`ERR_NAME_TAKEN`).
 *
 * **Python** `AttributeError`, `RemoteError` and `KeyError` of `multiprocessing.managers`, `ConnectionRefusedError`.
 */
export class ManagerError extends ManyhandsError {
  static {
    nameError(this, 'ManagerError');
  }

  constructor(message: string, options: ManyhandsErrorOptions & { readonly code: string }) {
    super(message, options);
  }
}
