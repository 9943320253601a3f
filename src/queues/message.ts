/**
 * Items as bytes, on their way into a queue and out of it.
 *
 * How it works  An item is encoded before the queue is entered, into bytes that are used again for the next one, and copied in; and
 *               it is copied out and decoded once the queue has been left. So no code of the user's runs while others wait. What has
 *               no compact form is cloned (`v8.serialize`); what clone cannot carry (functions, instances of classes, shared
 *               objects) travels as arguments do, with its code in the same message. Large byte arrays are not encoded at all.
 * Invariants    1. A failure to encode has changed nothing. 2. A getter of an item may use the queue: what is being encoded
 *               has its bytes to itself.
 * @module
 */
import { deserialize, serialize } from 'node:v8';
import { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import type { CodeUnit, Packed, Packet } from '../closures/packet.ts';
import { unpack, unpackNow, unpacksNow } from '../closures/unpack.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { NO_ROOM, NOT_COMPACT, ValueCodec } from '../messaging/value-codec.ts';
import { VIEWS, viewClass } from '../messaging/view-classes.ts';
import { Travels } from '../sync/travels.ts';

/** How a message's bytes are to be read. */
const COMPACT = 0;
const CLONED = 1;
/** A packet, all that it needs beside it. */
const PACKED = 2;
/** A packet for which modules have to be loaded, which takes a promise. */
const PACKED_WITH_MODULES = 3;
/** Bytes as they are; the class of what they were is added. */
const RAW = 4;
const RAW_BUFFER = RAW + VIEWS.length;
const RAW_ARRAY_BUFFER = RAW_BUFFER + 1;
/** No item, but what a pipe says of a descriptor. */
const HANDLE = RAW_ARRAY_BUFFER + 1;

const LEAST = 4096;
/** Bytes that are kept between calls. */
const KEPT = 2 ** 20;

/** A message: `words` are there when its bytes begin at their first byte, for whoever copies few of them. */
export interface Message {
  tag: number;
  length: number;
  bytes: Uint8Array;
  words: Int32Array | undefined;
  /** What counts as being on its way with it, to be given back when it is not put; mostly nothing does. */
  readonly travels?: Travels;
}

/** Bytes for one message, which grow. */
class Scratch {
  codec = new ValueCodec(new Uint8Array(LEAST));
  words = new Int32Array(this.codec.bytes.buffer);

  grow(bytes: number): void {
    this.codec = new ValueCodec(new Uint8Array(2 ** Math.ceil(Math.log2(bytes))));
    this.words = new Int32Array(this.codec.bytes.buffer);
  }

  /** Writes a value; returns where it ends, or `NOT_COMPACT`. */
  write(value: unknown): number {
    if (this.codec.bytes.length > KEPT) this.grow(LEAST);
    for (;;) {
      const end = this.codec.write(value, 0, this.codec.bytes.length);
      if (end !== NO_ROOM) return end;
      this.grow(this.codec.bytes.length * 2);
    }
  }
}

let outgoing: Scratch | undefined = new Scratch();
const incoming = new Scratch();
const encoded: Message = { tag: COMPACT, length: 0, bytes: new Uint8Array(), words: undefined };

/** The message of an item; good until the next call. Undefined when it has to be packed (`packItem`). */
export function encodeItem(value: unknown): Message | undefined {
  const raw = rawOf(value);
  if (raw !== undefined) return raw;
  const scratch = outgoing ?? new Scratch();
  outgoing = undefined;
  try {
    const length = scratch.write(value);
    if (length === NOT_COMPACT) return undefined;
    encoded.tag = COMPACT;
    encoded.length = length;
    encoded.bytes = scratch.codec.bytes;
    encoded.words = scratch.words;
    return encoded;
  } finally {
    outgoing = scratch;
  }
}

function rawOf(value: unknown): Message | undefined {
  if (!ArrayBuffer.isView(value)) {
    if (!(value instanceof ArrayBuffer) || Object.getPrototypeOf(value) !== ArrayBuffer.prototype) return undefined;
    refuseMoved(value);
    return { tag: RAW_ARRAY_BUFFER, length: value.byteLength, bytes: new Uint8Array(value), words: undefined };
  }
  const prototype: object = Object.getPrototypeOf(value);
  const index = viewClass.get(prototype);
  if (index === undefined && prototype !== Buffer.prototype) return undefined;
  refuseMoved(value.buffer);
  const view = index === undefined ? RAW_BUFFER : RAW + index;
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return { tag: view, length: bytes.length, bytes, words: undefined };
}

/** @throws EncodeError for memory that was moved to somebody else */
function refuseMoved(buffer: ArrayBufferLike): void {
  if ((buffer as { readonly detached?: boolean }).detached !== true) return;
  throw new EncodeError('value: its memory was moved to another thread; nothing is left here that could be sent.', {
    code: 'ERR_NOT_CLONEABLE',
  });
}

/** A message that stays good. */
export const keep = ({ tag, length, bytes, travels }: Message): Message =>
  withTravels({ tag, length, bytes: bytes.slice(0, length), words: undefined }, travels);

const withTravels = (message: Message, travels: Travels | undefined): Message =>
  travels?.any === true ? { ...message, travels } : message;

/** The message of an item that has no compact form. A promise when a module has to confirm first what it exports. @throws EncodeError */
export function packItem(value: unknown): Message | Promise<Message> {
  const units: [id: number, unit: CodeUnit][] = [];
  const book = new CodeBook((id, unit) => units.push([id, unit]));
  const travels = new Travels();
  const made = (each: Packed): Message =>
    withTravels(
      travels.during(() => messageOf(each, units)),
      travels,
    );
  const packed = travels.during(() => pack(value, { destination: 'process', book, root: 'value' }));
  if (!(packed instanceof Promise)) return made(packed);
  return packed.then(made, (error: unknown) => {
    travels.giveBack();
    throw error;
  });
}

function messageOf({ packet }: Packed, units: readonly (readonly [number, CodeUnit])[]): Message {
  const [only] = packet.nodes;
  if (only?.[0] === 'raw' && packet.nodes.length === 1) return cloned(CLONED, only[1]);
  const { root, nodes, units: uses } = packet;
  return cloned(unpacksNow(packet) ? PACKED : PACKED_WITH_MODULES, { packet: { root, nodes, units: uses }, units });
}

function cloned(tag: number, value: unknown): Message {
  let bytes: Uint8Array;
  try {
    bytes = serialize(value);
  } catch (error) {
    throw new EncodeError(`value: ${(error as Error).message}`, { code: 'ERR_NOT_CLONEABLE', cause: error });
  }
  return { tag, length: bytes.length, bytes, words: undefined };
}

/** Room for a message of so many bytes that comes out of a queue; good until the next one. */
export function roomFor(length: number): Scratch {
  if (incoming.codec.bytes.length < length || incoming.codec.bytes.length > KEPT)
    incoming.grow(Math.max(length, LEAST));
  return incoming;
}

/** Bytes that share their buffer with nobody: it becomes part of what is read from them. */
export const newBytes = (length: number): Buffer => Buffer.allocUnsafeSlow(length);

function keptBytes(length: number): Buffer {
  const bytes = newBytes(length);
  bytes.set(incoming.codec.bytes.subarray(0, length));
  return bytes;
}

/** Whether a message is bytes, and nothing else. */
export const isRaw = (tag: number): boolean => tag >= RAW && tag < HANDLE;

/** Whether a message says where to get a descriptor. */
export const isHandle = (tag: number): boolean => tag === HANDLE;

/** The message that says where. */
export const handleMessage = (bytes: Uint8Array): Message => ({
  tag: HANDLE,
  length: bytes.length,
  bytes,
  words: undefined,
});

/** Whether an item can be made at once. */
export const isImmediate = (tag: number): boolean => tag !== PACKED_WITH_MODULES;

/** The item that `roomFor` was filled with. */
export function decodeItem(tag: number, length: number): unknown {
  return tag === COMPACT ? incoming.codec.read(0) : decodeBytes(tag, keptBytes(length));
}

/** The item in bytes that nobody else uses. */
export function decodeBytes(tag: number, bytes: Buffer): unknown {
  if (tag >= RAW) return viewOf(tag, bytes);
  if (tag === COMPACT) return new ValueCodec(bytes).read(0);
  const value: unknown = deserialize(bytes);
  if (tag === CLONED) return value;
  const { packet, units } = value as WithCode;
  return tag === PACKED ? unpackNow(packet, unitsBy(units)) : unpack(packet, unitsBy(units));
}

interface WithCode {
  readonly packet: Packet;
  readonly units: readonly (readonly [number, CodeUnit])[];
}

function viewOf(tag: number, bytes: Buffer): unknown {
  if (tag === RAW_BUFFER) return bytes;
  const { buffer, byteOffset, length } = bytes;
  if (tag === RAW_ARRAY_BUFFER)
    return length === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + length);
  const View = VIEWS[tag - RAW] as (typeof VIEWS)[number];
  return new View(buffer as ArrayBuffer, byteOffset, length / View.BYTES_PER_ELEMENT);
}

const unitsBy = (units: readonly (readonly [number, CodeUnit])[]) => {
  const byId = new Map(units);
  return (id: number): CodeUnit => byId.get(id) as CodeUnit;
};
