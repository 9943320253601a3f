/**
 * What `advise()` answers.
 * @module
 */
import type { SpreadFigures } from '../pool/insights/spread.ts';
import type { WorkClass } from './classify.ts';
import type { Estimate } from './estimate.ts';
import type { Scalability } from './scalability.ts';
import type { Setting } from './setting.ts';
import type { TaskProfile } from './task-figures.ts';

/** A setting that was tried. */
export interface Trial extends Setting {
  /** `2 threads, 8 tasks each`. */
  readonly name: string;
  /** Tasks a second. */
  readonly throughput: Estimate;
  /** Milliseconds from submitting a call to its result; undefined where calls were sent many at a time. */
  readonly latency: SpreadFigures | undefined;
  /** Slices in which it was measured. */
  readonly slices: number;
}

/** How throughput grows with what is under way at once. */
export interface ScalingModel extends Scalability {
  /** What there is more of: threads, or tasks under way on one. */
  readonly of: 'threads' | 'tasks';
  /** Tasks a second, by how many there were. */
  readonly points: readonly { readonly count: number; readonly throughput: Estimate }[];
  /** The law as a line, from one to twice as many as were tried: tasks a second. */
  readonly curve: readonly { readonly count: number; readonly throughput: number }[];
  /** What the law says of more: tasks a second. */
  readonly beyond: readonly { readonly count: number; readonly throughput: number }[];
}

/** What `advise()` has found. */
export interface Advice {
  /** What kind of work the function does. */
  readonly work: WorkClass;
  /** Run it so: `'none'` is one after another, without a pool. */
  readonly kind: Setting['kind'];
  readonly workers: number;
  readonly tasksPerWorker: number;
  /** Of kind `'hybrid'`; others have none. */
  readonly threadsPerProcess: number | undefined;
  /** Inputs that should travel together. */
  readonly chunkSize: number;
  /** Times the throughput of one after another. */
  readonly speedUp: Estimate;
  /** Tasks a second. */
  readonly throughput: Estimate;
  /** Milliseconds from submitting a call there to its result, with all places taken; undefined where calls were sent many at a time. */
  readonly latency: SpreadFigures | undefined;
  /** Bytes that the workers will use together, about; undefined: not known. */
  readonly memory: number | undefined;
  /** Why, in a sentence. */
  readonly sentence: string;
  /** What else is to be known, with the figures. */
  readonly notes: readonly string[];
  /** A line of code. */
  readonly code: string;
  /** A line for the shell. */
  readonly command: string;
  /** One call, measured one by one. */
  readonly task: TaskProfile;
  /** All that was tried, the best first; one after another among it. */
  readonly trials: readonly Trial[];
  readonly model: ScalingModel | undefined;
  /** Cores that this program may use. */
  readonly cores: number;
  /** Calls that were made; of those that were under way when time was up, some may not have begun. */
  readonly calls: number;
  /** Milliseconds that the trial took. */
  readonly took: number;
}
