/**
 * Values to bytes and back, proxies among them.
 *
 * How it works  The form of connections (`connections/message-codec.ts`): data, functions and classes by name. A proxy becomes what the
 *               two ends of this connection understand by it: they know each other already, so no address and no key goes along.
 *               Packing and unpacking are synchronous where proxies are met, so it is enough to say before whose they are.
 * Invariants    Nothing that arrives is evaluated, and nothing is imported that the allow list does not name.
 * @module
 */
import { Buffer } from 'node:buffer';
import type { AllowList } from '../connections/allow-list.ts';
import { readData } from '../connections/data-reader.ts';
import { DATA, encodeValue, FRAME_HEADER, PACKET } from '../connections/message-codec.ts';
import { packetFrom } from '../connections/packet-form.ts';
import { PeerSymbols } from '../connections/peer-symbols.ts';
import { ProtocolError } from '../errors/connection-errors.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import type { Packet } from '../closures/packet.ts';
import { unpackNow } from '../closures/unpack.ts';

/** What one end of a connection makes of proxies. */
export interface Wire {
  /** What is sent for a proxy. @throws EncodeError */
  give(proxy: object): unknown;
  /** The proxy for what was sent. @throws EncodeError, ProtocolError */
  take(given: unknown): object;
}

/** What the other side of each connection has named. */
const symbols = new WeakMap<Wire, PeerSymbols>();

let current: Wire | undefined;

/** Whose value is being packed or unpacked now; undefined when it is on no connection of a manager. */
export const currentWire = (): Wire | undefined => current;

/** The bytes of a value. A promise only when a module has to confirm an export; the value has been read all the same. */
export function encode(value: unknown, wire: Wire, most: number): Buffer | Promise<Buffer> {
  return along(wire, () => encodeValue(value, most));
}

/** The value of bytes; a promise when a module has to be loaded for it. @throws ProtocolError, EncodeError */
export function decode(bytes: Uint8Array, wire: Wire, allow: AllowList): unknown {
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset + FRAME_HEADER, Math.max(0, bytes.length - FRAME_HEADER));
  const kind = bytes[FRAME_HEADER - 1];
  if (kind !== DATA && kind !== PACKET) throw new ProtocolError('A value of a manager cannot be read.');
  const data = readData(payload);
  if (kind === DATA) return data;
  const known = symbols.get(wire) ?? new PeerSymbols();
  symbols.set(wire, known);
  const packet = packetFrom(data, allow, payload.length + FRAME_HEADER, known);
  return packet instanceof Promise ? packet.then((each) => make(each, wire)) : make(packet, wire);
}

function make(packet: Packet, wire: Wire): unknown {
  try {
    return along(wire, () => unpackNow(packet, noCode));
  } catch (error) {
    if (error instanceof ManyhandsError || packet.nodes.some((node) => node[0] === 'own')) throw error;
    throw new ProtocolError('A value of a manager cannot be read: it holds what cannot be made.', { cause: error });
  }
}

function along<T>(wire: Wire, run: () => T): T {
  const before = current;
  current = wire;
  try {
    return run();
  } finally {
    current = before;
  }
}

function noCode(): never {
  throw new EncodeError('source text does not travel over connections.', { code: 'ERR_NOT_ALLOWED' });
}
