/**
 * The items of a task that streams them, in order, as they come.
 *
 * How it works  The worker sends items while it has credit. As the consumer takes them it is granted more, half of `ahead` at a time, so that
 *               it neither runs away nor waits for each. Items may overtake each other on the way: their numbers put them in order.
 * @module
 */
import type { Future } from '../futures/future.ts';
import type { Seat } from './dispatcher.ts';

/** The receiving end of one stream. */
export class StreamSink {
  readonly #ahead: number;
  readonly #early = new Map<number, unknown>();
  #task: { readonly id: number; readonly seat: Seat } | undefined;
  #next = 0;
  #taken = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** @param ahead items that the worker may send before they are taken */
  constructor(ahead: number) {
    this.#ahead = ahead;
  }

  /** A worker has begun the task. */
  onStarted(id: number, seat: Seat): void {
    this.#task = { id, seat };
    this.#grant(this.#ahead);
  }

  /** An item has come. */
  onItem(number: number, item: unknown): void {
    this.#early.set(number, item);
    this.#notify();
  }

  /** An item has come that cannot be read. */
  onBroken(error: unknown): void {
    this.#failure ??= { error };
    this.#notify();
  }

  /** The items of a task; given up when the consumer stops. */
  async *items(future: Future<unknown>): AsyncGenerator<unknown, void, void> {
    let total: number | undefined;
    future.then(
      (count) => {
        total = count as number;
        this.#notify();
      },
      (error: unknown) => this.onBroken(error),
    );
    try {
      for (;;) {
        if (this.#early.has(this.#next)) {
          const item = this.#early.get(this.#next);
          this.#early.delete(this.#next);
          this.#next += 1;
          this.#took();
          yield item;
        } else if (this.#failure !== undefined) {
          throw this.#failure.error;
        } else if (total === this.#next) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      future.cancel();
    }
  }

  #took(): void {
    this.#taken += 1;
    if (this.#taken * 2 < this.#ahead) return;
    this.#grant(this.#taken);
    this.#taken = 0;
  }

  #grant(count: number): void {
    this.#task?.seat.worker?.post({ type: 'credit', id: this.#task.id, count });
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
