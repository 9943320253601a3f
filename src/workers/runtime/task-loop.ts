/**
 * The heart of a worker: pulls tasks, calls functions, answers.
 *
 * How it works  Tasks come from a queue (messages) and, where memory is shared, from the ring, which any idle worker pulls
 *               from. A call that returns a plain value is answered on the spot and the next task is pulled; one that
 *               returns a promise stays in flight, and the loop goes on pulling while fewer than `limit` are.
 *               When there is nothing to pull the worker spins for a moment, then says that it sleeps and returns to its
 *               event loop, where a message wakes it. It never blocks that loop: timers, sockets and un-awaited work of the
 *               user's go on, and so do `terminate` and the inspector.
 * Invariants    1. `running` counts calls in flight; each is in the held records until its answer has been sent.
 *               2. While the worker is not flagged as asleep, a `pump` is running, scheduled, or bound to run when a call in
 *                  flight ends.
 * Fairness      A busy loop turns to the event loop every few milliseconds, so that neither the user's timers nor the
 *               promises of other tasks starve.
 * When it dies  The held records tell the owner what was in flight.
 * @module
 */
import type { Packet } from '../../closures/packet.ts';
import { unpack } from '../../closures/unpack.ts';
import { BatchReader } from '../../messaging/record-batch.ts';
import { TaskReceiver } from '../../messaging/task-ring.ts';
import type { HeldWriter } from '../held-tasks.ts';
import {
  CALL,
  CLAIM,
  CLAIMED,
  DONE,
  ITEM,
  MEASURED,
  PROGRESS,
  type SharedSetup,
  STARTED,
  STREAM,
  type ToWorker,
  WATCHED,
  WITHDRAWN,
} from '../messages.ts';
import type { Answers, Sent } from './answers.ts';
import { apply } from './apply.ts';
import { type Callee, isThenable, ItemFailure, Settled, TimedResult } from './chunk.ts';
import { type Report, runWatched, TaskContext } from './current-task.ts';
import { asFunction, type FunctionTable, type TaskFunction } from './function-table.ts';
import { Gauge, type TellFigures } from './gauge.ts';
import { Loading, notBegun } from './loading.ts';
import type { MemoryReports } from './memory-use.ts';
import { Seeker } from './seeker.ts';
import { Count, streamOut } from './stream-out.ts';
import type { Wear } from './wear.ts';

/** Milliseconds that a busy worker goes on before it turns to its event loop. */
const TURN_MS = 5;
/** Tasks between two looks at the clock. */
const CLOCK_EVERY = 32;
const NO_BYTES = new Uint8Array(0);

interface Queued {
  readonly id: number;
  readonly fn: number;
  readonly kind: number;
  /** The values, or the packets that they and perhaps the function are in. */
  readonly values: unknown[] | undefined;
  readonly args?: Packet;
  readonly callee?: Packet | undefined;
  readonly attempt?: number | undefined;
}

/** What a loop works with. */
export interface TaskLoopParts {
  readonly functions: FunctionTable;
  readonly answers: Answers;
  /** Calls in flight at most. */
  readonly limit: number;
  readonly shared: SharedSetup | undefined;
  readonly cores: number;
  readonly wear: Wear | undefined;
  readonly memory: MemoryReports | undefined;
  readonly measureEvery: number;
  /** Takes in messages that have arrived already, without returning to the event loop. */
  readonly drainMessages: () => void;
  /** The worker has served its time: it takes no more tasks. */
  readonly onSpent: () => void;
}

/** Runs the tasks of one worker. */
export class TaskLoop {
  readonly #functions: FunctionTable;
  readonly #answers: Answers;
  /** Calls in flight at most. */
  limit: number;
  readonly #drainMessages: () => void;
  readonly #ring: TaskReceiver | undefined;
  readonly #held: HeldWriter | undefined;
  readonly #seeker: Seeker | undefined;
  #queue: Queued[] = [];
  #queueHead = 0;
  #running = 0;
  #turnStart = 0;
  #pumping = false;
  #draining = false;
  #scheduled = false;
  #asleep = false;
  #stopping: (() => void) | undefined;
  /** Records of the tasks whose payload is awaited. */
  readonly #claims = new Map<number, number>();
  readonly #loading = new Loading();
  readonly #watched = new Map<number, TaskContext>();
  /** Calls a function where it finds the state of its worker, when that is not the thread's. */
  within: (<T>(run: () => T) => T) | undefined;
  readonly #wear: Wear | undefined;
  readonly #memory: MemoryReports | undefined;
  #gauge: Gauge | undefined;
  readonly #onSpent: () => void;
  #spent = false;

  constructor(parts: TaskLoopParts) {
    const { functions, answers, limit, shared, cores, wear, memory, measureEvery, drainMessages, onSpent } = parts;
    this.#functions = functions;
    this.#answers = answers;
    this.limit = limit;
    this.#wear = wear;
    this.#memory = memory;
    this.measure(measureEvery);
    this.#drainMessages = drainMessages;
    this.#onSpent = onSpent;
    this.#ring = shared === undefined ? undefined : new TaskReceiver(shared.tasks, shared.number);
    this.#held = answers.held;
    this.#seeker = this.#ring === undefined ? undefined : new Seeker(this.#ring, cores);
  }

  /** One in so many tasks is measured from now on; 0: none. */
  measure(every: number): void {
    const tell: TellFigures = (id, figures) => void this.#answers.report(id, MEASURED, 0, figures);
    this.#gauge = every === 0 ? undefined : new Gauge(every, tell);
  }

  /** Takes in the tasks of a batch. */
  enqueueBatch(bytes: Uint8Array): void {
    const batch = new BatchReader(bytes);
    const gauge = this.#gauge;
    while (batch.next()) {
      const values = gauge === undefined ? batch.values() : gauge.timed('decoding', () => batch.values());
      this.#queue.push({ id: batch.id, fn: batch.a, kind: batch.b, values });
    }
    this.pump();
  }

  /** Takes in one task, or the payload of one that was claimed. */
  enqueue({ id, fn, kind, args, callee, attempt }: ToWorker & { readonly type: 'task' }): void {
    const record = this.#claims.get(id);
    const task: Queued = { id, fn, kind, values: undefined, args, callee, attempt };
    if (record === undefined) {
      this.#queue.push(task);
    } else {
      this.#claims.delete(id);
      const result = this.#callPacked(task, args);
      this.#running -= 1; // counted since it was claimed, and from here on as a call in flight
      this.#later(id, kind, result, record);
    }
    this.pump();
  }

  /** Gives up a task: one that waits is dropped, one that is being loaded is not called, one that runs sees its signal. */
  abort(id: number, reason: unknown): void {
    const waiting = this.#queue.findIndex((task, index) => index >= this.#queueHead && task.id === id);
    if (waiting >= 0) {
      this.#queue.splice(waiting, 1);
      void this.#answers.send(id, -1, WITHDRAWN, 0, undefined);
      return;
    }
    const record = this.#claims.get(id);
    if (record !== undefined) {
      this.#claims.delete(id);
      void this.#answers.send(id, record, WITHDRAWN, 0, undefined);
      this.#end(record);
      return;
    }
    if (!this.#loading.giveUp(id)) this.#watched.get(id)?.abort(reason);
  }

  /** A task that streams may send so many more items. */
  grant(id: number, count: number): void {
    this.#watched.get(id)?.grant(count);
  }

  /** Pulls no more tasks; calls back once it has done what it was sent and none is in flight. */
  stop(done: () => void): void {
    this.#stopping = done;
    this.#wakeUp();
    if (!this.#pumping) this.#pump();
  }

  /** Pulls and runs tasks; called from the event loop. */
  readonly pump = (): void => {
    if (this.#draining) {
      this.#schedule();
      return;
    }
    this.#turnStart = performance.now();
    this.#memory?.onTurn(this.#turnStart);
    this.#pump();
  };

  #turnIsOver(): boolean {
    return performance.now() - this.#turnStart > TURN_MS;
  }

  /** Goes on until there is no task, enough are in flight, or the event loop's turn has come. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#wakeUp();
    let busy = true;
    let count = 0;
    while (this.#running < this.limit) {
      if (!this.#runOne() && !this.#seek()) {
        busy = false;
        break;
      }
      count += 1;
      if (count % CLOCK_EVERY === 0 && this.#turnIsOver()) break;
    }
    this.#pumping = false;
    if (this.#stopping !== undefined && !busy) {
      const done = this.#stopping;
      if (this.#running > 0) return;
      this.#stopping = () => {};
      done();
    } else if (busy && this.#running < this.limit) {
      this.#schedule();
    } else if (!busy && this.#ring !== undefined && !this.#spent) {
      this.#asleep = this.#ring.fallAsleep();
      if (!this.#asleep) this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.pump();
    });
  }

  #wakeUp(): void {
    if (!this.#asleep) return;
    this.#asleep = false;
    this.#ring?.wakeUp();
  }

  #seek(): boolean {
    if (this.#seeker === undefined || this.#running > 0 || this.#stopping !== undefined || this.#spent) return false;
    return this.#seeker.seek();
  }

  #runOne(): boolean {
    // What is sent to a worker that shares memory is meant for it alone, and goes to another when this one takes no more.
    const takesQueued = this.#ring === undefined || !this.#isSpent();
    if (takesQueued && this.#queueHead < this.#queue.length) {
      const task = this.#queue[this.#queueHead] as Queued;
      this.#queueHead += 1;
      if (this.#queueHead > 1024 || this.#queueHead === this.#queue.length) {
        this.#queue = this.#queue.slice(this.#queueHead);
        this.#queueHead = 0;
      }
      const record = this.#held?.hold(task.id, task.fn, NO_BYTES, 0, 0) ?? -1;
      if (this.#isBarred(record)) return false;
      this.#wear?.begin();
      this.#start(task, record);
      return true;
    }
    const ring = this.#ring;
    if (this.#stopping !== undefined || !takesQueued || ring === undefined || !ring.take()) return false;
    const held = this.#held as HeldWriter;
    const { id, fn, kind } = ring;
    const record = held.hold(id, fn, ring.bytes, ring.payloadOffset, ring.payloadLength);
    if (this.#isBarred(record)) return false;
    this.#wear?.begin();
    if ((kind & 3) === CLAIM) {
      ring.letGo();
      this.#claims.set(id, record);
      this.#running += 1;
      void this.#answers.report(id, CLAIMED, 0, undefined);
      return true;
    }
    let values: unknown[];
    try {
      values = this.#gauge === undefined ? ring.values() : this.#gauge.timed('decoding', () => ring.values());
    } finally {
      ring.letGo();
    }
    this.#call(id, fn, kind, values, record);
    return true;
  }

  /** Whether this worker may begin nothing more, as it is about to be ended; what it has just noted goes to another one. */
  #isBarred(record: number): boolean {
    if (this.#ring?.barred !== true) return false;
    this.#held?.release(record);
    this.#spent = true;
    this.#answers.wakeOwner();
    return true;
  }

  /** Whether it has served its time; looked at before a task is taken, and said once. */
  #isSpent(): boolean {
    if (!this.#spent && this.#wear?.isOver() === true) {
      this.#spent = true;
      this.#onSpent();
    }
    return this.#spent;
  }

  /** Where tasks are sent: before the answer, or the next one is on its way already. */
  #sayIfSpent(): void {
    if (this.#ring === undefined) this.#isSpent();
  }

  #start(task: Queued, record: number): void {
    const { id, fn, kind, values, args } = task;
    if (args === undefined) this.#call(id, fn, kind, values as unknown[], record);
    else this.#later(id, kind, this.#callPacked(task, args), record);
  }

  #callPacked({ id, fn, kind, callee, attempt }: Queued, args: Packet): Promise<unknown> {
    const start = performance.now();
    const { code } = this.#functions;
    const load = (): Promise<[unknown, TaskFunction]> => {
      this.#drain();
      const making = callee === undefined ? this.#function(fn) : unpack(callee, code).then(asFunction);
      return Promise.all([unpack(args, code), making]); // both may fail
    };
    return this.#loading.call(id, load, ([values, made]) => {
      this.#gauge?.decodedSince(start);
      return this.#invoke(id, made, kind, values as unknown[], attempt);
    });
  }

  #call(id: number, fn: number, kind: number, values: unknown[], record: number): void {
    const callee = this.#functions.get(fn);
    if (typeof callee !== 'function') {
      const load = (): Promise<TaskFunction> => this.#function(fn);
      this.#later(
        id,
        kind,
        this.#loading.call(id, load, (made) => this.#invoke(id, made, kind, values)),
        record,
      );
      return;
    }
    let result: unknown;
    let later: boolean;
    try {
      result = this.#invoke(id, callee, kind, values);
      later = isThenable(result);
    } catch (thrown) {
      this.#onSent(this.#fail(id, record, thrown), record);
      return;
    }
    if (later) {
      this.#later(id, kind, result as PromiseLike<unknown>, record);
    } else {
      if ((kind & WATCHED) !== 0) this.#watched.delete(id);
      this.#onSent(this.#done(id, kind, record, result), record);
    }
  }

  /** A call that returned at once has been answered, or is as good as in flight until it has been. */
  #onSent(sent: Sent, record: number): void {
    if (sent === undefined) {
      this.#release(record);
    } else {
      this.#running += 1;
      void sent.then(() => this.#end(record));
    }
  }

  /** Takes in what has arrived; tasks among it wait for the caller to be done, lest they run on its stack. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      this.#drainMessages();
    } finally {
      this.#draining = false;
    }
  }

  /** The function by number; its definition may still lie in the message queue. */
  async #function(fn: number): Promise<TaskFunction> {
    if (this.#functions.get(fn) === undefined) this.#drain();
    return asFunction(await this.#functions.get(fn));
  }

  #invoke(id: number, fn: TaskFunction, kind: number, values: unknown[], attempt = 1): unknown {
    if (this.#gauge === undefined) return this.#run(id, fn, kind, values, attempt);
    return this.#gauge.call(id, fn.name, values, () => this.#run(id, fn, kind, values, attempt));
  }

  #run(id: number, fn: TaskFunction, kind: number, values: unknown[], attempt: number): unknown {
    if ((kind & WATCHED) === 0) return this.#apply(fn, kind, values);
    void this.#answers.report(id, STARTED, 0, undefined);
    const context = new TaskContext(id, attempt, this.#reportProgress);
    this.#watched.set(id, context);
    const run = (): unknown => this.#apply(fn, kind & ~WATCHED, values);
    return runWatched(context, kind === (CALL | STREAM | WATCHED) ? () => this.#stream(context, run) : run);
  }

  readonly #reportProgress: Report = (id, number, value) => {
    const sent = this.#answers.report(id, PROGRESS, number, value);
    if (typeof sent !== 'boolean') sent.catch(() => {}); // the task has gone on: there is nobody to tell
  };

  #stream(context: TaskContext, run: () => unknown): Promise<number | Count> {
    return streamOut(context, run(), (number, item) => this.#answers.report(context.id, ITEM, number, item));
  }

  #apply(fn: TaskFunction, kind: number, values: unknown[]): unknown {
    const { within } = this;
    return within === undefined ? apply(fn as Callee, kind, values) : within(() => apply(fn as Callee, kind, values));
  }

  #later(id: number, kind: number, promise: PromiseLike<unknown>, record: number): void {
    this.#running += 1;
    // What a thenable of the user's does, twice or never or by throwing, is `Promise.resolve`'s business.
    Promise.resolve(promise).then(
      (result) => {
        this.#watched.delete(id);
        this.#endAfter(this.#done(id, kind, record, result), record);
      },
      (thrown: unknown) => this.#endAfter(this.#fail(id, record, thrown), record),
    );
  }

  #done(id: number, kind: number, record: number, result: unknown): Sent {
    this.#sayIfSpent();
    if (this.#gauge !== undefined) return this.#gauge.timed('encoding', () => this.#send(id, record, result));
    if (kind === CALL) return this.#answers.send(id, record, DONE, 0, result); // not worth asking what else it might be
    return this.#send(id, record, result);
  }

  #send(id: number, record: number, result: unknown): Sent {
    const answers = this.#answers;
    if (Count.is(result)) return answers.sendAlone(id, record, DONE, 0, result.items);
    if (!TimedResult.is(result)) return answers.send(id, record, DONE, 0, result);
    const { microseconds, value } = result;
    if (!Settled.is(value)) return answers.send(id, record, DONE, microseconds, value);
    const sendable = (): Promise<unknown> => value.sendable((each) => answers.refusal(each));
    return answers.send(id, record, DONE, microseconds, value.value, [sendable, (error) => value.unsendable(error)]);
  }

  #fail(id: number, record: number, thrown: unknown): Sent {
    this.#watched.delete(id);
    this.#sayIfSpent();
    if (thrown === notBegun) return this.#answers.send(id, record, WITHDRAWN, 0, undefined);
    if (ItemFailure.is(thrown)) return this.#answers.fail(id, record, thrown.index, thrown.thrown);
    return this.#answers.fail(id, record, -1, thrown);
  }

  #endAfter(sent: Sent, record: number): void {
    if (sent === undefined) this.#end(record);
    else void sent.then(() => this.#end(record));
  }

  #end(record: number): void {
    this.#running -= 1;
    this.#release(record);
    if (this.#pumping) return;
    if (this.#turnIsOver()) this.#schedule();
    else this.#pump();
  }

  #release(record: number): void {
    if (record >= 0) (this.#held as HeldWriter).release(record);
  }
}
