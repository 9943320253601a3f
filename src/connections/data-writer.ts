/**
 * Data to bytes, in the form of `data-tags.ts`: what structured clone carries.
 *
 * How it works  One buffer per writer that grows and is used again; a finished message is copied out of it, or is the buffer itself when
 *               it is large. What is no plain data is not written: the caller packs it (`closures/`), and writes the packet.
 * Bounded       By the number of bytes that the other side takes, and by the same depth and cost that its reader allows: what is
 *               sent can be read.
 * @module
 */
import { Buffer } from 'node:buffer';
import { types } from 'node:util';
import { MessageTooLargeError } from '../errors/connection-errors.ts';
import { EncodeError } from '../errors/encode-error.ts';
import * as tags from './data-tags.ts';

/** `write` returns this for what has to be packed first. */
export const NOT_DATA = Symbol('not data');

interface RawBuffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

const SHORT_TEXT = 40;
const MAX_SHORT = 255;
const SMALLEST = 16 * 1024;
/** A buffer larger than this is given away rather than kept. */
const LARGEST_KEPT = 256 * 1024;
const boxedPrototypes = new Set<unknown>([Number, String, Boolean, BigInt].map((each) => each.prototype));
const viewPlaces = new Map<unknown, number>(
  tags.VIEW_NAMES.map((name, place) => [
    (globalThis as unknown as Record<string, { prototype: object } | undefined>)[name]?.prototype,
    place,
  ]),
);

/** Writes messages, one after the other: not one while it writes another, which a getter in the value might begin. */
export class DataWriter {
  #bytes: RawBuffer = Buffer.allocUnsafeSlow(SMALLEST) as unknown as RawBuffer;
  #view = viewOf(this.#bytes);
  #at = 0;
  #most = 0;
  #cost = 0;
  #lead = 0;
  readonly #begun = new Map<object, number>();

  /**
   * The bytes of a value, behind `lead` bytes that are the caller's; `NOT_DATA` when there is something in it that is no plain data.
   *
   * @param most bytes that the value may take
   * @throws MessageTooLargeError `ERR_MESSAGE_TOO_LARGE`; EncodeError `ERR_TOO_DEEP`
   */
  write(value: unknown, lead: number, most: number): Buffer | typeof NOT_DATA {
    this.#at = lead;
    this.#lead = lead;
    this.#most = lead + most;
    this.#cost = 0;
    try {
      if (!this.#write(value, 0)) return NOT_DATA;
      if (this.#cost > tags.costAllowed(this.#at - lead)) this.#tooLarge('it is made of too many small parts');
      return this.#finished();
    } finally {
      this.#begun.clear();
      if (this.#bytes.length > LARGEST_KEPT) this.#renew();
    }
  }

  #finished(): Buffer {
    const length = this.#at;
    if (length > LARGEST_KEPT) return this.#bytes.subarray(0, length); // `write` drops the buffer
    const copy = Buffer.allocUnsafe(length);
    copy.set(this.#bytes.subarray(0, length));
    return copy;
  }

  #renew(): void {
    this.#bytes = Buffer.allocUnsafeSlow(SMALLEST) as unknown as RawBuffer;
    this.#view = viewOf(this.#bytes);
  }

  #tooLarge(why: string): never {
    throw new MessageTooLargeError(
      `A message was not sent: ${why}. The limit is ${this.#most - this.#lead} bytes (\`maxMessage\` on either side). ` +
        'Send it in parts, or give both sides a larger maxMessage.',
    );
  }

  /** Where the next `length` bytes go; there is room for them. */
  #room(length: number): number {
    const at = this.#at;
    const end = at + length;
    if (end > this.#bytes.length) this.#grow(end);
    else if (end > this.#most) this.#tooLarge('it is too large');
    this.#at = end;
    return at;
  }

  #grow(end: number): void {
    if (end > this.#most) this.#tooLarge('it is too large');
    const larger = Buffer.allocUnsafeSlow(
      Math.max(end, Math.min(this.#bytes.length * 2, this.#most)),
    ) as unknown as RawBuffer;
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }

  #tag(tag: number): true {
    const at = this.#room(1);
    this.#bytes[at] = tag;
    return true;
  }

  #u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  #tagCount(tag: number, count: number): void {
    const at = this.#room(5);
    this.#bytes[at] = tag;
    this.#view.setUint32(at + 1, count, true);
  }

  #write(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'number':
        return this.#number(value);
      case 'string':
        return this.#text(value);
      case 'boolean':
        return this.#tag(value ? tags.TRUE : tags.FALSE);
      case 'undefined':
        return this.#tag(tags.UNDEFINED);
      case 'bigint':
        return this.#bigint(value);
      case 'object':
        return value === null ? this.#tag(tags.NULL) : this.#object(value, depth);
      default:
        return false;
    }
  }

  #number(value: number): true {
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      const at = this.#room(9);
      this.#bytes[at] = tags.FLOAT64;
      this.#view.setFloat64(at + 1, value, true);
    } else if (value >= -128 && value < 128) {
      const at = this.#room(2);
      this.#bytes[at] = tags.INT8;
      this.#bytes[at + 1] = value;
    } else {
      const at = this.#room(5);
      this.#bytes[at] = tags.INT32;
      this.#view.setInt32(at + 1, value, true);
    }
    return true;
  }

  #text(text: string): true {
    const { length } = text;
    if (length <= MAX_SHORT) {
      const start = this.#at;
      const at = this.#room(2 + length) + 2;
      const bytes = this.#bytes;
      bytes[at - 2] = tags.TEXT8;
      bytes[at - 1] = length;
      if (length < SHORT_TEXT) {
        let i = 0;
        for (; i < length; i++) {
          const code = text.charCodeAt(i);
          if (code > 127) break;
          bytes[at + i] = code;
        }
        if (i === length) return true;
      } else if (Buffer.byteLength(text) === length) {
        bytes.latin1Write(text, at, length);
        return true;
      }
      this.#at = start;
    } else if (Buffer.byteLength(text) === length) {
      this.#tagCount(tags.TEXT32, length);
      const at = this.#room(length);
      this.#bytes.latin1Write(text, at, length);
      return true;
    }
    this.#tagCount(tags.TEXT16, length * 2);
    const at = this.#room(length * 2);
    this.#bytes.ucs2Write(text, at, length * 2);
    return true;
  }

  #bigint(value: bigint): true {
    const digits = (value < 0n ? -value : value).toString(16);
    const at = this.#room(6 + digits.length);
    this.#bytes[at] = tags.BIGINT;
    this.#bytes[at + 1] = value < 0n ? 1 : 0;
    this.#view.setUint32(at + 2, digits.length, true);
    this.#bytes.latin1Write(digits, at + 6, digits.length);
    return true;
  }

  /** Counts a container, and what it costs its reader; false when it has begun before and is written as that. */
  #begin(container: object, cost: number): boolean {
    const number = this.#begun.get(container);
    if (number !== undefined) {
      this.#tagCount(tags.BACK, number);
      return false;
    }
    this.#begun.set(container, this.#begun.size);
    this.#cost += cost;
    return true;
  }

  #object(value: object, depth: number): boolean {
    if (depth >= tags.MAX_DEPTH) {
      throw new EncodeError(`this value is nested more than ${tags.MAX_DEPTH} deep; send it in a flatter form.`, {
        code: 'ERR_TOO_DEEP',
      });
    }
    if (types.isProxy(value)) return false;
    const proto = Object.getPrototypeOf(value) as unknown;
    if (proto === Object.prototype) {
      if (Object.getOwnPropertySymbols(value).length > 0 || isExotic(value)) return false;
      if (!this.#begin(value, tags.COST.object)) return true;
      return this.#fields(tags.OBJECT, value as Record<string, unknown>, Object.keys(value), depth);
    }
    if (proto === Array.prototype && Array.isArray(value)) return this.#array(value, depth);
    if (proto === Buffer.prototype && ArrayBuffer.isView(value)) return this.#buffer(value as Buffer);
    if (ArrayBuffer.isView(value)) return this.#arrayView(value, viewPlaces.get(proto), depth);
    return proto !== null && hasNoNames(value) && this.#rare(value, proto as object, depth);
  }

  #fields(tag: number, object: Record<string, unknown>, names: readonly string[], depth: number): boolean {
    if (tag === tags.OBJECT) this.#tagCount(tag, names.length);
    else this.#u32(names.length);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      this.#text(name);
      if (!this.#write(object[name], depth + 1)) return false;
    }
    return true;
  }

  #array(array: readonly unknown[], depth: number): boolean {
    const { length } = array;
    if (length > this.#most - this.#at) this.#tooLarge('it has an array of more items than bytes are allowed');
    const names = Object.keys(array);
    // the names of the items come first
    const ownNames = names.length > 0 && !isIndex(names.at(-1) as string);
    if (Object.getOwnPropertySymbols(array).length > 0) return false;
    if (!this.#begin(array, tags.COST.array)) return true;
    if (!ownNames && names.length === length && length > 0 && this.#numbers(array)) return true;
    this.#tagCount(ownNames ? tags.NAMED_ARRAY : tags.ARRAY, length);
    for (let i = 0; i < length; i++) {
      const item = array[i];
      if (item === undefined && !Object.hasOwn(array, i)) this.#tag(tags.HOLE);
      else if (!this.#write(item, depth + 1)) return false;
    }
    if (!ownNames) return true;
    const own = names.filter((name) => !isIndex(name));
    return this.#fields(tags.NAMED_ARRAY, array as unknown as Record<string, unknown>, own, depth);
  }

  #numbers(array: readonly unknown[]): boolean {
    const { length } = array; // a getter may change it
    let ints = true;
    for (let i = 0; i < length; i++) {
      const item = array[i];
      if (typeof item !== 'number') return false;
      if ((item | 0) !== item || (item === 0 && 1 / item < 0)) ints = false;
    }
    this.#tagCount(ints ? tags.INTS : tags.FLOATS, length);
    let at = this.#room(length * (ints ? 4 : 8));
    if (ints) for (let i = 0; i < length; i++, at += 4) this.#view.setInt32(at, array[i] as number, true);
    else for (let i = 0; i < length; i++, at += 8) this.#view.setFloat64(at, array[i] as number, true);
    return true;
  }

  #buffer(buffer: Buffer): boolean {
    if (types.isSharedArrayBuffer(buffer.buffer)) return false;
    return !this.#begin(buffer, tags.COST.buffer) || this.#block(tags.BUFFER, buffer);
  }

  #block(tag: number, bytes: Uint8Array): true {
    this.#tagCount(tag, bytes.byteLength);
    const at = this.#room(bytes.byteLength);
    this.#bytes.set(bytes, at);
    return true;
  }

  #arrayView(value: ArrayBufferView, place: number | undefined, depth: number): boolean {
    const { buffer, byteOffset, byteLength } = value;
    if (place === undefined || !isFixed(buffer)) return false;
    if (!this.#begin(value, tags.COST.buffer)) return true;
    const at = this.#room(10);
    this.#bytes[at] = tags.VIEW;
    this.#bytes[at + 1] = place;
    // part of a larger buffer travels as a view of its own part, unless the buffer has been sent
    const alone = byteLength < buffer.byteLength && !this.#begun.has(buffer);
    this.#view.setUint32(at + 2, alone ? 0 : byteOffset, true);
    this.#view.setUint32(at + 6, byteLength, true);
    if (!alone) return this.#write(buffer, depth + 1);
    this.#begin({}, tags.COST.buffer);
    return this.#block(tags.ARRAY_BUFFER, new Uint8Array(buffer, byteOffset, byteLength));
  }

  #rare(value: object, proto: object, depth: number): boolean {
    if (proto === ArrayBuffer.prototype && isFixed(value)) {
      return !this.#begin(value, tags.COST.buffer) || this.#block(tags.ARRAY_BUFFER, new Uint8Array(value));
    }
    if (proto === Date.prototype && types.isDate(value)) {
      if (!this.#begin(value, tags.COST.date)) return true;
      const at = this.#room(9);
      this.#bytes[at] = tags.DATE;
      this.#view.setFloat64(at + 1, Date.prototype.getTime.call(value), true);
      return true;
    }
    if (proto === Map.prototype && types.isMap(value)) {
      if (!this.#begin(value, tags.COST.map)) return true;
      this.#tagCount(tags.MAP, value.size);
      for (const [key, each] of [...value]) {
        if (!this.#write(key, depth + 1) || !this.#write(each, depth + 1)) return false;
      }
      return true;
    }
    if (proto === Set.prototype && types.isSet(value)) {
      if (!this.#begin(value, tags.COST.set)) return true;
      this.#tagCount(tags.SET, value.size);
      for (const each of [...value]) if (!this.#write(each, depth + 1)) return false;
      return true;
    }
    if (proto === RegExp.prototype && types.isRegExp(value)) {
      if (!this.#begin(value, tags.COST.regexp + 16 * value.source.length)) return true;
      return this.#tag(tags.REGEXP) && this.#text(value.source) && this.#text(value.flags);
    }
    if (boxedPrototypes.has(proto) && types.isBoxedPrimitive(value)) {
      if (!this.#begin(value, tags.COST.boxed)) return true;
      return this.#tag(tags.BOXED) && this.#write(value.valueOf(), depth + 1);
    }
    return false;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const isIndex = (name: string): boolean => {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57 && /^(?:0|[1-9]\d{0,9})$/.test(name) && Number(name) < 2 ** 32 - 1;
};

/** Things whose prototype alone looks plain. */
const isExotic = (value: object): boolean =>
  Array.isArray(value) || types.isNativeError(value) || types.isArgumentsObject(value) || ArrayBuffer.isView(value);

const hasNoNames = (value: object): boolean =>
  (types.isStringObject(value) || Object.keys(value).length === 0) && Object.getOwnPropertySymbols(value).length === 0;

/** Memory that stays as it is while it is written. Shared, resizable and detached memory is packed, or refused. */
const isFixed = (buffer: object): buffer is ArrayBuffer =>
  buffer instanceof ArrayBuffer && !buffer.resizable && !buffer.detached;
