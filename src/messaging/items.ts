/**
 * Items as they come, for `for await`.
 *
 * How it works  An iterator, and no generator: one of those that is left while it waits goes on waiting, and takes one item more, which nobody
 *               gets. This one gives up its waits when it is left.
 * @module
 */

/** Waits for one item. */
export type Receive<T> = (options: { readonly signal: AbortSignal }) => Promise<T>;

/** Iterates over what is received, until an error says that nothing more will come. */
export class Items<T> implements AsyncIterableIterator<T, undefined> {
  readonly #receive: Receive<T>;
  readonly #isEnd: (error: unknown) => boolean;
  readonly #left = new AbortController();
  #over = false;

  constructor(receive: Receive<T>, isEnd: (error: unknown) => boolean) {
    this.#receive = receive;
    this.#isEnd = isEnd;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#over) return { done: true, value: undefined };
    const { signal } = this.#left;
    try {
      return { done: false, value: await this.#receive({ signal }) };
    } catch (error) {
      this.#over = true;
      if (this.#isEnd(error) || (signal.aborted && error === signal.reason)) return { done: true, value: undefined };
      throw error;
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#over = true;
    this.#left.abort();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
