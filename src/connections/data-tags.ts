/**
 * The form of data on the wire: what each value begins with, and how much one message may hold.
 *
 * Layout      A tag byte, then as the table says. Numbers are little-endian; `count` is u32.
 * Invariants  1. Every value takes at least one byte, so a count beyond the bytes that are left is a lie, and is found before
 *             anything is allocated for it. 2. Containers get a number as they begin, in order; BACK names one of them, so shared and cyclic
 *             parts stay so. 3. The form is the same on every version of Node.
 * Bounds      `MAX_DEPTH`, and `costAllowed`: a container costs more memory than bytes, an empty `Map` forty times as much. What
 *             one message may cost in all is kept in proportion to its length, and to be obeyed by its sender as well.
 * @module
 */

export const NULL = 0;
export const UNDEFINED = 1;
export const TRUE = 2;
export const FALSE = 3;
/** i8. */
export const INT8 = 4;
/** i32. */
export const INT32 = 5;
/** f64. */
export const FLOAT64 = 6;
/** u8 length, then as many bytes of ASCII. */
export const TEXT8 = 7;
/** u32 length, then as many bytes of Latin-1. */
export const TEXT32 = 8;
/** u32 length in bytes, then UTF-16. */
export const TEXT16 = 9;
/** u8 sign, u32 length, then as many bytes of ASCII: hexadecimal digits. */
export const BIGINT = 10;
/** f64, milliseconds. */
export const DATE = 11;
/** count, then the items; a HOLE for what is not there. */
export const ARRAY = 12;
export const HOLE = 13;
/** count, then as many i32. */
export const INTS = 14;
/** count, then as many f64. */
export const FLOATS = 15;
/** count, then a text and a value each. */
export const OBJECT = 16;
/** As ARRAY, then count and as many names and values. */
export const NAMED_ARRAY = 17;
/** count, then a key and a value each. */
export const MAP = 18;
/** count, then values. */
export const SET = 19;
/** Two texts: source and flags. */
export const REGEXP = 20;
/** A primitive: a `Number`, `String`, `Boolean` or `BigInt` object of it. */
export const BOXED = 21;
/** u32 length, then the bytes: an `ArrayBuffer`. */
export const ARRAY_BUFFER = 22;
/** u8 place in `VIEW_NAMES`, u32 offset, u32 length in bytes, then an `ARRAY_BUFFER` or the BACK of one. */
export const VIEW = 23;
/** u32 length, then the bytes: a `Buffer`. */
export const BUFFER = 24;
/** u32: the number of a container that has begun. */
export const BACK = 25;

/** Deepest nesting. */
export const MAX_DEPTH = 500;

/** Names of the classes of views; their order is part of the form. A version of Node may lack some. */
export const VIEW_NAMES = [
  'Uint8Array',
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
  'Float16Array',
] as const;

/** Bytes of memory that a container takes besides its contents, about. */
export const COST = {
  object: 64,
  array: 64,
  date: 64,
  map: 256,
  set: 256,
  regexp: 256,
  boxed: 64,
  buffer: 256,
} as const;

/** Bytes of memory that the containers of a message of so many bytes may take. */
export const costAllowed = (bytes: number): number => 4 * 1024 * 1024 + 16 * bytes;
