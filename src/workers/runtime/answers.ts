/**
 * How a worker answers: compact through the ring or a batch, anything else as a message of its own.
 *
 * How it works  With shared memory each answer goes into the ring at once, and the pool is woken when it sleeps. Without, the
 *               answers of one burst are collected and sent together before the worker turns to its event loop. What is not
 *               compact is packed: a value that cannot be packed fails its own task, with the reason.
 * @module
 */
import { type CodeBook, type Packed, pack } from '../../closures/index.ts';
import { errorToData } from '../../errors/error-data.ts';
import { compareExchange, load, type Words } from '../../memory/words.ts';
import { BatchWriter } from '../../messaging/record-batch.ts';
import { ReplySender } from '../../messaging/reply-ring.ts';
import { NO_ROOM } from '../../messaging/value-codec.ts';
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
  readonly #batch: BatchWriter | undefined;
  readonly #ring: ReplySender | undefined;
  readonly #bell: Words | undefined;

  constructor(post: Post, book: CodeBook, destination: 'thread' | 'process', shared: SharedSetup | undefined) {
    this.#post = post;
    this.#book = book;
    this.#destination = destination;
    this.#ring = shared === undefined ? undefined : new ReplySender(shared.answers);
    this.#bell = shared === undefined ? undefined : new Int32Array(shared.bell);
    this.#batch = shared === undefined ? new BatchWriter() : undefined;
  }

  /** Answers with a value; `extra` depends on the status. */
  send(id: number, status: number, extra: number, value: unknown): void {
    const ring = this.#ring;
    const sent = ring === undefined ? this.#addToBatch(id, status, extra, value) : this.#sendByRing(ring, id, status, extra, value);
    if (!sent) this.#sendPacked(id, status, extra, value);
  }

  #sendByRing(ring: ReplySender, id: number, status: number, extra: number, value: unknown): boolean {
    let outcome = ring.send(id, status, extra, value);
    // The owner is busy and its ring is full: more messages would only make it busier.
    for (let wait = 0; outcome === NO_ROOM && wait < MOST_WAITS; wait++) {
      this.#ringBell();
      if (!ring.waitForRoom(WAIT_MS)) break;
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

  /** Sends what has been collected; call before turning to the event loop. */
  flush(): void {
    const batch = this.#batch;
    if (batch !== undefined && batch.length > 0) this.#post({ type: 'answers', bytes: batch.take() });
  }

  #addToBatch(id: number, status: number, extra: number, value: unknown): boolean {
    const batch = this.#batch as BatchWriter;
    let outcome = batch.add(id, status, extra, value);
    if (outcome === NO_ROOM && batch.length > 0) {
      this.flush();
      outcome = batch.add(id, status, extra, value);
    }
    return outcome >= 0;
  }

  #sendPacked(id: number, status: number, extra: number, value: unknown): void {
    const moved = value instanceof Transfer ? value : new Transfer(value, []);
    this.#sendPacket(moved.value, moved.list, { type: 'answer', id, status, extra }, (error) => this.fail(id, -1, error));
  }

  /** Packs a value and sends it in a message of its own; what keeps it from being sent goes to `onRefused`. */
  #sendPacket(
    value: unknown,
    list: readonly Transferable[],
    message: FromWorker & { readonly type: 'answer' },
    onRefused: (error: unknown) => void,
  ): void {
    this.flush(); // answers arrive in the order in which they were given
    const send = ({ packet }: Packed): void => {
      try {
        this.#post({ ...message, packet }, list);
      } catch (error) {
        onRefused(error);
      }
    };
    let packed: Packed | Promise<Packed>;
    try {
      packed = pack(value, { destination: this.#destination, book: this.#book, root: 'result' });
    } catch (error) {
      onRefused(error);
      return;
    }
    if (packed instanceof Promise) packed.then(send, onRefused);
    else send(packed);
  }
}
