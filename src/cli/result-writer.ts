/**
 * Lines to standard output, no faster than its reader takes them.
 *
 * How it works  Lines of one turn leave in one write. When the stream is full, `write` returns a promise that the caller waits
 *               for before it works on. A reader that has gone (`| head`) shows as EPIPE at the next write: from then on lines
 *               are dropped, and `onGone` is called once.
 * @module
 */
import type { Writable } from 'node:stream';

/** Characters that are written at once. */
const BATCH = 64 * 1024;

/** Does something in its own way. */
type Beside = <T>(act: () => T) => T;

/** Writes lines. */
export class ResultWriter {
  readonly #stream: Writable;
  readonly #beside: Beside;
  readonly #gone = Promise.withResolvers<void>();
  #batch = '';
  #scheduled = false;
  #error: NodeJS.ErrnoException | undefined;

  /**
   * @param onGone  called once, when nothing can be written any more
   * @param beside  called around each write, for what shares the stream's terminal
   */
  constructor(stream: Writable, onGone: (error: NodeJS.ErrnoException) => void, beside: Beside = (act) => act()) {
    this.#stream = stream;
    this.#beside = beside;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#error !== undefined) return;
      this.#error = error;
      this.#batch = '';
      this.#gone.resolve();
      onGone(error);
    });
  }

  /** Writes a line; wait for the promise, if there is one, before the next. */
  write(line: string): Promise<void> | undefined {
    if (this.#error !== undefined) return undefined;
    this.#batch += `${line}\n`;
    if (this.#batch.length >= BATCH) return this.#flush();
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        void this.#flush();
      });
    }
    return this.#stream.writableNeedDrain ? this.#drained() : undefined;
  }

  /** Resolves when all that was written has left, or cannot any more. */
  async end(): Promise<void> {
    if (this.#error !== undefined) return;
    const batch = this.#batch;
    this.#batch = '';
    const left = new Promise<void>((resolve) => {
      this.#beside(() => this.#stream.write(batch, () => resolve()));
    });
    await Promise.race([left, this.#gone.promise]);
  }

  #flush(): Promise<void> | undefined {
    if (this.#batch === '' || this.#error !== undefined) return undefined;
    const batch = this.#batch;
    this.#batch = '';
    const roomLeft = this.#beside(() => this.#stream.write(batch));
    return roomLeft ? undefined : this.#drained();
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.once('drain', resolve);
    await Promise.race([promise, this.#gone.promise]);
    this.#stream.off('drain', resolve);
  }
}
