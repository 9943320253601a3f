/**
 * Records of small values one after another in ordinary bytes: how tasks and answers travel, many to a message, where no
 * memory is shared.
 *
 * Layout  [bytes in all, a multiple of 8][id][a][b][value…]; the value is a list in a task, a single value in an answer.
 * @module
 */
import { NO_ROOM, ValueCodec } from './value-codec.ts';

/** `BatchWriter.add` returns this when the batch is full: take it, then add again. */
export const NO_BATCH_ROOM = NO_ROOM;

const HEADER = 16;
const WORD = 4;
const FIRST_BYTES = 16 * 1024;
/** A batch grows to this many bytes; one record may not be larger. */
export const MAX_BATCH_BYTES = 512 * 1024;

/** Collects records and hands them out as one block of bytes. */
export class BatchWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #words = new Int32Array(this.#bytes.buffer);
  #codec = new ValueCodec(this.#bytes);
  #end = 0;

  /** Bytes collected. */
  get length(): number {
    return this.#end;
  }

  /** Adds a record; `NO_ROOM` when the batch is full (take it first), `NOT_COMPACT` when the value has no compact form. */
  add(id: number, a: number, b: number, value: unknown): number {
    for (;;) {
      const at = this.#end;
      const end =
        at + HEADER > this.#bytes.length ? NO_ROOM : this.#codec.write(value, at + HEADER, this.#bytes.length);
      if (end >= 0) {
        const length = (end - at + 7) & ~7;
        const word = at / WORD;
        this.#words[word] = length;
        this.#words[word + 1] = id;
        this.#words[word + 2] = a;
        this.#words[word + 3] = b;
        this.#end = at + length;
        return this.#end;
      }
      if (end !== NO_ROOM || this.#bytes.length >= MAX_BATCH_BYTES) return end;
      this.#grow();
    }
  }

  /** Adds a record whose value is bytes already. */
  addBytes(id: number, a: number, b: number, source: Uint8Array, offset: number, length: number): void {
    const at = this.#end;
    const total = (HEADER + length + 7) & ~7;
    while (at + total > this.#bytes.length) this.#grow();
    const word = at / WORD;
    this.#words[word] = total;
    this.#words[word + 1] = id;
    this.#words[word + 2] = a;
    this.#words[word + 3] = b;
    this.#bytes.set(source.subarray(offset, offset + length), at + HEADER);
    this.#end = at + total;
  }

  /** The block collected so far, copied out; the batch starts anew. */
  take(): Uint8Array {
    const block = this.#bytes.slice(0, this.#end);
    this.#end = 0;
    return block;
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer);
    this.#codec = new ValueCodec(bytes);
  }
}

/** Walks the records of one block. */
export class BatchReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #codec: ValueCodec;
  #next = 0;
  #at = 0;
  id = 0;
  a = 0;
  b = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#codec = new ValueCodec(bytes);
  }

  /** Goes to the next record; false at the end. Throws when these bytes are no records. */
  next(): boolean {
    if (this.#next + HEADER > this.#bytes.length) return false;
    const at = this.#next;
    this.#at = at + HEADER;
    const length = this.#view.getInt32(at, true);
    if (length < HEADER) throw new RangeError(`A record of ${length} bytes.`);
    this.#next = at + length;
    this.id = this.#view.getInt32(at + 4, true);
    this.a = this.#view.getInt32(at + 8, true);
    this.b = this.#view.getInt32(at + 12, true);
    return true;
  }

  /** This record as it stands, a view. */
  record(): Uint8Array {
    return this.#bytes.subarray(this.#at - HEADER, this.#next);
  }

  /** This record's value. */
  value(): unknown {
    return this.#codec.read(this.#at);
  }

  /** This record's value, when it is a list. */
  values(): unknown[] {
    return this.#codec.readList(this.#at);
  }
}
