/**
 * What can go wrong around queues, by Python's names.
 * @module
 */
import { ManyhandsError, nameError } from './manyhands-error.ts';

/**
 * There was nothing to get, within the time that was given. `ERR_QUEUE_EMPTY`.
 *
 * **Python** `queue.Empty`.
 */
export class Empty extends ManyhandsError {
  static {
    nameError(this, 'Empty');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_QUEUE_EMPTY' });
  }
}

/**
 * There was no room for an item, within the time that was given. `ERR_QUEUE_FULL`.
 *
 * **Python** `queue.Full`; this one gives the item back.
 */
export class Full extends ManyhandsError {
  static {
    nameError(this, 'Full');
  }

  /** The item that was not put. */
  readonly value: unknown;

  constructor(message: string, value: unknown) {
    super(message, { code: 'ERR_QUEUE_FULL' });
    this.value = value;
  }
}

/**
 * The queue was shut down: it takes no more items, and has none to give. `ERR_QUEUE_SHUT_DOWN`.
 *
 * **Python** `queue.ShutDown`.
 */
export class ShutDown extends ManyhandsError {
  static {
    nameError(this, 'ShutDown');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_QUEUE_SHUT_DOWN' });
  }
}
