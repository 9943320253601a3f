/**
 * Connecting to a listener. What that takes is loaded with the first connection.
 * @module
 */
import type { ConnectOptions } from './connect-socket.ts';
import type { SocketConnection } from './socket-connection.ts';

/**
 * Connects to a listener, and makes sure that it has the same key.
 *
 * **Python** `multiprocessing.connection.Client`.
 *
 * **Gotchas** With a host other than this machine use `tls`: a key keeps strangers out, it does not keep what passes by on the network secret
 * or whole.
 *
 * @throws AddressError `ERR_CONNECTION_REFUSED` nobody listens there; AuthenticationError `ERR_AUTHENTICATION`; TimeoutError
 * `ERR_TIMEOUT`; EOFError `ERR_EOF`, ProtocolError `ERR_BAD_MESSAGE`; InvalidOptionError `ERR_INVALID_OPTION`
 * @example
 * const connection = await connect({ path: '/run/app/socket', authKey, timeout: 5000 });
 */
export async function connect<In = unknown, Out = In>(options: ConnectOptions): Promise<SocketConnection<In, Out>> {
  const { connectSocket } = await import('./sockets.ts');
  return connectSocket<In, Out>(options);
}
