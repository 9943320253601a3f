/**
 * How a worker answers: compact through the ring or a batch, anything else as a message of its own.
 *
 * How it works  With shared memory each answer goes into the ring at once, and the pool is woken when it sleeps. Without, the
 *               answers of one burst are collected and sent together before the worker turns to its event loop. What is not
 *               compact is packed: a value that cannot be packed fails its own task, with the reason.
 * @module
 */
import { type CodeBook, pack } from '../../closures/index.ts';
import { errorToData } from '../../errors/error-data.ts';
import { compareExchange, load, type Words } from '../../memory/words.ts';
import { BatchWriter, NO_BATCH_ROOM } from '../../messaging/record-batch.ts';
import { ReplySender } from '../../messaging/reply-ring.ts';
import { type FromWorker, FAILED, type SharedSetup } from '../messages.ts';
import { Transfer } from '../transfer.ts';
import type { Transferable } from '../worker-backend.ts';

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
    if (ring !== undefined) {
      if (ring.send(id, status, extra, value)) {
        const bell = this.#bell as Words;
        if (load(bell, 0) === 1 && compareExchange(bell, 0, 1, 0) === 1) this.#post({ type: 'wake' });
        return;
      }
    } else if (this.#addToBatch(id, status, extra, value)) {
      return;
    }
    this.#sendPacked(id, status, extra, value);
  }

  /** Answers that the task threw; of a chunk, at item `index`. */
  fail(id: number, index: number, thrown: unknown): void {
    this.flush();
    try {
      const packed = pack(thrown, { destination: this.#destination, book: this.#book, root: 'result' });
      if (packed instanceof Promise) {
        packed.then(
          ({ packet }) => this.#post({ type: 'answer', id, status: FAILED, extra: index, packet }),
          () => this.#failAsData(id, index, thrown),
        );
      } else {
        this.#post({ type: 'answer', id, status: FAILED, extra: index, packet: packed.packet });
      }
    } catch {
      this.#failAsData(id, index, thrown);
    }
  }

  /** Sends what has been collected; call before turning to the event loop. */
  flush(): void {
    const batch = this.#batch;
    if (batch !== undefined && batch.length > 0) this.#post({ type: 'answers', bytes: batch.take() });
  }

  #failAsData(id: number, index: number, thrown: unknown): void {
    this.#post({ type: 'answer', id, status: FAILED, extra: index, error: errorToData(thrown) });
  }

  #addToBatch(id: number, status: number, extra: number, value: unknown): boolean {
    const batch = this.#batch as BatchWriter;
    let outcome = batch.add(id, status, extra, value);
    if (outcome === NO_BATCH_ROOM && batch.length > 0) {
      this.flush();
      outcome = batch.add(id, status, extra, value);
    }
    return outcome >= 0;
  }

  #sendPacked(id: number, status: number, extra: number, value: unknown): void {
    this.flush(); // answers arrive in the order in which they were given
    const moved = value instanceof Transfer ? value : undefined;
    try {
      const packed = pack(moved === undefined ? value : moved.value, {
        destination: this.#destination,
        book: this.#book,
        root: 'result',
      });
      if (packed instanceof Promise) {
        packed.then(
          ({ packet }) => this.#post({ type: 'answer', id, status, extra, packet }, moved?.list),
          (error: unknown) => this.fail(id, -1, error),
        );
      } else {
        this.#post({ type: 'answer', id, status, extra, packet: packed.packet }, moved?.list);
      }
    } catch (error) {
      this.fail(id, -1, error);
    }
  }
}
