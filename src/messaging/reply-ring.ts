/**
 * Ring of answers in shared memory: one sender, one receiver, records of any length.
 *
 * How it works  The sender writes a record behind the tail and publishes it by moving the tail; the receiver reads up to
 *               the tail and moves the head. A record never wraps: when the rest of the ring is too short, a filler takes it
 *               up. What does not fit is refused: its sender may wait a moment for room, or use another way.
 * Layout        [tail][head][record…]; record = [bytes in all, a multiple of 8][id][status][extra][payload…];
 *               filler = [-bytes in all].
 * Invariants    Only the sender moves the tail, only the receiver moves the head; tail - head <= capacity.
 * Ordering      The tail is written last. Whether the receiver sleeps, and who wakes it, is its owner's business.
 * When it dies  A sender that dies has published whole records only; they can still be read.
 * Source        Lamport's single-producer, single-consumer ring (1983).
 * @module
 */
import { layout } from '../memory/layout.ts';
import { allocateShared, CACHE_LINE } from '../memory/shared-buffer.ts';
import { waitSync } from '../memory/wait.ts';
import { load, store, type Words } from '../memory/words.ts';
import { NO_ROOM, NOT_COMPACT, ValueCodec } from './value-codec.ts';

const HEADER = 16;
const WORD = Int32Array.BYTES_PER_ELEMENT;

/** The shared part of a ring: can be posted to any thread. */
export interface ReplyRingMemory {
  readonly buffer: SharedArrayBuffer;
  /** Bytes, a power of two. */
  readonly capacity: number;
}

const placesOf = (capacity: number) => layout({ tail: CACHE_LINE, head: CACHE_LINE, records: capacity });

/** Zeroed memory for a ring. */
export function createReplyRing(capacity = 1024 * 1024): ReplyRingMemory {
  return { buffer: allocateShared(placesOf(capacity).byteLength), capacity };
}

/** The sending end. */
export class ReplySender {
  readonly #words: Words;
  readonly #codec: ValueCodec;
  readonly #tailWord: number;
  readonly #headWord: number;
  readonly #records: number;
  readonly #capacity: number;
  #tail = 0;

  constructor(memory: ReplyRingMemory) {
    const places = placesOf(memory.capacity);
    this.#words = new Int32Array(memory.buffer);
    this.#codec = new ValueCodec(new Uint8Array(memory.buffer));
    this.#tailWord = places.tail / WORD;
    this.#headWord = places.head / WORD;
    this.#records = places.records;
    this.#capacity = memory.capacity;
  }

  /** Sends a record; returns 0, `NO_ROOM` when it does not fit now, or `NOT_COMPACT`. */
  send(id: number, status: number, extra: number, value: unknown): number {
    const capacity = this.#capacity;
    const free = capacity - ((this.#tail - load(this.#words, this.#headWord)) | 0);
    const offset = this.#tail & (capacity - 1);
    const rest = capacity - offset;
    const end = this.#write(offset, Math.min(rest, free), id, status, extra, value);
    if (end >= 0) {
      this.#publish(end - offset);
      return 0;
    }
    if (end === NOT_COMPACT || rest > free) return end;
    const wrapped = this.#write(0, free - rest, id, status, extra, value);
    if (wrapped < 0) return wrapped;
    this.#words[(this.#records + offset) / WORD] = -rest;
    this.#publish(rest + wrapped);
    return 0;
  }

  /**
   * Blocks for some milliseconds, so that the receiver can take something; false at once when it has taken all. The receiver
   * wakes nobody: it would pay for that at each record.
   */
  waitForRoom(milliseconds: number): boolean {
    const head = load(this.#words, this.#headWord);
    if (head === this.#tail) return false;
    waitSync(this.#words, this.#headWord, head, milliseconds);
    return true;
  }

  /** Writes a record at an offset of the ring; returns the offset of its end, a multiple of 8, or the codec's refusal. */
  #write(offset: number, room: number, id: number, status: number, extra: number, value: unknown): number {
    if (room < HEADER) return NO_ROOM;
    const at = this.#records + offset;
    const end = this.#codec.write(value, at + HEADER, at + room);
    if (end < 0) return end;
    const length = (end - at + 7) & ~7;
    const words = this.#words;
    const word = at / WORD;
    words[word] = length;
    words[word + 1] = id;
    words[word + 2] = status;
    words[word + 3] = extra;
    return offset + length;
  }

  #publish(bytes: number): void {
    this.#tail = (this.#tail + bytes) | 0;
    store(this.#words, this.#tailWord, this.#tail);
  }
}

/** The receiving end. */
export class ReplyReceiver {
  readonly #words: Words;
  readonly #codec: ValueCodec;
  readonly #tailWord: number;
  readonly #headWord: number;
  readonly #records: number;
  readonly #mask: number;
  #head = 0;
  /** Of the record received last. */
  id = 0;
  status = 0;
  extra = 0;
  value: unknown = undefined;

  constructor(memory: ReplyRingMemory) {
    const places = placesOf(memory.capacity);
    this.#words = new Int32Array(memory.buffer);
    this.#codec = new ValueCodec(new Uint8Array(memory.buffer));
    this.#tailWord = places.tail / WORD;
    this.#headWord = places.head / WORD;
    this.#records = places.records;
    this.#mask = memory.capacity - 1;
  }

  /** Whether a record is there. */
  peek(): boolean {
    return load(this.#words, this.#tailWord) !== this.#head;
  }

  /** Receives the next record into this object's fields; false when there is none. */
  receive(): boolean {
    const words = this.#words;
    while (load(words, this.#tailWord) !== this.#head) {
      const at = this.#records + (this.#head & this.#mask);
      const word = at / WORD;
      const length = words[word] as number;
      if (length < 0) {
        this.#head = (this.#head - length) | 0;
        continue;
      }
      this.id = words[word + 1] as number;
      this.status = words[word + 2] as number;
      this.extra = words[word + 3] as number;
      this.value = this.#codec.read(at + HEADER);
      this.#head = (this.#head + length) | 0;
      store(words, this.#headWord, this.#head);
      return true;
    }
    return false;
  }
}
