/**
 * What is known of a task that a worker held when it ended, for its error.
 * @module
 */
import type { Packet } from '../closures/packet.ts';
import type { HeldTask } from '../workers/held-tasks.ts';
import { argumentsInShort, payloadInShort } from '../workers/task-text.ts';
import type { LostTask } from '../workers/worker-death.ts';
import type { Seat } from './dispatcher.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { TaskDetail } from './task-table.ts';

/** Which task it was, and how its worker was. */
export function lostTask(
  held: HeldTask,
  detail: TaskDetail | undefined,
  seat: Seat,
  functions: FunctionRegistry,
): LostTask {
  return {
    task: detail?.name ?? functions.nameOf(held.fn),
    args: heldArguments(held, detail),
    attempt: detail?.job?.attempts,
    memory: seat.memory,
  };
}

/** In short, as far as they can be read without making anything anew. */
function heldArguments({ payload, length }: HeldTask, detail: TaskDetail | undefined): string {
  const packet = detail?.payload?.args;
  return packet === undefined ? payloadInShort(payload, length) : packetInShort(packet);
}

function packetInShort(packet: Packet): string {
  const root = packet.nodes[packet.root];
  return root?.[0] === 'raw' && Array.isArray(root[1]) ? argumentsInShort(root[1]) : '…';
}
