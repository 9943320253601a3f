/**
 * Waits for connections at an address.
 *
 * How it works  Whoever connects is a stranger first: it has `handshakeTimeout` to show that it has the key, and at most
 *               `maxPending` are strangers at a time; one more, and one goes (`strangers.ts`). So those who hang keep nobody out.
 *               Whoever has passed waits, unread, for `accept`.
 * Invariants    1. Of a stranger's bytes no more than one hello and one proof are kept, and nothing is decoded. 2. What goes
 *               wrong with one client is that client's matter: it is told to `onRefused`, never to `accept`. 3. The listener keeps the
 *               process alive exactly while somebody accepts.
 * @module
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { ConnectionClosedError, EOFError } from '../errors/connection-errors.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { type Awaitable, type Readiness, readinessSymbol } from '../sync/readiness.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { type Address, addressOf } from './address.ts';
import { authenticate } from './authenticate.ts';
import { bind } from './bind.ts';
import {
  type CheckedOptions,
  checkOptions,
  type ConnectionOptions,
  milliseconds,
  wholeNumber,
} from './connection-options.ts';
import { linger } from './linger.ts';
import { tellRefusal } from './refusal.ts';
import { isFilePath, lastingAddress, SocketFile } from './socket-file.ts';
import { SocketConnection, type SocketConnectionParts } from './socket-connection.ts';
import { type StrangerKey, Strangers } from './strangers.ts';
import { WaitLine } from './wait-line.ts';

/** Where and how to listen. */
export interface ListenOptions extends ConnectionOptions {
  /** A Unix socket, a name in Linux' abstract space (`'\0name'`), or a named pipe of Windows. */
  readonly path?: string | undefined;
  /** A TCP port; 0 takes one that is free. */
  readonly port?: number | undefined;
  /** Which of this machine's addresses; 127.0.0.1 by default, so that other machines cannot connect. */
  readonly host?: string | undefined;
  /**
   * TLS over the port: `key` and `cert` at least, as `node:tls` takes them; TLS 1.3 unless it says otherwise. The proofs of the key are bound to
   * the TLS session.
   */
  readonly tls?: TlsOptions | undefined;
  /** Connections that may wait for the system, and as many that may wait for `accept`; 511 by default. More are turned away. */
  readonly backlog?: number | undefined;
  /**
   * Connections that have not authenticated themselves at one time, those that were refused and have not gone yet among them; 1024 by default.
   * One more, and one of the refused goes, or else the oldest.
   */
  readonly maxPending?: number | undefined;
  /** Milliseconds in which a client has to authenticate itself; 10,000 by default. */
  readonly handshakeTimeout?: number | undefined;
  /**
   * Hears of each client that was turned away, and why; its connection is closed by then. What this throws, or rejects with, becomes a warning
   * (`MANYHANDS_ON_REFUSED`) each time, and nothing else.
   */
  readonly onRefused?: ((error: Error) => void) | undefined;
}

/** Waits for connections at an address; see `Listener`. */
export class SocketListener<In = unknown, Out = In>
  implements AsyncIterable<SocketConnection<In, Out>>, AsyncDisposable, Awaitable
{
  /** Where it listens; what `connect` takes. A path is absolute, if the system takes one so long. */
  readonly address: Address;
  readonly #server: Server;
  readonly #file: SocketFile | undefined;
  readonly #options: CheckedListenOptions;
  readonly #backlog: number;
  readonly #strangers: Strangers;
  /** Who has, and waits for `accept`; nothing has been read behind the handshake. */
  readonly #ready: SocketConnectionParts[] = [];
  readonly #line: WaitLine<SocketConnectionParts>;
  readonly #watchers: WaitLine<true>;
  #reasonsToLive = 0;
  #closed = false;
  #refused = 0;
  #lastAccepted: Address | undefined;
  readonly #keepAlive: boolean;

  private constructor(server: Server, address: Address, options: CheckedListenOptions, keepAlive: boolean) {
    this.#keepAlive = keepAlive;
    this.#server = server;
    this.address = address;
    this.#file = isFilePath(address.path) ? new SocketFile(address.path) : undefined;
    this.#options = options;
    this.#backlog = options.backlog;
    const { onRefused } = options;
    this.#strangers = new Strangers(options.maxPending, options.handshakeTimeout, (error) => {
      this.#refused += 1;
      if (onRefused !== undefined) tellRefusal(onRefused, error);
    });
    const onChange = (anybody: boolean): void => this.#live(anybody ? 1 : -1);
    this.#line = new WaitLine(onChange);
    this.#watchers = new WaitLine(onChange);
    server.unref();
    server.on('error', () => {}); // of one accept that failed, for want of descriptors; the next may do
    if (options.tls === undefined) {
      server.on('connection', (socket: Socket) => this.#arrive(socket, socket) && void this.#meet(socket, socket));
      return;
    }
    server.on('connection', (socket: Socket) => {
      const key = addressKey(socket);
      if (this.#arrive(socket, key)) socket.once('close', () => this.#strangers.refuse(key, hungUp()));
    });
    server.on('secureConnection', (socket: Socket) => void this.#meet(socket, addressKey(socket)));
    server.on('tlsClientError', (error: Error, socket: Socket) => this.#strangers.expel(addressKey(socket), error));
  }

  /**
   * Listens.
   *
   * @param keepAlive whether whoever waits, here and at the connections, keeps the process alive
   * @throws InvalidOptionError `ERR_INVALID_OPTION`; AddressError `ERR_ADDRESS_IN_USE`, `ERR_LISTEN`
   */
  static async listen<In = unknown, Out = In>(
    options: ListenOptions,
    keepAlive = true,
  ): Promise<SocketListener<In, Out>> {
    const address = lastingAddress(addressOf(options));
    const checked = checkListenOptions(options);
    const { tls } = checked;
    if (tls !== undefined && address.path !== undefined) {
      throw new InvalidOptionError('tls goes with a port; a path is on this machine, where nobody listens in.');
    }
    const server = tls === undefined ? createServer(STREAM) : secureServer(tls, checked.handshakeTimeout);
    await bind(server, address, checked.backlog);
    if (address.path !== undefined) return new SocketListener<In, Out>(server, address, checked, keepAlive);
    const { port } = server.address() as AddressInfo;
    return new SocketListener<In, Out>(server, { host: address.host, port }, checked, keepAlive);
  }

  /** Where the connection that was accepted last came from. */
  get lastAccepted(): Address | undefined {
    return this.#lastAccepted;
  }

  /** How many clients were turned away so far. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The next connection, authenticated. Its client may be gone again; then its `recv` says so.
   *
   * @throws ConnectionClosedError `ERR_LISTENER_CLOSED`; TimeoutError `ERR_TIMEOUT`
   */
  async accept(options?: WaitOptions): Promise<SocketConnection<In, Out>> {
    timeoutOf(options);
    if (this.#closed) throw closedError();
    const parts = this.#ready.shift() ?? (await this.#line.wait(options, 'No client came'));
    this.#lastAccepted = parts.remoteAddress;
    return new SocketConnection<In, Out>(parts);
  }

  /** @internal For `waitAny`: a connection, or the end. */
  [readinessSymbol](): Readiness {
    return {
      isReady: () => this.#closed || this.#ready.length > 0,
      whenReady: (signal) => this.#watchers.wait({ signal }, 'No client came'),
    };
  }

  /** All connections, until the listener is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SocketConnection<In, Out>, void, undefined> {
    for (;;) {
      let connection: SocketConnection<In, Out>;
      try {
        connection = await this.accept();
      } catch (error) {
        if (this.#closed) return;
        throw error;
      }
      yield connection;
    }
  }

  /** Listens no more. Connections that were accepted go on; those that wait to be are closed. Its own socket file is removed, and no other. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#strangers.clear();
    for (const { socket } of this.#ready.splice(0)) linger(socket);
    this.#line.failAll(closedError);
    this.#watchers.giveAll(true);
    if (this.#file === undefined) this.#server.close();
    else this.#file.close(this.#server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #live(reasons: 1 | -1): void {
    this.#reasonsToLive += reasons;
    if (this.#reasonsToLive === 0) this.#server.unref();
    else if (this.#keepAlive && reasons === 1 && this.#reasonsToLive === 1) this.#server.ref();
  }

  /** Somebody has connected; false when it is not let stay. */
  #arrive(socket: Socket, key: StrangerKey): boolean {
    socket.on('error', () => {});
    if (this.#closed) {
      socket.destroy();
      return false;
    }
    this.#strangers.add(key, socket);
    socket.unref();
    if (!this.#closed) return true;
    this.#strangers.clear(); // by onRefused, of one who had to go for this one
    return false;
  }

  /** Finds out whether a stranger has the key. */
  async #meet(socket: Socket, key: StrangerKey): Promise<void> {
    const { maxMessage, allow } = this.#options;
    const remoteAddress = remoteOf(socket) ?? this.address;
    try {
      const options = { role: 'listener', key: this.#options.key, maxMessage } as const;
      const handshake = await authenticate(socket, options, () => this.#ready.length < this.#backlog);
      if (!this.#strangers.remove(key)) return void socket.destroy();
      const parts = { socket, handshake, remoteAddress, maxMessage, allow, keepAlive: this.#keepAlive };
      if (this.#line.give(parts)) return;
      this.#ready.push(parts);
      this.#watchers.giveAll(true);
    } catch (error) {
      this.#strangers.dismiss(key, socket, error as Error);
    }
  }
}

const KEEP_ALIVE = 60_000; // milliseconds of silence after which the system asks whether the other machine is still there
const STREAM = {
  allowHalfOpen: true,
  pauseOnConnect: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE,
} as const;

const closedError = (): ConnectionClosedError =>
  new ConnectionClosedError('The listener was closed.', { code: 'ERR_LISTENER_CLOSED' });

const hungUp = (): EOFError => new EOFError('A client hung up during the TLS handshake.');

interface CheckedListenOptions extends CheckedOptions {
  readonly tls: TlsOptions | undefined;
  readonly backlog: number;
  readonly maxPending: number;
  readonly handshakeTimeout: number;
  readonly onRefused: ((error: Error) => void) | undefined;
}

function checkListenOptions(options: ListenOptions): CheckedListenOptions {
  const { tls, onRefused } = options;
  if (onRefused !== undefined && typeof onRefused !== 'function') {
    throw new InvalidOptionError('onRefused must be a function that takes an error.');
  }
  return {
    ...checkOptions(options),
    tls,
    onRefused,
    backlog: wholeNumber('backlog', options.backlog, 511, 2 ** 31 - 1),
    maxPending: wholeNumber('maxPending', options.maxPending, 1024, 2 ** 31 - 1),
    handshakeTimeout: milliseconds('handshakeTimeout', options.handshakeTimeout, 10_000),
  };
}

/** @throws InvalidOptionError `ERR_INVALID_OPTION` */
function secureServer(tls: TlsOptions, timeout: number): Server {
  const { createServer: createSecure } = process.getBuiltinModule('node:tls');
  try {
    return createSecure({
      minVersion: 'TLSv1.3',
      ...(timeout > 0 && timeout < 2 ** 31 ? { handshakeTimeout: timeout } : {}),
      ...tls,
      ...STREAM,
      pauseOnConnect: false,
    });
  } catch (cause) {
    throw new InvalidOptionError(`tls has options that cannot be used: ${(cause as Error).message}.`, { cause });
  }
}

function remoteOf({ remoteAddress: host, remotePort: port }: Socket): Address | undefined {
  return host === undefined || port === undefined ? undefined : { host, port };
}

/** What a TCP connection has in common with the TLS socket that is made of it. */
const addressKey = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
