/**
 * Lets a thread have no more tasks than it may run at once; what its owner has sent ahead waits here.
 *
 * Why           A worker answers each task before it begins the next, and its answers have left the process by then: so its owner knows what
 *               it cannot have begun when it dies, and gives that to another worker. A thread's answer leaves the process a little later
 *               than the thread: only when it has left is the thread given the next task.
 * Invariants    A task is here, or given to the thread, or answered to the owner. Tasks keep their order.
 * @module
 */
import { BatchReader } from '../messaging/record-batch.ts';
import { DONE, FAILED, type FromWorker, type ToWorker, WITHDRAWN } from '../workers/messages.ts';

type Packed = ToWorker & { readonly type: 'task' };

/** A task, as it came. */
type Waiting = { readonly id: number } & ({ readonly record: Uint8Array } | { readonly message: Packed });

/** The tasks of one thread. */
export class TaskGate {
  readonly #limit: number;
  readonly #give: (message: ToWorker, transfer?: readonly ArrayBuffer[]) => void;
  readonly #given = new Set<number>();
  #waiting: Waiting[] = [];
  /** Called once none waits. */
  #onEmpty: (() => void) | undefined;

  constructor(limit: number, give: (message: ToWorker, transfer?: readonly ArrayBuffer[]) => void) {
    this.#limit = limit;
    this.#give = give;
  }

  /** Takes in many tasks. */
  addBatch(bytes: Uint8Array): void {
    const batch = new BatchReader(bytes);
    while (batch.next()) this.#waiting.push({ id: batch.id, record: batch.record() });
    this.open();
  }

  /** Takes in one task. */
  add(message: Packed): void {
    this.#waiting.push({ id: message.id, message });
    this.open();
  }

  /** Drops a task that waits; false when it does not. */
  withdraw(id: number): boolean {
    const at = this.#waiting.findIndex((each) => each.id === id);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    this.#checkEmpty();
    return true;
  }

  /** Calls back once all tasks have been given to the thread; at once, when none waits. */
  whenEmpty(then: () => void): void {
    this.#onEmpty = then;
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    const then = this.#onEmpty;
    if (then === undefined || this.#waiting.length > 0) return;
    this.#onEmpty = undefined;
    then();
  }

  /** Notes what the thread has answered. Call it when the message has left the process, then `open`. */
  note(message: FromWorker): void {
    if (message.type === 'answer') {
      this.#noteOne(message.id, message.status);
    } else if (message.type === 'answers') {
      const batch = new BatchReader(message.bytes);
      while (batch.next()) this.#noteOne(batch.id, batch.a);
    }
  }

  #noteOne(id: number, status: number): void {
    if (status === DONE || status === FAILED || status === WITHDRAWN) this.#given.delete(id);
  }

  /** Gives the thread as many tasks as it may have. */
  open(): void {
    const room = this.#limit - this.#given.size;
    if (room <= 0 || this.#waiting.length === 0) return;
    const next = this.#waiting.splice(0, room);
    let records: Uint8Array[] = [];
    const giveRecords = (): void => {
      if (records.length === 0) return;
      const bytes = joined(records);
      records = [];
      this.#give({ type: 'tasks', bytes }, [bytes.buffer]);
    };
    for (const task of next) {
      this.#given.add(task.id);
      if ('record' in task) {
        records.push(task.record);
      } else {
        giveRecords();
        this.#give(task.message);
      }
    }
    giveRecords();
    this.#checkEmpty();
  }
}

/** In memory of their own, which can be moved: they are views of all that came through the pipe with them. */
function joined(records: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}
