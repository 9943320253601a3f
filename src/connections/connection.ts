/**
 * What every connection can do, whatever it runs over: a socket, a pipe.
 * @module
 */
import type { WaitOptions } from '../sync/wait-options.ts';

/**
 * One end of a two-way line of messages.
 *
 * **Python** `multiprocessing.connection.Connection`. Differences: all that waits is a promise, with `timeout` (milliseconds) and
 * `signal`; a message is either a value or bytes, and knows which; `recv` gives bytes as bytes.
 *
 * **Gotchas** A connection keeps the process alive only while somebody waits for it: a `recv`, a `poll`, an iteration, a `send` that has not
 * been handed to the system.
 *
 * @typeParam In what it receives; `Out` what it sends
 */
export interface Connection<In = unknown, Out = In> extends AsyncIterable<In>, Disposable, AsyncDisposable {
  /**
   * Sends a value. Resolves when the system has it: who awaits it may exit at once, and cannot outrun the other side for
   * long. The value is read now. Sends that are not awaited go out together, which is faster.
   */
  send(value: Out): Promise<void>;
  /**
   * The next message: a value, or the bytes of a `sendBytes`.
   *
   * Rejects with EOFError `ERR_EOF` when the other side has closed and nothing is left; with TimeoutError `ERR_TIMEOUT`.
   */
  recv(options?: WaitOptions): Promise<In>;
  /** Whether `recv` would have something to say at once: a message, or the end. Waits `timeout` for it; 0 by default. */
  poll(timeout?: number): Promise<boolean>;
  /** Sends bytes as they are: `size` of them from `offset` on. Do not change them before it resolves. */
  sendBytes(bytes: ArrayBuffer | ArrayBufferView, offset?: number, size?: number): Promise<void>;
  /** The next message, which must be bytes; if it is a value it stays, and this rejects with `ERR_NOT_BYTES`. */
  recvBytes(options?: WaitOptions): Promise<Uint8Array>;
  /**
   * The bytes of the next message, put into a buffer. Resolves to how many they were; rejects with BufferTooShort
   * `ERR_BUFFER_TOO_SHORT`, which has them, when they do not fit.
   */
  recvInto(buffer: ArrayBuffer | ArrayBufferView, offset?: number, options?: WaitOptions): Promise<number>;
  /**
   * Closes this end. What was sent goes out, also to a side that is busy; what was received and not taken is dropped. Never waits for the
   * other side.
   */
  close(): void;
  /** Whether this end was closed, or the line is broken. */
  readonly closed: boolean;
}
