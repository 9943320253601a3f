/**
 * All that goes over sockets: loaded with the first listener or connection, since most programs have none.
 * @module
 */
export { connectSocket } from './connect-socket.ts';
export { SocketListener } from './socket-listener.ts';
