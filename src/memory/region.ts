/**
 * A stretch of shared memory that one knows how to wait in: words, and park and unpark on any of them.
 *
 * How it works  In thread scope a parked thread sleeps in `Atomics.wait`; V8 keeps its own list of sleepers, which no other
 *               process can see. In process scope it sleeps in the kernel, `futex(2)`, on the very same word. Whatever is built
 *               on a region does not know which it has.
 * Invariants    1. No thread sleeps in the kernel for longer than `SLICE` at a time: that would keep `process.exit()` and `terminate()`
 *                  from finishing. They end `Atomics.wait`.
 *               2. A region keeps its buffer, so an address made from it stays good while the region is held.
 * Ordering      Change the word, then unpark; park names the value that was seen. Nothing falls between the two.
 * Source        futex(7).
 * @module
 */
import { SLICE } from './slice.ts';
import { linux } from './system/linux.ts';
import type { Words } from './words.ts';

/** Among whom memory is shared: the threads of one process, or processes and all their threads. */
export type Scope = 'thread' | 'process';

/** Shared words that a thread can sleep on. */
export interface Region {
  readonly scope: Scope;
  readonly buffer: SharedArrayBuffer;
  readonly words: Words;
  /** Parks this thread while the word is `expected`, for `milliseconds` at most. May return early. */
  park(index: number, expected: number, milliseconds: number): void;
  /** Wakes up to `count` threads parked on the word. */
  unpark(index: number, count: number): void;
}

/** Of a length of its own: a view that follows a buffer's length is slower. */
const wordsOf = (buffer: SharedArrayBuffer): Words => new Int32Array(buffer, 0, Math.floor(buffer.byteLength / 4));

/** A region that the threads of this process share. */
export class ThreadRegion implements Region {
  readonly scope = 'thread';
  readonly buffer: SharedArrayBuffer;
  words: Words;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = wordsOf(buffer);
  }

  /** Takes in what the buffer has grown by. True when that was anything. */
  grown(): boolean {
    if (Math.floor(this.buffer.byteLength / 4) === this.words.length) return false;
    this.words = wordsOf(this.buffer);
    return true;
  }

  park(index: number, expected: number, milliseconds: number): void {
    Atomics.wait(this.words, index, expected, milliseconds);
  }

  unpark(index: number, count: number): void {
    Atomics.notify(this.words, index, count);
  }
}

/** A region that processes share; its buffer lies over a mapping. */
export class ProcessRegion implements Region {
  readonly scope = 'process';
  readonly buffer: SharedArrayBuffer;
  words: Words;
  readonly #address: number;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = wordsOf(buffer);
    this.#address = linux().addressOf(buffer);
  }

  /** The buffer has grown. Words that were taken from here before stay good, and do not reach what is new. */
  grown(): void {
    this.words = wordsOf(this.buffer);
  }

  park(index: number, expected: number, milliseconds: number): void {
    linux().futexWait(this.#address + index * 4, expected, Math.min(milliseconds, SLICE));
  }

  unpark(index: number, count: number): void {
    linux().futexWake(this.#address + index * 4, Math.min(count, 0x7fffffff));
  }
}
