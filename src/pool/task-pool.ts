/**
 * A pool over one backend: options checked, a crew behind them, and the ways to end it.
 * @module
 */
import { assertMayStartWorkers } from '../closures/import-guard.ts';
import { mainModule } from '../closures/main-module.ts';
import { packSymbol } from '../closures/protocol-symbols.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { WaitOptions } from '../sync/wait-options.ts';
import { launchOptions } from '../workers/launch-options.ts';
import type { LaunchOptions, WorkerBackend } from '../workers/worker-backend.ts';
import { counting } from './checks.ts';
import { Crew } from './crew.ts';
import { checkHooks, type HookOptions } from './hooks.ts';
import { Collector } from './insights/collector.ts';
import { memoryLimit } from './insights/memory-limit.ts';
import type { PoolInsights } from './insights/pool-insights.ts';
import { staysHere } from './refusals.ts';
import { asksForScheduler, rulesOf, type SchedulingOptions } from './scheduling/plan.ts';
import { type SizeOptions, sizeOf, workersOf } from './size.ts';
import { TaskApi } from './task-api.ts';
import type { TuningBounds } from './tuning/search.ts';
import { type PoolTuning, SelfTuning } from './tuning/self-tuning.ts';

/** Most tasks in flight on one worker. */
const MOST_TASKS = 4096;

/** Options of a pool that do not depend on the kind of its workers. */
export interface TaskPoolOptions extends LaunchOptions, SizeOptions, HookOptions, SchedulingOptions {
  /**
   * Tasks that may be in flight on one worker at once, 1 to 4096, default 1. Raise it for functions that wait: while one task
   * awaits, its worker begins another. One that blocks its thread holds up those that its worker has taken besides.
   */
  readonly tasksPerWorker?: number;
  /** Milliseconds, default 1000, that a task which was given up may go on before its worker is replaced. */
  readonly grace?: number;
  /** Measure what each task takes, for `insights()`; false by default. A task costs some 10 microseconds more then. */
  readonly insights?: boolean;
}

/** Options of `close`. */
export interface CloseOptions {
  /** Give up what no worker has begun; false by default. */
  readonly cancelWaiting?: boolean;
}

/** A pool over one backend. */
export class TaskPool extends TaskApi {
  readonly #crew: Crew;
  readonly #look: () => PoolInsights | undefined;
  readonly #mostTasks: number;
  /** Its workers take their tasks themselves. */
  readonly #pulls: boolean;
  readonly #tuning: SelfTuning | undefined;

  /** @param tuning within which bounds the pool finds out how it runs best; left out: it runs as the options say */
  constructor(backend: WorkerBackend, options: TaskPoolOptions & { readonly workers: number }, tuning?: TuningBounds) {
    assertMayStartWorkers();
    const size = sizeOf(options);
    const tasksPerWorker = counting(options.tasksPerWorker ?? 1, 'tasksPerWorker');
    if (tasksPerWorker > MOST_TASKS) {
      throw new InvalidOptionError(`tasksPerWorker may be at most ${MOST_TASKS}, not ${tasksPerWorker}.`);
    }
    const grace = options.grace ?? 1000;
    if (typeof grace !== 'number' || !(grace >= 0)) {
      throw new InvalidOptionError(`grace must be a number of milliseconds of at least 0, not ${String(grace)}.`);
    }
    checkHooks(options);
    if (options.insights !== undefined && typeof options.insights !== 'boolean') {
      throw new InvalidOptionError(`insights must be true or false, not ${String(options.insights)}.`);
    }
    const collector = options.insights === true || tuning !== undefined ? new Collector() : undefined;
    const launch = launchOptions(backend.kind, options);
    const crew = new Crew({
      backend,
      size,
      hooks: options,
      tasksPerWorker,
      tasksAtFirst: tuning === undefined ? undefined : 1,
      grace,
      rules: rulesOf(options),
      mainModule: mainModule(),
      launch,
      collector,
    });
    super(crew, undefined);
    if (asksForScheduler(options)) crew.schedule();
    this.#crew = crew;
    this.#mostTasks = tasksPerWorker;
    this.#pulls = backend.sharesMemory;
    const isAsked = options.insights === true;
    if (tuning !== undefined && collector !== undefined) {
      this.#tuning = new SelfTuning(tuning, collector, crew, !isAsked);
    }
    this.#look = () =>
      isAsked
        ? collector?.look({
            workers: crew.limit,
            tasksPerWorker: crew.tasksPerWorker,
            memoryLimit: memoryLimit(backend.kind, launch.resourceLimits, crew.limit),
          })
        : undefined;
  }

  /** @throws EncodeError: a pool cannot be sent */
  static override [packSymbol](): never {
    throw staysHere();
  }

  /** Workers at most. */
  get workers(): number {
    return this.#crew.limit;
  }

  /**
   * Changes how many workers there may be, 1 to 200, and, of threads, how many tasks each may have at once, no more than the pool was made for.
   * Workers that are too many end as soon as they are done with what they have; new ones are started as they are needed.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION`
   */
  resize(workers: number, tasksPerWorker: number = this.#crew.tasksPerWorker): void {
    if (this.#tuning !== undefined) {
      throw new InvalidOptionError("A pool of kind 'auto' finds out itself how many workers are best.");
    }
    if (counting(tasksPerWorker, 'tasksPerWorker') > this.#mostTasks) {
      throw new InvalidOptionError(
        `This pool was made for ${this.#mostTasks} tasks per worker, so it cannot have ${tasksPerWorker}.`,
      );
    }
    // Others are given their tasks ahead, by the number that they were made for.
    if (tasksPerWorker !== this.#crew.tasksPerWorker && !this.#pulls) {
      throw new InvalidOptionError('The number of tasks per worker can be changed of pools of threads, not of others.');
    }
    this.#crew.tune({ workers: workersOf(workers), tasksPerWorker });
  }

  /** Names of the workers that live now: `thread 3`, `process 4711`. */
  get liveWorkers(): readonly string[] {
    return this.#crew.workers;
  }

  /** Tasks without an answer. */
  get pending(): number {
    return this.#crew.pending;
  }

  /** Tasks of those that no worker has been given yet, as far as the pool orders them (`with`). */
  get waiting(): number {
    return this.#crew.scheduler?.waiting ?? 0;
  }

  /**
   * Resolves when the `backlog` has room for another task; at once when it has, or has no bound. Whoever submits more than the pool can do
   * awaits it before each task, and is slowed down to the pool's pace.
   *
   * @throws TimeoutError `ERR_TIMEOUT`; the reason of `signal`
   * @example
   * for await (const line of lines) {
   *   await pool.room();
   *   void pool.submit(index, line);
   * }
   */
  room(options: WaitOptions = {}): Promise<void> {
    const { timeout = Infinity, signal } = options;
    return this.#crew.scheduler?.room(timeout, signal) ?? Promise.resolve();
  }

  /**
   * Where the time of the pool has gone so far: what tasks waited for, ran for and cost to ship, what each worker did, the slowest tasks, and
   * what might be done better. Of a pool that was made with `insights: true`.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION`: it was not
   * @example
   * const pool = new Pool({ insights: true });
   * await pool.map(resize, images);
   * for (const { text, advice } of pool.insights().lints) console.log(text, advice);
   */
  insights(): PoolInsights {
    const insights = this.#look();
    if (insights === undefined) {
      throw new InvalidOptionError('This pool does not measure its tasks. Make it with the option `insights: true`.');
    }
    return insights;
  }

  /**
   * Of a pool of kind `'auto'`: how it runs now, whether it has settled, and the steps that have led there, each with its reason. Undefined of others.
   */
  get tuning(): PoolTuning | undefined {
    return this.#tuning?.state;
  }

  /** Whether the pool takes tasks. */
  get state(): 'open' | 'closing' | 'closed' {
    return this.#crew.state;
  }

  /**
   * Takes no more tasks; resolves when all have been answered and the workers have ended.
   *
   * **Python** `Executor.shutdown(wait=True)`; `Pool.close` and `join` in one.
   *
   * @param options `cancelWaiting`: tasks that no worker has begun reject with a `CancelledError` (Python's `cancel_futures`)
   */
  close({ cancelWaiting = false }: CloseOptions = {}): Promise<void> {
    return this.#crew.close(cancelWaiting);
  }

  /**
   * Ends the pool: tasks without an answer reject with a `CancelledError` at once. Idle workers end in good order, with their `exit`; a worker whose
   * tasks can hear of it, because they were submitted with a signal, a timeout or the like, has `grace` milliseconds to come to its end, and is
   * killed then. All others are killed at once.
   *
   * **Python** `Pool.terminate`; `ProcessPoolExecutor.terminate_workers`.
   */
  terminate(): Promise<void> {
    return this.#crew.terminate();
  }

  /**
   * Kills the workers, whatever they are at. Tasks without an answer reject with a `CancelledError`.
   *
   * **Python** `ProcessPoolExecutor.kill_workers`.
   */
  kill(): Promise<void> {
    return this.#crew.kill();
  }

  /** Closes the pool at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
