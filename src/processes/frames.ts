/**
 * Messages over a byte stream: how a process and its owner talk.
 *
 * How it works  A socket pair for each direction, each message a frame. Batches of small values, which are bytes already, go as they are; all
 *               else goes through `v8.serialize`. Measured beside Node's own IPC channel this carries several times as many
 *               small tasks, because a whole batch is one frame, one write and one read.
 * Layout        [payload bytes, u32][MARK | kind, u8][payload]; where the process has threads that are spoken to one by one, the kind has
 *               `TAGGED` added and the payload begins with the thread's number, u32.
 * When it dies  A frame that was cut off by its sender's death is never delivered. Bytes that are no frame, because something
 *               else wrote to the descriptor, end the conversation: nothing after them is read.
 * @module
 */
import type * as V8 from 'node:v8';
import { ManyhandsError } from '../errors/manyhands-error.ts';

const HEADER = 5;
/** Tells a frame from what a stray write left: no byte of ASCII or of UTF-8 looks like this. */
const MARK = 0xf8;
const SERIALIZED = MARK;
const TASKS = MARK | 1;
const ANSWERS = MARK | 2;
/** Added to a kind. */
const TAGGED = 4;
const TAG_BYTES = 4;
/** Longest payload, bytes. */
const MAX_PAYLOAD = 2 ** 31 - 1;

/** Anything that is sent. */
export interface Message {
  readonly type: string;
}

/**
 * The bytes of one message.
 *
 * @param thread whom it is for or from, in a process with threads that are spoken to one by one; never 0
 */
export function encodeFrame(message: Message, thread = 0): Buffer[] {
  const batch = message.type === 'tasks' || message.type === 'answers';
  const payload = batch ? (message as Batch).bytes : v8().serialize(message);
  if (payload.byteLength > MAX_PAYLOAD) {
    throw new ManyhandsError(
      `A message of ${payload.byteLength} bytes is too large to send to another process; the limit is ${MAX_PAYLOAD}. Send it in parts, or by a file.`,
      { code: 'ERR_MESSAGE_TOO_LARGE' },
    );
  }
  const kind = message.type === 'tasks' ? TASKS : message.type === 'answers' ? ANSWERS : SERIALIZED;
  const tag = thread === 0 ? 0 : TAG_BYTES;
  const header = Buffer.allocUnsafe(HEADER + tag);
  header.writeUInt32LE(payload.byteLength + tag, 0);
  header[4] = thread === 0 ? kind : kind | TAGGED;
  if (thread !== 0) header.writeUInt32LE(thread, HEADER);
  return [header, Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)];
}

interface Batch extends Message {
  readonly bytes: Uint8Array;
}

/** Puts a stream's chunks together and takes its messages out. */
export class FrameReader<M extends Message> {
  readonly #onMessage: (message: M, thread: number) => void;
  readonly #onBroken: (error: ManyhandsError) => void;
  #broken = false;
  #header = Buffer.alloc(HEADER);
  #headerBytes = 0;
  #payload: Buffer | undefined;
  #payloadBytes = 0;

  /** @param onBroken is told, once, that what came is no message; no more messages follow */
  constructor(onMessage: (message: M, thread: number) => void, onBroken: (error: ManyhandsError) => void) {
    this.#onMessage = onMessage;
    this.#onBroken = onBroken;
  }

  /** Takes in the next bytes of the stream. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#broken) {
      if (this.#payload === undefined) {
        const part = Math.min(HEADER - this.#headerBytes, chunk.length - at);
        chunk.copy(this.#header, this.#headerBytes, at, at + part);
        this.#headerBytes += part;
        at += part;
        if (this.#headerBytes < HEADER) return;
        const length = this.#header.readUInt32LE(0);
        const kind = this.#header[4] as number;
        if (!isKind(kind) || length > MAX_PAYLOAD + TAG_BYTES) return this.#break();
        if (chunk.length - at >= length) {
          at = kind === ANSWERS ? this.#deliverAnswers(chunk, at, length) : this.#deliverPart(chunk, at, length);
          continue;
        }
        this.#payload = Buffer.allocUnsafeSlow(length);
        this.#payloadBytes = 0;
      }
      const part = Math.min(this.#payload.length - this.#payloadBytes, chunk.length - at);
      chunk.copy(this.#payload, this.#payloadBytes, at, at + part);
      this.#payloadBytes += part;
      at += part;
      if (this.#payloadBytes === this.#payload.length) this.#deliver(this.#payload);
    }
  }

  #deliverPart(chunk: Buffer, at: number, length: number): number {
    this.#deliver(chunk.subarray(at, at + length));
    return at + length;
  }

  /** Answers that have come together are delivered together: their records are moved up to each other, over the headers. */
  #deliverAnswers(chunk: Buffer, at: number, length: number): number {
    let end = at + length;
    let next = end;
    while (chunk.length - next >= HEADER && chunk[next + 4] === ANSWERS) {
      const more = chunk.readUInt32LE(next);
      if (chunk.length - next - HEADER < more) break;
      chunk.copyWithin(end, next + HEADER, next + HEADER + more);
      end += more;
      next += HEADER + more;
    }
    this.#deliver(chunk.subarray(at, end));
    return next;
  }

  #deliver(payload: Buffer): void {
    this.#payload = undefined;
    this.#headerBytes = 0;
    const kind = this.#header[4] as number;
    if ((kind & TAGGED) === 0) this.#deliverAs(kind, payload, 0);
    else if (payload.length < TAG_BYTES) this.#break();
    else this.#deliverAs(kind & ~TAGGED, payload.subarray(TAG_BYTES), payload.readUInt32LE(0));
  }

  #deliverAs(kind: number, payload: Buffer, thread: number): void {
    if (kind === TASKS) this.#onMessage({ type: 'tasks', bytes: aligned(payload) } as Message as M, thread);
    else if (kind === ANSWERS) this.#onMessage({ type: 'answers', bytes: aligned(payload) } as Message as M, thread);
    else this.#deliverSerialized(payload, thread);
  }

  #deliverSerialized(payload: Buffer, thread: number): void {
    let message: M;
    try {
      message = deserialize(payload) as M;
    } catch (error) {
      this.#break(error);
      return;
    }
    this.#onMessage(message, thread);
  }

  #break(cause?: unknown): void {
    this.#broken = true;
    this.#onBroken(
      new ManyhandsError(
        'Something else used descriptor 3 or 4 of a worker process, which it and its owner talk over.',
        { code: 'ERR_PROTOCOL', ...(cause === undefined ? {} : { cause }) },
      ),
    );
  }
}

const isKind = (byte: number): boolean => (byte & ~TAGGED) >= SERIALIZED && (byte & ~TAGGED) <= ANSWERS;

/** All workers have this file, threads too: the module, which takes almost a millisecond, is loaded by the first message. */
const v8 = (): typeof V8 => process.getBuiltinModule('node:v8');

type Deserializer = new (payload: Buffer) => V8.DefaultDeserializer;

/** Node's own gives views onto the whole message: they would keep it alive, share it, and could not be moved on. */
function owningDeserializer(): Deserializer {
  const { DefaultDeserializer } = v8();
  const readView = (DefaultDeserializer.prototype as unknown as { _readHostObject(): NodeJS.ArrayBufferView })
    ._readHostObject;
  return class extends DefaultDeserializer {
    /** Called by V8 for each view. */
    _readHostObject(): unknown {
      const view = readView.call(this);
      if (Buffer.isBuffer(view)) return Buffer.from(view);
      if (view instanceof DataView) {
        return new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
      }
      return (view as Uint8Array).slice();
    }
  };
}

let OwningDeserializer: Deserializer | undefined;

function deserialize(payload: Buffer): unknown {
  OwningDeserializer ??= owningDeserializer();
  const reader = new OwningDeserializer(payload);
  reader.readHeader();
  return reader.readValue();
}

/** The bytes as a plain view. */
const aligned = (payload: Buffer): Uint8Array => new Uint8Array(payload.buffer, payload.byteOffset, payload.length);
