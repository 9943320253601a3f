/**
 * Ends a socket politely: what was written goes out, and what still comes is thrown away.
 *
 * Why       Closing with unread bytes makes the system reset the connection, and the reset overtakes what the other side has not read yet.
 * Bounded   By `LINGER` milliseconds in which nothing moves. It keeps the process alive only while there are bytes to be handed to the system.
 * @module
 */
import type { Socket } from 'node:net';

const LINGER = 2000;

/** Ends a socket whose bytes nobody wants any more. */
export function linger(socket: Socket): void {
  socket.removeAllListeners('data');
  socket.on('data', () => {});
  socket.on('error', () => {});
  socket.setTimeout(LINGER, () => socket.destroy());
  socket.unref();
  socket.end();
  socket.resume();
}
