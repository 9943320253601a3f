/**
 * Descriptors of single values: numbers, flags, bounded texts.
 * @module
 */
import type { NumberName } from '../memory/views.ts';

/** A number of some width. */
export interface NumberType<Name extends NumberName = NumberName> {
  readonly kind: Name;
}

/** `true` or `false`, in one byte. */
export interface BooleanType {
  readonly kind: 'boolean';
}

/** A text that takes at most so many bytes as UTF-8. */
export interface StringType {
  readonly kind: 'string';
  readonly bytes: number;
}

/** One number, flag or text. */
export type ScalarType = NumberType | BooleanType | StringType;

/** Its value, as JavaScript sees it. */
export type ScalarOf<T> =
  T extends NumberType<infer Name>
    ? Name extends 'bigint64' | 'biguint64'
      ? bigint
      : number
    : T extends BooleanType
      ? boolean
      : string;

const number = <Name extends NumberName>(kind: Name): NumberType<Name> => Object.freeze({ kind });

/** A whole number of 8 bits, with a sign. **Python** `ctypes.c_int8`, `'b'`. */
export const int8: NumberType<'int8'> = number('int8');
/** A whole number of 8 bits. **Python** `ctypes.c_uint8`, `'B'`. */
export const uint8: NumberType<'uint8'> = number('uint8');
/** A whole number of 16 bits, with a sign. **Python** `ctypes.c_int16`, `'h'`. */
export const int16: NumberType<'int16'> = number('int16');
/** A whole number of 16 bits. **Python** `ctypes.c_uint16`, `'H'`. */
export const uint16: NumberType<'uint16'> = number('uint16');
/** A whole number of 32 bits, with a sign. **Python** `ctypes.c_int32`, `'i'`. */
export const int32: NumberType<'int32'> = number('int32');
/** A whole number of 32 bits. **Python** `ctypes.c_uint32`, `'I'`. */
export const uint32: NumberType<'uint32'> = number('uint32');
/** A fraction of 32 bits. **Python** `ctypes.c_float`, `'f'`. */
export const float32: NumberType<'float32'> = number('float32');
/** A number as JavaScript has it: 64 bits. **Python** `ctypes.c_double`, `'d'`. */
export const float64: NumberType<'float64'> = number('float64');
/** A `bigint` of 64 bits, with a sign. **Python** `ctypes.c_int64`, `'q'`. */
export const bigint64: NumberType<'bigint64'> = number('bigint64');
/** A `bigint` of 64 bits. **Python** `ctypes.c_uint64`, `'Q'`. */
export const biguint64: NumberType<'biguint64'> = number('biguint64');
/** `true` or `false`. **Python** `ctypes.c_bool`. */
export const boolean: BooleanType = Object.freeze({ kind: 'boolean' });

/**
 * A text of at most so many bytes in UTF-8.
 *
 * **Gotchas** A text is several bytes, so it is not read or written as one: keep a lock, or write it once. A longer text is
 * refused, not cut, and so is one with half of a surrogate pair.
 *
 * **Python** `Array('c', n)`, `ctypes.c_char * n`.
 */
export const string = (bytes: number): StringType => Object.freeze({ kind: 'string', bytes });
