/**
 * Large buffers to be sent, each marked with its number, and a check of those that arrive.
 *
 * It stands alone, since it runs in threads and processes of its own. `cpython.py` has the same.
 * @module
 */

/** Buffers in one run of a test; fewer than 256, as a number is one byte. */
export const BUFFERS = 64;

/** Buffers that may be on their way. */
export const ON_THE_WAY = 4;

/** Writes a number at both ends. */
export function mark(bytes: Uint8Array, number: number): void {
  bytes[0] = number;
  bytes[bytes.length - 1] = 255 - number;
}

/** Whether it is that number's, and whole. */
export function checkMark(bytes: Uint8Array, number: number, size: number): void {
  if (bytes.length !== size || bytes[0] !== number || bytes[size - 1] !== 255 - number) {
    throw new Error(`buffer ${number} is not what was put: ${bytes.length} bytes, ${bytes[0]} to ${bytes.at(-1)}`);
  }
}
