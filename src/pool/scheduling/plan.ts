/**
 * What may be said about when and how often a task runs, checked.
 * @module
 */
import { InvalidOptionError } from '../../errors/executor-errors.ts';
import { counting, duration, inWords } from '../checks.ts';
import type { StreamSink } from '../stream.ts';
import { type RateOptions, rateOf } from './rate.ts';
import type { Backoff } from './backoff.ts';

/** Options of one task, or of each task of a map. */
export interface TaskOptions {
  /** Gives the task up when aborted: it rejects with the signal's reason, and a running task sees its `taskSignal()`. */
  readonly signal?: AbortSignal;
  /** Milliseconds that a task may run, counted from when it starts; each attempt anew. Waiting for a worker does not count. */
  readonly timeout?: number;
  /** Attempts after a first one that failed; 0 by default. */
  readonly retries?: number;
  /** Milliseconds before the second attempt (100 by default), twice as many before each further one, or how to wait in detail. */
  readonly backoff?: number | Partial<Backoff>;
  /** Whether an error deserves another attempt, after so many; by default each does that could turn out otherwise. */
  readonly retryIf?: (error: unknown, attempts: number) => boolean;
  /** Tasks of a higher priority go first; 0 by default. Those that wait rise by one in each `aging` of the pool, so that none waits for ever. */
  readonly priority?: number;
  /** Tasks with the same key keep to the pool's `perKey`: by default one after the other. */
  readonly key?: string | number;
  /**
   * Tasks with the same one run on the same worker for as long as it lives, where what they keep in `workerState()` or in variables of a module is
   * warm; also when others are free meanwhile. When the worker is gone, another one has them. `resize` may move them.
   */
  readonly sticky?: string | number;
  /** When the task has to be done: a date, or milliseconds since 1970 as from `Date.now()`. It rejects with a `TimeoutError` then, also while it waits. */
  readonly deadline?: Date | number;
  /** Milliseconds that the task may wait for its first start. */
  readonly queueTimeout?: number;
  /** `'none'`: what `carryContext()` carries stays here; `'inherit'` by default. */
  readonly context?: 'inherit' | 'none';
  /** Called with what the task tells by `currentTask().progress(value)`. What it throws goes to `onUncaught`. */
  readonly onProgress?: (value: unknown) => unknown;
}

/** The same, checked. */
export interface TaskPlan {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly retries: number;
  readonly backoff: Backoff;
  readonly retryIf: ((error: unknown, attempts: number) => boolean) | undefined;
  readonly priority: number;
  readonly key: string | number | undefined;
  readonly sticky: string | number | undefined;
  readonly deadline: number | undefined;
  readonly queueTimeout: number | undefined;
  readonly onProgress: ((value: unknown) => unknown) | undefined;
  readonly context: 'inherit' | 'none';
  /** Takes the items of a task that streams. */
  readonly stream: StreamSink | undefined;
  /** Tell the task when it is given up, though it has no signal of its own. */
  readonly watched: boolean;
}

/** What becomes of a task for which there is no room. */
export type Overflow = 'wait' | 'reject' | 'drop-oldest';

/** How many tasks of one key may run, and start. */
export interface PerKeyOptions {
  /** Tasks of one key at once; 1 by default, unless there is a `rate`. */
  readonly concurrency?: number;
  /** Starts of tasks of one key. */
  readonly rate?: RateOptions;
}

/** How a pool orders and bounds the tasks that wait. */
export interface SchedulingOptions {
  /** Tasks that may wait for a worker; without a bound by default. */
  readonly backlog?: number;
  /**
   * What becomes of a task for which the backlog has no room. `'wait'` (default): it is taken all the same; whoever submits many awaits
   * `room()` before each. `'reject'`: it rejects with `ERR_POOL_FULL`. `'drop-oldest'`: it is taken, and the one that has waited longest
   * rejects with `ERR_POOL_FULL`.
   */
  readonly overflow?: Overflow;
  /** Starts of tasks, of whatever key, retries included. */
  readonly rate?: RateOptions;
  /** Tasks of one `key`. */
  readonly perKey?: PerKeyOptions;
  /** Milliseconds, 1,000 by default, of waiting that are worth one of priority; `Infinity`: waiting is worth nothing. */
  readonly aging?: number;
  /** Workers, 3 by default, that one task may end before it is not tried again, however many `retries` it has left. */
  readonly quarantine?: number;
}

/** The same, checked. */
export interface SchedulingRules {
  readonly backlog: number;
  readonly overflow: Overflow;
  readonly rate: RateOptions | undefined;
  readonly perKey: { readonly concurrency: number; readonly rate: RateOptions | undefined };
  readonly aging: number;
  readonly quarantine: number;
}

/** Nothing in particular. */
export const PLAIN: TaskPlan = {
  signal: undefined,
  timeout: undefined,
  retries: 0,
  backoff: { initial: 100, factor: 2, max: 30_000, jitter: 0.5 },
  retryIf: undefined,
  priority: 0,
  key: undefined,
  sticky: undefined,
  deadline: undefined,
  queueTimeout: undefined,
  onProgress: undefined,
  context: 'inherit',
  stream: undefined,
  watched: false,
};

/** Adds options to a plan. @throws InvalidOptionError */
export function planWith(options: TaskOptions, before: TaskPlan = PLAIN): TaskPlan {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError(`The options of a task must be an object, not ${inWords(options)}.`);
  }
  const { signal, timeout, retries, backoff, retryIf, priority, key, sticky } = options;
  const { deadline, queueTimeout, onProgress, context } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionError('signal must be an AbortSignal, as from new AbortController().signal.');
  }
  if (retryIf !== undefined && typeof retryIf !== 'function') {
    throw new InvalidOptionError(
      `retryIf must be a function of the error and the number of attempts, not ${inWords(retryIf)}.`,
    );
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new InvalidOptionError(`onProgress must be a function, not ${inWords(onProgress)}.`);
  }
  if (context !== undefined && context !== 'inherit' && context !== 'none') {
    throw new InvalidOptionError(`context must be 'inherit' or 'none', not ${inWords(context)}.`);
  }
  for (const [name, value] of Object.entries({ key, sticky })) {
    if (value !== undefined && typeof value !== 'string' && typeof value !== 'number') {
      throw new InvalidOptionError(`${name} must be a string or a number, not ${inWords(value)}.`);
    }
  }
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new InvalidOptionError(`priority must be a finite number, not ${inWords(priority)}.`);
  }
  return {
    signal: signal ?? before.signal,
    timeout: timeout === undefined ? before.timeout : duration(timeout, 'timeout'),
    retries: retries === undefined ? before.retries : retriesOf(retries),
    backoff: backoff === undefined ? before.backoff : backoffOf(backoff),
    retryIf: retryIf ?? before.retryIf,
    priority: priority ?? before.priority,
    key: key ?? before.key,
    sticky: sticky ?? before.sticky,
    deadline: deadline === undefined ? before.deadline : timeOf(deadline),
    queueTimeout: queueTimeout === undefined ? before.queueTimeout : duration(queueTimeout, 'queueTimeout'),
    onProgress: onProgress ?? before.onProgress,
    context: context ?? before.context,
    stream: undefined,
    watched: false,
  };
}

/** Whether a plan says anything that takes a scheduler: more than how long a task may run, and when it is given up. */
export const isScheduled = ({ retries, priority, ...names }: TaskPlan): boolean =>
  retries > 0 ||
  priority !== 0 ||
  [names.key, names.sticky, names.deadline, names.queueTimeout].some((value) => value !== undefined);

/** Checks what a pool says of its backlog. @throws InvalidOptionError */
export function rulesOf(options: SchedulingOptions): SchedulingRules {
  const { backlog = Infinity, overflow = 'wait', rate, perKey = {}, aging = 1000, quarantine = 3 } = options;
  if (backlog !== Infinity && !(Number.isSafeInteger(backlog) && backlog >= 0)) {
    throw new InvalidOptionError(`backlog must be a whole number of at least 0, or Infinity, not ${inWords(backlog)}.`);
  }
  if (overflow !== 'wait' && overflow !== 'reject' && overflow !== 'drop-oldest') {
    throw new InvalidOptionError(`overflow must be 'wait', 'reject' or 'drop-oldest', not ${inWords(overflow)}.`);
  }
  if (typeof perKey !== 'object' || perKey === null) {
    throw new InvalidOptionError(`perKey must be an object with concurrency or rate, not ${inWords(perKey)}.`);
  }
  const keyRate = perKey.rate === undefined ? undefined : rateOf(perKey.rate, 'perKey.rate');
  const concurrency = perKey.concurrency ?? (keyRate === undefined ? 1 : Infinity);
  return {
    backlog,
    overflow,
    rate: rate === undefined ? undefined : rateOf(rate, 'rate'),
    perKey: {
      concurrency: concurrency === Infinity ? Infinity : counting(concurrency, 'perKey.concurrency'),
      rate: keyRate,
    },
    aging: duration(aging, 'aging'),
    quarantine: quarantine === Infinity ? Infinity : counting(quarantine, 'quarantine'),
  };
}

/** Whether a pool's options ask for a scheduler from the beginning. */
export const asksForScheduler = ({ backlog, rate }: SchedulingOptions): boolean =>
  (backlog !== undefined && backlog !== Infinity) || rate !== undefined;

function retriesOf(value: unknown): number {
  if (value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number;
  throw new InvalidOptionError(`retries must be a whole number of at least 0, or Infinity, not ${inWords(value)}.`);
}

function backoffOf(value: number | Partial<Backoff>): Backoff {
  const given: Partial<Backoff> = typeof value === 'number' ? { initial: value } : value;
  if (typeof given !== 'object' || given === null) {
    throw new InvalidOptionError(`backoff must be a number of milliseconds or an object, not ${inWords(value)}.`);
  }
  const { initial, factor, max, jitter } = { ...PLAIN.backoff, ...given };
  for (const [name, number, least, most] of [
    ['initial', initial, 0, Infinity],
    ['factor', factor, 1, Infinity],
    ['max', max, 0, Infinity],
    ['jitter', jitter, 0, 1],
  ] as const) {
    if (!(typeof number === 'number' && number >= least && number <= most)) {
      const range = most === 1 ? 'between 0 and 1' : `of at least ${least}`;
      throw new InvalidOptionError(`backoff.${name} must be a number ${range}, not ${inWords(number)}.`);
    }
  }
  return { initial, factor, max, jitter };
}

function timeOf(value: Date | number): number {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time === 'number' && !Number.isNaN(time)) return time;
  throw new InvalidOptionError(`deadline must be a valid Date, or milliseconds since 1970, not ${inWords(value)}.`);
}
