/**
 * Small values as bytes: numbers, strings, plain objects and arrays, dates, byte arrays. Anything else is refused, and its
 * sender falls back to structured clone.
 *
 * How it works  One tag byte, then the value. Integers take one or four bytes, strings one byte a character (two when a
 *               character is above 127), arrays that hold only numbers become one block of 4 or 8 bytes an element.
 *               Property names are interned by the reader, so that objects of one shape share their hidden class.
 * Refused       Whatever this form would change in passing: functions, symbols, class instances, sparse arrays, arrays
 *               with names of their own, symbol keys, an own `__proto__`, an object that occurs twice (its identity, and
 *               any cycle, would be lost), views of part of a buffer or of shared memory, nesting beyond 64, more than
 *               64 KiB in one string or byte array. Where values are kept as data (`SharedMap`), a view is its bytes, whatever it
 *               is a view of, and a string may be long: what is equal has one form.
 * Left out      Names of its own that an array of more than 32 numbers has: looking for them would cost more than the rest.
 * Why           106 ns to write and 156 ns to read a 57-byte object, where `v8.serialize` takes 1,360 and 1,044.
 * @module
 */
import { Buffer } from 'node:buffer';
import { internName } from './property-names.ts';
import { VIEWS, viewClass } from './view-classes.ts';

/** `write` returns this when the value does not fit below the limit. */
export const NO_ROOM = -1;
/** `write` returns this when the value has no compact form. */
export const NOT_COMPACT = -2;

const NULL = 0;
const UNDEFINED = 1;
const TRUE = 2;
const FALSE = 3;
const INT8 = 4;
const INT32 = 5;
const FLOAT64 = 6;
const TEXT8 = 7;
const TEXT32 = 8;
const TEXT16 = 9;
const ARRAY = 10;
const INTS = 11;
const FLOATS = 12;
const OBJECT = 13;
const BIGINT64 = 14;
const DATE = 15;
const BUFFER = 16;
const VIEW = 17; // plus the index of its class in VIEWS

const MAX_DEPTH = 64;
const MAX_BLOCK = 64 * 1024;
const MAX_KEYS = 255;
/** Longer arrays of numbers are not searched for names of their own: it would take five times as long as writing them. */
const MAX_CHECKED_NUMBERS = 32;
/** Room asked for before a scalar is written: a tag and eight bytes. */
const SCALAR = 9;
/** Strings shorter than this are written and read a character at a time; a call into Node costs more. */
const SHORT_TEXT = 40;

/** From 13 characters on V8 joins strings lazily, and whoever looks into one later pays for it. */
const MAX_JOINED = 12;

/** Methods that `Buffer` has and its types leave out: no encoding to parse, no bounds to default. */
interface RawBuffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}

/** One that was computed may have other bits than the literal. */
const oneNaN = (value: number): number => (Number.isNaN(value) ? Number.NaN : value);

/** Writes and reads compact values in one stretch of bytes. */
export class ValueCodec {
  /** The bytes that are written and read. */
  readonly bytes: Uint8Array;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #buffer: RawBuffer;
  #at = 0;
  #limit = 0;
  #seen: object[] = [];
  #manySeen: Set<object> | undefined;
  readonly #asData: boolean;

  /** @param asData views of parts, or of shared memory, are their bytes; strings are of any length */
  constructor(bytes: Uint8Array, asData = false) {
    this.bytes = bytes;
    this.#asData = asData;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as unknown as RawBuffer;
  }

  /** Where the last `read` ended. */
  get position(): number {
    return this.#at;
  }

  /** Writes a value at `position`; returns where it ends, `NO_ROOM` or `NOT_COMPACT`. */
  write(value: unknown, position: number, limit: number): number {
    this.#at = position;
    this.#limit = limit;
    try {
      const failed = this.#write(value, 0);
      return failed === 0 ? this.#at : failed;
    } finally {
      this.#forgetSeen();
    }
  }

  /** Writes a count and that many values, as `readList` reads them. */
  writeList(values: readonly unknown[], position: number, limit: number): number {
    const count = values.length;
    if (count > 255) return NOT_COMPACT;
    if (position + 1 > limit) return NO_ROOM;
    this.#bytes[position] = count;
    this.#at = position + 1;
    this.#limit = limit;
    try {
      for (let i = 0; i < count; i++) {
        const failed = this.#write(values[i], 0);
        if (failed !== 0) return failed;
      }
      return this.#at;
    } finally {
      this.#forgetSeen();
    }
  }

  /** Reads the value at `position`. */
  read(position: number): unknown {
    this.#at = position;
    return this.#read();
  }

  /** Reads what `writeList` wrote. */
  readList(position: number): unknown[] {
    const count = this.#bytes[position] as number;
    this.#at = position + 1;
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.push(this.#read());
    return values;
  }

  #forgetSeen(): void {
    if (this.#seen.length > 0) this.#seen = [];
    this.#manySeen = undefined;
  }

  /** Notes an object; true when it has occurred before in this value. */
  #seenBefore(object: object): boolean {
    const many = this.#manySeen;
    if (many !== undefined) {
      if (many.has(object)) return true;
      many.add(object);
      return false;
    }
    const seen = this.#seen;
    for (let i = 0; i < seen.length; i++) if (seen[i] === object) return true;
    seen.push(object);
    if (seen.length === 8) this.#manySeen = new Set(seen);
    return false;
  }

  #write(value: unknown, depth: number): number {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at + SCALAR > this.#limit) return NO_ROOM;
    switch (typeof value) {
      case 'number':
        if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
          if (value >= -128 && value < 128) {
            bytes[at] = INT8;
            bytes[at + 1] = value;
            this.#at = at + 2;
          } else {
            bytes[at] = INT32;
            this.#view.setInt32(at + 1, value, true);
            this.#at = at + 5;
          }
        } else {
          bytes[at] = FLOAT64;
          this.#view.setFloat64(at + 1, oneNaN(value), true);
          this.#at = at + 9;
        }
        return 0;
      case 'string':
        return this.#writeText(value);
      case 'boolean':
        bytes[at] = value ? TRUE : FALSE;
        this.#at = at + 1;
        return 0;
      case 'undefined':
        bytes[at] = UNDEFINED;
        this.#at = at + 1;
        return 0;
      case 'bigint':
        if (BigInt.asIntN(64, value) !== value) return NOT_COMPACT;
        bytes[at] = BIGINT64;
        this.#view.setBigInt64(at + 1, value, true);
        this.#at = at + 9;
        return 0;
      case 'object':
        if (value === null) {
          bytes[at] = NULL;
          this.#at = at + 1;
          return 0;
        }
        return depth > MAX_DEPTH ? NOT_COMPACT : this.#writeObject(value, depth);
      default:
        return NOT_COMPACT;
    }
  }

  #writeText(text: string): number {
    const bytes = this.#bytes;
    const length = text.length;
    let at = this.#at;
    if (length < SHORT_TEXT) {
      if (at + 2 + length > this.#limit) return NO_ROOM;
      bytes[at] = TEXT8;
      bytes[at + 1] = length;
      at += 2;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) break;
        bytes[at + i] = code;
      }
      if (i === length) {
        this.#at = at + length;
        return 0;
      }
      at -= 2;
    } else if (length > MAX_BLOCK && !this.#asData) {
      return NOT_COMPACT;
    } else if (Buffer.byteLength(text) === length) {
      if (at + 5 + length > this.#limit) return NO_ROOM;
      bytes[at] = TEXT32;
      this.#view.setUint32(at + 1, length, true);
      this.#buffer.latin1Write(text, at + 5, length);
      this.#at = at + 5 + length;
      return 0;
    }
    if (at + 5 + length * 2 > this.#limit) return NO_ROOM;
    bytes[at] = TEXT16;
    this.#view.setUint32(at + 1, length * 2, true);
    this.#buffer.ucs2Write(text, at + 5, length * 2);
    this.#at = at + 5 + length * 2;
    return 0;
  }

  #writeObject(value: object, depth: number): number {
    const proto = Object.getPrototypeOf(value) as unknown;
    if (this.#seenBefore(value)) return NOT_COMPACT;
    if (proto === Object.prototype) return this.#writeFields(value as Record<string, unknown>, depth);
    if (proto === Array.prototype) return Array.isArray(value) ? this.#writeArray(value, depth) : NOT_COMPACT;
    if (proto === Date.prototype) return this.#writeDate(value as Date);
    if (ArrayBuffer.isView(value)) return this.#writeView(value as Uint8Array, proto as object);
    return NOT_COMPACT;
  }

  #writeFields(value: Record<string, unknown>, depth: number): number {
    const at = this.#at;
    const keys = Object.keys(value);
    if (keys.length > MAX_KEYS || Object.getOwnPropertySymbols(value).length > 0) return NOT_COMPACT;
    this.#bytes[at] = OBJECT;
    this.#bytes[at + 1] = keys.length;
    this.#at = at + 2;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      if (key === '__proto__') return NOT_COMPACT;
      const failed = this.#writeText(key) || this.#write(value[key], depth + 1);
      if (failed !== 0) return failed;
    }
    return 0;
  }

  #writeArray(value: readonly unknown[], depth: number): number {
    const length = value.length;
    let ints = true;
    let i = 0;
    for (; i < length; i++) {
      const item = value[i];
      if (typeof item !== 'number') break;
      if (ints && ((item | 0) !== item || (item === 0 && 1 / item < 0))) ints = false;
    }
    const numbers = i === length && length > 0;
    if ((!numbers || length <= MAX_CHECKED_NUMBERS) && Object.keys(value).length !== length) return NOT_COMPACT;
    if (numbers) return this.#writeNumbers(value as readonly number[], ints);
    const at = this.#at;
    this.#bytes[at] = ARRAY;
    this.#view.setUint32(at + 1, length, true);
    this.#at = at + 5;
    for (let k = 0; k < length; k++) {
      const item = value[k];
      if (item === undefined && !(k in value)) return NOT_COMPACT;
      const failed = this.#write(item, depth + 1);
      if (failed !== 0) return failed;
    }
    return 0;
  }

  #writeNumbers(value: readonly number[], ints: boolean): number {
    const length = value.length;
    const view = this.#view;
    let at = this.#at;
    if (at + 5 + length * (ints ? 4 : 8) > this.#limit) return NO_ROOM;
    this.#bytes[at] = ints ? INTS : FLOATS;
    view.setUint32(at + 1, length, true);
    at += 5;
    if (ints) for (let k = 0; k < length; k++, at += 4) view.setInt32(at, value[k] as number, true);
    else for (let k = 0; k < length; k++, at += 8) view.setFloat64(at, oneNaN(value[k] as number), true);
    this.#at = at;
    return 0;
  }

  #writeDate(value: Date): number {
    if (Object.keys(value).length > 0) return NOT_COMPACT;
    let time: number;
    try {
      time = Date.prototype.getTime.call(value);
    } catch {
      return NOT_COMPACT;
    }
    this.#bytes[this.#at] = DATE;
    this.#view.setFloat64(this.#at + 1, time, true);
    this.#at += 9;
    return 0;
  }

  #writeView(value: Uint8Array, proto: object): number {
    const kind = viewClass.get(proto);
    const buffer: ArrayBufferLike = value.buffer;
    const length = value.byteLength;
    const isBuffer = proto === Buffer.prototype;
    if (length > MAX_BLOCK || (!isBuffer && kind === undefined)) return NOT_COMPACT;
    const whole = isBuffer || (length === buffer.byteLength && !this.#seenBefore(buffer));
    const own = buffer instanceof ArrayBuffer && !buffer.resizable && !buffer.detached;
    if (!this.#asData && !(whole && own)) return NOT_COMPACT;
    if (this.#at + 5 + length > this.#limit) return NO_ROOM;
    this.#bytes[this.#at] = isBuffer ? BUFFER : VIEW + (kind as number);
    this.#view.setUint32(this.#at + 1, length, true);
    this.#bytes.set(new Uint8Array(buffer, value.byteOffset, length), this.#at + 5);
    this.#at += 5 + length;
    return 0;
  }

  #read(): unknown {
    const bytes = this.#bytes;
    const view = this.#view;
    const at = this.#at;
    const tag = bytes[at] as number;
    switch (tag) {
      case NULL:
        this.#at = at + 1;
        return null;
      case UNDEFINED:
        this.#at = at + 1;
        return undefined;
      case TRUE:
        this.#at = at + 1;
        return true;
      case FALSE:
        this.#at = at + 1;
        return false;
      case INT8:
        this.#at = at + 2;
        return ((bytes[at + 1] as number) << 24) >> 24;
      case INT32:
        this.#at = at + 5;
        return view.getInt32(at + 1, true);
      case FLOAT64:
        this.#at = at + 9;
        return view.getFloat64(at + 1, true);
      case TEXT8:
        return this.#readShortText();
      case TEXT32:
      case TEXT16: {
        const end = at + 5 + this.#readLength(1);
        this.#at = end;
        return tag === TEXT32 ? this.#buffer.latin1Slice(at + 5, end) : this.#buffer.ucs2Slice(at + 5, end);
      }
      case ARRAY: {
        const length = this.#readLength(1);
        const array: unknown[] = [];
        for (let i = 0; i < length; i++) array.push(this.#read());
        return array;
      }
      case INTS:
      case FLOATS:
        return this.#readNumbers(tag === INTS);
      case OBJECT: {
        const count = bytes[at + 1] as number;
        this.#at = at + 2;
        const object: Record<string, unknown> = {};
        for (let i = 0; i < count; i++) {
          const key = this.#readKey();
          object[key] = this.#read();
        }
        return object;
      }
      case BIGINT64:
        this.#at = at + 9;
        return view.getBigInt64(at + 1, true);
      case DATE:
        this.#at = at + 9;
        return new Date(view.getFloat64(at + 1, true));
      default:
        return this.#readBlock(tag);
    }
  }

  #readShortText(): string {
    const bytes = this.#bytes;
    const length = bytes[this.#at + 1] as number;
    const from = this.#at + 2;
    this.#at = from + length;
    if (length > MAX_JOINED) return this.#buffer.latin1Slice(from, from + length);
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[from + i] as number);
    return text;
  }

  /** How many items follow, each of at least `itemBytes`; checked, because memory is allocated for them. */
  #readLength(itemBytes: number): number {
    const from = this.#at + 5;
    const length = this.#view.getUint32(from - 4, true);
    if (from + length * itemBytes > this.#bytes.length) {
      throw new RangeError(`A message holds ${length} items at byte ${from - 5}, which is beyond its end.`);
    }
    this.#at = from;
    return length;
  }

  #readNumbers(ints: boolean): number[] {
    const view = this.#view;
    const length = this.#readLength(ints ? 4 : 8);
    let at = this.#at;
    const numbers = new Array<number>(length);
    if (ints) for (let i = 0; i < length; i++, at += 4) numbers[i] = view.getInt32(at, true);
    else for (let i = 0; i < length; i++, at += 8) numbers[i] = view.getFloat64(at, true);
    this.#at = at;
    return numbers;
  }

  #readBlock(tag: number): unknown {
    const length = this.#readLength(1);
    const from = this.#at;
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(from, from + length));
    this.#at = from + length;
    if (tag === BUFFER) return Buffer.from(copy.buffer);
    const View = VIEWS[tag - VIEW];
    if (View === undefined) throw new TypeError(`A message holds the unknown tag ${tag} at byte ${from - 5}.`);
    return View === Uint8Array ? copy : new View(copy.buffer);
  }

  #readKey(): string {
    const at = this.#at;
    if (this.#bytes[at] !== TEXT8) return this.#read() as string;
    const length = this.#bytes[at + 1] as number;
    this.#at = at + 2 + length;
    return internName(this.#bytes, at + 2, length);
  }
}
