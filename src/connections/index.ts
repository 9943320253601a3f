/**
 * Connections between programs: listeners, clients, messages.
 * @module
 */
export type { Address, PathAddress, PortAddress } from './address.ts';
export type { Allow } from './allow-list.ts';
export { connect } from './connect.ts';
export type { ConnectOptions } from './connect-socket.ts';
export type { ConnectionOptions } from './connection-options.ts';
export type { Connection } from './connection.ts';
export type { Handle } from './given-handle.ts';
export type { SendHandleOptions } from './hand-over.ts';
export { Listener } from './listener.ts';
export { Pipe, type PipeOptions } from './pipe.ts';
export { PipeConnection } from './pipe-connection.ts';
export type { SocketConnection } from './socket-connection.ts';
export type { ListenOptions } from './socket-listener.ts';
export { waitAny, type Waitable } from './wait-any.ts';
export { waitAnySync } from './wait-any-sync.ts';
