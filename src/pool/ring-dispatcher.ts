/**
 * Dispatch through shared memory: tasks into one ring that idle workers pull from, answers through a ring of each worker.
 *
 * How it works  `put` writes a task into the ring, or, when that is full, into a queue behind it. A sleeping worker is woken by
 *               a message, once; an awake one finds the task by itself. Answers are collected in turns of the event loop:
 *               after the last one the pool looks again for a moment (a worker busy with small tasks answers within
 *               microseconds, and a wake-up across cores costs fifty), then it sleeps and has itself woken.
 * Invariants    1. While tasks are out, a `turn` is scheduled or `bell` is 1.
 *               2. `bell` is 0 while a turn is scheduled, so that nobody sends a needless message.
 * Ordering      To sleep: set the bell, then look at all answers once more. A worker publishes first, then reads the bell.
 * When it dies  `leave` reads a dead worker's last answers, then its held records, then what it had claimed in the ring.
 *               It may have taken the bell and not rung it: nobody else would then, so the pool looks again by itself.
 * At rest       No timer, no immediate, no message: the pool's ports are unreferenced.
 * @module
 */
import { availableParallelism } from 'node:os';
import { allocateShared } from '../memory/shared-buffer.ts';
import { compareExchange, store, type Words } from '../memory/words.ts';
import { Patience } from '../messaging/patience.ts';
import { BatchWriter } from '../messaging/record-batch.ts';
import { RecordQueue } from '../messaging/record-queue.ts';
import { createReplyRing, ReplyReceiver } from '../messaging/reply-ring.ts';
import { createTaskRing, type TaskRingMemory, TaskSender } from '../messaging/task-ring.ts';
import { allocateHeld, type HeldTask, readHeld } from '../workers/held-tasks.ts';
import { CLAIM, CLAIMED, isFinal } from '../workers/messages.ts';
import type { Dispatcher, DispatchOwner, Leftovers, Seat } from './dispatcher.ts';
import { NestedPuts } from './nested-puts.ts';
import type { Notices } from './notices.ts';

/** Answers taken from one worker before the next one's turn. */
const ANSWERS_A_TURN = 2048;
/** Tasks put in one turn of the event loop between two looks for answers. */
const PUTS_A_TURN = 256;

interface RingSeat extends Seat {
  readonly answers: ReplyReceiver;
  readonly held: SharedArrayBuffer;
  /** Tasks that it has answered, by way. */
  readonly answered: { byRing: number; byMessage: number };
  /** Tasks for this worker alone that it has not answered. */
  readonly own: Map<number, OwnTask>;
}

interface OwnTask extends HeldTask {
  readonly kind: number;
}

const heldBy = ({ held, answered }: RingSeat): HeldTask[] => readHeld(held, answered);

/** The way for workers that share memory. */
export class RingDispatcher implements Dispatcher {
  readonly #owner: DispatchOwner;
  readonly #notices: Notices;
  readonly #memory: TaskRingMemory;
  readonly #sender: TaskSender;
  readonly #queue = new RecordQueue();
  readonly #nested = new NestedPuts();
  readonly #put = this.put.bind(this);
  readonly #bell: Words;
  readonly #seats: (RingSeat | undefined)[] = [];
  readonly #tasksPerWorker: number;
  #scheduled = false;
  #lastAnswer = 0;
  #puts = 0;
  readonly #patience = new Patience(availableParallelism());

  constructor(owner: DispatchOwner, notices: Notices, tasksPerWorker: number) {
    this.#owner = owner;
    this.#notices = notices;
    this.#tasksPerWorker = tasksPerWorker;
    this.#memory = createTaskRing();
    this.#sender = new TaskSender(this.#memory);
    this.#bell = new Int32Array(allocateShared(Int32Array.BYTES_PER_ELEMENT));
  }

  seat(): Seat {
    let number = 0;
    while (this.#seats[number] !== undefined) number += 1;
    this.#sender.admit(number);
    const answers = createReplyRing();
    const held = allocateHeld(this.#tasksPerWorker);
    const seat: RingSeat = {
      number,
      shared: { number, tasks: this.#memory, answers, held, bell: this.#bell.buffer },
      answers: new ReplyReceiver(answers),
      held,
      answered: { byRing: 0, byMessage: 0 },
      own: new Map(),
      worker: undefined,
      ready: false,
      retiring: false,
      doomed: false,
      memory: undefined,
    };
    this.#seats[number] = seat;
    return seat;
  }

  onReady(seat: Seat): void {
    seat.ready = true;
    for (const task of [...(seat as RingSeat).own.values()]) this.#send(seat, task);
  }

  onBatch(seat: Seat, _bytes: Uint8Array | undefined): void {
    this.#turn(false);
    if (seat.doomed) this.#owner.onLetGo(seat);
  }

  catchUp(seat: Seat): void {
    this.#take(seat as RingSeat, (seat as RingSeat).answers, Infinity);
  }

  onAnswered(seat: Seat, id: number): void {
    const { answered, own } = seat as RingSeat;
    own.delete(id);
    answered.byMessage = (answered.byMessage + 1) | 0;
    this.catchUp(seat);
    this.#feed();
  }

  put(id: number, fn: number, kind: number, values: readonly unknown[]): boolean {
    const nested = this.#nested;
    if (nested.writing) return nested.keep(id, fn, kind, values);
    nested.writing = true;
    try {
      if (!this.#write(id, fn, kind, values)) return false;
    } finally {
      nested.done(this.#put);
    }
    this.#wasPut((kind & 3) === CLAIM ? PUTS_A_TURN : 1); // a worker may be waiting for a payload already
    return true;
  }

  putBytes(id: number, fn: number, kind: number, bytes: Uint8Array): void {
    if (this.#queue.length > 0 || !this.#sender.putBytes(id, fn, kind, bytes, 0, bytes.length)) {
      this.#queue.pushBytes(id, fn, kind, bytes);
    } else {
      this.#wakeForOne();
    }
    this.#wasPut(1);
  }

  give(seat: Seat, id: number, fn: number, kind: number, payload: Uint8Array): void {
    const task: OwnTask = { id, fn, kind, payload, length: payload.length };
    (seat as RingSeat).own.set(id, task);
    if (seat.ready) this.#send(seat, task);
    this.#wasPut(1);
  }

  /** By message: what a worker gets so it does before it looks into the ring. */
  #send(seat: Seat, { id, fn, kind, payload, length }: OwnTask): void {
    const isPacket = (kind & 3) === CLAIM;
    if (isPacket ? !this.#owner.sendPayload(id, seat) : !this.#owner.isWanted(id)) {
      (seat as RingSeat).own.delete(id);
      this.#owner.onDropped(id);
    } else if (!isPacket) {
      const batch = new BatchWriter();
      batch.addBytes(id, fn, kind, payload, 0, length);
      seat.worker?.post({ type: 'tasks', bytes: batch.take() });
    }
  }

  #wasPut(weight: number): void {
    this.#puts += weight;
    if (this.#puts >= PUTS_A_TURN) {
      this.#puts = 0;
      this.#collect();
    }
    if (!this.#scheduled) this.#schedule();
  }

  /** Into the ring, or behind what waits for room in it; false when the values have no compact form. */
  #write(id: number, fn: number, kind: number, values: readonly unknown[]): boolean {
    if (this.#queue.length > 0) return this.#queue.push(id, fn, kind, values);
    const result = this.#sender.put(id, fn, kind, values);
    if (result === 'full') return this.#queue.push(id, fn, kind, values);
    if (result === 'not-compact') return false;
    this.#wakeForOne();
    return true;
  }

  withdraw(id: number): boolean {
    for (const seat of this.#seats) if (seat?.ready === false && seat.own.delete(id)) return true;
    return this.#sender.withdraw(id);
  }

  holder(id: number): Seat | undefined {
    return this.#seats.find(
      (seat) => seat !== undefined && (seat.own.has(id) || heldBy(seat).some((task) => task.id === id)),
    );
  }

  held(seat: Seat): number[] {
    return heldBy(seat as RingSeat).map((task) => task.id);
  }

  ahead(seat: Seat): number[] {
    const held = new Set(this.held(seat));
    return [...(seat as RingSeat).own.keys()].filter((id) => !held.has(id));
  }

  bar(seat: Seat): void {
    this.#sender.bar(seat.number);
  }

  leave(seat: Seat): Leftovers {
    const { number, own } = seat as RingSeat;
    this.catchUp(seat);
    this.#seats[number] = undefined;
    const noted = heldBy(seat as RingSeat);
    const unbegun = new Set<number>();
    const known = new Set(noted.map((task) => task.id));
    for (const { id, fn, kind, payload } of this.#sender.repair(number)) {
      // It had not begun what it had not let go of. Only a worker that was to begin nothing more is believed without being asked: another
      // one may have ended from what it was about to begin.
      if (known.has(id) && !seat.doomed) continue;
      unbegun.add(id);
      if (this.#owner.isWanted(id)) this.putBytes(id, fn, kind, payload);
      else this.#owner.onDropped(id);
    }
    if (!this.#scheduled) this.#schedule();
    const tasks = noted.filter(({ id }) => !unbegun.has(id));
    const seen = new Set(tasks.map((task) => task.id));
    return {
      held: tasks.map((task) => own.get(task.id) ?? task),
      unbegun: [...own.keys()].filter((id) => !seen.has(id)),
    };
  }

  feed(): void {
    if (!this.#nested.writing) this.#feed();
  }

  /**
   * There is a task to take: somebody has to be awake to take it. One at a time, so that tiny tasks do not wake a crowd; when
   * they turn out not to be tiny the pool goes to sleep, and wakes all that are needed before.
   */
  #wakeForOne(): void {
    if (!this.#sender.hasSeeker) this.#wakeSleeper();
  }

  /** Before going to sleep: wakes as many as there are tasks to take. */
  #wakeForAll(): void {
    for (let depth = this.#sender.depth; depth > 0 && this.#wakeSleeper(); depth--);
  }

  #wakeSleeper(): boolean {
    const number = this.#sender.takeSleeper();
    if (number < 0) return false;
    this.#seats[number]?.worker?.post({ type: 'wake' });
    return true;
  }

  #schedule(): void {
    this.#scheduled = true;
    store(this.#bell, 0, 0);
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#scheduled = false;
    this.#turn(true);
  };

  /** Takes answers in; looks again, or goes to sleep. */
  #turn(looked: boolean): void {
    const answered = this.#collect();
    if (this.#scheduled) return;
    const now = performance.now();
    if (answered) this.#lastAnswer = now;
    if (answered && looked) this.#patience.paid();
    if (this.#owner.outstanding === 0) {
      this.#owner.onIdle();
      return;
    }
    if (answered || now - this.#lastAnswer < this.#patience.budget) {
      this.#schedule();
      return;
    }
    this.#patience.wasInVain();
    store(this.#bell, 0, 1);
    this.#wakeForAll();
    if (this.#somethingArrived() && compareExchange(this.#bell, 0, 1, 0) === 1) this.#schedule();
  }

  #somethingArrived(): boolean {
    for (const seat of this.#seats) if (seat?.answers.peek() === true) return true;
    return false;
  }

  /** Takes in what has been answered and fills the ring up; true when there was an answer. */
  #collect(): boolean {
    let any = false;
    for (const seat of this.#seats) {
      if (seat !== undefined && this.#take(seat, seat.answers, ANSWERS_A_TURN)) any = true;
    }
    this.#feed();
    return any;
  }

  #take(seat: RingSeat, answers: ReplyReceiver, most: number): boolean {
    let taken = 0;
    while (taken < most && answers.receive()) {
      taken += 1;
      const { id, status } = answers;
      if (status === CLAIMED) {
        if (!this.#owner.sendPayload(id, seat)) this.#notices.tell(seat, id, undefined);
        continue;
      }
      if (isFinal(status)) {
        seat.answered.byRing = (seat.answered.byRing + 1) | 0;
        if (seat.own.size > 0) seat.own.delete(id);
      }
      this.#owner.onAnswer(id, status, answers.extra, answers.value, seat);
    }
    return taken > 0;
  }

  #feed(): void {
    const queue = this.#queue;
    while (queue.peek()) {
      if (this.#owner.isWanted(queue.id)) {
        const { id, fn, kind } = queue;
        if (!this.#sender.putBytes(id, fn, kind, queue.bytes, queue.payloadOffset, queue.payloadLength)) break;
      } else {
        this.#owner.onDropped(queue.id);
      }
      queue.drop();
    }
    if (this.#sender.depth > 0) this.#wakeForOne();
  }
}
