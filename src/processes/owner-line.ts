/**
 * A child's side of the line to its owner: messages come on descriptor 3 and leave by descriptor 4.
 *
 * How it works  What is posted is written at once, and whoever posts waits while the pipe is full: it has left this process even if the
 *               next instant kills it. The same holds for what is printed.
 * When it dies  When the owner dies its socket closes, and this process ends. Ctrl-C reaches the whole process group and is left to
 *               the owner, which decides what becomes of its workers and says so by message.
 * @module
 */
import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { encodeFrame, FrameReader, type Message } from './frames.ts';

/** Descriptor on which the owner's messages come. */
export const FROM_OWNER = 3;
/** Descriptor for messages to the owner. No stream of Node's may open it: that would keep it from blocking. */
export const TO_OWNER = 4;

/** Sends a message. @throws when it has no form that could be sent */
export function postToOwner(message: Message, thread = 0): void {
  const bytes = Buffer.concat(encodeFrame(message, thread));
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(TO_OWNER, bytes, written);
    } catch {
      process.exit(); // the owner is gone
    }
  }
}

/**
 * Hears the owner's messages from now on, and ends this process when the owner is gone.
 *
 * @param socket of `FROM_OWNER`; made by whoever calls, because threads load this file too and need no sockets
 */
export function hearOwner<M extends Message>(socket: Socket, receive: (message: M, thread: number) => void): void {
  // By itself Node would keep what is printed while the owner has not read what came before.
  for (const stream of [process.stdout, process.stderr]) {
    (stream as { readonly _handle?: { setBlocking?(on: boolean): void } })._handle?.setBlocking?.(true);
  }
  const reader = new FrameReader<M>(receive, (error) => {
    throw error;
  });
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('close', () => process.exit());
  socket.on('error', () => process.exit());
  process.on('SIGINT', () => {});
}
