/**
 * The tags of the compact form: the first byte of a value, by its kind.
 * @module
 */
export const NULL = 0;
export const UNDEFINED = 1;
export const TRUE = 2;
export const FALSE = 3;
export const INT8 = 4;
export const INT32 = 5;
export const FLOAT64 = 6;
export const TEXT8 = 7;
export const TEXT32 = 8;
export const TEXT16 = 9;
export const ARRAY = 10;
export const INTS = 11;
export const FLOATS = 12;
export const OBJECT = 13;
export const BIGINT64 = 14;
export const DATE = 15;
export const BUFFER = 16;
export const VIEW = 17; // plus the index of its class in VIEWS

/** The classes that `VIEW` counts from. */
export const VIEWS = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
/** Place in `VIEWS` by prototype. */
export const viewClass = new Map<object, number>(VIEWS.map((view, index) => [view.prototype, index]));
