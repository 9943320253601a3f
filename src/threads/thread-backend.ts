/**
 * Workers that are threads of this process.
 * @module
 */
import { setTimer } from '../memory/timer.ts';
import { failedWorker } from '../workers/failed-worker.ts';
import { load } from '../workers/heap-cargo.ts';
import type { ToWorker, WorkerSetup } from '../workers/messages.ts';
import type {
  LaunchOptions,
  Transferable,
  WorkerBackend,
  WorkerEvents,
  WorkerExit,
  WorkerHandle,
  WorkerState,
} from '../workers/worker-backend.ts';
import type { BareThread } from './bare-thread.ts';
import { enroll, rename, strike } from './roll.ts';
import { takeThread } from './warm-threads.ts';
import { sendToThread } from './send-to-thread.ts';

class ThreadHandle implements WorkerHandle {
  readonly threadId: number;
  readonly pid = undefined;
  readonly label: string;
  readonly #thread: BareThread;
  readonly #entry: number;
  #state: WorkerState = 'starting';
  #killed = false;

  constructor(thread: BareThread, setup: WorkerSetup, events: WorkerEvents) {
    this.#thread = thread;
    this.threadId = thread.worker.threadId;
    this.label = `thread ${this.threadId}`;
    const { name, daemon } = setup.identity ?? { name: this.label, daemon: false };
    this.#entry = enroll(this.threadId, name, daemon);
    thread.events = {
      onReady: () => {
        if (this.#state === 'starting') this.#state = 'ready';
        events.onReady();
      },
      onMessage: (message) => events.onMessage(message),
      onExit: (exit: WorkerExit) => {
        this.#state = 'gone';
        strike(this.#entry, this.threadId);
        // A thread that is ended before it has booted says 0, as if it had come to its end.
        events.onExit(this.#killed && exit.exitCode === 0 ? { ...exit, exitCode: 1 } : exit);
      },
    };
    this.ref();
    this.post({ type: 'setup', setup: { ...setup, entry: this.#entry } });
  }

  get state(): WorkerState {
    return this.#state;
  }

  get nativeId(): number | undefined {
    return this.#thread.nativeId === 0 ? undefined : this.#thread.nativeId;
  }

  rename(name: string): void {
    rename(this.#entry, this.threadId, name);
  }

  post(message: ToWorker, list?: readonly Transferable[]): void {
    if (list === undefined) this.#thread.port.postMessage(load(message));
    else this.#thread.port.postMessage(load(message), list as Transferable[]);
  }

  ref(): void {
    if (this.#state === 'gone') return;
    this.#thread.port.ref();
    this.#thread.worker.ref(); // a thread that ends itself closes its port; its end must be heard of all the same
  }

  unref(): void {
    this.#thread.port.unref();
    this.#thread.worker.unref();
  }

  stop(): void {
    if (this.#state === 'gone' || this.#state === 'stopping') return;
    this.#state = 'stopping';
    this.#thread.worker.ref();
    this.post({ type: 'stop' });
  }

  send(signal: NodeJS.Signals): boolean {
    return sendToThread(this, signal);
  }

  async terminate(grace: number): Promise<void> {
    if (this.#state === 'gone') return;
    if (!this.#thread.hears) return this.kill();
    this.ref();
    this.post({ type: 'signal', name: 'SIGTERM' });
    const timer = setTimer(grace, () => setImmediate(() => void this.kill())); // an end that is here in time is heard first
    await this.#thread.ended;
    timer.cancel();
  }

  async kill(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'stopping';
    if (!this.#killed) {
      this.#killed = true;
      await this.#thread.terminate();
    }
    await this.#thread.ended;
  }
}

/** Threads. */
export const threadBackend: WorkerBackend = {
  kind: 'thread',
  sharesMemory: true,
  start(setup, events, options) {
    return startThread(setup, events, options);
  },
};

function startThread(setup: WorkerSetup, events: WorkerEvents, options: LaunchOptions): WorkerHandle {
  try {
    return new ThreadHandle(takeThread(options), setup, events);
  } catch (error) {
    return failedWorker('thread', error, events);
  }
}
