/**
 * What the figures of a pool say might be done better.
 * @module
 */
import type { Lint, PoolInsights } from './pool-insights.ts';

/** What the figures do not tell. */
export interface Circumstances {
  readonly workers: number;
  readonly tasksPerWorker: number;
  /** Bytes that a worker may use; undefined: nobody knows. */
  readonly memoryLimit: number | undefined;
}

/** Tasks and milliseconds below which nothing is said. */
const ENOUGH_TASKS = 20;
const ENOUGH_TIME = 50;
/** Milliseconds below which a task is tiny. */
const TINY = 1;
const MUCH = 0.3;
const HALF = 0.5;
const NEAR = 0.8;

type Figures = Omit<PoolInsights, 'lints'>;

/** Looks for it. */
export function lintsOf(figures: Figures, circumstances: Circumstances): Lint[] {
  if (figures.ran.count === 0) return [];
  return [tiny, encoding, idle, blocked, locks, memory]
    .map((look) => look(figures, circumstances))
    .filter((lint) => lint !== undefined);
}

function tiny({ ran }: Figures): Lint | undefined {
  if (ran.count < ENOUGH_TASKS || ran.p90 >= TINY) return undefined;
  return {
    code: 'tiny-tasks',
    text: `${ran.count} tasks ran for ${ms(ran.mean)} each on average: getting them there costs about as much.`,
    advice:
      'Give many to a worker at once: pool.map(fn, items) cuts the items into chunks, chunkSize says how many to each.',
  };
}

function encoding({ times, ran }: Figures): Lint | undefined {
  const shipping = times.placing + times.decoding + times.encoding;
  const all = shipping + times.running;
  if (shipping < ENOUGH_TIME || shipping < MUCH * all) return undefined;
  return {
    code: 'encoding',
    text: `Writing and reading arguments and results took ${percent(shipping / all)} of the time of ${ran.count} tasks, ${ms(shipping)}.`,
    advice:
      'Share large data instead of copying it: a SharedArray or SharedMemory; move buffers with transfer(); or let the worker load the data itself, in init.',
  };
}

function idle({ workers, span, ran }: Figures, { workers: limit }: Circumstances): Lint | undefined {
  if (span < ENOUGH_TIME || ran.count < ENOUGH_TASKS || workers.length === 0) return undefined;
  const busy = workers.reduce(
    (sum, each) => sum + each.startUp + each.init + each.decoding + each.working + each.encoding,
    0,
  );
  const share = 1 - busy / (Math.min(limit, workers.length) * span);
  if (!(share > HALF)) return undefined;
  return {
    code: 'idle-workers',
    text: `The workers had nothing to do for ${percent(share)} of the time in which there were tasks.`,
    advice: 'Submit tasks sooner, so that some are always waiting, or use fewer workers.',
  };
}

function blocked({ times, ran }: Figures, { tasksPerWorker }: Circumstances): Lint | undefined {
  if (tasksPerWorker === 1 || ran.count < ENOUGH_TASKS || times.running < ENOUGH_TIME) return undefined;
  const share = 1 - times.awaiting / times.running;
  if (share < HALF) return undefined;
  return {
    code: 'blocked-loop',
    text: `Each worker may have ${tasksPerWorker} tasks in flight, but its event loop was blocked for ${percent(share)} of their time.`,
    advice:
      'Use the asynchronous forms of what blocks (fs.promises, await); of functions that compute, use tasksPerWorker: 1 and one worker for each core.',
  };
}

function locks({ times, ran }: Figures): Lint | undefined {
  if (times.locks < ENOUGH_TIME || times.locks < MUCH * times.running) return undefined;
  return {
    code: 'locks',
    text: `${ran.count} tasks waited for locks and queues for ${percent(times.locks / times.running)} of the time that they ran.`,
    advice: 'Hold locks for less long, use one for each part of the data, or use fewer workers.',
  };
}

function memory({ workers }: Figures, { memoryLimit }: Circumstances): Lint | undefined {
  if (memoryLimit === undefined) return undefined;
  const most = workers.filter((each) => each.alive).reduce((top, each) => Math.max(top, each.memory ?? 0), 0);
  if (most < NEAR * memoryLimit) return undefined;
  return {
    code: 'memory',
    text: `A worker uses ${megabytes(most)} of the ${megabytes(memoryLimit)} that it may use.`,
    advice: 'Replace workers before they run out of memory: maxWorkerMemory; or give them more: resourceLimits.',
  };
}

const ms = (value: number): string => `${value < 10 ? value.toPrecision(2) : Math.round(value)} ms`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
