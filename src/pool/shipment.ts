/**
 * A task that is kept before it is placed: its function and arguments as they were when it was submitted.
 *
 * How it works  Small values are kept as bytes, in the form in which they travel; anything else as a packet, cloned. What can be sent more
 *               than once is: a buffer that would be moved to the worker is copied instead while another attempt may need it.
 * @module
 */
import type { Packet } from '../closures/packet.ts';
import { ValueCodec } from '../messaging/value-codec.ts';
import type { Transferable } from '../workers/worker-backend.ts';
import type { Prepared } from './function-registry.ts';

/** A function and its arguments, ready to go. */
export interface Shipment {
  readonly prepared: Prepared;
  readonly kind: number;
  /** The arguments, when they are small. */
  readonly bytes: Uint8Array | undefined;
  /** The arguments, when they are not. */
  readonly packet: Packet | undefined;
  readonly transfer: readonly Transferable[];
  /** Something among the arguments can go only once: a port, a stream. */
  readonly moved: boolean;
}

const MOST_BYTES = 4096;
let scratch: ValueCodec | undefined;
let writing = false;

/** Values in their compact form, or undefined when they have none, or a long one. */
export function toBytes(values: readonly unknown[]): Uint8Array | undefined {
  if (writing) return undefined; // a getter among other values has submitted a task
  scratch ??= new ValueCodec(new Uint8Array(MOST_BYTES));
  writing = true;
  try {
    const end = scratch.writeList(values, 0, MOST_BYTES);
    return end < 0 ? undefined : scratch.bytes.slice(0, end);
  } finally {
    writing = false;
  }
}

/** The values that `toBytes` wrote. */
export const fromBytes = (bytes: Uint8Array): unknown[] => new ValueCodec(bytes).readList(0);

/** What can be sent only by moving it. */
export const movedOnly = (transfer: readonly Transferable[]): Transferable[] =>
  transfer.filter((thing) => !(thing instanceof ArrayBuffer));
