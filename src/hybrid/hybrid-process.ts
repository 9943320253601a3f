/**
 * A process with threads, seen from its owner: whose thread is whose, and when the process ends.
 *
 * How it works  One line of frames, each tagged with the number of a thread. The process is told to end when its last thread is gone,
 *               and the end of that thread is reported when the process is gone too: whoever has waited for all workers leaves no
 *               process over. Where all its threads are to be killed, the process is, which is sure and takes no part of it to cooperate.
 * Invariants    1. It has a thread that is no end of, or it is ending and gets no more. 2. Each thread's end is reported once, after its
 *               last message. 3. It keeps the event loop alive while one of its threads does.
 * When it dies  All its threads are gone with it: those that had begun to work fail as it did. Those that were still starting have lost
 *               nothing, and are started in another process; but one, when no thread of this one has ever been ready, lest a process
 *               that cannot start be tried for ever.
 * @module
 */
import { errorFromData } from '../errors/error-data.ts';
import { BareProcess } from '../processes/bare-process.ts';
import { endsWithThisProcess, mayOutlive } from '../processes/busy-processes.ts';
import { processEnded } from '../sync/lots.ts';
import { entryUrl } from '../workers/launch.ts';
import type { LaunchOptions, WorkerExit } from '../workers/worker-backend.ts';
import type { HomeProcess, HybridThread } from './hybrid-thread.ts';
import type { FromRelay, ToRelay } from './relay-messages.ts';

/** What is done when a process is gone. */
export interface HybridProcessEvents {
  /** Its threads that were still starting are to be started elsewhere. */
  onGone(unstarted: readonly HybridThread[]): void;
}

/** One process. */
export class HybridProcess implements HomeProcess {
  /** What it is called. */
  readonly name: string;
  readonly #bare: BareProcess<ToRelay, FromRelay>;
  readonly #events: HybridProcessEvents;
  readonly #launch: LaunchOptions;
  readonly #threads = new Map<number, HybridThread>();
  readonly #referenced = new Set<HybridThread>();
  /** The last thread and how it ended, once there is no other. */
  #last: { readonly thread: HybridThread; readonly exit: WorkerExit } | undefined;
  #killed = false;
  /** Whether a thread has been ready here. */
  #proven = false;

  constructor(name: string, launch: LaunchOptions, events: HybridProcessEvents) {
    this.name = name;
    this.#events = events;
    // The process takes what its threads inherit from it; the rest is each thread's own.
    const { execArgv: _flags, env: _env, nice: _nice, affinity: _cores, ...ofThreads } = launch;
    this.#launch = ofThreads;
    const { resourceLimits: _limits, ...ofProcess } = launch;
    this.#bare = new BareProcess(ofProcess, entryUrl('./entry/hybrid-process', import.meta.url));
    this.#bare.listener = {
      onMessage: (message, number) => this.#onMessage(message, number),
      onExit: (exit) => this.#onExit(exit),
    };
  }

  get pid(): number | undefined {
    return this.#bare.child.pid;
  }

  /** Whether it can be given threads. */
  get open(): boolean {
    return this.#last === undefined && !this.#killed && !this.#bare.gone;
  }

  /** Threads that are not about to end. */
  get size(): number {
    let count = 0;
    for (const { state } of this.#threads.values()) if (state !== 'stopping') count += 1;
    return count;
  }

  /** Starts a thread. */
  add(thread: HybridThread): void {
    this.#threads.set(thread.number, thread);
    this.post(thread, { type: 'start', setup: thread.setupIn(this.name), launch: this.#launch });
  }

  post(thread: HybridThread, message: ToRelay): void {
    this.#bare.post(message, thread.number);
  }

  flush(): void {
    this.#bare.flush();
  }

  /** Keeps the event loop alive for one of the threads. */
  ref(thread: HybridThread): void {
    if (this.#bare.gone) return;
    this.#referenced.add(thread);
    if (this.#referenced.size > 1) return;
    endsWithThisProcess(this);
    this.#bare.ref();
  }

  unref(thread: HybridThread): void {
    if (!this.#referenced.delete(thread) || this.#referenced.size > 0) return;
    mayOutlive(this);
    this.#bare.unref();
  }

  /** Sends a signal to the process. */
  send(signal: NodeJS.Signals): void {
    this.#bare.child.kill(signal);
  }

  /** Ends a thread that has been marked as killed: with the process, when all others have been too. */
  kill(thread: HybridThread): void {
    if (this.#threads.get(thread.number) !== thread || this.#killed) return;
    this.#killed = [...this.#threads.values()].every((each) => each.killed);
    if (this.#killed) this.#bare.kill('SIGKILL');
    else this.post(thread, { type: 'kill' });
  }

  #onMessage(message: FromRelay, number: number): void {
    const thread = this.#threads.get(number);
    if (thread === undefined) return;
    if (message.type === 'gone') {
      const { exit, error } = message;
      this.#onThreadGone(thread, error === undefined ? exit : { ...exit, error: errorFromData(error) });
      return;
    }
    if (message.type === 'ready') this.#proven = true;
    thread.receive(message);
  }

  #onThreadGone(thread: HybridThread, exit: WorkerExit): void {
    processEnded(); // the process that heard of it may use none of the locks that the thread used
    if (this.#threads.size > 1) {
      this.#forget(thread);
      thread.finish(exit);
      return;
    }
    this.#last = { thread, exit };
    this.post(thread, { type: 'end' });
  }

  #forget(thread: HybridThread): void {
    this.#threads.delete(thread.number);
    this.unref(thread);
  }

  #onExit(exit: WorkerExit): void {
    const threads = [...this.#threads.values()];
    this.#threads.clear();
    this.#referenced.clear();
    mayOutlive(this);
    const last = this.#last;
    if (last !== undefined) {
      this.#events.onGone([]);
      last.thread.finish(last.exit);
      return;
    }
    // A thread's full heap is the thread's end; what aborts a whole process is something else.
    const end = { ...exit, outOfMemory: false };
    const unstarted = threads.filter((thread) => thread.mayMove);
    if (!this.#proven) unstarted.shift();
    this.#events.onGone(unstarted);
    for (const thread of threads) if (!unstarted.includes(thread)) thread.finish(end);
  }
}
