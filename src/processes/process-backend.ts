/**
 * Workers that are processes of their own.
 * @module
 */
import { failedWorker } from '../workers/failed-worker.ts';
import type { ToWorker, WorkerSetup } from '../workers/messages.ts';
import type {
  LaunchOptions,
  WorkerBackend,
  WorkerEvents,
  WorkerExit,
  WorkerHandle,
  WorkerState,
} from '../workers/worker-backend.ts';
import type { BareProcess } from './bare-process.ts';
import { takeProcess } from './warm-process.ts';

class ProcessHandle implements WorkerHandle {
  readonly pid: number | undefined;
  readonly threadId = undefined;
  readonly label: string;
  readonly #process: BareProcess;
  readonly #gone = Promise.withResolvers<void>();
  #state: WorkerState = 'starting';

  constructor(bare: BareProcess, setup: WorkerSetup, events: WorkerEvents) {
    this.#process = bare;
    this.pid = bare.child.pid;
    this.label = this.pid === undefined ? 'process (not started)' : `process ${this.pid}`;
    bare.events = {
      onReady: () => {
        if (this.#state === 'starting') this.#state = 'ready';
        events.onReady();
      },
      onMessage: (message) => events.onMessage(message),
      onExit: (exit: WorkerExit) => {
        this.#state = 'gone';
        this.#gone.resolve();
        events.onExit(exit);
      },
    };
    bare.ref();
    this.post({ type: 'setup', setup });
  }

  get state(): WorkerState {
    return this.#state;
  }

  post(message: ToWorker): void {
    this.#process.post(message);
  }

  flush(): void {
    this.#process.flush();
  }

  ref(): void {
    this.#process.ref();
  }

  unref(): void {
    this.#process.unref();
  }

  stop(): void {
    if (this.#state === 'gone' || this.#state === 'stopping') return;
    this.#state = 'stopping';
    this.#process.ref();
    this.post({ type: 'stop' });
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'stopping';
    this.#process.ref();
    this.#process.child.kill(signal);
    await this.#gone.promise;
  }
}

/** Processes. */
export const processBackend: WorkerBackend = {
  kind: 'process',
  sharesMemory: false,
  start(setup: WorkerSetup, events: WorkerEvents, options: LaunchOptions): WorkerHandle {
    try {
      return new ProcessHandle(takeProcess(options), setup, events);
    } catch (error) {
      return failedWorker('process', error, events);
    }
  },
};
