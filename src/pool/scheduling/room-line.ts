/**
 * Those who wait until a backlog has room. First come, first served: as many at once as there are places.
 * @module
 */
import { TimeoutError } from '../../errors/executor-errors.ts';
import { setTimer } from '../../memory/timer.ts';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A line of promises. */
export class RoomLine {
  readonly #free: () => number;
  readonly #waiters = new Set<Waiter>();
  /** Let in this very turn, and about to submit. */
  #letIn = 0;

  /** @param free how many places there are now */
  constructor(free: () => number) {
    this.#free = free;
  }

  /** Waits at the end of the line. */
  async wait(timeout: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiters.size === 0 && this.#free() - this.#letIn > 0) {
      this.#noteLetIn();
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { resolve, reject };
    const onAbort = (): void => reject(signal?.reason);
    const timer = setTimer(timeout, () => reject(new TimeoutError(`The pool had no room within ${timeout} ms.`)));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Lets in as many as there is room for. */
  serve(): void {
    if (this.#waiters.size === 0) return;
    let places = this.#free() - this.#letIn;
    for (const waiter of this.#waiters) {
      if (places <= 0) return;
      places -= 1;
      this.#waiters.delete(waiter);
      this.#noteLetIn();
      waiter.resolve();
    }
  }

  /** Nobody will be let in any more. */
  fail(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
    this.#waiters.clear();
  }

  /** Until the turn is over: by then it has submitted, or does not. */
  #noteLetIn(): void {
    this.#letIn += 1;
    setImmediate(() => {
      this.#letIn -= 1;
      this.serve();
    });
  }
}
