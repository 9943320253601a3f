/**
 * Arguments as they are now: a task that has to wait must not see what its caller changes afterwards.
 *
 * How it works  A packet that cannot go at once is cloned. What is to be moved is moved into the clone, so that the sender
 *               sees its buffers detached at submit, as with `postMessage`, and moved on from there when the task goes.
 *               Buffers that only the clone holds are moved on as well: their bytes are copied once, not twice.
 * @module
 */
import type { Packet } from '../closures/index.ts';
import { Transfer } from '../workers/transfer.ts';
import type { Transferable } from '../workers/worker-backend.ts';

/** Takes `transfer()` marks off arguments. */
export function unwrapTransfers(args: readonly unknown[]): { values: readonly unknown[]; list: readonly Transferable[] } {
  if (!args.some((arg) => arg instanceof Transfer)) return { values: args, list: [] };
  const marked = args.filter((arg): arg is Transfer => arg instanceof Transfer);
  return {
    values: args.map((arg) => (arg instanceof Transfer ? arg.value : arg)),
    list: marked.flatMap((mark) => mark.list),
  };
}

/** A copy of the packet that nobody else can change, and what may be moved when it goes. */
export function freeze(
  packet: Packet,
  list: readonly Transferable[],
): { packet: Packet; transfer: readonly Transferable[] } {
  if (list.length === 0) {
    const copy = structuredClone(packet);
    return { packet: copy, transfer: topLevelBuffers(copy) };
  }
  const [copy, moved] = structuredClone([packet, list] as const, { transfer: list as never });
  return { packet: copy, transfer: moved };
}

/** The memory of arguments that are buffers or views themselves, which is where large data lies. */
function topLevelBuffers(packet: Packet): Transferable[] {
  const root = packet.nodes[packet.root] as readonly unknown[] | undefined;
  if (root?.[0] !== 'raw' || !Array.isArray(root[1])) return [];
  const buffers = new Set<ArrayBuffer>();
  for (const value of root[1] as readonly unknown[]) {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
    if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  }
  return [...buffers];
}
