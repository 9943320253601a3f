/**
 * A thread that runs the worker's entry file and waits to be told its setup.
 *
 * How it works  It starts from `entry/thread-worker` with one message port of its own, over which the whole protocol runs;
 *               the user's `parentPort` is left alone.
 *               Its end is told when it runs nothing any more: `exit` comes from Node milliseconds later, after it has taken the thread down.
 * When it dies  `exit` is raised once the thread is gone; what it had posted before is taken from the port first, and what it
 *               had printed is passed on.
 * @module
 */
import type { Readable } from 'node:stream';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  type WorkerOptions,
} from 'node:worker_threads';
import { startedOn } from '../memory/affinity.ts';
import { closeGate, closeGateSync, newGate } from '../memory/load-gate.ts';
import { allocateShared } from '../memory/shared-buffer.ts';
import { load as read, type Words } from '../memory/words.ts';
import { type BootFlag, bootAlone } from './boot-alone.ts';
import { rollMemory } from './roll.ts';
import { threadEnded, threadLotMemory } from '../sync/lots.ts';
import { unload } from '../workers/heap-cargo.ts';
import { LastLines } from '../workers/last-lines.ts';
import { entryUrl, environment, inheritedFlags } from '../workers/launch.ts';
import type { FromWorker } from '../workers/messages.ts';
import type { LaunchOptions, WorkerEvents } from '../workers/worker-backend.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly port: MessagePort;
  /** Where the threads of this process wait for each other. */
  readonly lot: SharedArrayBuffer;
  /** Which threads there are. */
  readonly roll: SharedArrayBuffer;
  readonly booted: BootFlag;
  readonly gate: Words;
  /** Word 0 is 1 while somebody in the thread hears SIGTERM; word 1 is its number in the system. */
  readonly hears: Words;
  /** How little it is to take from others. */
  readonly nice: number | undefined;
}

/** What a thread says: what a worker does, and that it has come to its end. */
export type FromThread = FromWorker | { readonly type: 'left'; readonly exitCode: number };

/** A thread that runs the entry file and waits for its setup. */
export class BareThread {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** Set once the thread belongs to somebody. */
  events: WorkerEvents | undefined;
  #error: unknown;
  readonly #lastLines = new LastLines();
  #gone = false;
  /** Its end has been told. */
  #told = false;
  readonly #gate = newGate();
  readonly #hears: Words = new Int32Array(allocateShared(8));
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: LaunchOptions) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.worker = startWorker(options, port2, this.#gate, this.#hears);
    gates.add(this.#gate);
    process.off('exit', closeGates).once('exit', closeGates);
    this.worker.unref();
    this.worker.on('error', (error) => {
      this.#error = error;
    });
    this.worker.stderr.on('data', (chunk: Buffer) => this.#lastLines.note(chunk));
    const { threadId } = this.worker;
    this.worker.on('exit', (code) => {
      gates.delete(this.#gate);
      threadEnded(threadId);
      void this.#onExit(code);
    });
    port1.on('message', (message: FromThread) => this.#deliver(message));
    port1.unref();
  }

  /** Ends it in the middle of whatever it does. */
  async terminate(): Promise<void> {
    await closeGate(this.#gate);
    await this.worker.terminate();
  }

  /** Whether somebody in the thread wants to be asked before it ends. */
  get hears(): boolean {
    return read(this.#hears, 0) === 1;
  }

  /** Its number in the system; 0 while it has none, or that cannot be known. */
  get nativeId(): number {
    return read(this.#hears, 1);
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Resolves once the thread is gone and has been taken leave of. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  #deliver(posted: FromThread): void {
    const message = unload(posted);
    if (message.type === 'ready') this.events?.onReady();
    else if (message.type === 'left') this.#onLeft(message.exitCode);
    else this.events?.onMessage(message);
  }

  /** It runs nothing any more, and what it has printed is here, or comes in this turn by the port that Node has for it. */
  #onLeft(exitCode: number): void {
    const { threadId, stdout, stderr } = this.worker;
    threadEnded(threadId);
    setImmediate(() => {
      if (stdout.readableLength > 0 || stderr.readableLength > 0) return; // it waits to be passed on: `exit` tells
      this.#tell(exitCode);
      this.port.unref();
      this.worker.unref();
    });
  }

  async #onExit(code: number): Promise<void> {
    this.#gone = true;
    for (let next = receiveMessageOnPort(this.port); next !== undefined; next = receiveMessageOnPort(this.port)) {
      this.#deliver(next.message as FromThread);
    }
    this.port.close();
    await Promise.all([passedOn(this.worker.stdout), passedOn(this.worker.stderr)]);
    this.#tell(code);
    this.#ended.resolve();
  }

  #tell(exitCode: number): void {
    if (this.#told) return;
    this.#told = true;
    const error = this.#error;
    this.events?.onExit({
      exitCode,
      signal: null,
      outOfMemory: (error as { readonly code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY',
      stderr: this.#lastLines.text,
      ...(error === undefined ? {} : { error }),
    });
  }
}

/** Resolves once all that a thread has printed has reached this process's own stream; where that was destroyed it is dropped. */
async function passedOn(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return;
  stream.resume(); // which Node's pipe to that stream needs only when it was taken off
  await new Promise((resolve) => stream.once('end', resolve).once('close', resolve));
}

/** Inherited flags that `Worker` has refused. */
const refused = new Set<string>();

/** Of the threads that live. */
const gates = new Set<Words>();

/** Node ends them when the program exits. */
function closeGates(): void {
  for (const gate of gates) closeGateSync(gate);
}

function startWorker(options: LaunchOptions, port: MessagePort, gate: Words, hears: Words): Worker {
  const url = entryUrl('./entry/thread-worker', import.meta.url);
  const { nice, affinity } = options;
  const start = (booted: BootFlag): Worker => {
    const workerData: ThreadData = { port, lot: threadLotMemory(), roll: rollMemory(), booted, gate, hears, nice };
    return startedOn(affinity, () => new Worker(url, { ...workerOptions(options), workerData, transferList: [port] }));
  };
  try {
    return bootAlone(start);
  } catch (error) {
    if (!noteRefused(error)) throw error;
    return bootAlone(start);
  }
}

/**
 * Flags of V8 and of the process hold for all threads anyway, and `Worker` refuses them, by name. Which they are depends on
 * the version of Node, so it is asked. True when the refused flags were inherited, and starting again will go better.
 */
function noteRefused(error: unknown): boolean {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return false;
  const named = (error as Error).message.split(/, |: /);
  const before = refused.size;
  for (const flag of inheritedFlags()) if (named.includes(flag)) refused.add(flag);
  return refused.size > before;
}

function workerOptions(options: LaunchOptions): WorkerOptions {
  const { execArgv = [], env, name, resourceLimits } = options;
  const inherited = inheritedFlags();
  // Without a reason to change them, flags are best inherited by Node itself, which knows those that are process-wide.
  const own = execArgv.length > 0 || inherited.length !== process.execArgv.length;
  return {
    argv: process.argv.slice(2),
    ...(own ? { execArgv: [...inherited.filter((flag) => !refused.has(flag)), ...execArgv] } : {}),
    ...(env === undefined ? {} : { env: environment(env) }),
    ...(name === undefined ? {} : { name }),
    ...(resourceLimits === undefined ? {} : { resourceLimits: resourceLimits }),
  };
}
