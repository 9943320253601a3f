/**
 * Arguments as they are now: a task that has to wait must not see what its caller changes afterwards.
 *
 * How it works  A packet that cannot go at once is cloned. What is to be moved is moved into the clone, so that the sender
 *               sees its buffers detached at submit, as with `postMessage`, and moved on from there when the task goes.
 * @module
 */
import type { Packet } from '../closures/packet.ts';
import type { Transferable } from '../workers/worker-backend.ts';

/** A copy of the packet that nobody else can change, and what may be moved when it goes. */
export function freeze(
  packet: Packet,
  list: readonly Transferable[],
): { packet: Packet; transfer: readonly Transferable[] } {
  if (list.length === 0) return freezeSimple(packet) ?? { packet: structuredClone(packet), transfer: [] };
  const [copy, moved] = structuredClone([packet, list] as const, { transfer: list as never });
  return { packet: copy, transfer: moved };
}

/**
 * The same for arguments that are primitives, buffers and views, which is how large data comes: one copy of the bytes is made,
 * and that copy is moved. Undefined when there is anything else.
 */
function freezeSimple(packet: Packet): { packet: Packet; transfer: readonly Transferable[] } | undefined {
  const root = packet.nodes[packet.root] as readonly unknown[] | undefined;
  if (root?.[0] !== 'raw' || !Array.isArray(root[1])) return undefined;
  const copies: unknown[] = [];
  const transfer: ArrayBuffer[] = [];
  const seen = new Set<unknown>();
  for (const value of root[1] as readonly unknown[]) {
    if (typeof value !== 'object' || value === null) {
      copies.push(value);
      continue;
    }
    const memory: unknown = ArrayBuffer.isView(value) ? value.buffer : value;
    // Two views of one buffer stay two views of one buffer; that is structured clone's business.
    if (seen.has(memory) || !(memory instanceof ArrayBuffer) || memory.resizable) return undefined;
    seen.add(memory);
    if (value === memory) {
      const copy = memory.slice(0);
      copies.push(copy);
      transfer.push(copy);
    } else {
      if (value instanceof DataView) return undefined;
      const copy = (value as Uint8Array<ArrayBuffer>).slice();
      copies.push(copy);
      transfer.push(copy.buffer);
    }
  }
  return { packet: { root: 0, nodes: [['raw', copies]], units: [] } as unknown as Packet, transfer };
}
