/**
 * Where shared memory comes from: one kind of buffer, a `SharedArrayBuffer`, whatever it will be shared with.
 *
 * How it works  In thread scope the buffer is V8's own, zeroed and backed by pages that cost nothing until they are
 *               touched. Process scope will lay a shared mapping under a `SharedArrayBuffer` of the same type, so nothing
 *               above this file needs to know which one it holds.
 * When it dies  V8 frees the buffer when the last thread that holds it lets go; nothing has a name, so nothing can leak.
 * @module
 */

/** Bytes in a cache line. Words that different threads write are kept this far apart. */
export const CACHE_LINE = 64;

/** Words (of four bytes) in a cache line. */
export const LINE_WORDS = CACHE_LINE / Int32Array.BYTES_PER_ELEMENT;

/**
 * Zeroed memory that every thread of this process can share.
 *
 * @param byteLength bytes; rounded up to whole cache lines
 */
export function allocateShared(byteLength: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(Math.ceil(byteLength / CACHE_LINE) * CACHE_LINE);
  } catch (cause) {
    throw noRoom(byteLength, cause);
  }
}

/** As above, with addresses for as much as it may grow to. */
export function allocateGrowing(byteLength: number, most: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(byteLength, { maxByteLength: most });
  } catch (cause) {
    throw noRoom(most, cause);
  }
}

const noRoom = (bytes: number, cause: unknown): RangeError =>
  new RangeError(`There is no room for ${bytes} bytes of shared memory among this process's addresses.`, { cause });
