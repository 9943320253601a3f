/**
 * How many workers a pool has, and for how long each: checked.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { WearLimits } from '../workers/messages.ts';
import { counting, duration } from './checks.ts';
import { type RateOptions, rateOf } from './scheduling/rate.ts';

/** Most workers in one pool. */
const MOST_WORKERS = 200;

/** Options for the number of workers and their time. */
export interface SizeOptions {
  /** Workers at most, 1 to 200; they are started as they are needed. By default as many as this program has cores. */
  readonly workers?: number;
  /** Workers that are started at once and kept; 0 by default. */
  readonly min?: number;
  /** Milliseconds after which workers that were not needed end, down to `min`; never by default. */
  readonly idleTimeout?: number;
  /** Tasks after which a worker is replaced by a fresh one; never by default. The pieces of a map count as one each. */
  readonly maxTasksPerWorker?: number;
  /** Milliseconds after which a worker is replaced, when it is between two tasks; never by default. */
  readonly maxWorkerAge?: number;
  /**
   * Bytes in use at which a worker is replaced, when it is between two tasks; never by default. Of a process: all that it has in real memory;
   * of a thread: its heap and the buffers that hang on it.
   */
  readonly maxWorkerMemory?: number;
  /** Deaths of workers that are made good, in any interval; one more and the pool has failed. Without a bound by default. */
  readonly maxRestarts?: RateOptions;
}

/** The same, checked. */
export interface Size {
  readonly workers: number;
  readonly min: number;
  readonly idleTimeout: number;
  readonly wear: WearLimits | undefined;
  readonly maxRestarts: RateOptions | undefined;
}

/** Checks a number of workers. @throws InvalidOptionError */
export function workersOf(value: unknown): number {
  const workers = counting(value, 'workers');
  if (workers > MOST_WORKERS) throw new InvalidOptionError(`workers may be at most ${MOST_WORKERS}, not ${workers}.`);
  return workers;
}

/** Checks the options. @throws InvalidOptionError */
export function sizeOf(options: SizeOptions & { readonly workers: number }): Size {
  const { min = 0, idleTimeout, maxTasksPerWorker: tasks, maxWorkerAge: age, maxWorkerMemory: memory } = options;
  const workers = workersOf(options.workers);
  if (min !== 0) counting(min, 'min');
  if (min > workers) throw new InvalidOptionError(`min may be at most workers, which is ${workers}, not ${min}.`);
  const wear: WearLimits = {
    ...(tasks === undefined ? {} : { tasks: counting(tasks, 'maxTasksPerWorker') }),
    ...(age === undefined ? {} : { age: duration(age, 'maxWorkerAge') }),
    ...(memory === undefined ? {} : { memory: counting(memory, 'maxWorkerMemory') }),
  };
  const { maxRestarts } = options;
  return {
    workers,
    min,
    idleTimeout: idleTimeout === undefined ? Infinity : duration(idleTimeout, 'idleTimeout'),
    wear: Object.keys(wear).length === 0 ? undefined : wear,
    maxRestarts: maxRestarts === undefined ? undefined : rateOf(maxRestarts, 'maxRestarts'),
  };
}
