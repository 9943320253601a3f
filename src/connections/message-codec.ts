/**
 * Values to messages and back.
 *
 * How it works  Plain data goes as it is. Anything else is packed (`closures/`): a table of nodes, of which only those that name things by
 *               `task()` or by module are let through (`packet-form.ts`), and that table is plain data itself. Bytes have a kind of their own
 *               and go as they are.
 * Invariants    1. What is decoded passes through no promise by itself: it is in a box, since a value with a function called `then` would be taken
 *               for a promise and the function called. 2. Whatever a getter in a value does, a message is what was written for it.
 * Layout        [payload bytes, u32][kind, u8][payload]
 * @module
 */
import { Buffer } from 'node:buffer';
import { types } from 'node:util';
import { MessageTooLargeError, ProtocolError } from '../errors/connection-errors.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import type { Packed, Packet } from '../closures/packet.ts';
import { unpackNow } from '../closures/unpack.ts';
import { Travels } from '../sync/travels.ts';
import type { AllowList } from './allow-list.ts';
import { readData } from './data-reader.ts';
import { costAllowed } from './data-tags.ts';
import { DataWriter, NOT_DATA } from './data-writer.ts';
import { errorNodes } from './own-errors.ts';
import { arraysCost, packetFrom, portableNodes } from './packet-form.ts';
import type { PeerSymbols } from './peer-symbols.ts';

/** Bytes in front of each payload. */
export const FRAME_HEADER = 5;
/** Kinds of payload. Far from what text or zeros look like. */
export const BYTES = 0xb1;
export const DATA = 0xd1;
export const PACKET = 0xe1;

/** Out while it writes: a getter in the value may send another one meanwhile. */
let idleWriter: DataWriter | undefined;
let book: CodeBook | undefined;
let packing = false;

/** Whether a value is being packed for a connection now: what must not leave this program asks, as it is packed. */
export const packsForConnection = (): boolean => packing;

/**
 * The frame of a value. A promise only when a module has to confirm an export, which happens once for each module; the value has been read
 * all the same.
 *
 * @param most bytes that the payload may have
 * @param symbols of the connection over which it goes
 * @throws EncodeError; MessageTooLargeError `ERR_MESSAGE_TOO_LARGE`
 */
export function encodeValue(value: unknown, most: number, symbols?: PeerSymbols): Buffer | Promise<Buffer> {
  const frame = written(value, most);
  if (frame !== NOT_DATA) return withHeader(frame, DATA);
  book ??= newBook();
  const options = { destination: 'process', book } as const;
  const travels = new Travels();
  const encode = (packed: Packed): Buffer =>
    travels.during(() => {
      const whole = encodePacket(packed, most, symbols);
      if (isThenable(value)) throw promiseLike();
      return whole;
    });
  const packed = travels.during(() => {
    packing = true;
    try {
      return pack(value, options);
    } finally {
      packing = false;
    }
  });
  return packed instanceof Promise ? packed.then(encode) : encode(packed);
}

function newBook(): CodeBook {
  const made = new CodeBook();
  for (const [Class, node] of errorNodes()) made.known.set(Class, node);
  return made;
}

function written(value: unknown, most: number): Buffer | typeof NOT_DATA {
  const writer = idleWriter ?? new DataWriter();
  idleWriter = undefined;
  try {
    return writer.write(value, FRAME_HEADER, most);
  } finally {
    idleWriter = writer;
  }
}

/** Whether a value would be taken for a promise. */
function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || types.isProxy(value))
    return false;
  return typeof (value as { readonly then?: unknown }).then === 'function';
}

const promiseLike = (): EncodeError =>
  new EncodeError(
    'this cannot go over a connection, since it has a method called `then`: whoever received it would take it for a promise. Put it into an object.',
    { code: 'ERR_NOT_PORTABLE', path: 'value' },
  );

function encodePacket({ packet }: Packed, most: number, symbols: PeerSymbols | undefined): Buffer {
  const nodes = portableNodes(packet, symbols);
  const frame = written([packet.root, nodes], most);
  if (frame === NOT_DATA) {
    throw new EncodeError('this value holds memory that is shared, or whose size changes; send a copy of it.', {
      code: 'ERR_NOT_PORTABLE',
    });
  }
  for (const node of packet.nodes) {
    if (node[0] === 'array' && node[1] > frame.length) throw tooLarge(node[1], frame.length, 'items of an array');
  }
  const cost = arraysCost(nodes);
  if (cost > costAllowed(frame.length)) {
    throw new MessageTooLargeError(
      `A message was not sent: its arrays, which are mostly empty, would take ${cost} bytes of memory where it is read; ` +
        `${costAllowed(frame.length)} are allowed for its ${frame.length} bytes. Send what is in them, in maps for example.`,
    );
  }
  return withHeader(frame, PACKET);
}

/** The header of a frame of bytes. @throws MessageTooLargeError `ERR_MESSAGE_TOO_LARGE` */
export function bytesHeader(length: number, most: number): Buffer {
  if (length > most) throw tooLarge(length, most, 'bytes');
  const header = Buffer.allocUnsafe(FRAME_HEADER);
  header.writeUInt32LE(length, 0);
  header[4] = BYTES;
  return header;
}

const tooLarge = (length: number, most: number, of: string): MessageTooLargeError =>
  new MessageTooLargeError(
    `A message of ${length} ${of} was not sent; the limit is ${most} (\`maxMessage\` on either side). Send it in parts, or give both ` +
      'sides a larger maxMessage.',
  );

function withHeader(frame: Buffer, kind: number): Buffer {
  frame.writeUInt32LE(frame.length - FRAME_HEADER, 0);
  frame[4] = kind;
  return frame;
}

/** A value in a box. */
export interface Decoded {
  readonly value: unknown;
}

/**
 * The value of a payload; a promise when a module has to be loaded for it.
 *
 * @param symbols of the connection over which it came
 * @throws ProtocolError `ERR_BAD_MESSAGE`; for packets EncodeError `ERR_NOT_ALLOWED`, `ERR_NOT_FOUND`, `ERR_TASK`
 */
export function decodeValue(
  kind: number,
  payload: Buffer,
  allow: AllowList,
  symbols?: PeerSymbols,
): Decoded | Promise<Decoded> {
  if (kind === BYTES) return { value: ownBytes(payload) };
  const data = readData(payload);
  if (kind === DATA) return { value: data };
  const packet = packetFrom(data, allow, payload.length + FRAME_HEADER, symbols);
  return packet instanceof Promise ? packet.then(make) : make(packet);
}

/** Bytes that share their memory with nothing else. */
export function ownBytes(payload: Buffer): Buffer {
  if (payload.byteLength === payload.buffer.byteLength) return payload;
  const own = Buffer.allocUnsafeSlow(payload.byteLength);
  payload.copy(own);
  return own;
}

function make(packet: Packet): Decoded {
  try {
    const value = unpackNow(packet, noCode);
    if (isThenable(value)) throw new ProtocolError('A message cannot be read: it would be taken for a promise.');
    return { value };
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      throw new EncodeError('a message is nested too deeply to be read here.', { code: 'ERR_TOO_DEEP', cause: error });
    }
    // a class that makes its instances itself may throw what it likes
    if (error instanceof ManyhandsError || packet.nodes.some((node) => node[0] === 'own')) throw error;
    throw new ProtocolError('A message cannot be read: it holds what cannot be made.', { cause: error });
  }
}

function noCode(): never {
  throw new EncodeError('source text does not travel over connections.', { code: 'ERR_NOT_ALLOWED' });
}
