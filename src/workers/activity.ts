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
import {
  CancelledError,
  InvalidOptionError,
  InvalidStateError,
  WorkerDiedError,
  WorkerStartError,
} from '../errors/executor-errors.ts';
import { type Readiness, readinessSymbol } from '../sync/readiness.ts';
import { setTimer, type Timer } from '../memory/timer.ts';
import { timeoutOf } from '../sync/wait-options.ts';
import { awaitChild, childrenCanWait } from './children.ts';
import { captureContext } from './context.ts';
import { ownIdentity } from './identity.ts';
import { launchOptions } from './launch-options.ts';
import { activityRunner } from './run-activity.ts';
import { signalName } from './signal-name.ts';
import { runSingle, type SingleTask } from './single-task.ts';
import { tellUncaught } from '../errors/uncaught.ts';
import type { LaunchOptions, WorkerBackend, WorkerExit } from './worker-backend.ts';

/** Options of a thread or process. */
export interface ActivityOptions extends LaunchOptions {
  /** Shown by tools and in errors; `Thread-1 (download)` by default. */
  readonly name?: string;
  /** A daemon does not keep the program alive, and ends with it. By default as the thread that makes it: false in the main thread. */
  readonly daemon?: boolean;
  /**
   * `'inherit'` (default): it runs inside copies of what the storages that `carryContext()` knows hold at `start()`; `'none'`: outside of
   * them. **Python** `context`.
   */
  readonly context?: 'inherit' | 'none';
}

/** Bounds of a `join`. */
export interface JoinOptions {
  /** Milliseconds; afterwards `join` resolves to undefined, and `alive` tells that it still runs. */
  readonly timeout?: number;
  /** Ends the wait, not the activity, by rejecting with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Bounds of a `terminate`. */
export interface TerminateOptions {
  /**
   * Milliseconds that whoever has asked for its `taskSignal()`, or handles SIGTERM, has to come to an end; then it is killed. 2000 by
   * default. `Infinity` waits for as long as it takes, 0 does not wait.
   */
  readonly grace?: number;
}

/** Milliseconds that an activity has by default to come to its end. */
const GRACE = 2000;

/** A function that an activity can run. */
export type Target<A extends readonly unknown[], T> = (...args: A) => T | PromiseLike<T>;

type AnyTarget = (...args: never[]) => unknown;

interface State {
  /** What to run, until it has been started. */
  target: AnyTarget | undefined;
  args: readonly unknown[];
  readonly options: ActivityOptions;
  name: string;
  daemon: boolean;
  task: SingleTask | undefined;
  exit: WorkerExit | undefined;
  /** Aborted once it has ended; made when somebody asks for it. */
  exited: AbortController | undefined;
  /** A copy that came from the thread where it was made: whether it had been started there. */
  readonly copy: 'started' | 'unstarted' | undefined;
  closed: boolean;
  joined: boolean;
  /** Its owner has asked it to end, or ended it. */
  ended: boolean;
  /** Joins that wait now. */
  joiners: number;
}

const states = new WeakMap<object, State>();
const counts = new Map<string, number>();
/** Those that are being sent to where they will run. */
const starting = new WeakSet<object>();

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
    if (!['inherit', 'none', undefined].includes(options.context))
      throw new InvalidOptionError(`context must be 'inherit' or 'none', not ${String(options.context)}.`);
    const kind = this.backend().kind === 'process' ? 'Process' : 'Thread';
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const named = target === undefined || target.name === '' ? '' : ` (${target.name})`;
    states.set(this, {
      target,
      args: [...args],
      options: { ...options, ...launchOptions(this.backend().kind, options) },
      name: options.name === undefined || options.name === '' ? `${kind}-${count}${named}` : text(options.name),
      daemon: options.daemon ?? ownIdentity()?.daemon ?? false,
      task: undefined,
      exit: undefined,
      exited: undefined,
      copy: undefined,
      closed: false,
      joined: false,
      ended: false,
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
   * @throws EncodeError when the function, an argument, a field or a carried store cannot travel
   */
  start(): void {
    const state = stateOf(this);
    if (state.task !== undefined || state.copy === 'started')
      throw new InvalidStateError(`${state.name} has been started before; each runs once.`);
    checkOpen(state);
    if ((process as { readonly _exiting?: boolean })._exiting === true)
      throw new InvalidStateError(`${state.name} cannot be started: the program, or this thread of it, is ending.`);
    assertMayStartWorkers();
    const own = this.run !== Activity.prototype.run;
    const launch: LaunchOptions = { keepSpare: true, ...state.options };
    starting.add(this);
    let task: SingleTask;
    try {
      task = runSingle(own ? activityRunner() : (state.target ?? (() => undefined)), own ? [this] : state.args, {
        backend: this.backend(),
        launch,
        mainModule: mainModule(),
        name: state.name,
        daemon: state.daemon,
        context: state.options.context === 'none' ? undefined : captureContext(),
      });
    } finally {
      starting.delete(this);
    }
    state.task = task;
    state.target = undefined;
    state.args = [];
    if (state.daemon) task.handle.unref();
    else
      awaitChild(task.exited, {
        ref: () => task.handle.ref(),
        unref: () => letGo(state),
      });
    task.result.catch((error: unknown) => setImmediate(() => report(state, error)));
    void task.exited.then((exit) => {
      state.exit = exit;
      state.exited?.abort();
    });
  }

  /**
   * Resolves to what the function returned once it has ended, or rejects with what it threw.
   *
   * **Python** `join` tells neither; here it stands for `join` and for the missing return value.
   *
   * @throws InvalidStateError `ERR_INVALID_STATE` when it has not been started
   * @throws WorkerDiedError `ERR_WORKER_DIED` when it was ended or crashed
   * @throws InvalidOptionError `ERR_INVALID_OPTION` when `timeout` is no number of at least 0
   */
  join(): Promise<T>;
  join(options: JoinOptions): Promise<T | undefined>;
  async join(options: JoinOptions = {}): Promise<T | undefined> {
    const state = stateOf(this);
    const { task } = state;
    checkOpen(state);
    if (state.copy === 'started')
      throw new InvalidStateError(
        `${state.name} cannot be joined here: this is a copy of it, in itself or in another thread than the one that started it.`,
      );
    if (task === undefined) throw new InvalidStateError(`${state.name} cannot be joined before it is started.`);
    const timeout = timeoutOf(options);
    const { signal } = options;
    state.joined = true;
    state.joiners += 1;
    task.handle.ref(); // whoever waits for a daemon wants to see its end
    const ended = task.exited.then(() => task.result) as Promise<T>;
    let timer: Timer | undefined;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const onAbort = (): void => reject(signal?.reason);
    if (timeout < Infinity) timer = setTimer(timeout, () => resolve(undefined));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await (timeout === Infinity && signal === undefined ? ended : Promise.race([ended, promise]));
    } finally {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
      state.joiners -= 1;
      if (state.daemon || childrenCanWait()) letGo(state);
    }
  }

  /**
   * Sends it a signal.
   *
   * A process gets the signal itself. A thread, which the system cannot send one to, gets it by message: it reaches the handlers that
   * were set in the thread, by `onSignal()` or `process.on()`; without any a thread ends by a signal that would end a process.
   *
   * **Python** `Popen.send_signal`, `os.kill`; nothing for threads.
   *
   * **Gotchas** What goes by message is heard when the event loop comes round, so not in a loop that never returns: all that is
   * sent to a thread, and SIGINT to a process (`interrupt()` says why). SIGUSR1 makes a process open Node's debugger unless it
   * handles it. SIGKILL ends a thread as `kill()` does.
   *
   * @param signal name, or number on this system
   * @returns whether there was anybody to send it to: false before the start and after the end
   * @throws InvalidOptionError `ERR_INVALID_OPTION` for an unknown signal, and for SIGSTOP to a thread
   * @example
   * const child = new Process(() => new Promise((resolve) => onSignal('SIGUSR2', resolve)));
   * child.start();
   * child.send('SIGUSR2');
   */
  send(signal: NodeJS.Signals | number): boolean {
    const name = signalName(signal);
    const state = stateOf(this);
    checkOpen(state);
    return state.task?.handle.send(name) ?? false;
  }

  /**
   * Asks it to end, as Ctrl-C asks a program: `send('SIGINT')`.
   *
   * Handlers for SIGINT are called. If its `taskSignal()` has been asked for that is aborted, and the function has for ever to come to its
   * end. With neither it ends at once. A process that ends of it has exit code -2, a thread 1.
   *
   * **Python** `Process.interrupt` (3.14), where a child without a handler ends by a `KeyboardInterrupt` with exit code 1.
   *
   * **Gotchas** It goes by message, because the terminal's Ctrl-C, a real SIGINT for every process of the program, is the owner's to
   * answer and passes children by. A child that blocks its event loop hears it later, or never: `terminate()`.
   *
   * @returns whether there was anybody to send it to
   */
  interrupt(): boolean {
    stateOf(this).ended = true;
    return this.send('SIGINT');
  }

  /**
   * Asks it to end, by SIGTERM, and kills it if it has not after `grace` milliseconds; resolves when it is gone.
   *
   * If its `taskSignal()` has been asked for that is aborted; once the function has settled, which `join` tells as ever, it ends, a
   * process with exit code -15 and a thread with 1. Handlers for SIGTERM are called, and then it is theirs to end. With
   * neither it ends at once, wherever it is, also in a loop that never returns.
   *
   * **Python** `Process.terminate`, which neither waits nor kills; nothing for threads.
   *
   * **Gotchas** A function that asks for its signal and then blocks is killed after the grace: -9 instead of -15. In a thread the
   * grace is for `taskSignal()` and `onSignal()`; a bare `process.on('SIGTERM')` there hears `send()` only.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION` when `grace` is no number of at least 0
   * @example
   * const child = new Process(async () => {
   *   while (!taskSignal().aborted) await work();
   *   await saveState();
   * });
   * child.start();
   * await child.terminate({ grace: 10_000 });
   */
  async terminate(options: TerminateOptions = {}): Promise<void> {
    const { grace = GRACE } = options;
    if (typeof grace !== 'number' || !(grace >= 0)) {
      throw new InvalidOptionError(`grace must be a number of milliseconds of at least 0, not ${String(grace)}.`);
    }
    const state = stateOf(this);
    checkOpen(state);
    state.ended = true;
    state.task?.noteEnd();
    await state.task?.handle.terminate(grace);
  }

  /**
   * Ends it now, whatever it is doing, a process by SIGKILL; resolves when it is gone.
   *
   * **Python** `Process.kill`; nothing for threads.
   */
  async kill(): Promise<void> {
    const state = stateOf(this);
    checkOpen(state);
    state.ended = true;
    state.task?.noteEnd();
    await state.task?.handle.kill();
  }

  /** Whether it has been started and has not ended. */
  get alive(): boolean {
    const state = stateOf(this);
    checkOpen(state);
    return state.task !== undefined && state.exit === undefined;
  }

  /**
   * Aborted once it has ended: to be told, or for `waitAny`.
   *
   * **Python** `Process.sentinel`.
   *
   * @example
   * child.exited.addEventListener('abort', () => console.log(child.exitCode));
   */
  get exited(): AbortSignal {
    const state = stateOf(this);
    if (state.exited === undefined) {
      state.exited = new AbortController();
      if (state.exit !== undefined) state.exited.abort();
    }
    return state.exited.signal;
  }

  /**
   * Lets go of what is kept of it: it cannot be asked, joined or started any more. May be called again.
   *
   * **Python** `Process.close`.
   *
   * @throws InvalidStateError `ERR_INVALID_STATE` while it runs
   */
  close(): void {
    const state = stateOf(this);
    if (state.task !== undefined && state.exit === undefined)
      throw new InvalidStateError(`${state.name} cannot be closed while it runs; end and join it first.`);
    Object.assign(state, { closed: true, task: undefined, exit: undefined, target: undefined, args: [] });
  }

  /** Its name. */
  get name(): string {
    return stateOf(this).name;
  }

  set name(name: string) {
    const state = stateOf(this);
    state.name = text(name);
    if (state.exit === undefined) state.task?.handle.rename?.(state.name);
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

  /** @internal Ready once it has ended. @throws InvalidStateError before it is started */
  [readinessSymbol](): Readiness {
    const state = stateOf(this);
    const { name, task, daemon } = state;
    if (task === undefined) throw new InvalidStateError(`${name} cannot be waited for before it is started.`);
    const whenReady = (enough: AbortSignal): Promise<unknown> => {
      if (!daemon && !childrenCanWait()) return task.exited; // the event loop waits for it as it is
      state.joiners += 1;
      task.handle.ref();
      enough.addEventListener('abort', () => {
        state.joiners -= 1;
        if (daemon || childrenCanWait()) letGo(state);
      });
      return task.exited;
    };
    return { isReady: () => this.exit !== undefined, whenReady };
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
    const { name, daemon, task, copy } = stateOf(activity);
    // What is sent by `start` is not started yet, and will be there.
    return {
      name,
      daemon,
      copy: task === undefined && !starting.has(activity) ? (copy ?? 'unstarted') : 'started',
      fields: Object.assign({}, activity),
    };
  }

  /** @internal */
  static [unpackSymbol](this: { readonly prototype: object }, data: unknown): unknown {
    const { name, daemon, copy, fields } = data as { readonly fields: object } & Pick<
      State,
      'name' | 'daemon' | 'copy'
    >;
    const activity = Object.assign(Object.create(this.prototype) as object, fields);
    const nothing = {
      target: undefined,
      args: [],
      options: {},
      task: undefined,
      exit: undefined,
      exited: undefined,
      closed: false,
      joined: true,
      ended: false,
      joiners: 0,
    };
    states.set(activity, { ...nothing, name, daemon, copy });
    return activity;
  }
}

/** The event loop does not wait for it, unless somebody does. */
function letGo({ joiners, task }: State): void {
  if (joiners === 0) task?.handle.unref();
}

/** Whatever a caller without types gives as a name. */
const text = (name: unknown): string => String(name);

/** As Python does: an error that nobody asked for is shown, and the program goes on. */
function report({ name, joined, ended, task, exit }: State, error: unknown): void {
  const handle = task?.handle;
  const isProcess = handle?.pid !== undefined;
  if (joined || (ended && endsQuietly(error))) return;
  if (error instanceof WorkerDiedError && endedByItself(exit, isProcess)) return;
  tellUncaught({ error, name, kind: isProcess ? 'process' : 'thread', worker: handle?.label ?? name });
}

function checkOpen({ name, closed }: State): void {
  if (closed) throw new InvalidStateError(`${name} has been closed.`);
}

/** Exit code of a process that an error has ended; also what many end with on purpose. */
const CRASHED = 1;

/** Whether it ended by an exit code, of its own accord. */
const endedByItself = (exit: WorkerExit | undefined, isProcess: boolean): boolean =>
  exit !== undefined &&
  exit.exitCode !== null &&
  exit.error === undefined &&
  !exit.outOfMemory &&
  !(isProcess && exit.exitCode === CRASHED);

/** Whether an error says no more than that the activity was asked to end. */
const endsQuietly = (error: unknown): boolean =>
  error instanceof WorkerDiedError ||
  error instanceof WorkerStartError ||
  error instanceof CancelledError ||
  (error instanceof Error && ['AbortError', 'CancelledError'].includes(error.name));
