/**
 * The one interface behind which threads, processes and the inline worker of the tests stand.
 *
 * A pool learns from it that a worker is ready, what it says and that it is gone; it never learns what a worker is made of.
 * The states, the handshake and the shutdown protocol are numbered in this folder's README.
 * @module
 */
import type { ResourceLimits, Transferable as NodeTransferable } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';

/** `starting` → `ready` → `stopping` → `gone`; any of them → `gone`. */
export type WorkerState = 'starting' | 'ready' | 'stopping' | 'gone';

/** How a worker ended. */
export interface WorkerExit {
  /** Exit code, or null when a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null;
  /** Why, when the worker could say: an uncaught error, or the reason why it never started. */
  readonly error?: unknown;
  /** Whether its heap was full. */
  readonly outOfMemory: boolean;
  /** The last lines that it wrote to its standard error. */
  readonly stderr?: string;
}

/** What the owner of a worker wants to hear. */
export interface WorkerEvents {
  /** The handshake is done; tasks may be sent. */
  onReady(): void;
  onMessage(message: FromWorker): void;
  /** The worker is gone. Called once, and after the last `onMessage`. */
  onExit(exit: WorkerExit): void;
}

/** One worker, seen from its owner. */
export interface WorkerHandle {
  /** `thread 3`, `process 4711`. */
  readonly label: string;
  /** Process id, when the worker is a process of its own. */
  readonly pid: number | undefined;
  /** Thread id, when the worker is a thread. */
  readonly threadId: number | undefined;
  /** Number of the thread in the system, once it is known. */
  readonly nativeId?: number | undefined;
  readonly state: WorkerState;
  /** Sends a message; one sent to a worker that is gone is dropped. */
  post(message: ToWorker, transfer?: readonly Transferable[]): void;
  /** Where messages are gathered first: sends what was posted now, because the caller may be about to block. */
  flush?(): void;
  /** It is called something else from now on. */
  rename?(name: string): void;
  /** Keeps the event loop alive for this worker's messages. */
  ref(): void;
  /** Lets the event loop end although this worker lives. */
  unref(): void;
  /** Asks the worker to end after what it is doing. */
  stop(): void;
  /** Sends a signal; false when there is nobody left to hear it. */
  send(signal: NodeJS.Signals): boolean;
  /** Asks the worker to end by SIGTERM, and ends it when it has not after `grace` milliseconds. Resolves when it is gone. */
  terminate(grace: number): Promise<void>;
  /** Ends the worker now. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** What can be moved instead of copied. */
export type Transferable = NodeTransferable;

/** `'warm'`: a spare is used, and kept ready from the second start on. `'spawn'`: each is started for the purpose. */
export type StartMethod = 'warm' | 'spawn';

/** What a backend needs to know to start a worker, beside the setup. */
export interface LaunchOptions {
  /** Flags of Node for the worker, added to those of this process. */
  readonly execArgv?: readonly string[];
  /** Variables added to, or (when undefined) taken out of, this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Name shown by tools. */
  readonly name?: string;
  /** Others like this one will be wanted: keep a spare running from the second on. */
  readonly keepSpare?: boolean;
  /** Limits of the heap and the stack, in mebibytes. The stack of a process is bounded by `ulimit -s` as well. */
  readonly resourceLimits?: ResourceLimits;
  /**
   * `'warm'` (default): a spare that has booted already is used if there is one, and `Thread` and `Process` keep one ready from the second
   * start on, so that starting takes half a millisecond; `'spawn'`: it is started for the purpose. `setStartMethod()` sets the default.
   */
  readonly startMethod?: StartMethod;
  /**
   * How little it is to take from others: 19 the least, -20 the most, 0 what is usual; less than this program's own needs a privilege. Of a
   * thread on Linux only. **Python** `os.nice`, `os.setpriority`.
   */
  readonly nice?: number;
  /** Numbers of the cores that it may run on (Linux, with koffi). **Python** `os.sched_setaffinity`. */
  readonly affinity?: readonly number[];
}

/** A kind of worker. */
export interface WorkerBackend {
  readonly kind: 'inline' | 'thread' | 'process';
  /** Whether workers can see this thread's shared memory; decides how tasks reach them. */
  readonly sharesMemory: boolean;
  /** Starts a worker. Never throws: what goes wrong arrives as `onExit`. */
  start(setup: WorkerSetup, events: WorkerEvents, options: LaunchOptions): WorkerHandle;
}
