/**
 * What `Thread` and `Process` have in common: one function on one worker of its own.
 *
 * How it works  An activity is described by its constructor, shipped and run by `start`, awaited by `join`. A subclass with
 *               a `run` method is shipped whole: its class, and the fields that its instance has. On the other side the same
 *               object runs, without a worker of its own, which is why all state of this class lives outside the instance.
 * Invariants    An activity runs at most once. `join` may be called any number of times, by anybody.
 * At rest       An activity that is no daemon keeps the program alive until it ends.
 * @module
 */
import { assertMayStartWorkers } from '../closures/import-guard.ts';
import { mainModule } from '../closures/main-module.ts';
import { packSymbol, unpackSymbol } from '../closures/protocol-symbols.ts';
import { InvalidOptionError, InvalidStateError } from '../errors/executor-errors.ts';
import { setTimer, type Timer } from '../memory/timer.ts';
import { activityRunner } from './run-activity.ts';
import { runSingle, type SingleTask } from './single-task.ts';
import type { LaunchOptions, WorkerBackend, WorkerExit } from './worker-backend.ts';

/** Options of a thread or process. */
export interface ActivityOptions extends LaunchOptions {
  /** Shown by tools and in errors; `Thread-1 (download)` by default. */
  readonly name?: string;
  /** A daemon does not keep the program alive, and ends with it. False by default. */
  readonly daemon?: boolean;
}

/** Bounds of a `join`. */
export interface JoinOptions {
  /** Milliseconds; afterwards `join` resolves to undefined, and `alive` tells that it still runs. */
  readonly timeout?: number;
  /** Ends the wait, not the activity, by rejecting with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A function that an activity can run. */
export type Target<A extends readonly unknown[], T> = (...args: A) => T | PromiseLike<T>;

type AnyTarget = (...args: never[]) => unknown;

interface State {
  readonly target: AnyTarget | undefined;
  readonly args: readonly unknown[];
  readonly options: ActivityOptions;
  name: string;
  daemon: boolean;
  task: SingleTask | undefined;
  exit: WorkerExit | undefined;
  joined: boolean;
  /** Joins that wait now. */
  joiners: number;
}

const states = new WeakMap<object, State>();
const counts = new Map<string, number>();

function stateOf(activity: object): State {
  const state = states.get(activity);
  if (state !== undefined) return state;
  throw new InvalidStateError('This object was not made by its constructor; a subclass must call super().');
}

/** One function on one worker of its own. */
export abstract class Activity<T> {
  constructor(target?: AnyTarget, args: readonly unknown[] = [], options: ActivityOptions = {}) {
    if (target !== undefined && typeof target !== 'function') {
      throw new InvalidOptionError(`${new.target.name} takes a function to run; this is of type ${typeof target}.`);
    }
    const kind = this.backend().kind === 'process' ? 'Process' : 'Thread';
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const named = target === undefined || target.name === '' ? '' : ` (${target.name})`;
    states.set(this, {
      target,
      args: [...args],
      options,
      name: options.name === undefined || options.name === '' ? `${kind}-${count}${named}` : text(options.name),
      daemon: options.daemon ?? false,
      task: undefined,
      exit: undefined,
      joined: false,
      joiners: 0,
    });
  }

  /** @internal */
  protected abstract backend(): WorkerBackend;

  /** What is run. A subclass overrides it; otherwise it is the function given to the constructor. */
  run(): T | PromiseLike<T> {
    const { target, args } = stateOf(this);
    return target?.(...(args as never[])) as T | PromiseLike<T>;
  }

  /**
   * Ships the function and starts it.
   *
   * @throws InvalidStateError `ERR_INVALID_STATE` when it was started before
   * @throws EncodeError when the function, an argument or a field cannot travel
   */
  start(): void {
    const state = stateOf(this);
    if (state.task !== undefined) throw new InvalidStateError(`${state.name} has been started before; each runs once.`);
    assertMayStartWorkers();
    const own = this.run !== Activity.prototype.run;
    const launch: LaunchOptions = { keepSpare: true, ...state.options };
    const task = runSingle(own ? activityRunner() : (state.target ?? (() => undefined)), own ? [this] : state.args, {
      backend: this.backend(),
      launch,
      mainModule: mainModule(),
      name: state.name,
    });
    state.task = task;
    if (state.daemon) task.handle.unref();
    task.result.catch((error: unknown) => setImmediate(() => state.joined || report(state.name, error)));
    void task.exited.then((exit) => {
      state.exit = exit;
    });
  }

  /**
   * Resolves to what the function returned once it has ended, or rejects with what it threw.
   *
   * **Python** `join` tells neither; here it stands for `join` and for the missing return value.
   *
   * @throws InvalidStateError `ERR_INVALID_STATE` when it has not been started
   * @throws WorkerDiedError `ERR_WORKER_DIED` when it was ended or crashed
   */
  join(): Promise<T>;
  join(options: JoinOptions): Promise<T | undefined>;
  async join(options: JoinOptions = {}): Promise<T | undefined> {
    const state = stateOf(this);
    const { task } = state;
    if (task === undefined) throw new InvalidStateError(`${state.name} cannot be joined before it is started.`);
    const { timeout, signal } = options;
    signal?.throwIfAborted();
    state.joined = true;
    state.joiners += 1;
    task.handle.ref(); // whoever waits for a daemon wants to see its end
    const ended = task.exited.then(() => task.result) as Promise<T>;
    let timer: Timer | undefined;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const onAbort = (): void => reject(signal?.reason);
    if (timeout !== undefined) timer = setTimer(timeout, () => resolve(undefined));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await (timeout === undefined && signal === undefined ? ended : Promise.race([ended, promise]));
    } finally {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
      state.joiners -= 1;
      if (state.daemon && state.joiners === 0) task.handle.unref();
    }
  }

  /** Whether it has been started and has not ended. */
  get alive(): boolean {
    const { task, exit } = stateOf(this);
    return task !== undefined && exit === undefined;
  }

  /** Its name. */
  get name(): string {
    return stateOf(this).name;
  }

  set name(name: string) {
    stateOf(this).name = text(name);
  }

  /** Whether the program ends without waiting for it. */
  get daemon(): boolean {
    return stateOf(this).daemon;
  }

  set daemon(daemon: boolean) {
    const state = stateOf(this);
    if (state.task !== undefined) throw new InvalidStateError(`${state.name} has been started; daemon is set before.`);
    state.daemon = daemon;
  }

  /** @internal The running call, once there is one. */
  protected get task(): SingleTask | undefined {
    return stateOf(this).task;
  }

  /** @internal How it ended, once it has. */
  protected get exit(): WorkerExit | undefined {
    return stateOf(this).exit;
  }

  /** @internal A subclass's instance travels as its fields. */
  static [packSymbol](activity: Activity<unknown>): unknown {
    const { name, daemon } = stateOf(activity);
    return { name, daemon, fields: Object.assign({}, activity) };
  }

  /** @internal */
  static [unpackSymbol](this: { readonly prototype: object }, data: unknown): unknown {
    const { name, daemon, fields } = data as { name: string; daemon: boolean; fields: object };
    const activity = Object.assign(Object.create(this.prototype) as object, fields);
    const nothing = {
      target: undefined,
      args: [],
      options: {},
      task: undefined,
      exit: undefined,
      joined: true,
      joiners: 0,
    };
    states.set(activity, { ...nothing, name, daemon });
    return activity;
  }
}

/** Whatever a caller without types gives as a name. */
const text = (name: unknown): string => String(name);

/** As Python does: an error that nobody asked for is shown, and the program goes on. */
function report(name: string, error: unknown): void {
  const what = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  process.stderr.write(`Uncaught error in ${name}, which nobody has joined:\n${what}\n`);
}
