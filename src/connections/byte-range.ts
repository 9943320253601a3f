/**
 * Part of a buffer that somebody names by offset and size.
 * @module
 */
import { Buffer } from 'node:buffer';
import { types } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';

/** So many bytes of a buffer, as a view of it. @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function byteRange(buffer: ArrayBuffer | ArrayBufferView, offset: number, size?: number): Buffer {
  const all = wholeOf(buffer);
  const { length } = all;
  if (!Number.isInteger(offset) || offset < 0 || offset > length) {
    throw new InvalidOptionError(`offset must be a whole number from 0 to ${length}, the length; it is ${offset}.`);
  }
  if (size === undefined) return all.subarray(offset);
  if (!Number.isInteger(size) || size < 0 || size > length - offset) {
    throw new InvalidOptionError(
      `size must be a whole number from 0 to ${length - offset}, the bytes from offset on; it is ${size}.`,
    );
  }
  return all.subarray(offset, offset + size);
}

function wholeOf(buffer: ArrayBuffer | ArrayBufferView): Buffer {
  if (types.isAnyArrayBuffer(buffer)) return Buffer.from(buffer);
  if (ArrayBuffer.isView(buffer)) {
    return Buffer.from(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
  }
  throw new InvalidOptionError('bytes must be a Buffer, a typed array, a DataView or an ArrayBuffer.');
}
