/**
 * Keys and values of a map as bytes, and the hash of a key.
 *
 * How it works  What has a compact form is written in it (`messaging/value-codec.ts`), anything else by structured clone; a byte says
 *               which. Two keys are the same when their bytes are.
 * Source        FNV-1a, mixed as in MurmurHash3 so that its low bits can be used.
 * @module
 */
import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { InvalidValueError } from '../../errors/sync-errors.ts';
import { packSymbol } from '../../sync/place.ts';
import { NO_ROOM, NOT_COMPACT, ValueCodec } from '../../messaging/value-codec.ts';

/** A key and a value, one after the other. */
export interface Entry {
  readonly bytes: Uint8Array;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly hash: number;
}

const COMPACT = 0;
const CLONED = 1;

const LEAST = 4096;
/** Bytes that are copied one by one. */
const FEW = 64;
/** Bytes that are kept between calls. */
const KEPT = 2 ** 20;

/** Undefined while a value is being written: a getter of it may use a map itself, and then gets bytes of its own. */
let idle: ValueCodec | undefined;
const codecNow = (): ValueCodec => (idle ??= new ValueCodec(new Uint8Array(LEAST), true));

/** A key, and a value where one is given. The bytes are used again by the next call. @throws InvalidValueError */
export function encodeEntry(key: unknown, value?: { readonly is: unknown }): Entry {
  if (codecNow().bytes.length > KEPT) idle = undefined;
  // As in a `Map`, there is one zero.
  const keyBytes = write(key === 0 ? 0 : key, 0, 'key');
  const valueBytes = value === undefined ? 0 : write(value.is, keyBytes, 'value') - keyBytes;
  const { bytes } = codecNow();
  return { bytes, keyBytes, valueBytes, hash: hashOf(bytes, keyBytes) };
}

/** Takes bytes that were written out of shared memory. @returns what `decode` wants */
export function takeOut(bytes: Uint8Array, at = 0, length = bytes.length): number {
  copyBytes(bytes, at, length, withRoom(length).bytes, 0);
  return length;
}

/** Copies bytes, few of them one by one: that costs less than the two objects that `set` needs. */
export function copyBytes(from: Uint8Array, at: number, length: number, to: Uint8Array, place: number): void {
  if (length > FEW) to.set(from.subarray(at, at + length), place);
  else for (let i = 0; i < length; i++) to[place + i] = from[at + i] as number;
}

/** The value whose bytes were taken out last. */
export function decode(length: number): unknown {
  const codec = codecNow();
  // Copied: what is deserialized may lie over the bytes that it was made from.
  return codec.bytes[0] === CLONED ? deserialize(Buffer.from(codec.bytes.subarray(1, length))) : codec.read(1);
}

/** Writes a value from a byte on; returns where it ends. */
function write(value: unknown, at: number, what: string): number {
  for (let codec = withRoom(at + 2); ; codec = withRoom(codec.bytes.length * 2)) {
    const end = undisturbed(codec, () => codec.write(value, at + 1, codec.bytes.length));
    if (end === NOT_COMPACT) return writeClone(value, at, what);
    if (end === NO_ROOM) continue;
    codec.bytes[at] = COMPACT;
    return end;
  }
}

function writeClone(value: unknown, at: number, what: string): number {
  refuseObjects(value, what);
  let clone: Uint8Array;
  try {
    clone = undisturbed(codecNow(), () => serialize(value));
  } catch (error) {
    throw new InvalidValueError(`This ${what} cannot be kept in a SharedMap: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const end = at + 1 + clone.length;
  const { bytes } = withRoom(end);
  bytes[at] = CLONED;
  bytes.set(clone, at + 1);
  return end;
}

/** Whatever says itself how it travels is no data: a clone of it would be empty. Getters are not called. @throws InvalidValueError */
function refuseObjects(value: unknown, what: string): void {
  const within = new Set([value]);
  for (const each of within) {
    if (typeof each !== 'object' || each === null) continue;
    const { constructor } = each;
    if (typeof constructor === 'function' && packSymbol in constructor) {
      throw new InvalidValueError(
        `This ${what} cannot be kept in a SharedMap: ${constructor.name} is no data. Send the object, and keep data of it.`,
      );
    }
    if (ArrayBuffer.isView(each)) continue;
    if (types.isMap(each)) for (const pair of each) for (const one of pair) within.add(one);
    if (types.isSet(each)) for (const one of each) within.add(one);
    for (const one of Object.values(Object.getOwnPropertyDescriptors(each))) within.add(one.value);
  }
}

/** Calls what may run code of the user. */
function undisturbed<R>(codec: ValueCodec, fn: () => R): R {
  idle = undefined;
  try {
    return fn();
  } finally {
    idle = codec;
  }
}

/** The codec, with so many bytes at least; what was written stays. */
function withRoom(bytes: number): ValueCodec {
  const codec = codecNow();
  if (bytes <= codec.bytes.length) return codec;
  const larger = new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
  larger.set(codec.bytes);
  idle = new ValueCodec(larger, true);
  return idle;
}

function hashOf(bytes: Uint8Array, length: number): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x0100_0193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  return hash | 0;
}
