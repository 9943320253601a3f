/**
 * What goes out over a socket.
 *
 * How it works  What is written in one turn of the loop is put together by the socket (`cork`) and goes out in one call of the system. A write
 *               has ended when the system has its bytes: who awaits it may exit at once, and cannot outrun the other side for long.
 * Invariants    1. Frames go out in the order of the calls of `send`, also behind one that still waits for a module's answer.
 *               2. `onPending` hears whether anything is under way.
 * @module
 */
import type { Socket } from 'node:net';

/** The parts of one message. */
export type Frame = readonly Uint8Array[];

/** The writes of one socket. */
export class Outbox {
  readonly #socket: Socket;
  readonly #onPending: (anything: boolean) => void;
  readonly #pending = new Set<(error?: unknown) => void>();
  #corked = false;
  #last: Promise<unknown> | undefined;

  constructor(socket: Socket, onPending: (anything: boolean) => void) {
    this.#socket = socket;
    this.#onPending = onPending;
  }

  /**
   * Sends a frame, when it is there.
   *
   * @param check is asked whether one may still send, when the frame had to be waited for
   */
  send(frame: Frame | Promise<Frame>, check: () => void): Promise<void> {
    if (this.#last === undefined && !(frame instanceof Promise)) return this.#write(frame);
    const begun = this.#behind(this.#last, frame, check);
    const done = begun
      .catch(() => {})
      .finally(() => {
        if (this.#last === done) this.#last = undefined;
      });
    this.#last = done;
    return begun.then(({ written }) => written);
  }

  /** There while a message waits for its frame, and those behind it; resolves when the last of them has been given to the socket, or has failed. */
  get waiting(): Promise<unknown> | undefined {
    return this.#last;
  }

  /** What was written goes out now. */
  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  /** What is under way will not arrive. */
  fail(error: unknown): void {
    for (const settle of this.#pending) settle(error);
  }

  /** Writes a frame when it is there, and those before it are written; a box, since nobody behind it has to wait for the system. */
  async #behind(
    before: Promise<unknown> | undefined,
    frame: Frame | Promise<Frame>,
    check: () => void,
  ): Promise<{ readonly written: Promise<void> }> {
    const [outcome] = await Promise.allSettled([frame, before]);
    if (outcome.status === 'rejected') throw outcome.reason;
    check();
    return { written: this.#write(outcome.value) };
  }

  #write(frame: Frame): Promise<void> {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => this.flush());
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (error?: unknown): void => {
      if (!this.#pending.delete(settle)) return;
      if (this.#pending.size === 0) this.#onPending(false);
      if (error === undefined || error === null) resolve();
      else reject(error);
    };
    this.#pending.add(settle);
    if (this.#pending.size === 1) this.#onPending(true);
    for (const [index, part] of frame.entries())
      this.#socket.write(part, index === frame.length - 1 ? settle : undefined);
    return promise;
  }
}
