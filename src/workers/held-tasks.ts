/**
 * What a worker is working on, noted in shared memory, so that its owner can tell whose tasks died with it.
 *
 * How it works  Each task in flight has a record: id, function, and the first bytes of its arguments, which is enough to
 *               name it in an error. The worker writes; the owner reads once the worker is gone.
 *               Before a task's last answer is sent its record says by which way, and the how manyth answer of that way it is.
 * Layout        [id + 1 | function | payload bytes | way | number of the answer | 108 bytes of payload]… ; 0 in the first word means free.
 * Ordering      The first word is written last, and cleared first.
 * When it dies  A record that stands was in flight, unless the owner has as many answers as the record says: then the worker was ended
 *               between sending the last one and releasing it, and the number may be another task's by now.
 * @module
 */
import { allocateShared, CACHE_LINE } from '../memory/shared-buffer.ts';
import { load, store, type Words } from '../memory/words.ts';

const RECORD_BYTES = 2 * CACHE_LINE;
const RECORD_WORDS = RECORD_BYTES / Int32Array.BYTES_PER_ELEMENT;
const HEADER = 5;
const HEADER_BYTES = HEADER * Int32Array.BYTES_PER_ELEMENT;
const PAYLOAD_BYTES = RECORD_BYTES - HEADER_BYTES;

/** A task that a worker held. */
export interface HeldTask {
  readonly id: number;
  readonly fn: number;
  /** The payload's first bytes. */
  readonly payload: Uint8Array;
  /** Bytes of the whole payload. */
  readonly length: number;
}

/** A way for answers: through the ring, or by message. */
export const BY_RING = 1;
export const BY_MESSAGE = 2;
export type AnswerWay = typeof BY_RING | typeof BY_MESSAGE;

/** Last answers of tasks that have come from a worker, by way; they wrap around as 32-bit numbers. */
export interface Answered {
  readonly byRing: number;
  readonly byMessage: number;
}

const NONE: Answered = { byRing: 0, byMessage: 0 };

/** Memory for `count` tasks in flight. */
export function allocateHeld(count: number): SharedArrayBuffer {
  return allocateShared(count * RECORD_BYTES);
}

/** The worker's end. */
export class HeldWriter {
  readonly #words: Words;
  readonly #bytes: Uint8Array;
  readonly #free: number[] = [];

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
    for (let record = memory.byteLength / RECORD_BYTES - 1; record >= 0; record--) this.#free.push(record);
  }

  /** Notes a task; returns the record to `release`. */
  hold(id: number, fn: number, source: Uint8Array, offset: number, length: number): number {
    const record = this.#free.pop();
    if (record === undefined) throw new RangeError('More tasks are in flight than this worker may hold.');
    const words = this.#words;
    const word = record * RECORD_WORDS;
    words[word + 1] = fn;
    words[word + 2] = length;
    words[word + 3] = 0;
    const bytes = this.#bytes;
    const at = record * RECORD_BYTES + HEADER_BYTES;
    const shown = length < PAYLOAD_BYTES ? length : PAYLOAD_BYTES;
    for (let i = 0; i < shown; i++) bytes[at + i] = source[offset + i] as number;
    store(words, word, id + 1);
    return record;
  }

  /** The task is about to be answered. @param number of that way's answers, this one included */
  answers(record: number, way: AnswerWay, number: number): void {
    const word = record * RECORD_WORDS;
    this.#words[word + 4] = number;
    this.#words[word + 3] = way;
  }

  /** The task has been answered. */
  release(record: number): void {
    store(this.#words, record * RECORD_WORDS, 0);
    this.#free.push(record);
  }
}

/** Reads the tasks that a worker holds, or held when it ended. @param answered what has come from it */
export function readHeld(memory: SharedArrayBuffer, answered: Answered = NONE): HeldTask[] {
  const words = new Int32Array(memory);
  const held: HeldTask[] = [];
  for (let word = 0; word < words.length; word += RECORD_WORDS) {
    const id = load(words, word) - 1;
    if (id < 0 || hasCome(words[word + 3] as number, words[word + 4] as number, answered)) continue;
    const length = words[word + 2] as number;
    const at = word * Int32Array.BYTES_PER_ELEMENT + HEADER_BYTES;
    const payload = new Uint8Array(memory, at, Math.min(length, PAYLOAD_BYTES)).slice();
    held.push({ id, fn: words[word + 1] as number, payload, length });
  }
  return held;
}

function hasCome(way: number, number: number, { byRing, byMessage }: Answered): boolean {
  return way !== 0 && (((way === BY_RING ? byRing : byMessage) - number) | 0) >= 0;
}
