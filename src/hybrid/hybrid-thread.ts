/**
 * The handle of a thread in another process.
 *
 * How it works  Messages go over the line of the process, tagged. What is posted before the thread is ready is kept: should the process end
 *               meanwhile, the thread is started in another one and told it again.
 * @module
 */
import type { FromWorker, ToWorker, WorkerSetup } from '../workers/messages.ts';
import type { WorkerEvents, WorkerExit, WorkerHandle, WorkerState } from '../workers/worker-backend.ts';
import type { FromRelay, ToRelay } from './relay-messages.ts';
import { sendToThread } from '../threads/send-to-thread.ts';

/** Times that a thread is started in another process because its own was gone before it was ready. */
const MOST_MOVES = 3;

/** The process that a thread is in. */
export interface HomeProcess {
  readonly pid: number | undefined;
  /** Starts the thread. */
  add(thread: HybridThread): void;
  post(thread: HybridThread, message: ToRelay): void;
  flush(): void;
  ref(thread: HybridThread): void;
  unref(thread: HybridThread): void;
  /** Ends the thread, which has been marked as killed. */
  kill(thread: HybridThread): void;
}

/** A thread of a process with threads. */
export class HybridThread implements WorkerHandle {
  /** Its number on the lines of all processes of its pool. */
  readonly number: number;
  readonly #setup: WorkerSetup;
  readonly #events: WorkerEvents;
  readonly #gone = Promise.withResolvers<void>();
  #process: HomeProcess;
  #state: WorkerState = 'starting';
  #threadId: number | undefined;
  #nativeId: number | undefined;
  #killed = false;
  #referenced = true;
  #moves = 0;
  /** What was posted, until it is ready. */
  #posted: Exclude<ToWorker, { readonly type: 'setup' }>[] | undefined = [];

  constructor(number: number, setup: WorkerSetup, events: WorkerEvents, process: HomeProcess) {
    this.number = number;
    this.#setup = setup;
    this.#events = events;
    this.#process = process;
    this.#begin();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get threadId(): number | undefined {
    return this.#threadId;
  }

  get nativeId(): number | undefined {
    return this.#nativeId;
  }

  get label(): string {
    const { pid } = this;
    const thread = this.#threadId === undefined ? 'thread' : `thread ${this.#threadId}`;
    return pid === undefined ? 'thread of a process (not started)' : `${thread} of process ${pid}`;
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it was killed, and not only asked to end. */
  get killed(): boolean {
    return this.#killed;
  }

  /** Whether it can be started elsewhere as if nothing had happened. */
  get mayMove(): boolean {
    return this.#state === 'starting' && this.#moves < MOST_MOVES;
  }

  /** What the thread is told, in a process that is called so. */
  setupIn(processName: string): WorkerSetup {
    const { identity } = this.#setup;
    if (identity === undefined) return this.#setup;
    return { ...this.#setup, identity: { ...identity, process: { name: processName, daemon: identity.daemon } } };
  }

  /** Starts it in another process: its own is gone. */
  moveTo(process: HomeProcess): void {
    this.#moves += 1;
    this.#process = process;
    this.#threadId = undefined;
    this.#begin();
    for (const message of this.#posted ?? []) process.post(this, message);
  }

  #begin(): void {
    this.#process.add(this);
    if (this.#referenced) this.#process.ref(this);
  }

  /** Takes in what the thread, or its process of it, says. */
  receive(message: Exclude<FromRelay, { readonly type: 'gone' }>): void {
    if (message.type === 'started') {
      this.#threadId = message.threadId;
    } else if (message.type === 'ready') {
      this.#nativeId = message.nativeId;
      this.#posted = undefined;
      if (this.#state === 'starting') this.#state = 'ready';
      this.#events.onReady();
    } else {
      this.#events.onMessage(message satisfies FromWorker);
    }
  }

  /** It is gone. */
  finish(exit: WorkerExit): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#posted = undefined;
    this.#gone.resolve();
    this.#events.onExit(exit);
  }

  post(message: ToWorker): void {
    if (this.#state === 'gone' || message.type === 'setup') return;
    this.#process.post(this, message);
    this.#posted?.push(message);
  }

  flush(): void {
    this.#process.flush();
  }

  ref(): void {
    if (this.#state === 'gone') return;
    this.#referenced = true;
    this.#process.ref(this);
  }

  unref(): void {
    this.#referenced = false;
    this.#process.unref(this);
  }

  stop(): void {
    if (this.#state === 'gone' || this.#state === 'stopping') return;
    this.#state = 'stopping';
    this.ref();
    this.post({ type: 'stop' });
  }

  send(signal: NodeJS.Signals): boolean {
    return sendToThread(this, signal);
  }

  async terminate(grace: number): Promise<void> {
    if (this.#state === 'gone') return;
    this.ref();
    this.#process.post(this, { type: 'terminate', grace });
    await this.#gone.promise;
  }

  async kill(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'stopping';
    this.#killed = true;
    this.ref();
    // Others of this process may be killed in the same breath, or one be started in its place.
    queueMicrotask(() => this.#process.kill(this));
    await this.#gone.promise;
  }
}
