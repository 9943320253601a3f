/**
 * The main thread of a process with threads: starts and ends them as the owner says, and passes messages on between them and it.
 *
 * How it works  The threads are started by the thread backend, as any. They share no memory with the pool, so all goes by message: what
 *               the owner has tagged with a thread's number goes to that thread, what a thread posts is tagged and written to the
 *               owner at once. None of the user's functions runs here, so this thread always comes to its messages.
 * Invariants    1. `gone` is a thread's last message. 2. What a thread has answered has left the process before the thread is given
 *               its next task (`task-gate.ts`).
 * When it dies  All threads end with the process, and the owner hears of its end. A thread's death is the thread's alone.
 * @module
 */
import { errorToData } from '../errors/error-data.ts';
import { threadBackend } from '../threads/thread-backend.ts';
import { FAILED, type FromWorker, type ToWorker, WITHDRAWN, type WorkerSetup } from '../workers/messages.ts';
import type { LaunchOptions, Transferable, WorkerExit, WorkerHandle } from '../workers/worker-backend.ts';
import type { FromRelay, ToRelay } from './relay-messages.ts';
import { TaskGate } from './task-gate.ts';

/** One thread. */
interface Thread {
  readonly handle: WorkerHandle;
  readonly gate: TaskGate;
}

/** Sends a message to the owner; throws when it has no form that could be sent. */
type Post = (message: FromRelay, thread: number) => void;

/** The threads of this process. */
export class Relay {
  readonly #post: Post;
  readonly #threads = new Map<number, Thread>();

  constructor(post: Post) {
    this.#post = post;
  }

  /** Takes in a message of the owner's. */
  receive(message: ToRelay, number: number): void {
    if (message.type === 'end') process.exit(0);
    if (message.type === 'start') {
      this.#start(number, message.setup, message.launch);
      return;
    }
    const thread = this.#threads.get(number);
    if (thread === undefined) return; // it has ended meanwhile
    const { handle, gate } = thread;
    switch (message.type) {
      case 'tasks':
        gate.addBatch(message.bytes);
        break;
      case 'task':
        gate.add(message);
        break;
      case 'abort':
        if (gate.withdraw(message.id))
          this.#post({ type: 'answer', id: message.id, status: WITHDRAWN, extra: 0 }, number);
        else handle.post(message);
        break;
      case 'stop':
        gate.whenEmpty(() => handle.stop()); // a thread that is to end does first what its owner has sent it
        break;
      case 'terminate':
        void handle.terminate(message.grace);
        break;
      case 'kill':
        void handle.kill();
        break;
      default:
        handle.post(message);
    }
  }

  #start(number: number, setup: WorkerSetup, launch: LaunchOptions): void {
    const events = {
      onReady: () => this.#post({ type: 'ready', nativeId: handle.nativeId }, number),
      onMessage: (message: FromWorker) => this.#pass(message, number, gate),
      onExit: (exit: WorkerExit) => this.#onExit(number, exit),
    };
    const handle: WorkerHandle = threadBackend.start({ ...setup, destination: 'process' }, events, launch);
    const give = (message: ToWorker, list?: readonly Transferable[]): void => handle.post(message, list);
    const gate = new TaskGate(setup.tasksPerWorker, give);
    this.#threads.set(number, { handle, gate });
    if (handle.threadId !== undefined) this.#post({ type: 'started', threadId: handle.threadId }, number);
  }

  #pass(message: FromWorker, number: number, gate: TaskGate): void {
    if (message.type === 'ready') return;
    try {
      this.#post(message, number);
    } catch (error) {
      // It could be sent to this thread, and not to another process.
      if (message.type !== 'answer') throw error;
      this.#post({ type: 'answer', id: message.id, status: FAILED, extra: -1, error: errorToData(error) }, number);
    }
    gate.note(message);
    gate.open();
  }

  #onExit(number: number, { error, ...exit }: WorkerExit): void {
    this.#threads.delete(number);
    const reason = error === undefined ? {} : { error: errorToData(error) };
    this.#post({ type: 'gone', exit, ...reason }, number);
  }
}
