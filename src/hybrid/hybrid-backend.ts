/**
 * Workers that are threads of other processes, several to each.
 *
 * How it works  A backend belongs to one pool, whose threads it spreads over as few processes as may hold them: the first ones get a
 *               process each, until there are as many as are needed; then each goes to the process with the fewest.
 * When it dies  A thread fails what it held, and a process what its threads held; the pool counts its workers and starts the difference,
 *               in a process that has room or in a new one.
 * @module
 */
import { failedWorker } from '../workers/failed-worker.ts';
import type { WorkerSetup } from '../workers/messages.ts';
import type { LaunchOptions, WorkerBackend, WorkerEvents, WorkerHandle } from '../workers/worker-backend.ts';
import { HybridProcess } from './hybrid-process.ts';
import { HybridThread } from './hybrid-thread.ts';

/** Threads that one pool has, and how they are grouped. */
export interface HybridOptions {
  /** Threads in all, at most. */
  readonly workers: number;
  /** Threads of one process, at most. */
  readonly threadsPerProcess: number;
}

/** A backend for one pool. */
export function hybridBackend(options: HybridOptions): WorkerBackend {
  const processes = new Processes(options);
  return {
    kind: 'process', // which is what matters to whoever sends values and functions
    sharesMemory: false,
    start: (setup, events, launch) => processes.start(setup, events, launch),
  };
}

/** The processes of one pool. */
class Processes {
  readonly #options: HybridOptions;
  #processes: HybridProcess[] = [];
  #threads = 0;
  #made = 0;

  constructor(options: HybridOptions) {
    this.#options = options;
  }

  start(setup: WorkerSetup, events: WorkerEvents, launch: LaunchOptions): WorkerHandle {
    this.#threads += 1;
    try {
      return new HybridThread(this.#threads, setup, events, this.#roomFor(setup, launch));
    } catch (error) {
      return failedWorker('process', error, events);
    }
  }

  #roomFor(setup: WorkerSetup, launch: LaunchOptions): HybridProcess {
    const { workers, threadsPerProcess } = this.#options;
    const open = this.#processes.filter((each) => each.open).sort((one, other) => one.size - other.size);
    const [emptiest] = open;
    const enough = open.length >= workers / threadsPerProcess;
    if (emptiest !== undefined && enough && emptiest.size < threadsPerProcess) return emptiest;
    return this.#boot(setup, launch);
  }

  #boot(setup: WorkerSetup, launch: LaunchOptions): HybridProcess {
    this.#made += 1;
    const pool = setup.identity?.name.replace(/-\d+$/, '') ?? 'Pool';
    const made: HybridProcess = new HybridProcess(`${pool}-process-${this.#made}`, launch, {
      onGone: (unstarted) => {
        this.#processes = this.#processes.filter((each) => each !== made);
        for (const thread of unstarted) this.#move(thread, setup, launch);
      },
    });
    this.#processes.push(made);
    return made;
  }

  #move(thread: HybridThread, setup: WorkerSetup, launch: LaunchOptions): void {
    try {
      thread.moveTo(this.#roomFor(setup, launch));
    } catch (error) {
      thread.finish({ exitCode: 1, signal: null, outOfMemory: false, error });
    }
  }
}
