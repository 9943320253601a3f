/**
 * The typed arrays that have a compact form, by the number that stands for each.
 * @module
 */

/** The classes; their order is part of the form. */
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

/** Place in `VIEWS`, by prototype. */
export const viewClass = new Map<object, number>(VIEWS.map((view, index) => [view.prototype, index]));
