/**
 * What is known of where a pool's time has gone.
 * @module
 */
import type { SpreadFigures } from './spread.ts';

/** Where the time of tasks has gone: milliseconds of all of them together. */
export interface TaskTimes {
  /** From `submit` until a worker began. */
  readonly waiting: number;
  /** To write arguments, in this thread. */
  readonly placing: number;
  /** To read arguments, in the workers. */
  readonly decoding: number;
  /** From the calls to their ends. */
  readonly running: number;
  /** To write results, in the workers. */
  readonly encoding: number;
  /** Of `running`: processor time of the workers' threads. */
  readonly cpu: number;
  /** Of `running`: for which the workers' event loops had nothing to do. */
  readonly awaiting: number;
  /** Of `running`: for which tasks waited for locks and queues. */
  readonly locks: number;
  /** Of `running`: for which the workers' threads could run and had no core; 0 where the system does not tell. */
  readonly queued: number;
}

/** Where the time of one worker has gone. Milliseconds. */
export interface WorkerTimes {
  /** `thread 3`, `process 4711`. */
  readonly name: string;
  readonly alive: boolean;
  readonly tasks: number;
  /** Since it was started, or until it ended. */
  readonly life: number;
  /** Until it was ready, without its `init`. */
  readonly startUp: number;
  readonly init: number;
  readonly decoding: number;
  readonly working: number;
  readonly encoding: number;
  /** The rest. */
  readonly idle: number;
  /** Bytes that it used when it last said so. */
  readonly memory: number | undefined;
}

/** One of the tasks that took longest. */
export interface SlowTask {
  /** The function and its arguments, in short. */
  readonly task: string;
  /** Milliseconds from the call to its end. */
  readonly ran: number;
  /** Milliseconds from `submit` until a worker began. */
  readonly waited: number;
  readonly worker: string;
}

/** What a lint is about. */
export type LintCode = 'tiny-tasks' | 'encoding' | 'idle-workers' | 'blocked-loop' | 'locks' | 'memory';

/** Something that might be done better. */
export interface Lint {
  readonly code: LintCode;
  /** What was seen, with the figures. */
  readonly text: string;
  /** What to do. */
  readonly advice: string;
}

/** Where a pool's time has gone so far. */
export interface PoolInsights {
  /** Milliseconds in which there was a task without an answer. */
  readonly span: number;
  readonly tasks: { readonly done: number; readonly failed: number };
  readonly times: TaskTimes;
  /** Bytes that all tasks together have allocated, on the heap and as buffers; less, as far as memory was collected while they ran. */
  readonly allocated: number;
  /** From the call to its end. */
  readonly ran: SpreadFigures;
  /** From `submit` until a worker began. */
  readonly waited: SpreadFigures;
  readonly workers: readonly WorkerTimes[];
  /** The ten that took longest, the longest first. */
  readonly slowest: readonly SlowTask[];
  /** What might be done better, and how. */
  readonly lints: readonly Lint[];
}
