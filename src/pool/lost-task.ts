/**
 * What is known of a task that a worker held when it ended, for its error.
 * @module
 */
import type { WorkerDiedError } from '../errors/executor-errors.ts';
import type { Packet } from '../closures/packet.ts';
import type { HeldTask } from '../workers/held-tasks.ts';
import { argumentsInShort, payloadInShort } from '../workers/task-text.ts';
import type { WorkerExit } from '../workers/worker-backend.ts';
import { type LostTask, workerDied } from '../workers/worker-death.ts';
import type { Seat } from './dispatcher.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { TaskDetail } from './task-table.ts';

/** The error of a task that was lost with its worker. */
export function lostWith(
  seat: Seat,
  exit: WorkerExit,
  held: HeldTask,
  detail: TaskDetail | undefined,
  functions: FunctionRegistry,
): WorkerDiedError {
  const task = lostTask(held, detail, seat, functions);
  return workerDied(seat.worker, exit, task, ' The other tasks go on, on other workers.');
}

/** Which task it was, and how its worker was. */
function lostTask(held: HeldTask, detail: TaskDetail | undefined, seat: Seat, functions: FunctionRegistry): LostTask {
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
