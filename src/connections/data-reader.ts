/**
 * Data from the wire, from bytes that anybody may have written.
 *
 * How it works  A recursive walk. Every length is compared with the bytes that are left before it is believed, arrays grow as their items come,
 *               depth and the memory for containers are counted. Properties are defined or go to fresh plain objects, so that no name, `__proto__`
 *               neither, does anything but name. Nothing that is read is ever called.
 * When it ends  A message that does not end where its bytes end is malformed like any other: `ProtocolError`.
 * @module
 */
import { Buffer } from 'node:buffer';
import { ProtocolError } from '../errors/connection-errors.ts';
import { internName } from '../messaging/property-names.ts';
import * as tags from './data-tags.ts';

type Buffers = ArrayBufferView<ArrayBuffer>;
type ViewClass = new (buffer: ArrayBuffer, offset: number, length: number) => Buffers;

/** Strings up to this length are put together a character at a time; a call into Node costs more. */
const SHORT_TEXT = 12;
const HEX = /^[0-9a-f]+$/;
/** Names that an array gives a meaning of its own. */
const ARRAY_OWN = /^(?:\d+|length)$/;

/** Reads one value; all of the bytes must be its. @throws ProtocolError `ERR_BAD_MESSAGE` */
export function readData(bytes: Uint8Array): unknown {
  try {
    return new DataReader(bytes).readAll();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError(`A message of ${bytes.byteLength} bytes cannot be read.`, { cause: error });
  }
}

/** Methods that `Buffer` has and its types leave out: no encoding to parse, no bounds to default. */
interface RawBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}

class DataReader {
  readonly #bytes: RawBuffer;
  readonly #view: DataView;
  readonly #end: number;
  /** Containers that have begun. */
  readonly #begun: unknown[] = [];
  #costLeft: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as unknown as RawBuffer;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
    this.#costLeft = tags.costAllowed(bytes.byteLength);
  }

  readAll(): unknown {
    const value = this.#read(0);
    if (this.#at !== this.#end) this.#fail('it goes on behind its end');
    return value;
  }

  #fail(why: string): never {
    throw new ProtocolError(`A message of ${this.#end} bytes cannot be read: at byte ${this.#at} ${why}.`);
  }

  /** Where the next `length` bytes begin; they are there. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) this.#fail('it ends too early');
    this.#at = at + length;
    return at;
  }

  /** How many items follow, of so many bytes each at least. */
  #count(itemBytes: number): number {
    const count = this.#view.getUint32(this.#take(4), true);
    if (count * itemBytes > this.#end - this.#at) this.#fail(`it says that ${count} more follow, and it is too short`);
    return count;
  }

  #begin<T>(container: T, cost: number): T {
    this.#costLeft -= cost;
    if (this.#costLeft < 0) this.#fail('it would take far more memory than it has bytes');
    this.#begun.push(container);
    return container;
  }

  #read(depth: number): unknown {
    if (depth > tags.MAX_DEPTH) this.#fail('it is nested too deeply');
    const tag = this.#bytes[this.#take(1)] as number;
    switch (tag) {
      case tags.NULL:
        return null;
      case tags.UNDEFINED:
        return undefined;
      case tags.TRUE:
        return true;
      case tags.FALSE:
        return false;
      case tags.INT8:
        return this.#view.getInt8(this.#take(1));
      case tags.INT32:
        return this.#view.getInt32(this.#take(4), true);
      case tags.FLOAT64:
        return this.#view.getFloat64(this.#take(8), true);
      case tags.TEXT8:
      case tags.TEXT32:
      case tags.TEXT16:
        return this.#text(tag);
      case tags.BIGINT:
        return this.#bigint();
      case tags.OBJECT:
        return this.#fields(this.#begin<object>({}, tags.COST.object), depth);
      case tags.ARRAY:
        return this.#items(this.#begin<unknown[]>([], tags.COST.array), depth);
      case tags.INTS:
      case tags.FLOATS:
        return this.#numbers(tag === tags.INTS);
      case tags.BACK:
        return this.#back();
      default:
        return this.#readRare(tag, depth);
    }
  }

  #readRare(tag: number, depth: number): unknown {
    switch (tag) {
      case tags.NAMED_ARRAY:
        return this.#fields(this.#items(this.#begin<unknown[]>([], tags.COST.array), depth), depth);
      case tags.DATE:
        return this.#begin(new Date(this.#view.getFloat64(this.#take(8), true)), tags.COST.date);
      case tags.MAP: {
        const map = this.#begin(new Map<unknown, unknown>(), tags.COST.map);
        for (let left = this.#count(2); left > 0; left--) {
          const key = this.#read(depth + 1);
          map.set(key, this.#read(depth + 1));
        }
        return map;
      }
      case tags.SET: {
        const set = this.#begin(new Set<unknown>(), tags.COST.set);
        for (let left = this.#count(1); left > 0; left--) set.add(this.#read(depth + 1));
        return set;
      }
      case tags.REGEXP:
        return this.#regExp();
      case tags.BOXED:
        return this.#boxed(depth);
      case tags.ARRAY_BUFFER: {
        const length = this.#count(1);
        return this.#begin(this.#copy(length), tags.COST.buffer);
      }
      case tags.BUFFER: {
        const length = this.#count(1);
        return this.#begin(Buffer.from(this.#copy(length)), tags.COST.buffer);
      }
      case tags.VIEW:
        return this.#arrayView(depth);
      default:
        this.#at -= 1;
        return this.#fail(`there is the unknown tag ${tag}`);
    }
  }

  #text(tag: number): string {
    if (tag === tags.TEXT8) {
      const length = this.#bytes[this.#take(1)] as number;
      const from = this.#take(length);
      if (length > SHORT_TEXT) return this.#bytes.latin1Slice(from, from + length);
      let text = '';
      for (let i = from; i < from + length; i++) text += String.fromCharCode(this.#bytes[i] as number);
      return text;
    }
    const length = this.#count(1);
    const from = this.#take(length);
    if (tag === tags.TEXT32) return this.#bytes.latin1Slice(from, from + length);
    if (length % 2 !== 0) this.#fail('a text has half a character');
    return this.#bytes.ucs2Slice(from, from + length);
  }

  #name(): string {
    const at = this.#take(1);
    const tag = this.#bytes[at] as number;
    if (tag === tags.TEXT8) {
      const length = this.#bytes[this.#take(1)] as number;
      const from = this.#take(length);
      return internName(this.#bytes, from, length);
    }
    if (tag !== tags.TEXT32 && tag !== tags.TEXT16) this.#fail('a name is no text');
    return this.#text(tag);
  }

  #bigint(): bigint {
    const negative = this.#bytes[this.#take(1)] === 1;
    const length = this.#count(1);
    const from = this.#take(length);
    const digits = this.#bytes.latin1Slice(from, from + length);
    // hexadecimal, because reading decimal digits takes more than linear time
    if (!HEX.test(digits)) this.#fail('a bigint has no digits');
    const value = BigInt(`0x${digits}`);
    return negative ? -value : value;
  }

  #fields<T extends object>(object: T, depth: number): T {
    const isArray = Array.isArray(object);
    for (let left = this.#count(3); left > 0; left--) {
      const name = this.#name();
      if (isArray && ARRAY_OWN.test(name)) this.#fail(`an array has the name ${name}`);
      const value = this.#read(depth + 1);
      if (name === '__proto__') define(object, name, value);
      else (object as Record<string, unknown>)[name] = value;
    }
    return object;
  }

  #items(array: unknown[], depth: number): unknown[] {
    const length = this.#count(1);
    for (let i = 0; i < length; i++) {
      if (this.#bytes[this.#at] === tags.HOLE) {
        this.#at += 1;
        array.length = i + 1;
      } else {
        array.push(this.#read(depth + 1));
      }
    }
    return array;
  }

  #numbers(ints: boolean): number[] {
    const length = this.#count(ints ? 4 : 8);
    const array = this.#begin(new Array<number>(length), tags.COST.array);
    let at = this.#take(length * (ints ? 4 : 8));
    if (ints) for (let i = 0; i < length; i++, at += 4) array[i] = this.#view.getInt32(at, true);
    else for (let i = 0; i < length; i++, at += 8) array[i] = this.#view.getFloat64(at, true);
    return array;
  }

  #copy(length: number): ArrayBuffer {
    const copy = new Uint8Array(length);
    const from = this.#take(length);
    copy.set(this.#bytes.subarray(from, from + length));
    return copy.buffer;
  }

  #regExp(): RegExp {
    const source = this.#name();
    const flags = this.#name();
    try {
      return this.#begin(new RegExp(source, flags), tags.COST.regexp + 16 * source.length);
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      return this.#fail('there is no such regular expression');
    }
  }

  #boxed(depth: number): object {
    const place = this.#begun.length;
    this.#begin(undefined, tags.COST.boxed);
    const value = this.#read(depth + 1);
    if ((typeof value === 'object' && value !== null) || value === null || value === undefined) {
      this.#fail('what is boxed is no primitive');
    }
    const boxed = Object(value) as object;
    this.#begun[place] = boxed;
    return boxed;
  }

  #arrayView(depth: number): Buffers {
    const name = tags.VIEW_NAMES[this.#bytes[this.#take(1)] as number];
    const View = name && ((globalThis as unknown as Record<string, unknown>)[name] as ViewClass | undefined);
    if (View === undefined) return this.#fail(`this version of Node has no ${String(name)}`);
    const offset = this.#view.getUint32(this.#take(4), true);
    const length = this.#view.getUint32(this.#take(4), true);
    const place = this.#begun.length;
    this.#begin(undefined, tags.COST.buffer);
    const buffer = this.#read(depth + 1);
    if (!(buffer instanceof ArrayBuffer)) return this.#fail('a view is of no buffer');
    const size = (View as unknown as { readonly BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
    if (offset + length > buffer.byteLength || offset % size !== 0 || length % size !== 0) {
      return this.#fail('a view is larger than its buffer');
    }
    const view = new View(buffer, offset, length / size);
    this.#begun[place] = view;
    return view;
  }

  #back(): unknown {
    const number = this.#view.getUint32(this.#take(4), true);
    const container = this.#begun[number];
    if (container === undefined) this.#fail(`it refers to container ${number}, which has not begun`);
    return container;
  }
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
