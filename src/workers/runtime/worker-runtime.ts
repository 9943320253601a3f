/**
 * The worker's side of the protocol: takes messages in, owns functions, answers and the task loop.
 *
 * The same runtime stands in a thread, in a process and, for tests, in the owner's own thread; an entry file gives it a way
 * to post and the messages as they come.
 * @module
 */
import { isMainThread } from 'node:worker_threads';
import { CodeBook } from '../../closures/code-book.ts';
import { unpack } from '../../closures/unpack.ts';
import { errorFromData, errorToData } from '../../errors/error-data.ts';
import { tellUncaught } from '../../errors/uncaught.ts';
import type { HookCall, ToWorker, WorkerSetup } from '../messages.ts';
import { activityRunner } from '../run-activity.ts';
import { Answers, type Post } from './answers.ts';
import { asFunction, FunctionTable } from './function-table.ts';
import { TaskLoop } from './task-loop.ts';
import { MemoryReports } from './memory-use.ts';
import { Wear } from './wear.ts';
import { keepState, withState } from './worker-state.ts';

/** What an entry file provides. */
export interface RuntimeHost {
  readonly post: Post;
  /** Takes in messages that have arrived already. */
  drainMessages(): void;
  /** The worker has nothing left to do and was asked to end. */
  onStopped(): void;
  /** A signal has come by message. */
  onSignal(name: NodeJS.Signals): void;
  /** Whether what is sent back may hold what only threads can share. */
  readonly destination: 'thread' | 'process';
  /** Cores that this program may use; with one, waiting by spinning is pointless. */
  readonly cores: number;
  /** Whether the thread is this worker's alone; true unless said otherwise. */
  readonly sharesThread?: true;
}

/** One worker. */
export class WorkerRuntime {
  readonly #functions = new FunctionTable();
  readonly #host: RuntimeHost;
  readonly #loop: TaskLoop;
  readonly #setup: WorkerSetup;
  #isReady = false;
  /** What `init` has returned, once it has. */
  #state: { readonly value: unknown } | undefined;

  constructor(host: RuntimeHost, setup: WorkerSetup) {
    this.#host = host;
    this.#setup = setup;
    activityRunner();
    const book = new CodeBook((id, unit) => host.post({ type: 'code', id, unit }));
    const answers = new Answers(host.post, book, host.destination, setup.shared);
    const isThread = !isMainThread || host.sharesThread === true;
    this.#loop = new TaskLoop({
      functions: this.#functions,
      answers,
      limit: setup.tasksAtFirst ?? setup.tasksPerWorker,
      shared: setup.shared,
      cores: host.cores,
      wear: setup.wear === undefined ? undefined : new Wear(setup.wear, isThread),
      memory:
        host.sharesThread === true
          ? undefined
          : new MemoryReports(isThread, (bytes) => host.post({ type: 'memory', bytes })),
      measureEvery: setup.measureEvery ?? 0,
      drainMessages: () => host.drainMessages(),
      onSpent: () => host.post({ type: 'spent' }),
    });
  }

  /** Starts pulling tasks. */
  start(): void {
    const { definitions = [], init, exit } = this.#setup;
    for (const definition of definitions) this.receive(definition);
    if (init === undefined && exit === undefined) this.#beReady();
    else void this.#prepare(init);
  }

  #beReady(): void {
    this.#isReady = true;
    this.#host.post({ type: 'ready' });
    this.#loop.pump();
  }

  async #prepare(init: HookCall | undefined): Promise<void> {
    const start = performance.now();
    let value: unknown;
    try {
      value = init === undefined ? undefined : await this.#callHook(init, []);
    } catch (error) {
      this.#host.post({ type: 'unfit', error: errorToData(error) });
      this.#host.onStopped();
      return;
    }
    if ((this.#setup.measureEvery ?? 0) > 0) this.#host.post({ type: 'prepared', ms: performance.now() - start });
    this.#state = { value };
    if (this.#host.sharesThread === true) this.#loop.within = withState(value);
    else keepState(value);
    this.#beReady();
  }

  /** Ends the worker: what `init` has made is done away with by `exit`. */
  async #leave(): Promise<void> {
    const { exit } = this.#setup;
    const state = this.#state;
    this.#state = undefined;
    try {
      if (exit !== undefined && state !== undefined) await this.#callHook(exit, [state.value]);
    } catch (error) {
      const { name = 'a worker' } = this.#setup.identity ?? {};
      tellUncaught({ error, name: `exit of ${name}`, kind: 'callback', worker: name });
    }
    this.#host.onStopped();
  }

  async #callHook({ callee, args }: HookCall, before: readonly unknown[]): Promise<unknown> {
    const { code } = this.#functions;
    const fn = asFunction(await unpack(callee, code)) as (...values: unknown[]) => unknown;
    const values = (await unpack(args, code)) as unknown[];
    const call = (): unknown => fn(...before, ...values);
    return (this.#loop.within ?? ((run) => run()))(call);
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'code':
        this.#functions.addCode(message.id, message.unit);
        break;
      case 'function':
        this.#functions.define(message.id, message.packet);
        break;
      case 'forget':
        this.#functions.forget(message.id);
        break;
      case 'tasks':
        this.#loop.enqueueBatch(message.bytes);
        break;
      case 'task':
        this.#loop.enqueue(message);
        break;
      case 'credit':
        this.#loop.grant(message.id, message.count);
        break;
      case 'abort':
        this.#loop.abort(message.id, errorFromData(message.reason));
        if (this.#setup.shared !== undefined) this.#host.post({ type: 'aborted', id: message.id });
        break;
      case 'limit':
        this.#loop.limit = message.tasks;
        if (this.#isReady) this.#loop.pump();
        break;
      case 'measure':
        this.#loop.measure(message.every);
        break;
      case 'wake':
        this.#loop.pump();
        break;
      case 'signal':
        this.#host.onSignal(message.name);
        break;
      case 'stop':
        this.#loop.stop(() => void this.#leave());
        break;
      case 'setup':
      case 'rehearsal':
        break;
    }
  }
}

/** A spare goes through a task, in a runtime of its own whose answer nobody hears. */
export function rehearse(parts: readonly ToWorker[], destination: 'thread' | 'process'): void {
  const deaf = { post() {}, drainMessages() {}, onStopped() {}, onSignal() {}, destination, cores: 1 };
  const runtime = new WorkerRuntime(deaf, { mainModule: '', tasksPerWorker: 1 });
  runtime.start();
  for (const part of parts) runtime.receive(part);
}
