/**
 * Connects a socket to a listener.
 * @module
 */
import { connect as open, type NetConnectOpts, type Socket } from 'node:net';
import type { ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { AddressError, AuthenticationError, EOFError } from '../errors/connection-errors.ts';
import { InvalidOptionError, TimeoutError } from '../errors/executor-errors.ts';
import { setTimer } from '../memory/timer.ts';
import { type Address, addressOf, addressText } from './address.ts';
import { authenticate } from './authenticate.ts';
import { checkOptions, type ConnectionOptions, milliseconds } from './connection-options.ts';
import { linger } from './linger.ts';
import { SocketConnection } from './socket-connection.ts';

/** Where and how to connect. */
export interface ConnectOptions extends ConnectionOptions {
  /** A Unix socket, a name in Linux' abstract space (`'\0name'`), or a named pipe of Windows. */
  readonly path?: string | undefined;
  /** A TCP port. */
  readonly port?: number | undefined;
  /** Name or IP address; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** TLS over the port: `ca` of the listener's certificate, say, as `node:tls` takes it; TLS 1.3 unless it says otherwise. */
  readonly tls?: TlsConnectOptions | undefined;
  /** Milliseconds for all of it; 20,000 by default. */
  readonly timeout?: number | undefined;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT = 20_000;
/** Milliseconds of silence after which the system asks whether the other machine is still there. */
const KEEP_ALIVE = 60_000;

/** See `connect`. */
export async function connectSocket<In = unknown, Out = In>(
  options: ConnectOptions,
): Promise<SocketConnection<In, Out>> {
  const remoteAddress = addressOf(options);
  const { key, maxMessage, allow } = checkOptions(options);
  const timeout = milliseconds('timeout', options.timeout, TIMEOUT);
  const { signal, tls } = options;
  signal?.throwIfAborted();
  if (tls !== undefined && remoteAddress.path !== undefined) throw new InvalidOptionError('tls goes with a port.');
  const socket = tls === undefined ? open(target(remoteAddress)) : secure(tls, remoteAddress);
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  const where = addressText(remoteAddress);
  const timer = setTimer(timeout, () => giveUp(new TimeoutError(`No connection to ${where} within ${timeout} ms.`)));
  const onAbort = (): void => giveUp(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([opened(socket, tls === undefined ? 'connect' : 'secureConnect', remoteAddress), givenUp]);
    const handshake = await Promise.race([authenticate(socket, { role: 'client', key, maxMessage }), givenUp]);
    if (remoteAddress.path === undefined) socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE);
    return new SocketConnection<In, Out>({ socket, handshake, remoteAddress, maxMessage, allow });
  } catch (error) {
    if (socket.connecting) socket.destroy();
    else linger(socket);
    throw error;
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

function target({ path, host, port }: Address): NetConnectOpts {
  return path === undefined ? { host, port, allowHalfOpen: true } : { path, allowHalfOpen: true };
}

function secure(tls: TlsConnectOptions, address: Address): Socket {
  const { connect: connectSecurely } = process.getBuiltinModule('node:tls');
  try {
    return connectSecurely({ minVersion: 'TLSv1.3', ...tls, ...(target(address) as TlsConnectOptions) });
  } catch (cause) {
    throw new InvalidOptionError(`tls has options that cannot be used: ${(cause as Error).message}.`, { cause });
  }
}

/** Resolves when a socket is open. */
async function opened(socket: Socket, event: 'connect' | 'secureConnect', address: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const where = addressText(address);
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.syscall === 'connect' || cause.syscall === 'getaddrinfo' || cause instanceof AggregateError) {
      reject(
        new AddressError(`No connection to ${where}: nobody answers there (${cause.code}).`, {
          code: 'ERR_CONNECTION_REFUSED',
          cause,
        }),
      );
    } else if (cause.syscall !== undefined || cause.code === 'ECONNRESET') {
      reject(new EOFError(`${where} hung up before the handshake.`, { cause }));
    } else {
      reject(new AuthenticationError(`No TLS connection to ${where}: ${cause.message}.`, { cause }));
    }
  });
  const hungUp = (): void => reject(new EOFError(`${where} hung up before the handshake.`));
  socket.once('close', hungUp).once('end', hungUp);
  socket.once(event, () => resolve());
  await promise;
}
