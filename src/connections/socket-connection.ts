/**
 * A connection over a socket.
 *
 * How it works  An inbox and an outbox, and what ends them: this side closes, the other side closes or is gone, or it sends what is no
 *               message.
 * Invariants    1. The socket is referenced exactly while somebody waits. 2. A malformed message ends this connection and nothing else; one that
 *               names what is not allowed fails the `recv` that takes it, and no more.
 * When it dies  What had come whole can still be received; then EOFError. Half a message is never delivered. A write that fails ends the sending
 *               alone: what has come is read, to the end (`read-on.ts`).
 * @module
 */
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { BufferTooShort, ConnectionClosedError, EOFError, ProtocolError } from '../errors/connection-errors.ts';
import { TimeoutError } from '../errors/executor-errors.ts';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { Items } from '../messaging/items.ts';
import { type Awaitable, type Readiness, readinessSymbol } from '../sync/readiness.ts';
import type { WaitOptions } from '../sync/wait-options.ts';
import { type Address, addressText } from './address.ts';
import type { AllowList } from './allow-list.ts';
import { byteRange } from './byte-range.ts';
import type { Connection } from './connection.ts';
import { milliseconds } from './connection-options.ts';
import type { RawMessage } from './frame-reader.ts';
import type { HandshakeResult } from './handshake.ts';
import { Inbox } from './inbox.ts';
import { linger } from './linger.ts';
import { BYTES, bytesHeader, decodeValue, encodeValue, ownBytes } from './message-codec.ts';
import { Outbox } from './outbox.ts';
import { PeerSymbols } from './peer-symbols.ts';
import { readOn } from './read-on.ts';

/** Bytes up to this many are copied, so that they can be changed at once; more are sent from where they are. */
const COPIED = 16 * 1024;

/** What a connection is made from. */
export interface SocketConnectionParts {
  readonly socket: Socket;
  readonly handshake: HandshakeResult;
  readonly remoteAddress: Address;
  readonly maxMessage: number;
  readonly allow: AllowList;
  /** Whether whoever waits keeps the process alive; true by default. */
  readonly keepAlive?: boolean;
}

/**
 * A connection over a Unix socket, TCP or TLS: what `connect` and `Listener` give.
 *
 * **Python** `multiprocessing.connection.Connection`.
 *
 * @example
 * const connection = await connect({ path: '/run/app/socket', authKey });
 * await connection.send({ question: 'how are you?' });
 * console.log(await connection.recv({ timeout: 1000 }));
 * connection.close();
 */
export class SocketConnection<In = unknown, Out = In> implements Connection<In, Out>, Awaitable {
  /** Where the other side listens; at a listener, where the client came from (of a Unix socket: the listener's own path). */
  readonly remoteAddress: Address;
  readonly #socket: Socket;
  readonly #allow: AllowList;
  readonly #peerMaxMessage: number;
  readonly #symbols = new PeerSymbols();
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #keepAlive: boolean;
  /** Whether the other side closed between two messages, as opposed to died. */
  #endedInOrder = false;
  #closed = false;
  /** Why nothing can be sent any more, though something may still come. */
  #writeError: NodeJS.ErrnoException | undefined;
  #reasonsToLive = 0;
  #onEnd: (() => void) | undefined;

  /** @internal */
  constructor({ socket, handshake, remoteAddress, maxMessage, allow, keepAlive = true }: SocketConnectionParts) {
    this.remoteAddress = remoteAddress;
    this.#keepAlive = keepAlive;
    this.#socket = socket;
    this.#allow = allow;
    this.#peerMaxMessage = handshake.peerMaxMessage;
    const onWait = (anybody: boolean): void => this.#live(anybody ? 1 : -1);
    this.#inbox = new Inbox(socket, maxMessage, onWait);
    this.#outbox = new Outbox(socket, onWait);
    socket.unref();
    readOn(socket, (error) => {
      this.#writeError ??= error;
      this.#outbox.fail(error);
    });
    socket.on('error', (error) => this.#gone(error));
    socket.on('end', () => this.#gone());
    socket.on('close', () => this.#gone());
    socket.on('data', (chunk: Buffer) => this.#push(chunk));
    this.#push(handshake.rest);
    if (socket.destroyed || socket.readableEnded)
      this.#gone(); // a socket ends even while it is paused
    else if (!this.#inbox.paused) socket.resume();
  }

  get closed(): boolean {
    return this.#inbox.end !== undefined || this.#writeError !== undefined;
  }

  /** @internal Calls back once the other side has ended, at once if it has; by that nothing is kept alive, as it is by waiting. */
  whenEnded(run: () => void): void {
    if (this.#inbox.end !== undefined) run();
    else this.#onEnd = run;
  }

  /**
   * Sends a value; see `Connection`.
   *
   * Functions and classes travel by name only: `task()` functions, and exports of modules, which the other side has to allow.
   *
   * @throws EncodeError when it cannot be sent, MessageTooLargeError `ERR_MESSAGE_TOO_LARGE`: the connection goes on;
   * ConnectionClosedError `ERR_CONNECTION_CLOSED`
   */
  async send(value: Out): Promise<void> {
    this.#checkSend();
    const frame = encodeValue(value, this.#peerMaxMessage, this.#symbols);
    await this.#send(frame instanceof Promise ? frame.then((each) => [each]) : [frame]);
  }

  /** @throws InvalidOptionError `ERR_INVALID_OPTION`; MessageTooLargeError `ERR_MESSAGE_TOO_LARGE`; ConnectionClosedError */
  async sendBytes(bytes: ArrayBuffer | ArrayBufferView, offset = 0, size?: number): Promise<void> {
    const part = byteRange(bytes, offset, size);
    this.#checkSend();
    const header = bytesHeader(part.length, this.#peerMaxMessage);
    await this.#send(part.length <= COPIED ? [Buffer.concat([header, part])] : [header, part]);
  }

  /**
   * The next message; see `Connection`.
   *
   * @throws EOFError `ERR_EOF`; TimeoutError `ERR_TIMEOUT`; ProtocolError `ERR_BAD_MESSAGE`, which closes the connection; EncodeError
   * `ERR_NOT_ALLOWED`, `ERR_TASK`, `ERR_NOT_FOUND` when it names what is not allowed or not there: the next `recv` gets the next
   */
  async recv(options?: WaitOptions): Promise<In> {
    const { kind, payload } = await this.#inbox.take(options);
    try {
      const decoded = decodeValue(kind, payload, this.#allow, this.#symbols);
      const { value } = decoded instanceof Promise ? await decoded : decoded;
      return value as In;
    } catch (error) {
      if (error instanceof ProtocolError) this.#finish(error);
      throw error;
    }
  }

  async recvBytes(options?: WaitOptions): Promise<Uint8Array> {
    return ownBytes((await this.#inbox.take(options, refuseValues)).payload);
  }

  async recvInto(buffer: ArrayBuffer | ArrayBufferView, offset = 0, options?: WaitOptions): Promise<number> {
    const target = byteRange(buffer, offset);
    const { payload } = await this.#inbox.take(options, refuseValues);
    if (payload.length > target.length) {
      throw new BufferTooShort(
        `A message of ${payload.length} bytes does not fit into the ${target.length} bytes of the buffer; it is in \`bytes\` of this error.`,
        ownBytes(payload),
      );
    }
    target.set(payload);
    return payload.length;
  }

  /** @throws ConnectionClosedError `ERR_CONNECTION_CLOSED` */
  async poll(timeout = 0): Promise<boolean> {
    milliseconds('timeout', timeout, 0);
    this.#checkOpen();
    if (this.#inbox.hasNews) return true;
    if (timeout > 0) {
      return this.#inbox.watch({ timeout }).catch((error: unknown) => {
        if (error instanceof TimeoutError) return false;
        throw error;
      });
    }
    // what the system has already is read in the next turn but one at the latest
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    return this.#inbox.hasNews;
  }

  /** @internal For `waitAny`: a message, or the end. */
  [readinessSymbol](): Readiness {
    return { isReady: () => this.#inbox.hasNews, whenReady: (signal) => this.#inbox.watch({ signal }) };
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<In, undefined> {
    return new Items(
      (options) => this.recv(options),
      (error) => error === this.#inbox.end && (this.#closed || this.#endedInOrder),
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const brokenBefore = this.#inbox.end !== undefined;
    this.#inbox.close(new ConnectionClosedError('The connection was closed.'));
    if (brokenBefore) return;
    const { waiting } = this.#outbox;
    if (waiting === undefined) this.#end();
    else void waiting.then(() => this.#end());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Nothing more will be sent. */
  #end(): void {
    this.#outbox.flush();
    linger(this.#socket, (stuckFor) => {
      const message = `${addressText(this.remoteAddress)}: the connection was closed, and what it still had to send was given up when the other side had taken none of it for ${stuckFor} ms.`;
      this.#outbox.fail(new ConnectionClosedError(message));
    });
  }

  #checkOpen(): void {
    if (this.#closed) throw new ConnectionClosedError('The connection was closed.');
  }

  #checkSend(): void {
    this.#checkOpen();
    this.#checkLine();
  }

  /** Whether the other side is there; what was sent before this one closed is still sent. */
  #checkLine(): void {
    const reason = (this.#closed ? undefined : this.#inbox.end) ?? this.#writeError;
    if (reason !== undefined) throw this.#nobodyThere(reason);
  }

  #nobodyThere(cause: unknown): ConnectionClosedError {
    const message = `${addressText(this.remoteAddress)}: the other side is gone; nothing can be sent.`;
    return new ConnectionClosedError(message, { cause });
  }

  async #send(frame: Parameters<Outbox['send']>[0]): Promise<void> {
    try {
      await this.#outbox.send(frame, () => this.#checkLine());
    } catch (error) {
      throw error instanceof ManyhandsError && !(error instanceof EOFError || error instanceof ProtocolError)
        ? error
        : this.#nobodyThere(error);
    }
  }

  #push(chunk: Buffer): void {
    if (this.#inbox.end !== undefined) return;
    try {
      this.#inbox.push(chunk);
    } catch (error) {
      this.#finish(error as ManyhandsError);
    }
  }

  /** The other side is. */
  #gone(error?: Error): void {
    if (this.#inbox.end !== undefined) return;
    const { inMessage } = this.#inbox;
    // EPIPE says no more than that it has closed; another error that a write has met is not met once more by reading
    const cause = error ?? (this.#writeError?.code === 'EPIPE' ? undefined : this.#writeError);
    this.#endedInOrder = !inMessage && cause === undefined;
    const what = inMessage ? 'is gone in the middle of a message' : 'has closed the connection';
    const message = `${addressText(this.remoteAddress)}: the other side ${what}.`;
    this.#finish(new EOFError(message, cause === undefined ? {} : { cause }));
  }

  /** Nothing more will come, and nothing goes out. */
  #finish(error: ManyhandsError): void {
    this.#inbox.finish(error);
    this.#outbox.fail(error);
    this.#socket.destroy();
    this.#onEnd?.();
  }

  #live(reasons: 1 | -1): void {
    this.#reasonsToLive += reasons;
    if (this.#reasonsToLive === 0) this.#socket.unref();
    else if (this.#keepAlive && reasons === 1 && this.#reasonsToLive === 1) this.#socket.ref();
  }
}

function refuseValues({ kind }: RawMessage): Error | undefined {
  if (kind === BYTES) return undefined;
  return new ManyhandsError('The next message is a value, not bytes; it waits: take it with recv().', {
    code: 'ERR_NOT_BYTES',
  });
}
