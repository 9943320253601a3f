/**
 * How a worker answers: small values through the ring or as a record, anything else as a packet.
 *
 * How it works  With shared memory an answer goes into the ring, and the pool is woken when it sleeps. Without, it is a message
 *               of its own, sent before the next task begins: should the worker die, its owner then knows which task it was
 *               at, and that the ones behind it had not begun. A value that cannot be sent fails its own task, with the
 *               reason.
 * Invariants    A task's last answer is noted in its record before it is sent, and the record stands until it has been: a value may
 *               have to wait for a module to be asked, and its worker may end meanwhile.
 * @module
 */
import type { CodeBook } from '../../closures/code-book.ts';
import { pack } from '../../closures/pack.ts';
import type { Packed } from '../../closures/packet.ts';
import { errorToData } from '../../errors/error-data.ts';
import { compareExchange, load, type Words } from '../../memory/words.ts';
import { BatchWriter } from '../../messaging/record-batch.ts';
import { ReplySender } from '../../messaging/reply-ring.ts';
import { NO_ROOM } from '../../messaging/value-codec.ts';
import { Travels } from '../../sync/travels.ts';
import { type AnswerWay, BY_MESSAGE, BY_RING, HeldWriter } from '../held-tasks.ts';
import { FAILED, type FromWorker, isFinal, type SharedSetup } from '../messages.ts';
import { Transfer } from '../transfer.ts';
import type { Transferable } from '../worker-backend.ts';

/** Milliseconds of one wait for room in the ring, and how many of them before a message is sent instead. */
const WAIT_MS = 1;
const MOST_WAITS = 50;

type Answer = FromWorker & { readonly type: 'answer' };

/** Sends a message to the worker's owner. */
export type Post = (message: FromWorker, transfer?: readonly Transferable[]) => void;

/** When an answer has been sent, unless it has been at once. */
export type Sent = Promise<void> | undefined;

/** Gives what to send when a value cannot be sent, and why not. */
export type Instead = (error: unknown) => unknown;

const NOTHING: readonly Instead[] = [];

/** A worker's way back. */
export class Answers {
  /** What the worker has in hand, where memory is shared: the records that answers name. */
  readonly held: HeldWriter | undefined;
  readonly #post: Post;
  readonly #book: CodeBook;
  readonly #destination: 'thread' | 'process';
  readonly #record: BatchWriter | undefined;
  readonly #ring: ReplySender | undefined;
  readonly #bell: Words | undefined;
  /** Last answers that have been sent, by way. */
  #byRing = 0;
  #byMessage = 0;

  constructor(post: Post, book: CodeBook, destination: 'thread' | 'process', shared: SharedSetup | undefined) {
    this.#post = post;
    this.#book = book;
    this.#destination = destination;
    this.#ring = shared === undefined ? undefined : new ReplySender(shared.answers);
    this.#bell = shared === undefined ? undefined : new Int32Array(shared.bell);
    this.#record = shared === undefined ? new BatchWriter() : undefined;
    this.held = shared === undefined ? undefined : new HeldWriter(shared.held);
  }

  /**
   * Answers with a value; `extra` depends on the status; `instead` gives what to send when the value cannot be sent, and so on.
   *
   * @param record that of the task, or -1
   */
  send(id: number, record: number, status: number, extra: number, value: unknown, instead = NOTHING): Sent {
    const ring = this.#ring;
    let sent: boolean;
    try {
      sent =
        ring === undefined
          ? this.#sendAsRecord(id, status, extra, value)
          : this.#sendByRing(ring, id, record, status, extra, value);
    } catch (error) {
      return this.#refused(id, record, status, extra, error, instead); // a getter in the result threw
    }
    return sent ? undefined : this.#sendPacked(id, record, status, extra, value, instead);
  }

  /** Answers by message, behind all that has been sent so before. */
  sendAlone(id: number, record: number, status: number, extra: number, value: unknown): Sent {
    return this.#sendPacked(id, record, status, extra, value, NOTHING);
  }

  /** Why a value cannot be sent; undefined when it can. */
  async refusal(value: unknown): Promise<{ readonly error: unknown } | undefined> {
    const travels = new Travels();
    try {
      await this.#pack(value, travels);
      return undefined;
    } catch (error) {
      return { error };
    } finally {
      travels.giveBack(); // it was only tried
    }
  }

  /**
   * Says something of a task that goes on. False: by message, which a later answer through the ring may overtake; a promise of that when the
   * value has to wait for a module to be asked.
   *
   * @throws EncodeError when the value cannot travel; so the promise rejects
   */
  report(id: number, status: number, extra: number, value: unknown): boolean | Promise<false> {
    const ring = this.#ring;
    if (ring === undefined) {
      if (this.#sendAsRecord(id, status, extra, value)) return true;
    } else if (this.#sendByRing(ring, id, -1, status, extra, value)) {
      return true;
    }
    const { value: moved, list } = Transfer.is(value) ? value : new Transfer(value, []);
    const sent = this.#sendPacket(moved, list, { type: 'answer', id, status, extra }, -1, (error) => {
      throw error;
    });
    return sent === undefined ? false : sent.then(() => false);
  }

  #sendByRing(ring: ReplySender, id: number, record: number, status: number, extra: number, value: unknown): boolean {
    const final = isFinal(status);
    if (final) this.#note(record, BY_RING, this.#byRing + 1);
    let outcome = ring.send(id, status, extra, value);
    // The owner is busy and its ring is full: more messages would only make it busier.
    let mayFit = true;
    for (let wait = 0; outcome === NO_ROOM && mayFit && wait < MOST_WAITS; wait++) {
      this.#ringBell();
      mayFit = ring.waitForRoom(WAIT_MS); // an empty ring gets one more try
      outcome = ring.send(id, status, extra, value);
    }
    if (outcome !== 0) return false;
    if (final) this.#byRing = (this.#byRing + 1) | 0;
    this.#ringBell();
    return true;
  }

  #note(record: number, way: AnswerWay, number: number): void {
    if (record >= 0) this.held?.answers(record, way, number);
  }

  #ringBell(): void {
    const bell = this.#bell as Words;
    if (load(bell, 0) === 1 && compareExchange(bell, 0, 1, 0) === 1) this.wakeOwner();
  }

  /** Has the owner look at what this worker has and has not. */
  wakeOwner(): void {
    this.#post({ type: 'wake' });
  }

  /** Answers that the task threw; of a chunk, at item `index`. */
  fail(id: number, record: number, index: number, thrown: unknown): Sent {
    const message = { type: 'answer', id, status: FAILED, extra: index } as const;
    return this.#sendPacket(thrown, [], message, record, () => {
      try {
        this.#postAnswer({ ...message, error: errorToData(thrown) }, record);
      } catch (refusal) {
        this.#postAnswer({ ...message, error: errorToData(refusal) }, record); // what it threw is too large even as text
      }
      return undefined;
    });
  }

  #sendAsRecord(id: number, status: number, extra: number, value: unknown): boolean {
    const record = this.#record as BatchWriter;
    if (record.add(id, status, extra, value) < 0) return false;
    this.#post({ type: 'answers', bytes: record.take() });
    return true;
  }

  #sendPacked(
    id: number,
    record: number,
    status: number,
    extra: number,
    value: unknown,
    instead: readonly Instead[],
  ): Sent {
    const moved = Transfer.is(value) ? value : new Transfer(value, []);
    return this.#sendPacket(moved.value, moved.list, { type: 'answer', id, status, extra }, record, (error) =>
      this.#refused(id, record, status, extra, error, instead),
    );
  }

  #refused(
    id: number,
    record: number,
    status: number,
    extra: number,
    error: unknown,
    [next, ...rest]: readonly Instead[],
  ): Sent {
    if (next === undefined) return this.fail(id, record, -1, error);
    return Promise.resolve(next(error)).then(
      (value) => this.#sendPacked(id, record, status, extra, value, rest),
      (failure: unknown) => this.fail(id, record, -1, failure),
    );
  }

  /** Packs a value and sends it in a message of its own; what keeps it from being sent goes to `onRefused`. */
  #sendPacket(
    value: unknown,
    list: readonly Transferable[],
    message: Answer,
    record: number,
    onRefused: (error: unknown) => Sent,
  ): Sent {
    const send = ({ packet }: Packed): Sent => {
      try {
        this.#postAnswer({ ...message, packet }, record, list);
        return undefined;
      } catch (error) {
        return onRefused(error);
      }
    };
    let packed: Packed | Promise<Packed>;
    try {
      packed = this.#pack(value, new Travels());
    } catch (error) {
      return onRefused(error);
    }
    return packed instanceof Promise ? packed.then(send, onRefused) : send(packed);
  }

  #pack(value: unknown, travels: Travels): Packed | Promise<Packed> {
    return travels.during(() => pack(value, { destination: this.#destination, book: this.#book, root: 'result' }));
  }

  #postAnswer(message: Answer, record: number, list: readonly Transferable[] = []): void {
    const final = isFinal(message.status);
    if (final) this.#note(record, BY_MESSAGE, this.#byMessage + 1);
    this.#post(message, list);
    if (final) this.#byMessage = (this.#byMessage + 1) | 0;
  }
}
