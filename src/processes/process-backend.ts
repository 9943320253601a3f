/**
 * Workers that are processes of their own.
 * @module
 */
import { setTimer } from '../memory/timer.ts';
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
import { endsWithThisProcess, mayOutlive } from './busy-processes.ts';
import { takeProcess } from './warm-process.ts';

class ProcessHandle implements WorkerHandle {
  readonly threadId = undefined;
  readonly #process: BareProcess;
  readonly #gone = Promise.withResolvers<void>();
  readonly #single: boolean;
  #state: WorkerState = 'starting';

  constructor(bare: BareProcess, setup: WorkerSetup, events: WorkerEvents) {
    this.#process = bare;
    this.#single = setup.oneTask === true;
    bare.listener = {
      onMessage: (message) => {
        if (message.type !== 'ready') return events.onMessage(message);
        if (this.#state === 'starting') this.#state = 'ready';
        events.onReady();
      },
      onExit: (exit: WorkerExit) => {
        this.#state = 'gone';
        mayOutlive(this);
        this.#gone.resolve();
        events.onExit(exit);
      },
    };
    this.ref();
    this.post({ type: 'setup', setup });
  }

  get pid(): number | undefined {
    return this.#process.child.pid;
  }

  get label(): string {
    return this.pid === undefined ? 'process (not started)' : `process ${this.pid}`;
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
    if (this.#state !== 'gone') endsWithThisProcess(this);
    this.#process.ref();
  }

  unref(): void {
    if (!this.#single) mayOutlive(this); // idle in a pool
    this.#process.unref();
  }

  stop(): void {
    if (this.#state === 'gone' || this.#state === 'stopping') return;
    this.#state = 'stopping';
    this.#process.ref();
    this.post({ type: 'stop' });
  }

  /** SIGINT goes by message: a child lets a real one pass, because Ctrl-C sends it to the whole group. */
  send(signal: NodeJS.Signals): boolean {
    const { child } = this.#process;
    if (signal !== 'SIGINT') return child.kill(signal);
    if (child.exitCode !== null || child.signalCode !== null || this.#state === 'gone') return false;
    this.post({ type: 'signal', name: signal });
    this.flush();
    return true;
  }

  async terminate(grace: number): Promise<void> {
    if (this.#state === 'gone') return;
    this.#process.ref();
    this.#process.kill('SIGTERM');
    const timer = setTimer(grace, () => void this.kill());
    await this.#gone.promise;
    timer.cancel();
  }

  async kill(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'stopping';
    this.#process.ref();
    this.#process.kill('SIGKILL');
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
