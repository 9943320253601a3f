/**
 * A child process that runs the worker's entry file and waits to be told its setup.
 *
 * How it works  Messages to the child go by descriptor 3 and come from it by descriptor 4, two socket pairs, so that the child
 *               can read without blocking and block when it writes. Standard input is closed; standard output and error
 *               come through pipes and are passed on line by line.
 * When it dies  The child's `exit` is followed by what it had written before: its messages and its output are taken first,
 *               then the exit is reported. A descendant of the child that keeps the pipes open is waited for only shortly.
 *               When this process dies, the socket closes and the child ends itself.
 * Ctrl-C       Reaches all processes of a terminal. A child that has booted lets it pass, its owner decides. Before that nothing
 *               keeps it from ending the child, so one that SIGINT ends while it boots is booted anew, and sent again what it was sent.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startedOn } from '../memory/affinity.ts';
import { processEnded } from '../sync/lots.ts';
import { entryUrl, environment, inheritedFlags } from '../workers/launch.ts';
import { flagsOf } from '../workers/launch-options.ts';
import type { FromWorker, ToWorker } from '../workers/messages.ts';
import type { LaunchOptions, WorkerExit } from '../workers/worker-backend.ts';
import { encodeFrame, FrameReader, type Message } from './frames.ts';
import { LastLines } from '../workers/last-lines.ts';
import { relayLines } from './output-relay.ts';
import { FROM_OWNER, TO_OWNER } from './owner-line.ts';

/** Milliseconds granted to a dead child's pipes to run empty. */
const DRAIN_MS = 200;
/** Times that a child which Ctrl-C ends while it boots is booted anew. */
const MOST_REBOOTS = 3;

/** What the owner of a process hears. */
export interface ProcessListener<From> {
  /** @param thread which thread it is from, where they speak one by one; else 0 */
  onMessage(message: From, thread: number): void;
  /** It is gone. Called once, and after the last `onMessage`. */
  onExit(exit: WorkerExit): void;
}

/** A process that waits for its setup. */
export class BareProcess<To extends Message = ToWorker, From extends Message = FromWorker> {
  /** Set once the process belongs to somebody. */
  listener: ProcessListener<From> | undefined;
  readonly #options: LaunchOptions;
  readonly #entry: URL;
  #child: ChildProcess;
  #referenced = false;
  #gone = false;
  readonly #lastLines = new LastLines();
  /** It has printed that its memory is full, as V8 does before it ends the process. */
  #toldOfMemory = false;
  /** Why it had to be ended, when that is this side's doing. */
  #broken: Error | undefined;
  #waiting: Buffer[] = [];
  #writeScheduled = false;
  /** What was sent, for one that is booted anew; undefined once it has answered. */
  #sent: Buffer[] | undefined = [];
  #reboots = 0;

  /** @param entry the file that it starts from */
  constructor(options: LaunchOptions, entry = entryUrl('./entry/process-worker', import.meta.url)) {
    this.#options = options;
    this.#entry = entry;
    this.#child = this.#boot();
    this.unref();
  }

  /** The child: another one when it had to be booted anew. */
  get child(): ChildProcess {
    return this.#child;
  }

  /** Sends a signal that is meant to end it. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#sent = undefined;
    this.#child.kill(signal);
  }

  #boot(): ChildProcess {
    const { execArgv = [], env, resourceLimits = {}, nice, affinity } = this.#options;
    const flags = [...inheritedFlags(), ...flagsOf(resourceLimits), ...execArgv];
    const { spawn } = process.getBuiltinModule('node:child_process'); // not before: threads that need a lock have this file too
    const start = (): ChildProcess =>
      spawn(process.execPath, [...flags, fileURLToPath(this.#entry), ...process.argv.slice(2)], {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
        env: environment({ ...colours(), ...env }),
        serialization: 'advanced',
      });
    const child = startedOn(affinity, start);
    child.once('error', (error) => {
      if (child.pid === undefined) this.#finish(1, null, error);
    });
    if (nice !== undefined) beNice(child, nice);
    if (streamsOf(child).length === 0) return child; // this process has no descriptors left: `error` tells
    const toChild = child.stdio[FROM_OWNER] as Duplex;
    const fromChild = child.stdio[TO_OWNER] as Duplex;
    const reader = new FrameReader<From>(
      (message, thread) => {
        this.#sent = undefined;
        this.listener?.onMessage(message, thread);
      },
      (error) => {
        this.#broken = error;
        this.kill('SIGKILL');
      },
    );
    fromChild.on('data', (chunk: Buffer) => reader.push(chunk));
    for (const stream of [toChild, fromChild]) stream.on('error', () => {}); // the other end is gone; `exit` tells
    const output = [
      relayLines(child.stdout as Readable, process.stdout),
      relayLines(child.stderr as Readable, process.stderr, (chunk) => this.#hearError(chunk)),
      new Promise<void>((resolve) => fromChild.once('close', () => resolve())),
    ];
    child.once('exit', (code, signal) => {
      processEnded();
      if (signal === 'SIGINT' && this.#sent !== undefined && this.#reboots < MOST_REBOOTS) {
        this.#bootAnew(this.#sent);
        return;
      }
      let timer: NodeJS.Timeout;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(() => setImmediate(resolve), DRAIN_MS); // the pipes are looked at once more before that
      });
      void Promise.race([Promise.all(output), enough]).then(() => {
        clearTimeout(timer);
        this.#finish(code, signal, this.#broken);
      });
    });
    return child;
  }

  #bootAnew(sent: readonly Buffer[]): void {
    this.#reboots += 1;
    for (const stream of streamsOf(this.#child)) stream?.destroy();
    try {
      this.#child = this.#boot();
    } catch (error) {
      this.#finish(1, null, error);
      return;
    }
    if (!this.#referenced) this.unref();
    for (const part of sent) this.#toChild?.write(part);
  }

  get #toChild(): Duplex | undefined {
    return streamsOf(this.#child)[FROM_OWNER] as Duplex | undefined;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Sends a message; those of one turn leave together. */
  post(message: To, thread = 0): void {
    if (this.#gone) return;
    this.#waiting.push(...encodeFrame(message, thread));
    if (this.#writeScheduled) return;
    this.#writeScheduled = true;
    queueMicrotask(() => this.flush());
  }

  /** Writes what was posted now: the caller may be about to block. */
  flush(): void {
    this.#writeScheduled = false;
    if (this.#waiting.length === 0) return;
    const bytes = this.#waiting.length === 2 ? this.#waiting : [Buffer.concat(this.#waiting)];
    this.#waiting = [];
    this.#sent?.push(...bytes);
    for (const part of bytes) this.#toChild?.write(part);
  }

  ref(): void {
    this.#referenced = true;
    this.#each('ref');
  }

  unref(): void {
    this.#referenced = false;
    this.#each('unref');
  }

  #each(verb: 'ref' | 'unref'): void {
    this.#child[verb]();
    for (const stream of streamsOf(this.#child)) (stream as { ref?(): void; unref?(): void } | null)?.[verb]?.();
  }

  #hearError(chunk: Buffer): void {
    this.#lastLines.note(chunk);
    this.#toldOfMemory ||= chunk.includes('out of memory');
  }

  #finish(exitCode: number | null, signal: NodeJS.Signals | null, error?: unknown): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const stream of streamsOf(this.#child)) stream?.destroy();
    // V8 ends a process whose heap is full by SIGABRT, or 134, as anyone may; a kernel short of memory sends SIGKILL.
    const outOfMemory = (signal === 'SIGABRT' || exitCode === 134) && this.#toldOfMemory && error === undefined;
    const stderr = this.#lastLines.text;
    this.listener?.onExit({ exitCode, signal, outOfMemory, stderr, ...(error === undefined ? {} : { error }) });
  }
}

/** The pipes of a child; none when there were no descriptors for them. */
const streamsOf = ({ stdio }: { readonly stdio?: ChildProcess['stdio'] }): readonly ChildProcess['stdio'][number][] =>
  stdio ?? [];

/** A thread takes over what the one has that starts it: those that it has started by now are told as well. */
function beNice({ pid }: ChildProcess, nice: number): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, nice);
  } catch (error) {
    process.kill(pid, 'SIGKILL');
    throw error;
  }
  const told = new Set([pid]);
  for (let before = 0; told.size > before; ) {
    before = told.size;
    for (const thread of threadsOf(pid)) {
      if (told.has(thread)) continue;
      told.add(thread);
      try {
        setPriority(thread, nice);
      } catch {
        // It has ended.
      }
    }
  }
}

/** Where the system says which threads a process has. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** A child whose output is a pipe does not see that it ends on a terminal; tell it, unless the user has said otherwise. */
function colours(): Record<string, string> {
  const depth = process.stdout.isTTY === true ? process.stdout.getColorDepth() : 1;
  if (depth === 1 || process.env['FORCE_COLOR'] !== undefined || process.env['NO_COLOR'] !== undefined) return {};
  return { FORCE_COLOR: depth === 4 ? '1' : depth === 8 ? '2' : '3' };
}
