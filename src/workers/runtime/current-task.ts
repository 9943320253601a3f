/**
 * What a running task can know of itself: its signal, and that its worker has been asked to end.
 *
 * How it works  In a pool only a task that can be cancelled or timed out has a context; it is carried through the task's awaits by
 *               `AsyncLocalStorage`, which is created with the first such task, so that others pay nothing.
 *               A worker with one task, which `Thread` and `Process` have, needs no context: its signal is the task's. Nobody
 *               listens for SIGTERM before somebody asks for that signal: until then the signal does what it does by default,
 *               also to a loop that never comes back.
 * Order         Asked to end, the signal is aborted; the function settles and its answer is sent; the owner says `stop`; the
 *               worker ends by the signal that it was asked with.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { constants } from 'node:os';
import { CancelledError } from '../../errors/executor-errors.ts';

let storage: AsyncLocalStorage<TaskContext> | undefined;

/** Tells the task's owner something; throws when it cannot be sent. */
export type Report = (id: number, number: number, value: unknown) => void;

/** One task in flight. */
export class TaskContext {
  readonly id: number;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  readonly #report: Report;
  /** Made when somebody asks for the signal, or it is to be aborted: most tasks never look. */
  #controller: AbortController | undefined;
  #reports = 0;
  #credit = 0;
  #onCredit: (() => void) | undefined;

  constructor(id: number, attempt: number, report: Report) {
    this.id = id;
    this.attempt = attempt;
    this.#report = report;
  }

  progress(value: unknown): void {
    this.#reports += 1;
    this.#report(this.id, this.#reports, value);
  }

  /** Resolves when one more item may be sent, or the task was given up. */
  async credit(): Promise<void> {
    if (this.#credit === 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onCredit = resolve;
      });
    }
    this.#credit -= 1;
  }

  /** So many more items may be sent. */
  grant(count: number): void {
    this.#credit += count;
    this.#onCredit?.();
  }

  /** Aborted when the task is cancelled or runs out of time. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
    this.#onCredit?.();
  }
}

/** Calls `run` as the given task. */
export function runWatched<T>(context: TaskContext, run: () => T): T {
  storage ??= new AsyncLocalStorage();
  return storage.run(context, run);
}

const neverAborted = new AbortController().signal;

/**
 * The signal of the task that this code runs in: aborted when its caller gives it up, or its `timeout` has passed; in the
 * function of a `Thread` or `Process` when that is asked to end, by `terminate()`, `interrupt()` or SIGTERM.
 *
 * **Python** has no counterpart; a running `Future` cannot be cancelled there, and a process that is asked to end learns of it
 * by a signal handler.
 *
 * **Gotchas** A task of a pool that was submitted without `signal` and `timeout`, and code outside a task, get a signal that never
 * fires. A thread or process that has asked for its signal does not end at once any more when it is terminated: it has the
 * `grace` of `terminate()` to come to its end.
 *
 * @example
 * const fetchPage = async (url: string) => (await fetch(url, { signal: taskSignal() })).text();
 * await pool.with({ timeout: 2000 }).submit(fetchPage, 'http://localhost:8080/');
 */
export function taskSignal(): AbortSignal {
  return storage?.getStore()?.signal ?? (onHearing === undefined ? neverAborted : signalOfWorker());
}

/** What a running task can know, and say, of itself. */
export interface CurrentTask {
  /** Number of the attempt, from 1: above it when the task is tried again (`retries`). */
  readonly attempt: number;
  /** As `taskSignal()`. */
  readonly signal: AbortSignal;
  /**
   * Tells whoever has submitted the task how far it is: `onProgress` of `pool.with()` gets the value. Without that it does nothing.
   *
   * @throws EncodeError when the value cannot travel
   */
  progress(value: unknown): void;
}

const onItsOwn: CurrentTask = {
  attempt: 1,
  get signal() {
    return taskSignal();
  },
  progress() {},
};

/**
 * The task that this code runs in.
 *
 * **Python** has no counterpart.
 *
 * @example
 * const convert = (files: string[]) => {
 *   for (const [n, file] of files.entries()) {
 *     convertOne(file);
 *     currentTask().progress((n + 1) / files.length);
 *   }
 * };
 * await pool.with({ onProgress: (part) => console.log(part) }).submit(convert, files);
 */
export function currentTask(): CurrentTask {
  return storage?.getStore() ?? onItsOwn;
}

// ---------------------------------------------------------------------------------------------- a worker with one task

/** Set in a worker with one task: told that it may have changed whether anybody hears SIGTERM. */
let onHearing: (() => void) | undefined;
/** Made when somebody asks for it. */
let ending: AbortController | undefined;
let askedBy: NodeJS.Signals | undefined;

/** Signals that by default do nothing, or what a thread cannot do; SIGUSR1 and SIGPIPE are Node's own. */
const HARMLESS = ['SIGCHLD', 'SIGCONT', 'SIGPIPE', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGUSR1', 'SIGWINCH'];

/** This worker is there for one task, and has none of another one's listeners. */
export function haveOneTask(onHearingChanged: () => void = () => {}): void {
  onHearing = onHearingChanged;
}

/** Says that a listener for a signal was added or taken away. */
export function hearingChanged(): void {
  onHearing?.();
}

/** The signal that this worker was asked to end by, and whose task has heard it. */
export const askedToEndBy = (): NodeJS.Signals | undefined => askedBy;

function signalOfWorker(): AbortSignal {
  if (ending === undefined) {
    ending = new AbortController();
    process.on('SIGTERM', askToEnd);
    hearingChanged();
  }
  return ending.signal;
}

function askToEnd(name: NodeJS.Signals): void {
  if (askedBy !== undefined) return;
  askedBy = name;
  ending?.abort(new CancelledError(`The task was asked to end by ${name}: its thread or process is being terminated.`));
}

/**
 * Does what a signal that has come by message would do: calls its listeners; without any, what it does by default.
 *
 * @param guards listeners that are there for another reason
 * @param end ends this worker
 */
export function hearSignal(name: NodeJS.Signals, guards: number, end: (name: NodeJS.Signals) => void): void {
  const heard = process.listenerCount(name) > guards;
  if (heard) process.emit(name, name, constants.signals[name]);
  if (name === 'SIGINT' && ending !== undefined) askToEnd(name);
  else if (!heard && !HARMLESS.includes(name)) end(name);
}
