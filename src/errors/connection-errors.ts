/**
 * What can go wrong around connections and listeners.
 * @module
 */
import { ManyhandsError, type ManyhandsErrorOptions, nameError } from './manyhands-error.ts';

/**
 * The other side could not show that it has the key, or refused ours. `ERR_AUTHENTICATION`.
 *
 * **Python** `multiprocessing.AuthenticationError`.
 */
export class AuthenticationError extends ManyhandsError {
  static {
    nameError(this, 'AuthenticationError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_AUTHENTICATION', ...options });
  }
}

/**
 * The other side has closed the connection, or is gone, and all that it had sent has been received. `ERR_EOF`.
 *
 * **Python** `EOFError`, and `ConnectionResetError` when it went without closing.
 */
export class EOFError extends ManyhandsError {
  static {
    nameError(this, 'EOFError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_EOF', ...options });
  }
}

/**
 * A connection or listener is used that is closed, or a message is sent to somebody who is gone: `ERR_CONNECTION_CLOSED`,
 * `ERR_LISTENER_CLOSED`.
 *
 * **Python** `OSError: handle is closed`, `OSError: listener is closed`, `BrokenPipeError`.
 */
export class ConnectionClosedError extends ManyhandsError {
  static {
    nameError(this, 'ConnectionClosedError');
  }

  constructor(message: string, options: ManyhandsErrorOptions = {}) {
    super(message, { code: 'ERR_CONNECTION_CLOSED', ...options });
  }
}

/**
 * An address that cannot be listened on, or that nobody answers at: `ERR_ADDRESS_IN_USE`, `ERR_LISTEN`,
 * `ERR_CONNECTION_REFUSED`; `cause` is the system's error.
 *
 * **Python** `OSError` and its subclasses, `ConnectionRefusedError` among them.
 */
export class AddressError extends ManyhandsError {
  static {
    nameError(this, 'AddressError');
  }
}

/**
 * What came over a connection is not what this library sends; the connection is closed. `ERR_BAD_MESSAGE`.
 *
 * **Python** `OSError: bad message length`, `UnpicklingError`.
 */
export class ProtocolError extends ManyhandsError {
  static {
    nameError(this, 'ProtocolError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_BAD_MESSAGE', ...options });
  }
}

/** A message is larger than the other side takes; it was not sent, and the connection goes on. `ERR_MESSAGE_TOO_LARGE`. */
export class MessageTooLargeError extends ManyhandsError {
  static {
    nameError(this, 'MessageTooLargeError');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_MESSAGE_TOO_LARGE' });
  }
}

/**
 * The buffer is smaller than the message; the message is in `bytes`. `ERR_BUFFER_TOO_SHORT`.
 *
 * **Python** `multiprocessing.BufferTooShort`, which has the message in `args[0]`.
 */
export class BufferTooShort extends ManyhandsError {
  static {
    nameError(this, 'BufferTooShort');
  }
  /** The whole message. */
  readonly bytes: Uint8Array;

  constructor(message: string, bytes: Uint8Array) {
    super(message, { code: 'ERR_BUFFER_TOO_SHORT' });
    this.bytes = bytes;
    // an error that is printed should not print a megabyte
    Object.defineProperty(this, 'bytes', { enumerable: false });
  }
}
