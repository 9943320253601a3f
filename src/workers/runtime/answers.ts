/**
 * How a worker answers: small values through the ring or as a record, anything else as a packet.
 *
 * How it works  With shared memory an answer goes into the ring, and the pool is woken when it sleeps. Without, it is a message
 *               of its own, sent before the next task begins: should the worker die, its owner then knows which task it was
 *               at, and that the ones behind it had not begun. A value that cannot be sent fails its own task, with the
 *               reason.
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
import { FAILED, type FromWorker, type SharedSetup } from '../messages.ts';
import { Transfer } from '../transfer.ts';
import type { Transferable } from '../worker-backend.ts';

/** Milliseconds of one wait for room in the ring, and how many of them before a message is sent instead. */
const WAIT_MS = 1;
const MOST_WAITS = 50;

/** Sends a message to the worker's owner. */
export type Post = (message: FromWorker, transfer?: readonly Transferable[]) => void;

/** A worker's way back. */
export class Answers {
  readonly #post: Post;
  readonly #book: CodeBook;
  readonly #destination: 'thread' | 'process';
  readonly #record: BatchWriter | undefined;
  readonly #ring: ReplySender | undefined;
  readonly #bell: Words | undefined;

  constructor(post: Post, book: CodeBook, destination: 'thread' | 'process', shared: SharedSetup | undefined) {
    this.#post = post;
    this.#book = book;
    this.#destination = destination;
    this.#ring = shared === undefined ? undefined : new ReplySender(shared.answers);
    this.#bell = shared === undefined ? undefined : new Int32Array(shared.bell);
    this.#record = shared === undefined ? new BatchWriter() : undefined;
  }

  /** Answers with a value; `extra` depends on the status; `instead` gives what to send when the value cannot be sent. */
  send(id: number, status: number, extra: number, value: unknown, instead?: () => unknown): void {
    const ring = this.#ring;
    let sent: boolean;
    try {
      sent =
        ring === undefined
          ? this.#sendAsRecord(id, status, extra, value)
          : this.#sendByRing(ring, id, status, extra, value);
    } catch (error) {
      this.fail(id, -1, error); // a getter in the result threw
      return;
    }
    if (!sent) this.#sendPacked(id, status, extra, value, instead);
  }

  /** Answers by message, behind all that has been sent so before. */
  sendAlone(id: number, status: number, extra: number, value: unknown): void {
    this.#sendPacked(id, status, extra, value);
  }

  /**
   * Says something of a task that goes on. False: by message, which a later answer through the ring may overtake.
   *
   * @throws EncodeError when the value cannot travel
   */
  report(id: number, status: number, extra: number, value: unknown): boolean {
    const ring = this.#ring;
    if (ring === undefined) {
      if (this.#sendAsRecord(id, status, extra, value)) return true;
    } else if (this.#sendByRing(ring, id, status, extra, value)) {
      return true;
    }
    const refusals: unknown[] = [];
    const { value: moved, list } = Transfer.is(value) ? value : new Transfer(value, []);
    this.#sendPacket(moved, list, { type: 'answer', id, status, extra }, (error) => {
      refusals.push(error);
    });
    if (refusals.length > 0) throw refusals[0];
    return false;
  }

  #sendByRing(ring: ReplySender, id: number, status: number, extra: number, value: unknown): boolean {
    let outcome = ring.send(id, status, extra, value);
    // The owner is busy and its ring is full: more messages would only make it busier.
    let mayFit = true;
    for (let wait = 0; outcome === NO_ROOM && mayFit && wait < MOST_WAITS; wait++) {
      this.#ringBell();
      mayFit = ring.waitForRoom(WAIT_MS); // an empty ring gets one more try
      outcome = ring.send(id, status, extra, value);
    }
    if (outcome !== 0) return false;
    this.#ringBell();
    return true;
  }

  #ringBell(): void {
    const bell = this.#bell as Words;
    if (load(bell, 0) === 1 && compareExchange(bell, 0, 1, 0) === 1) this.#post({ type: 'wake' });
  }

  /** Answers that the task threw; of a chunk, at item `index`. */
  fail(id: number, index: number, thrown: unknown): void {
    this.#sendPacket(thrown, [], { type: 'answer', id, status: FAILED, extra: index }, () => {
      this.#post({ type: 'answer', id, status: FAILED, extra: index, error: errorToData(thrown) });
    });
  }

  #sendAsRecord(id: number, status: number, extra: number, value: unknown): boolean {
    const record = this.#record as BatchWriter;
    if (record.add(id, status, extra, value) < 0) return false;
    this.#post({ type: 'answers', bytes: record.take() });
    return true;
  }

  #sendPacked(id: number, status: number, extra: number, value: unknown, instead?: () => unknown): void {
    const moved = Transfer.is(value) ? value : new Transfer(value, []);
    this.#sendPacket(moved.value, moved.list, { type: 'answer', id, status, extra }, (error) => {
      if (instead === undefined) this.fail(id, -1, error);
      else this.#sendPacked(id, status, extra, instead());
    });
  }

  /** Packs a value and sends it in a message of its own; what keeps it from being sent goes to `onRefused`. */
  #sendPacket(
    value: unknown,
    list: readonly Transferable[],
    message: FromWorker & { readonly type: 'answer' },
    onRefused: (error: unknown) => void,
  ): void {
    const send = ({ packet }: Packed): void => {
      try {
        this.#post({ ...message, packet }, list);
      } catch (error) {
        onRefused(error);
      }
    };
    let packed: Packed | Promise<Packed>;
    try {
      packed = new Travels().during(() =>
        pack(value, { destination: this.#destination, book: this.#book, root: 'result' }),
      );
    } catch (error) {
      onRefused(error);
      return;
    }
    if (packed instanceof Promise) packed.then(send, onRefused);
    else send(packed);
  }
}
