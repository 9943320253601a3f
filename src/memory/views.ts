/**
 * All views of one shared buffer, and how a number of each width is read and written in it.
 *
 * How it works  Whole numbers go through `Atomics`, so that each access happens as one and in order; JavaScript has no such
 *               thing for fractions, which are plain reads and writes: whole on every supported machine, but ordered only by
 *               what stands around them (a lock, a whole number).
 * Source        ECMA-262, "Memory Model".
 * @module
 */

/** Every view of a buffer, from its first byte on. */
export interface Views {
  readonly buffer: SharedArrayBuffer;
  readonly int8: Int8Array<SharedArrayBuffer>;
  readonly uint8: Uint8Array<SharedArrayBuffer>;
  readonly int16: Int16Array<SharedArrayBuffer>;
  readonly uint16: Uint16Array<SharedArrayBuffer>;
  readonly int32: Int32Array<SharedArrayBuffer>;
  readonly uint32: Uint32Array<SharedArrayBuffer>;
  readonly float32: Float32Array<SharedArrayBuffer>;
  readonly float64: Float64Array<SharedArrayBuffer>;
  readonly bigint64: BigInt64Array<SharedArrayBuffer>;
  readonly biguint64: BigUint64Array<SharedArrayBuffer>;
}

/** Names of the widths. */
export type NumberName = Exclude<keyof Views, 'buffer'>;

const known = new WeakMap<SharedArrayBuffer, Views>();

/** The views of a buffer, as long as it is now. */
export function viewsOf(buffer: SharedArrayBuffer): Views {
  let views = known.get(buffer);
  if (views === undefined) {
    views = makeViews(buffer, buffer.byteLength);
    known.set(buffer, views);
  }
  return views;
}

/** Each has a length of its own, whole elements only: a view that follows the length of a buffer is slower. */
function makeViews(buffer: SharedArrayBuffer, bytes: number): Views {
  return {
    buffer,
    int8: new Int8Array(buffer, 0, bytes),
    uint8: new Uint8Array(buffer, 0, bytes),
    int16: new Int16Array(buffer, 0, Math.floor(bytes / 2)),
    uint16: new Uint16Array(buffer, 0, Math.floor(bytes / 2)),
    int32: new Int32Array(buffer, 0, Math.floor(bytes / 4)),
    uint32: new Uint32Array(buffer, 0, Math.floor(bytes / 4)),
    float32: new Float32Array(buffer, 0, Math.floor(bytes / 4)),
    float64: new Float64Array(buffer, 0, Math.floor(bytes / 8)),
    bigint64: new BigInt64Array(buffer, 0, Math.floor(bytes / 8)),
    biguint64: new BigUint64Array(buffer, 0, Math.floor(bytes / 8)),
  };
}

/** Access to a number at a byte of a buffer; the byte is a multiple of the number's width. */
export interface NumberAccess<N extends number | bigint> {
  readonly name: NumberName;
  readonly bytes: 1 | 2 | 4 | 8;
  /** Least and greatest, for whole numbers. */
  readonly range: readonly [N, N] | undefined;
  get(views: Views, at: number): N;
  set(views: Views, at: number, value: N): void;
  /** A view of some of them. */
  view(buffer: SharedArrayBuffer, at: number, length: number): TypedArray;
  /** Replaces a number if it is `expected`, bit by bit; returns what it was. */
  swap(views: Views, at: number, expected: N, value: N): N;
}

/** A view of numbers in shared memory. */
export type TypedArray = Views[NumberName];

/** A view of one width. */
export type ViewOf<Name extends NumberName> = Views[Name];

const LARGE = 1n << 63n;

/** Fractions are swapped as the bits that they are. */
const bits = { float: new Float64Array(1), single: new Float32Array(1) };
const longBits = new BigInt64Array(bits.float.buffer);
const shortBits = new Int32Array(bits.single.buffer);
const longOf = (value: number): bigint => {
  bits.float[0] = value;
  return longBits[0] as bigint;
};
const shortOf = (value: number): number => {
  bits.single[0] = value;
  return shortBits[0] as number;
};

type Access = { readonly [Name in Exclude<NumberName, 'bigint64' | 'biguint64'>]: NumberAccess<number> } & {
  readonly bigint64: NumberAccess<bigint>;
  readonly biguint64: NumberAccess<bigint>;
};

/** Access to numbers of each width. Written out, so that V8 sees one kind of view in each. */
export const access: Access = {
  int8: {
    name: 'int8',
    bytes: 1,
    range: [-0x80, 0x7f],
    get: (views, at) => Atomics.load(views.int8, at),
    set: (views, at, value) => void Atomics.store(views.int8, at, value),
    view: (buffer, at, length) => new Int8Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.int8, at, expected, value),
  },
  uint8: {
    name: 'uint8',
    bytes: 1,
    range: [0, 0xff],
    get: (views, at) => Atomics.load(views.uint8, at),
    set: (views, at, value) => void Atomics.store(views.uint8, at, value),
    view: (buffer, at, length) => new Uint8Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.uint8, at, expected, value),
  },
  int16: {
    name: 'int16',
    bytes: 2,
    range: [-0x8000, 0x7fff],
    get: (views, at) => Atomics.load(views.int16, at / 2),
    set: (views, at, value) => void Atomics.store(views.int16, at / 2, value),
    view: (buffer, at, length) => new Int16Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.int16, at / 2, expected, value),
  },
  uint16: {
    name: 'uint16',
    bytes: 2,
    range: [0, 0xffff],
    get: (views, at) => Atomics.load(views.uint16, at / 2),
    set: (views, at, value) => void Atomics.store(views.uint16, at / 2, value),
    view: (buffer, at, length) => new Uint16Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.uint16, at / 2, expected, value),
  },
  int32: {
    name: 'int32',
    bytes: 4,
    range: [-0x8000_0000, 0x7fff_ffff],
    get: (views, at) => Atomics.load(views.int32, at / 4),
    set: (views, at, value) => void Atomics.store(views.int32, at / 4, value),
    view: (buffer, at, length) => new Int32Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.int32, at / 4, expected, value),
  },
  uint32: {
    name: 'uint32',
    bytes: 4,
    range: [0, 0xffff_ffff],
    get: (views, at) => Atomics.load(views.uint32, at / 4),
    set: (views, at, value) => void Atomics.store(views.uint32, at / 4, value),
    view: (buffer, at, length) => new Uint32Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.uint32, at / 4, expected, value),
  },
  bigint64: {
    name: 'bigint64',
    bytes: 8,
    range: [-LARGE, LARGE - 1n],
    get: (views, at) => Atomics.load(views.bigint64, at / 8),
    set: (views, at, value) => void Atomics.store(views.bigint64, at / 8, value),
    view: (buffer, at, length) => new BigInt64Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.bigint64, at / 8, expected, value),
  },
  biguint64: {
    name: 'biguint64',
    bytes: 8,
    range: [0n, 2n * LARGE - 1n],
    get: (views, at) => Atomics.load(views.biguint64, at / 8),
    set: (views, at, value) => void Atomics.store(views.biguint64, at / 8, value),
    view: (buffer, at, length) => new BigUint64Array(buffer, at, length),
    swap: (views, at, expected, value) => Atomics.compareExchange(views.biguint64, at / 8, expected, value),
  },
  float32: {
    name: 'float32',
    bytes: 4,
    range: undefined,
    get: (views, at) => views.float32[at / 4] as number,
    set(views, at, value) {
      views.float32[at / 4] = value;
    },
    view: (buffer, at, length) => new Float32Array(buffer, at, length),
    swap(views, at, expected, value) {
      const found = Atomics.compareExchange(views.int32, at / 4, shortOf(expected), shortOf(value));
      shortBits[0] = found;
      return bits.single[0] as number;
    },
  },
  float64: {
    name: 'float64',
    bytes: 8,
    range: undefined,
    get: (views, at) => views.float64[at / 8] as number,
    set(views, at, value) {
      views.float64[at / 8] = value;
    },
    view: (buffer, at, length) => new Float64Array(buffer, at, length),
    swap(views, at, expected, value) {
      const found = Atomics.compareExchange(views.bigint64, at / 8, longOf(expected), longOf(value));
      longBits[0] = found;
      return bits.float[0] as number;
    },
  },
};
