/**
 * Taking a handle over: the side that receives. `hand-over.ts` says how.
 *
 * Invariants    1. What was collected is closed when it cannot be made into what it was. 2. What was collected is had, however late it is; before
 *               that whoever waits may give up, and the giver hears that it was not taken.
 * When it dies  The kernel closes the mailbox, with what is in it.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, Server, Socket } from 'node:net';
import { ConnectionClosedError } from '../errors/connection-errors.ts';
import { TimeoutError } from '../errors/executor-errors.ts';
import { descriptors } from '../memory/system/descriptors.ts';
import { linux } from '../memory/system/linux.ts';
import { setTimer } from '../memory/timer.ts';
import type { Handle, HandleDetails } from './given-handle.ts';
import { ID_BYTES, nameOf } from './hand-over.ts';
import { linger } from './linger.ts';

/** Milliseconds that the giver has to answer, however late a handle comes: that takes a turn of its event loop. */
const LEAST = 100;

/**
 * The handle of a ticket; undefined when it was given up.
 *
 * @param timeout milliseconds that are left
 * @throws ConnectionClosedError `ERR_HANDLE_GONE`; TimeoutError `ERR_TIMEOUT`, or the signal's reason: the giver hears of it
 */
export async function takeOver(
  ticket: Uint8Array,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Handle | undefined> {
  const secret = ticket.subarray(ID_BYTES);
  const address = randomBytes(ID_BYTES);
  const mailbox = descriptors().mailbox(nameOf(address));
  try {
    const line = connect({ path: `\0${nameOf(ticket.subarray(0, ID_BYTES))}` });
    try {
      line.write(Buffer.concat([secret, address]));
      const text = await inTime(answerOn(line), Math.max(timeout, LEAST), signal);
      if (text === '') return undefined;
      const fd = collect(mailbox, secret);
      await new Promise<void>((resolve) => line.end(Buffer.of(1), () => resolve()));
      return await made(JSON.parse(text) as HandleDetails, fd);
    } catch (error) {
      linger(line); // the request has to arrive: by it the giver learns that nobody took the handle
      throw error;
    }
  } finally {
    closeSync(mailbox);
  }
}

async function inTime(answer: Promise<string>, timeout: number, signal: AbortSignal | undefined): Promise<string> {
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  const onAbort = (): void => giveUp(signal?.reason);
  const timer = setTimer(timeout, () => giveUp(late(timeout)));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    return await Promise.race([givenUp, answer]);
  } finally {
    answer.catch(() => {}); // of a line that nobody waits at any more
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

const late = (timeout: number): Error =>
  new TimeoutError(
    `A handle came, and whoever sent it did not hand it over in the ${Math.round(timeout)} ms that were left; it has it still.`,
  );

/** What the keeper says. Whatever befalls the connection before that: it is gone. */
function answerOn(line: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said: Buffer = Buffer.alloc(0);
  line.on('data', (chunk: Buffer) => {
    said = Buffer.concat([said, chunk]);
    if (said.length >= 4 && said.length >= 4 + said.readUInt32LE(0)) resolve(said.toString('utf8', 4));
  });
  line.on('error', (cause) => reject(gone(cause)));
  line.on('close', () => reject(gone()));
  return promise;
}

function collect(mailbox: number, secret: Uint8Array): number {
  for (;;) {
    const posted = descriptors().collect(mailbox);
    if (posted === undefined) throw gone();
    if (posted.payload.equals(secret)) return posted.fd;
    linux().close(posted.fd); // the names of mailboxes are no secret, and anybody can post
  }
}

const gone = (cause?: unknown): Error =>
  new ConnectionClosedError('Whoever sent this handle ended before it was received, and the handle with it.', {
    code: 'ERR_HANDLE_GONE',
    ...(cause === undefined ? {} : { cause }),
  });

async function made(details: HandleDetails, fd: number): Promise<Handle> {
  switch (details.kind) {
    case 'fd': {
      const own = openSync('/', 'r');
      moveTo(fd, own, () => closeSync(own));
      return own;
    }
    case 'file': {
      // no FileHandle is made from a number; but one can be had for anything, and then stand for something else
      const file = await open('/', 'r').catch((error: unknown) => closing(fd, error));
      moveTo(fd, file.fd, () => void file.close());
      return file;
    }
    case 'server':
      return serverOn(fd);
    default:
      return socketOn(details, fd);
  }
}

function moveTo(fd: number, own: number, undo: () => void): void {
  try {
    descriptors().moveTo(fd, own);
  } catch (error) {
    undo();
    throw error;
  }
}

function closing(fd: number, error: unknown): never {
  linux().close(fd);
  throw error;
}

async function serverOn(fd: number): Promise<Server> {
  const server = new Server();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('listening', resolve).once('error', reject);
  server.listen({ fd });
  await promise.catch((error: unknown) => closing(fd, error));
  server.off('error', reject);
  return server;
}

function socketOn(
  { allowHalfOpen, readable, writable, early }: HandleDetails & { kind: 'socket' },
  fd: number,
): Socket {
  let socket: Socket;
  try {
    socket = new Socket({ fd, allowHalfOpen, readable, writable });
  } catch (error) {
    return closing(fd, error);
  }
  if (early !== '') socket.unshift(Buffer.from(early, 'base64'));
  return socket;
}
