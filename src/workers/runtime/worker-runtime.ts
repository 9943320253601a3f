/**
 * The worker's side of the protocol: takes messages in, owns functions, answers and the task loop.
 *
 * The same runtime stands in a thread, in a process and, for tests, in the owner's own thread; an entry file gives it a way
 * to post and the messages as they come.
 * @module
 */
import { CodeBook } from '../../closures/code-book.ts';
import { errorFromData } from '../../errors/error-data.ts';
import type { ToWorker, WorkerSetup } from '../messages.ts';
import { activityRunner } from '../run-activity.ts';
import { Answers, type Post } from './answers.ts';
import { FunctionTable } from './function-table.ts';
import { TaskLoop } from './task-loop.ts';

/** What an entry file provides. */
export interface RuntimeHost {
  readonly post: Post;
  /** Takes in messages that have arrived already. */
  drainMessages(): void;
  /** The worker has nothing left to do and was asked to end. */
  onStopped(): void;
  /** A signal has come by message. */
  onSignal(name: NodeJS.Signals): void;
  /** Whether what is sent back may hold what only threads can share. */
  readonly destination: 'thread' | 'process';
  /** Cores that this program may use; with one, waiting by spinning is pointless. */
  readonly cores: number;
}

/** One worker. */
export class WorkerRuntime {
  readonly #functions = new FunctionTable();
  readonly #host: RuntimeHost;
  readonly #loop: TaskLoop;
  readonly #definitions: readonly ToWorker[];

  constructor(host: RuntimeHost, setup: WorkerSetup) {
    this.#host = host;
    this.#definitions = setup.definitions ?? [];
    activityRunner();
    const book = new CodeBook((id, unit) => host.post({ type: 'code', id, unit }));
    const answers = new Answers(host.post, book, host.destination, setup.shared);
    const drain = (): void => host.drainMessages();
    this.#loop = new TaskLoop(this.#functions, answers, setup.tasksPerWorker, setup.shared, drain, host.cores);
  }

  /** Starts pulling tasks. */
  start(): void {
    for (const definition of this.#definitions) this.receive(definition);
    this.#host.post({ type: 'ready' });
    this.#loop.pump();
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'code':
        this.#functions.addCode(message.id, message.unit);
        break;
      case 'function':
        this.#functions.define(message.id, message.packet);
        break;
      case 'forget':
        this.#functions.forget(message.id);
        break;
      case 'tasks':
        this.#loop.enqueueBatch(message.bytes);
        break;
      case 'task':
        this.#loop.enqueue(message.id, message.fn, message.kind, message.args, message.callee);
        break;
      case 'abort':
        this.#loop.abort(message.id, errorFromData(message.reason));
        break;
      case 'wake':
        this.#loop.pump();
        break;
      case 'signal':
        this.#host.onSignal(message.name);
        break;
      case 'stop':
        this.#loop.stop(() => this.#host.onStopped());
        break;
      case 'setup':
        break;
    }
  }
}
