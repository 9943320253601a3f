/**
 * Takes messages out of a stream of bytes, after the handshake.
 *
 * How it works  A message that lies whole in a chunk is a view of it. One that does not is put together in a buffer that grows with what
 *               has come, so that a header alone, whatever it says, costs next to nothing.
 * Bounded       A message over the limit ends the conversation at its header: both sides know the limit since the handshake, so an honest one
 *               never sends it.
 * @module
 */
import { Buffer } from 'node:buffer';
import { ProtocolError } from '../errors/connection-errors.ts';
import { BYTES, DATA, FRAME_HEADER, PACKET } from './message-codec.ts';

/** A message whose value has not been looked at. */
export interface RawMessage {
  readonly kind: number;
  readonly payload: Buffer;
}

const FIRST_BUFFER = 64 * 1024;

/** Puts the chunks of one stream together. */
export class FrameReader {
  readonly #most: number;
  readonly #header = Buffer.alloc(FRAME_HEADER);
  #headerBytes = 0;
  #length = 0;
  /** The message in the making; longer than what has come of it by a bounded factor. */
  #payload: Buffer | undefined;
  #payloadBytes = 0;

  /** @param most bytes of a message */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a message has begun and not ended. */
  get inMessage(): boolean {
    return this.#headerBytes > 0;
  }

  /** Bytes that are held. */
  get heldBytes(): number {
    return this.#payload?.length ?? 0;
  }

  /** The messages that are complete with this chunk. @throws ProtocolError `ERR_BAD_MESSAGE` */
  push(chunk: Buffer, onMessage: (message: RawMessage) => void): void {
    let at = 0;
    for (;;) {
      if (this.#headerBytes < FRAME_HEADER) {
        const part = Math.min(FRAME_HEADER - this.#headerBytes, chunk.length - at);
        chunk.copy(this.#header, this.#headerBytes, at, at + part);
        this.#headerBytes += part;
        at += part;
        if (this.#headerBytes < FRAME_HEADER) return;
        this.#checkHeader();
      }
      const missing = this.#length - this.#payloadBytes;
      if (this.#payload === undefined && chunk.length - at >= missing) {
        this.#deliver(chunk.subarray(at, at + missing), onMessage);
        at += missing;
        continue;
      }
      if (at === chunk.length) return;
      const part = Math.min(missing, chunk.length - at);
      this.#collect(chunk, at, at + part);
      at += part;
      if (part === missing) this.#deliver((this.#payload as Buffer).subarray(0, this.#length), onMessage);
    }
  }

  #checkHeader(): void {
    const kind = this.#header[4];
    this.#length = this.#header.readUInt32LE(0);
    if (kind !== BYTES && kind !== DATA && kind !== PACKET) {
      throw new ProtocolError('What came over the connection is no message of this library; the connection is closed.');
    }
    if (this.#length > this.#most) {
      throw new ProtocolError(
        `A message of ${this.#length} bytes was to come, though this side takes ${this.#most} at most (\`maxMessage\`) and said so; the connection is closed.`,
      );
    }
  }

  #collect(chunk: Buffer, from: number, to: number): void {
    const end = this.#payloadBytes + to - from;
    const { length = 0 } = this.#payload ?? {};
    if (end > length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#length, Math.max(end, 2 * length, FIRST_BUFFER)));
      this.#payload?.copy(grown, 0, 0, this.#payloadBytes);
      this.#payload = grown;
    }
    chunk.copy(this.#payload as Buffer, this.#payloadBytes, from, to);
    this.#payloadBytes = end;
  }

  #deliver(payload: Buffer, onMessage: (message: RawMessage) => void): void {
    const kind = this.#header[4] as number;
    this.#headerBytes = 0;
    this.#payload = undefined;
    this.#payloadBytes = 0;
    onMessage({ kind, payload });
  }
}
