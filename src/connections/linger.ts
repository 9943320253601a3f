/**
 * Ends a socket politely: what was written goes out, and what still comes is thrown away.
 *
 * Why           Closing with unread bytes makes the system reset the connection, and the reset overtakes what the other side has not read yet.
 * How it works  In two steps. While something is to be written there is time: the other side may be busy. It is given up when not a byte of it has
 *               moved for `STUCK` milliseconds. Once it has gone out the socket is destroyed when nothing has come for `LINGER` milliseconds, and
 *               after `LONGEST` whatever comes, so that who drips is not kept. A stranger has `LINGER` milliseconds for all of it.
 * At rest       It keeps the process alive only while there are bytes to be handed to the system.
 * @module
 */
import type { Socket } from 'node:net';

/** Milliseconds without a byte from the other side, once all has gone out. */
const LINGER = 2000;
/** Milliseconds in all, once all has gone out. */
const LONGEST = 10_000;
/** Milliseconds in which nothing of what is to be written moves. */
const STUCK = 10 * 60_000;

/**
 * Ends a socket whose bytes nobody wants any more.
 *
 * @param onStuck hears, before the socket is destroyed, that what was to be written is given up, and after how many milliseconds
 * @param stuck for tests
 */
export function linger(socket: Socket, onStuck: (milliseconds: number) => void = () => {}, stuck = STUCK): void {
  throwAway(socket);
  if (socket.destroyed) return;
  const watch = watchOutput(socket, stuck, () => {
    onStuck(stuck);
    socket.destroy();
  });
  socket.once('close', () => clearInterval(watch));
  const gone = (): void => {
    clearInterval(watch);
    socket.setTimeout(LINGER, () => socket.destroy());
    destroyAfter(LONGEST, socket);
  };
  if (socket.writableFinished) gone();
  else socket.once('finish', gone);
}

/** Ends the socket of somebody who has not shown that it has the key: soon, whatever it does. */
export function dismiss(socket: Socket): void {
  throwAway(socket);
  destroyAfter(LINGER, socket);
}

function throwAway(socket: Socket): void {
  socket.removeAllListeners('data');
  socket.on('data', () => {});
  socket.on('error', () => {});
  socket.unref();
  socket.end();
  socket.resume();
}

function destroyAfter(milliseconds: number, socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), milliseconds).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** Calls back when nothing of what is to be written has moved between two looks. */
function watchOutput(socket: Socket, every: number, onStuck: () => void): NodeJS.Timeout {
  let before = leftOf(socket);
  return setInterval(() => {
    const now = leftOf(socket);
    if (now === before) onStuck();
    before = now;
  }, every).unref();
}

/** What is to be written: bytes that the socket has, and of those what the system has not taken. */
function leftOf(socket: Socket): string {
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return `${socket.writableLength} ${handle?.writeQueueSize ?? 0}`;
}
