/**
 * Workers that run in their owner's own thread: no parallelism, no isolation of memory, but the same protocol, the same
 * encoding and the same runtime. For tests and for debugging, where one wants one thread, one stack and a fixed order.
 *
 * How it works  Messages are cloned as they would be on their way to a thread and delivered in order, each in a turn of its
 *               own of the microtask queue.
 * When it dies  `kill` drops whatever is still on its way; a call that is running cannot be stopped, its answer is lost.
 * @module
 */
import { load, unload } from './heap-cargo.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import { WorkerRuntime } from './runtime/worker-runtime.ts';
import type { Transferable, WorkerBackend, WorkerEvents, WorkerHandle, WorkerState } from './worker-backend.ts';

let count = 0;

class InlineHandle implements WorkerHandle {
  readonly pid = undefined;
  readonly threadId = undefined;
  readonly label: string;
  readonly #events: WorkerEvents;
  readonly #runtime: WorkerRuntime;
  #state: WorkerState = 'starting';

  constructor(setup: WorkerSetup, events: WorkerEvents) {
    count += 1;
    this.label = `inline worker ${count}`;
    this.#events = events;
    this.#runtime = new WorkerRuntime(
      {
        post: (message, list) => this.#deliver(copy(message, list), (arrived) => this.#fromWorker(arrived)),
        drainMessages() {},
        onStopped: () => queueMicrotask(() => this.#end(0)),
        onSignal() {},
        destination: 'thread',
        cores: 1,
        sharesThread: true,
      },
      setup,
    );
    queueMicrotask(() => this.#state !== 'gone' && this.#runtime.start());
  }

  get state(): WorkerState {
    return this.#state;
  }

  post(message: ToWorker, list?: readonly Transferable[]): void {
    this.#deliver(copy(message, list), (arrived) => this.#runtime.receive(arrived));
  }

  ref(): void {}

  unref(): void {}

  stop(): void {
    if (this.#state === 'gone' || this.#state === 'stopping') return;
    this.#state = 'stopping';
    this.post({ type: 'stop' });
  }

  /** It has no process and no thread of its own that could be told. */
  send(): boolean {
    return false;
  }

  terminate(): Promise<void> {
    return this.kill();
  }

  kill(): Promise<void> {
    this.#end(1);
    return Promise.resolve();
  }

  #deliver<M>(message: M, to: (message: M) => void): void {
    queueMicrotask(() => {
      if (this.#state !== 'gone') to(message);
    });
  }

  #fromWorker(message: FromWorker): void {
    if (message.type !== 'ready') {
      this.#events.onMessage(message);
      return;
    }
    if (this.#state === 'starting') this.#state = 'ready';
    this.#events.onReady();
  }

  #end(exitCode: number): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#events.onExit({ exitCode, signal: null, outOfMemory: false });
  }
}

function copy<M extends object>(message: M, list: readonly Transferable[] = []): M {
  return unload(structuredClone(load(message), { transfer: list as never }));
}

/** Workers in the owner's own thread. */
export const inlineBackend: WorkerBackend = {
  kind: 'inline',
  sharesMemory: false,
  start: (setup, events) => new InlineHandle(setup, events),
};
