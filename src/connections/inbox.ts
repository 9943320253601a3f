/**
 * What has come over a socket and was not taken yet.
 *
 * How it works  Messages wait as bytes, in order; a value is made of one when somebody takes it. While `HIGH_WATER` bytes wait the socket is
 *               not read, so the other side's sends stop in turn.
 * Invariants    1. Nobody waits while a message does. 2. Once it has ended it stays so; what had come can still be taken, unless it was
 *               thrown away.
 * @module
 */
import type { Socket } from 'node:net';
import type { ManyhandsError } from '../errors/manyhands-error.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { FrameReader, type RawMessage } from './frame-reader.ts';
import { type Refuse, WaitLine } from './wait-line.ts';

/** Bytes that may wait to be taken. */
const HIGH_WATER = 1024 * 1024;
/** What a message costs that waits, besides its bytes. */
const MESSAGE_COST = 64;
/** Places of a list that may have been taken before it is made anew. */
const MAX_TAKEN = 1024;
const NOTHING_CAME = 'No message came';

/** The messages of one socket. */
export class Inbox {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #takers: WaitLine<RawMessage>;
  readonly #watchers: WaitLine<true>;
  #waiting: RawMessage[] = [];
  #taken = 0;
  #waitingBytes = 0;
  #paused = false;
  #end: ManyhandsError | undefined;

  /** @param onWaiters hears of the first one who waits, and of the last one who does no more */
  constructor(socket: Socket, maxMessage: number, onWaiters: (anybody: boolean) => void) {
    this.#socket = socket;
    this.#reader = new FrameReader(maxMessage);
    this.#takers = new WaitLine(onWaiters);
    this.#watchers = new WaitLine(onWaiters);
  }

  /** Why nothing more will come. */
  get end(): ManyhandsError | undefined {
    return this.#end;
  }

  /** Whether a message has begun and not ended. */
  get inMessage(): boolean {
    return this.#reader.inMessage;
  }

  /** Whether the socket is not to be read. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether a taker would hear something at once: a message, or the end. */
  get hasNews(): boolean {
    return this.#taken < this.#waiting.length || this.#end !== undefined;
  }

  /** Takes in what the socket gives. @throws ProtocolError `ERR_BAD_MESSAGE` */
  push(chunk: Buffer): void {
    this.#reader.push(chunk, (message) => this.#arrive(message));
    if (this.#paused || this.#waitingBytes < HIGH_WATER) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** The next message; the end, when there is none. */
  async take(options: WaitOptions | undefined, refuse?: Refuse<RawMessage>): Promise<RawMessage> {
    timeoutOf(options);
    const first = this.#waiting[this.#taken];
    if (first === undefined) {
      if (this.#end !== undefined) throw this.#end;
      return this.#takers.wait(options, NOTHING_CAME, refuse);
    }
    const refusal = refuse?.(first);
    if (refusal !== undefined) throw refusal;
    this.#remove(first);
    return first;
  }

  /** Resolves when there is news; takes nothing. */
  watch(options: WaitOptions): Promise<true> {
    return this.#watchers.wait(options, NOTHING_CAME);
  }

  /** Nothing more will come. */
  finish(error: ManyhandsError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#takers.failAll(() => error);
    this.#watchers.giveAll(true);
  }

  /** Nobody may take anything any more. */
  close(error: ManyhandsError): void {
    this.#end = error;
    this.#waiting = [];
    this.#taken = 0;
    this.#takers.failAll(() => error);
    this.#watchers.failAll(() => error);
  }

  #arrive(message: RawMessage): void {
    if (this.#takers.give(message)) return;
    this.#waiting.push(message);
    this.#waitingBytes += message.payload.length + MESSAGE_COST;
    this.#watchers.giveAll(true);
  }

  #remove({ payload }: RawMessage): void {
    this.#waitingBytes -= payload.length + MESSAGE_COST;
    this.#taken += 1;
    if (this.#taken === this.#waiting.length || this.#taken === MAX_TAKEN) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    if (!this.#paused || this.#waitingBytes >= HIGH_WATER / 2) return;
    this.#paused = false;
    this.#socket.resume();
  }
}
