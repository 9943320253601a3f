/**
 * Listeners. What they are made of is loaded with the first one.
 * @module
 */
import type { ListenOptions, SocketListener } from './socket-listener.ts';

/** A listener that listens. */
export type Listener<In = unknown, Out = In> = SocketListener<In, Out>;

/**
 * Waits for connections at an address.
 *
 * **Python** `multiprocessing.connection.Listener`. Differences: clients that fail to authenticate are not raised from `accept`,
 * which goes on; clients that hang keep nobody waiting; a socket file that was left behind is replaced; the key is proved both ways with
 * SHA-256 over both sides' nonces; nothing in a message is ever evaluated.
 *
 * **Gotchas** With `authKey` alone, strangers cannot talk, but whoever can change what passes by on the network can: use `tls` between
 * machines. Messages are not encrypted without it.
 *
 * @example
 * const listener = await Listener.listen({ path: '/run/app/socket', authKey });
 * for await (const connection of listener) {
 *   void serve(connection);
 * }
 */
export const Listener = {
  /**
   * Listens.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION`; AddressError `ERR_ADDRESS_IN_USE`, `ERR_LISTEN`
   */
  async listen<In = unknown, Out = In>(options: ListenOptions): Promise<Listener<In, Out>> {
    const { SocketListener } = await import('./sockets.ts');
    return SocketListener.listen<In, Out>(options);
  },
} as const;
