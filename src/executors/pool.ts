/**
 * `Pool`: a task pool with the kind of worker that its user names.
 * @module
 */
import { availableParallelism } from 'node:os';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { hybridBackend } from '../hybrid/hybrid-backend.ts';
import { counting } from '../pool/checks.ts';
import { workersOf } from '../pool/size.ts';
import { TaskPool, type TaskPoolOptions } from '../pool/task-pool.ts';
import { processBackend } from '../processes/process-backend.ts';
import { threadBackend } from '../threads/thread-backend.ts';
import { inlineBackend } from '../workers/inline-backend.ts';
import type { WorkerBackend } from '../workers/worker-backend.ts';

/** What a pool's workers are. */
export type PoolKind = 'thread' | 'process' | 'hybrid' | 'auto' | 'inline';

/** Options of a pool. */
export interface PoolOptions extends TaskPoolOptions {
  /**
   * `'thread'` (default): threads of this process; the fastest, and they share memory. `'process'`: processes of their own;
   * one can crash, leak or be killed without harm to this one. `'hybrid'`: threads of other processes, several to each; a crash
   * takes one process and what its threads held, and a worker costs a thread's memory. `'auto'`: threads, and the pool finds out while it works how
   * many are best, and how many tasks on each: `workers` and `tasksPerWorker` are then the most that it may try, 64 (or 16 a core) and 1024 by
   * default; `tuning` says what it has found. `'inline'`: this thread, in a fixed
   * order, for tests.
   */
  readonly kind?: PoolKind;
  /**
   * Of a pool of kind `'hybrid'`: threads that one process has at most, 4 by default. The `workers`, which are its threads in all,
   * are spread over as few processes as can hold them. Fewer threads to a process lose less when it crashes; more take less memory.
   */
  readonly threadsPerProcess?: number;
}

/** What a pool of kind `'auto'` may try, where nobody has said. */
const MOST_AUTO_WORKERS = 64;
const AUTO_WORKERS_A_CORE = 16;
const AUTO_TASKS = 1024;
/** Threads of one process, where nobody has said how many. */
const THREADS_PER_PROCESS = 4;

interface Grouping {
  readonly workers: number;
  readonly threadsPerProcess: number;
}

const backends: Readonly<Record<PoolKind, (grouping: Grouping) => WorkerBackend>> = {
  thread: () => threadBackend,
  process: () => processBackend,
  hybrid: hybridBackend,
  auto: () => threadBackend,
  inline: () => inlineBackend,
};

/**
 * Workers that functions can be sent to.
 *
 * Workers are started as they are needed, up to `workers`, and replaced when they die. An idle pool uses no processor time
 * and does not keep the program alive.
 *
 * **Python** `multiprocessing.Pool`, `concurrent.futures.ThreadPoolExecutor` and `ProcessPoolExecutor` in one.
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION`
 * @throws EncodeError `ERR_SPAWN_WHILE_IMPORTING` when a worker makes a pool while it imports a module
 * @example
 * const pool = new Pool({ kind: 'thread', workers: 4 });
 * try {
 *   const factor = 3;
 *   console.log(await pool.map((x) => x * factor, [1, 2, 3])); // [3, 6, 9]
 * } finally {
 *   await pool.close();
 * }
 */
export class Pool extends TaskPool {
  /** What its workers are. */
  readonly kind: PoolKind;

  constructor(options: PoolOptions = {}) {
    const kind = options.kind ?? 'thread';
    if (!Object.hasOwn(backends, kind)) {
      const kinds = Object.keys(backends)
        .map((name) => `'${name}'`)
        .join(', ');
      throw new InvalidOptionError(`kind must be one of ${kinds}, not ${JSON.stringify(kind)}.`);
    }
    const threadsPerProcess = groupSize(kind, options.threadsPerProcess);
    const cores = availableParallelism();
    if (kind === 'auto') {
      const { min = 0, tasksPerWorker = AUTO_TASKS } = options;
      const most = workersOf(options.workers ?? Math.min(MOST_AUTO_WORKERS, cores * AUTO_WORKERS_A_CORE));
      const workers = Math.min(most, Math.max(cores, Number.isInteger(min) ? min : 0));
      super(threadBackend, { ...options, workers, tasksPerWorker }, { cores: workers, workers: most, tasksPerWorker });
    } else {
      const workers = options.workers ?? cores;
      super(backends[kind]({ workers, threadsPerProcess }), { ...options, workers });
    }
    this.kind = kind;
  }
}

function groupSize(kind: PoolKind, given: number | undefined): number {
  if (given === undefined) return THREADS_PER_PROCESS;
  if (kind === 'hybrid') return counting(given, 'threadsPerProcess');
  throw new InvalidOptionError(
    `threadsPerProcess is an option of pools of kind 'hybrid'; this one is of kind '${kind}', whose workers are not grouped.`,
  );
}
