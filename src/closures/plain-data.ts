/**
 * Whether structured clone alone carries a value whole.
 *
 * How it works  A walk over plain objects, arrays, maps and sets that stops at the first thing clone would lose, change or
 *               refuse: functions, class instances, accessors, symbol keys, missing prototypes, errors (clone drops their class
 *               and fields), `Buffer`s. Typed arrays are not walked. Objects seen are only remembered from a depth on, since
 *               most data is shallow and a set costs more than the walk.
 * @module
 */
import { types } from 'node:util';
import { isHeapObject } from '../memory/shared-heap.ts';

const REMEMBER_FROM = 12;
/** Arrays up to this length are searched for properties that are no items: listing the keys of long ones costs more than they do. */
const NAMES_UP_TO = 64;
/** An array longer than this may be all holes. */
const SPARSE_FROM = 1_000_000;

const clonedPrototypes = new Set<object>(
  [
    ...[Date, RegExp, ArrayBuffer, SharedArrayBuffer, DataView, Number, String, Boolean, BigInt],
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
    (globalThis as { Float16Array?: { prototype: object } }).Float16Array,
  ].flatMap((each) => (each === undefined ? [] : [each.prototype as object])),
);

/** Whether this is `Object.prototype`, of this context or another. */
export function isObjectPrototype(proto: object | null): boolean {
  if (proto === Object.prototype) return true;
  return proto !== null && Object.getPrototypeOf(proto) === null && Object.hasOwn(proto, 'isPrototypeOf');
}

/** Whether memory is, or is a view of, memory that threads share. */
export const isShared = (value: object): boolean =>
  types.isSharedArrayBuffer(value) || (ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer));

/** A walk over one value or many; what was found not to be plain is remembered from one to the next. */
export class PlainWalk {
  readonly #sharing: boolean;
  #notPlain: Set<object> | undefined;

  /** @param sharing Whether shared memory can be carried. */
  constructor(sharing: boolean) {
    this.#sharing = sharing;
  }

  isPlain(value: unknown): boolean {
    return this.#walk(value, 0, undefined);
  }

  #walk(value: unknown, depth: number, seen: Set<object> | undefined): boolean {
    if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
    if (value === null || seen?.has(value)) return true;
    if (this.#notPlain?.has(value)) return false;
    let inside = seen;
    if (depth >= REMEMBER_FROM) {
      inside ??= new Set();
      inside.add(value);
    }
    const plain = this.#inside(value, depth + 1, inside);
    if (!plain) {
      this.#notPlain ??= new Set();
      this.#notPlain.add(value);
    }
    return plain;
  }

  #inside(value: object, depth: number, seen: Set<object> | undefined): boolean {
    if (isHeapObject(value)) return false;
    if (types.isProxy(value)) return false;
    const proto: object | null = Object.getPrototypeOf(value);
    if (Array.isArray(value)) return proto === Array.prototype && this.#array(value, depth, seen);
    if (isObjectPrototype(proto)) return this.#object(value, depth, seen);
    if (proto === Map.prototype && types.isMap(value)) {
      for (const [key, each] of value) {
        if (!this.#walk(key, depth, seen) || !this.#walk(each, depth, seen)) return false;
      }
      return !hasOwnKeys(value);
    }
    if (proto === Set.prototype && types.isSet(value)) {
      for (const each of value) if (!this.#walk(each, depth, seen)) return false;
      return !hasOwnKeys(value);
    }
    if (proto === null || !clonedPrototypes.has(proto) || !isBehind(value, proto)) return false;
    if (!this.#sharing && isShared(value)) return false;
    return ArrayBuffer.isView(value) || types.isStringObject(value) || !hasOwnKeys(value);
  }

  #array(value: readonly unknown[], depth: number, seen: Set<object> | undefined): boolean {
    const { length } = value;
    if (length > SPARSE_FROM && Object.keys(value).length < length / 2) return false;
    for (let i = 0; i < length; i += 1) {
      const each = value[i];
      if (typeof each === 'number' || typeof each === 'string') continue;
      if (!this.#walk(each, depth, seen)) return false;
    }
    if (Object.getOwnPropertySymbols(value).length > 0) return false;
    return length > NAMES_UP_TO || Object.keys(value).length <= length;
  }

  #object(value: object, depth: number, seen: Set<object> | undefined): boolean {
    if (types.isModuleNamespaceObject(value) || types.isNativeError(value) || types.isArgumentsObject(value))
      return false;
    if (types.isBoxedPrimitive(value) || ArrayBuffer.isView(value) || types.isPromise(value)) return false;
    for (const key of Object.keys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      if (property.get !== undefined || property.set !== undefined) return false;
      if (!this.#walk(property.value, depth, seen)) return false;
    }
    return Object.getOwnPropertySymbols(value).length === 0;
  }
}

/** Whether structured clone alone carries the value whole to another thread. */
export function isPlain(value: unknown): boolean {
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  return value === null || new PlainWalk(true).isPlain(value);
}

const hasOwnKeys = (value: object): boolean =>
  Object.keys(value).length > 0 || Object.getOwnPropertySymbols(value).length > 0;

/** Object.create(Date.prototype) is no date. */
const isBehind = (value: object, proto: object): boolean =>
  types.isBoxedPrimitive(value) ||
  ArrayBuffer.isView(value) ||
  types.isAnyArrayBuffer(value) ||
  (proto === Date.prototype ? types.isDate(value) : types.isRegExp(value));
