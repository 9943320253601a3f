/**
 * Lets a socket be read to its end when it can no longer be written to.
 *
 * Why           Node destroys a socket when a write fails, and with it what has come and lies in the system's buffer: the last messages of a peer
 *               that has sent them and closed.
 * How it works  The socket's own writing is called with a callback that keeps the error from the stream. So reading goes on until the end, or until
 *               it fails itself.
 * Invariant     Whoever hears of the error writes no more, and nobody takes what follows for written.
 * @module
 */
import type { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/** Has failing writes told to `onFailed`, before anybody else hears of them, instead of destroying the socket. */
export function readOn(socket: Socket, onFailed: (error: Error) => void): void {
  const shielded =
    (done: Done): Done =>
    (error) => {
      if (error === undefined || error === null || socket.destroyed) return done(error);
      onFailed(error);
      done();
    };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, shielded(done));
  const writeMany = socket._writev?.bind(socket);
  if (writeMany !== undefined) socket._writev = (chunks, done) => writeMany(chunks, shielded(done));
}
