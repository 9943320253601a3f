/**
 * Handing a handle over: the side that gives.
 *
 * How it works  What goes through the pipe is a ticket: the name of this thread's *keeper*, and a secret. Whoever receives the ticket asks the
 *               keeper, a server on a Unix socket in Linux' abstract space, and names a mailbox; the keeper posts the descriptor there
 *               (`descriptors.ts`), says what it is, and hears when it has been collected. Only then is this side's own closed. So it
 *               works between any two processes, whoever receives, and a ticket that nobody takes costs one descriptor here.
 *
 *                   giver                                     pipe                                   taker
 *                   sendHandle ── ticket: keeper, secret ─────────────────────────────────────────► recvHandle
 *                   keeper ◄── secret, mailbox ── (socket) ──────────────────────────────────────── opens the mailbox
 *                     │ posts the descriptor ─────── (datagram) ──────────────────────────────────► mailbox
 *                     │ says what it is ──────────── (socket) ────────────────────────────────────► collects
 *                   lets go ◄── has it ────────────────────────────────────────────────────────────
 *
 * Layout        Ticket: 16 bytes of keeper, 16 of secret. Request: 16 of secret, 16 of mailbox. Answer: u32 length, then JSON. Then one
 *               byte back.
 * Invariants    1. The keeper answers who has a secret of 128 random bits; nobody else is told anything. 2. It keeps the process alive while
 *               a handle is on its way, and at no other time. 3. A handle is handed over once, or its `sendHandle` has failed.
 *               4. The keeper's name is no secret: whoever has said no secret of ours is kept for `PATIENCE` at most, may say no more than a
 *               request, and is one of `MOST_STRANGERS`.
 * When it dies  Giver: the taker's connection ends, `ERR_HANDLE_GONE`. Taker, also one that gives up: the connection ends before it has said that
 *               it has it, its mailbox is gone, or the pipe has nobody at its other end; `sendHandle` rejects, and what was posted is closed by the
 *               kernel. A taker that gives up has its request read all the same, since its ticket is gone from the pipe.
 * @module
 */
import { closeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { ConnectionClosedError } from '../errors/connection-errors.ts';
import { InvalidOptionError, TimeoutError } from '../errors/executor-errors.ts';
import { descriptors } from '../memory/system/descriptors.ts';
import { setTimer } from '../memory/timer.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { givenHandle, type HandleDetails } from './given-handle.ts';
import { hasCode } from './bind.ts';
import type { Presence } from './presence.ts';
import { Strangers } from './strangers.ts';

/** How a handle is sent. */
export interface SendHandleOptions extends WaitOptions {
  /**
   * Whether this side keeps it as well. Default: a socket is closed here once the other side has it, everything else is kept.
   */
  readonly keepOpen?: boolean | undefined;
}

/** Bytes of a secret, and of a name. */
export const ID_BYTES = 16;
/** A secret and a mailbox. */
const REQUEST_BYTES = 2 * ID_BYTES;
/** Milliseconds that somebody may take who connects to the keeper, before he has said a secret. */
const PATIENCE = 10_000;
/** How many may be at that at one time; one more, and the oldest goes. */
const MOST_STRANGERS = 64;

/** The name in Linux' abstract space that an id stands for; Node wants the zero in front of it. */
export const nameOf = (id: Uint8Array): string => `manyhands-${Buffer.from(id).toString('hex')}`;

/** A handle on its way. */
class Transfer {
  readonly secret = randomBytes(ID_BYTES);
  readonly fd: number;
  readonly details: HandleDetails;
  /** Posted: from now on only the taker says what becomes of it. */
  posted = false;
  readonly #outcome = Promise.withResolvers<void>();

  constructor(fd: number, details: HandleDetails) {
    this.fd = fd;
    this.details = details;
  }

  get taken(): Promise<void> {
    return this.#outcome.promise;
  }

  done(): void {
    this.#outcome.resolve();
  }

  fail(error: unknown): void {
    this.#outcome.reject(error);
  }

  /** Gives it up, unless somebody is taking it. */
  withdraw(error: unknown): void {
    if (!this.posted) this.#outcome.reject(error);
  }
}

/** Answers those who have a ticket. One a thread. */
class Keeper {
  readonly id = randomBytes(ID_BYTES);
  readonly #server: Server;
  readonly #transfers = new Map<string, Transfer>();
  readonly #strangers = new Strangers(MOST_STRANGERS, PATIENCE, () => {});
  readonly listening: Promise<void>;

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket)).unref();
    this.listening = new Promise((resolve, reject) => {
      this.#server
        .once('listening', resolve)
        .once('error', reject)
        .listen({ path: `\0${nameOf(this.id)}` });
    });
  }

  keep(transfer: Transfer): void {
    this.#transfers.set(transfer.secret.toString('hex'), transfer);
    this.#server.ref();
  }

  drop(transfer: Transfer): void {
    this.#transfers.delete(transfer.secret.toString('hex'));
    if (this.#transfers.size === 0) this.#server.unref();
  }

  #serve(socket: Socket): void {
    let said = Buffer.alloc(0);
    let transfer: Transfer | undefined;
    socket.unref(); // it is the server that keeps the process alive
    this.#strangers.add(socket, socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      if (transfer !== undefined) {
        transfer.done();
        socket.end();
        return;
      }
      if (said.length + chunk.length > REQUEST_BYTES) return void socket.destroy();
      said = Buffer.concat([said, chunk]);
      if (said.length < REQUEST_BYTES) return;
      transfer = this.#hand(socket, said);
      if (transfer !== undefined) this.#strangers.remove(socket);
    });
    socket.on('close', () => {
      this.#strangers.remove(socket);
      transfer?.fail(goneBefore());
    });
  }

  #hand(socket: Socket, request: Buffer): Transfer | undefined {
    const transfer = this.#transfers.get(request.toString('hex', 0, ID_BYTES));
    if (transfer === undefined || transfer.posted) {
      socket.end(answer(undefined), () => socket.destroy()); // it was given up since
      return undefined;
    }
    try {
      descriptors().post(nameOf(request.subarray(ID_BYTES, 2 * ID_BYTES)), transfer.fd, transfer.secret);
      transfer.posted = true;
      socket.write(answer(transfer.details));
    } catch (error) {
      // its mailbox is gone, and so is whoever asked
      transfer.fail(hasCode(error, 'ECONNREFUSED') ? goneBefore(error) : error);
      socket.destroy();
    }
    return transfer;
  }
}

const goneBefore = (cause?: unknown): Error =>
  new ConnectionClosedError(
    'Whoever received the handle gave up, or ended, before it had it; the handle was not handed over.',
    {
      ...(cause === undefined ? {} : { cause }),
    },
  );

/** What a handle is; undefined: there is none. */
function answer(details: HandleDetails | undefined): Buffer {
  const text = Buffer.from(details === undefined ? '' : JSON.stringify(details));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

let keeper: Keeper | undefined;

/** Resolves once this thread can give handles away. */
export async function openKeeper(): Promise<void> {
  keeper ??= new Keeper();
  await keeper.listening;
}

/** Where a handle goes: into the pipe, by a ticket, and to whom. */
export interface Way {
  put(ticket: Uint8Array): Promise<void>;
  readonly receivers: Presence;
}

/** Hands a handle over. `openKeeper` has been awaited; the ticket is put before this returns a promise. */
export async function handOver(handle: unknown, way: Way, options: SendHandleOptions): Promise<void> {
  const { keepOpen, signal } = options;
  if (keepOpen !== undefined && typeof keepOpen !== 'boolean')
    throw new InvalidOptionError(`keepOpen must be true or false; it is ${String(keepOpen)}.`);
  const timeout = timeoutOf(options);
  const given = givenHandle(handle, keepOpen);
  const { id } = keeper as Keeper;
  let transfer: Transfer | undefined;
  const over = new AbortController();
  try {
    transfer = new Transfer(descriptors().duplicate(given.fd), given.details);
    keeper?.keep(transfer);
    const { taken } = transfer;
    const withdraw = (error: unknown): void => transfer?.withdraw(error);
    bound(over.signal, timeout, signal, withdraw);
    await Promise.race([taken, way.put(Buffer.concat([id, transfer.secret]))]);
    way.receivers.wait(over.signal).then(() => withdraw(nobody()), withdraw);
    await taken;
  } catch (error) {
    given.restore();
    throw error;
  } finally {
    over.abort();
    if (transfer !== undefined) {
      keeper?.drop(transfer);
      closeSync(transfer.fd);
    }
  }
  if (!(keepOpen ?? given.keptByDefault)) await given.close();
}

/** Gives up when time is over, or the signal says so. */
function bound(
  over: AbortSignal,
  timeout: number,
  signal: AbortSignal | undefined,
  withdraw: (error: unknown) => void,
): void {
  const timer =
    timeout === Infinity
      ? undefined
      : setTimer(timeout, () => withdraw(new TimeoutError(`Nobody received the handle within ${timeout} ms.`)));
  const onAbort = (): void => withdraw(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  over.addEventListener('abort', () => {
    timer?.cancel();
    signal?.removeEventListener('abort', onAbort);
  });
}

const nobody = (): Error =>
  new ConnectionClosedError('Nobody has the other end of this pipe any more; the handle was not handed over.');
