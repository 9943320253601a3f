/**
 * Dispatch by message, for workers that share no memory: each worker has a window of tasks that it may hold.
 *
 * How it works  Tasks wait in one queue. A worker gets as many as it may run at once, plus, while its tasks prove to be tiny, a
 *               few ahead, so that it does not stand idle for the way there and back. How many ahead follows what was
 *               measured: a batch that came back within a millisecond doubles it, a slower one sets it back to none. Only
 *               tasks of functions that were measured so are sent ahead, and only behind such, so that no task waits behind
 *               a long one while another worker is free. All that one worker gets in a
 *               turn is one message.
 * Invariants    A task is in the queue, or in exactly one seat's `held`, or answered.
 * When it dies  A worker begins its tasks in the order in which it got them and answers each before it begins the next, so
 *               only the first ones without an answer, as many as it may run at once, can have begun. `leave` returns those;
 *               the others go to another worker.
 * Source        Credit-based flow control; the growth is TCP's slow start.
 * @module
 */
import { BatchReader, BatchWriter } from '../messaging/record-batch.ts';
import { RecordQueue } from '../messaging/record-queue.ts';
import type { HeldTask } from '../workers/held-tasks.ts';
import { CLAIM, isFinal, WITHDRAWN } from '../workers/messages.ts';
import type { Dispatcher, DispatchOwner, Leftovers, Seat } from './dispatcher.ts';
import { NestedPuts } from './nested-puts.ts';

/** Most tasks sent ahead of those that a worker may run at once. */
const MOST_AHEAD = 64;
/** Milliseconds of work that may be sent ahead. */
const AHEAD_MS = 1;
/** A function whose tasks take this many milliseconds is not tiny any more; less may be the machine's doing. */
const SLOW_MS = 10;
/** A task given to a worker, whole: should the worker die before it begins, another gets it. */
interface GivenTask extends HeldTask {
  readonly kind: number;
  /** It is for this worker alone. */
  readonly own?: true;
}

interface WindowSeat extends Seat {
  readonly held: Map<number, GivenTask>;
  /** Tasks for this worker alone that it has not been given. */
  readonly own: GivenTask[];
  /** Tasks that it was ever given, and has not given back. */
  given: number;
  readonly batch: BatchWriter;
  ahead: number;
  /** Functions of the tasks that it was given since it last had none. */
  readonly functions: Set<number>;
  /** Whether all of those had proved to be tiny before. */
  allTiny: boolean;
  /** When the batch that it works on was sent, and how many tasks of it have been answered. */
  sentAt: number;
  answered: number;
}

/** The way for workers that share no memory. */
export class WindowDispatcher implements Dispatcher {
  readonly #owner: DispatchOwner;
  readonly #tasksPerWorker: number;
  readonly #mayRunAhead: boolean;
  readonly #mostTasks: number;
  readonly #queue = new RecordQueue();
  readonly #nested = new NestedPuts();
  readonly #put = this.put.bind(this);
  readonly #seats: (WindowSeat | undefined)[] = [];
  /** Given back by workers that died before they began them; first in the line. */
  #returned: GivenTask[] = [];
  #feedScheduled = false;
  /** Functions whose tasks have proved to be tiny; nothing else is sent ahead, nor is anything sent behind it. */
  readonly #tiny = new Set<number>();

  /**
   * @param mayRunAhead whether tasks may be sent before the worker is free
   * @param mostTasks that one worker is given in its life
   */
  constructor(owner: DispatchOwner, tasksPerWorker: number, mayRunAhead: boolean, mostTasks: number) {
    this.#owner = owner;
    this.#mostTasks = mostTasks;
    this.#tasksPerWorker = tasksPerWorker;
    this.#mayRunAhead = mayRunAhead;
  }

  seat(): Seat {
    let number = 0;
    while (this.#seats[number] !== undefined) number += 1;
    const seat: WindowSeat = {
      number,
      shared: undefined,
      worker: undefined,
      ready: false,
      retiring: false,
      doomed: false,
      memory: undefined,
      held: new Map(),
      own: [],
      given: 0,
      batch: new BatchWriter(),
      ahead: 0,
      functions: new Set(),
      allTiny: true,
      sentAt: 0,
      answered: 0,
    };
    this.#seats[number] = seat;
    return seat;
  }

  onReady(seat: Seat): void {
    seat.ready = true;
    this.#scheduleFeed();
  }

  onBatch(seat: Seat, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    const answers = new BatchReader(bytes);
    while (answers.next()) {
      if (isFinal(answers.a)) this.#settle(seat as WindowSeat, answers.id, answers.a);
      this.#owner.onAnswer(answers.id, answers.a, answers.b, answers.value(), seat);
    }
    this.#scheduleFeed();
  }

  /** Everything comes by the same way, and in order. */
  catchUp(): void {}

  onAnswered(seat: Seat, id: number, status: number): void {
    this.#settle(seat as WindowSeat, id, status);
    this.#scheduleFeed();
  }

  put(id: number, fn: number, kind: number, values: readonly unknown[]): boolean {
    const nested = this.#nested;
    if (nested.writing) return nested.keep(id, fn, kind, values);
    nested.writing = true;
    try {
      if (!this.#queue.push(id, fn, kind, values)) return false;
    } finally {
      nested.done(this.#put);
    }
    this.#scheduleFeed();
    return true;
  }

  putBytes(id: number, fn: number, kind: number, bytes: Uint8Array): void {
    this.#queue.pushBytes(id, fn, kind, bytes);
    this.#scheduleFeed();
  }

  give(seat: Seat, id: number, fn: number, kind: number, payload: Uint8Array): void {
    (seat as WindowSeat).own.push({ id, fn, kind, payload, length: payload.length, own: true });
    this.#scheduleFeed();
  }

  /** What waits here is dropped when its turn comes. */
  withdraw(_id: number): boolean {
    return false;
  }

  holder(id: number): Seat | undefined {
    return this.#seats.find((seat) => seat?.held.has(id));
  }

  /** Those that it may have begun; what was sent ahead goes to another worker when this one leaves. */
  held(seat: Seat): number[] {
    return [...(seat as WindowSeat).held.keys()].slice(0, this.#tasksPerWorker);
  }

  ahead(seat: Seat): number[] {
    return [...(seat as WindowSeat).held.keys()].slice(this.#tasksPerWorker);
  }

  /** It is retiring, and so given nothing more. */
  bar(): void {}

  leave(seat: Seat): Leftovers {
    this.#seats[seat.number] = undefined;
    const { held, own } = seat as WindowSeat;
    const given = [...held.values()];
    const unbegun = [...given.slice(this.#tasksPerWorker), ...own];
    this.#returned.push(...unbegun.filter((task) => task.own !== true));
    return {
      held: given.slice(0, this.#tasksPerWorker),
      unbegun: unbegun.filter((task) => task.own).map((task) => task.id),
    };
  }

  feed(): void {
    this.#scheduleFeed();
  }

  #settle(seat: WindowSeat, id: number, status: number): void {
    if (!seat.held.delete(id)) return;
    if (status === WITHDRAWN) seat.given -= 1; // its worker has not counted it
    seat.answered += 1;
    if (!this.#mayRunAhead || seat.held.size > 0) return;
    const each = (performance.now() - seat.sentAt) / seat.answered;
    seat.ahead = Math.min(MOST_AHEAD, seat.ahead * 2 + 1, Math.floor(AHEAD_MS / each));
    if (seat.ahead === 0 && each < SLOW_MS) return;
    for (const fn of seat.functions) {
      if (seat.ahead > 0 && fn > 0) this.#tiny.add(fn);
      else this.#tiny.delete(fn);
    }
  }

  #scheduleFeed(): void {
    if (this.#feedScheduled) return;
    this.#feedScheduled = true;
    queueMicrotask(() => {
      this.#feedScheduled = false;
      this.#feed();
    });
  }

  #feed(): void {
    for (const seat of this.#seats) if (seat !== undefined) this.#fill(seat, this.#tasksPerWorker);
    for (const seat of this.#seats) {
      if (seat === undefined) continue;
      if (seat.ahead > 0) this.#fill(seat, this.#tasksPerWorker + this.#fairShare(seat.ahead));
      this.#flush(seat);
    }
    if (this.#owner.outstanding === 0) setImmediate(() => this.#owner.outstanding === 0 && this.#owner.onIdle());
  }

  /** No worker takes more ahead than leaves the others their part. */
  #fairShare(ahead: number): number {
    const ready = this.#seats.reduce((count, seat) => count + (seat?.ready === true ? 1 : 0), 0);
    return Math.min(ahead, Math.ceil((this.#queue.length + this.#returned.length) / Math.max(1, ready)));
  }

  #fill(seat: WindowSeat, window: number): void {
    if (!seat.ready || seat.retiring) return;
    while (seat.held.size < window && seat.given < this.#mostTasks) {
      const task = seat.own.shift() ?? this.#returned.shift() ?? this.#next();
      if (task === undefined) return;
      const { id, fn, kind, payload, length } = task;
      if (!this.#owner.isWanted(id)) {
        this.#owner.onDropped(id);
        continue;
      }
      const isTiny = this.#tiny.has(fn);
      if (seat.held.size >= this.#tasksPerWorker && !(isTiny && seat.allTiny)) {
        (task.own === true ? seat.own : this.#returned).unshift(task);
        return;
      }
      if (seat.held.size === 0) {
        seat.functions.clear();
        seat.allTiny = true;
        seat.sentAt = performance.now();
        seat.answered = 0;
      }
      seat.held.set(id, task);
      seat.given += 1;
      seat.functions.add(fn);
      seat.allTiny &&= isTiny;
      if ((kind & 3) === CLAIM) {
        this.#flush(seat);
        if (this.#owner.sendPayload(id, seat)) continue;
        seat.held.delete(id);
        seat.given -= 1;
        this.#owner.onDropped(id);
      } else {
        seat.batch.addBytes(id, fn, kind, payload, 0, length);
      }
    }
  }

  #next(): GivenTask | undefined {
    const queue = this.#queue;
    if (!queue.peek()) return undefined;
    const { id, fn, kind, payloadOffset: from, payloadLength: length } = queue;
    const payload = queue.bytes.slice(from, from + length);
    queue.drop();
    return { id, fn, kind, payload, length };
  }

  #flush(seat: WindowSeat): void {
    if (seat.batch.length > 0) seat.worker?.post({ type: 'tasks', bytes: seat.batch.take() });
  }
}
