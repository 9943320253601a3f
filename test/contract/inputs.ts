/**
 * Inputs for maps that tell what was done to them.
 * @module
 */

/** Counts what was read and whether it was closed. */
export class WatchedInput {
  /** Items handed out. */
  read = 0;
  /** How often `return` was called. */
  closed = 0;
  readonly #length: number;
  readonly #throwAt: number;

  /**
   * @param length items that it has; infinite by default
   * @param throwAt index of the item at which it throws instead
   */
  constructor(length = Number.POSITIVE_INFINITY, throwAt = -1) {
    this.#length = length;
    this.#throwAt = throwAt;
  }

  #next(): IteratorResult<number> {
    if (this.read === this.#throwAt) throw new RangeError(`input broke at ${this.#throwAt}`);
    if (this.read >= this.#length) return { done: true, value: undefined };
    this.read += 1;
    return { done: false, value: this.read - 1 };
  }

  /** As an iterable. */
  get sync(): Iterable<number> {
    const next = (): IteratorResult<number> => this.#next();
    const close = (): IteratorResult<number> => {
      this.closed += 1;
      return { done: true, value: undefined };
    };
    return { [Symbol.iterator]: () => ({ next, return: close }) };
  }

  /** As an async iterable, every item of which takes a turn of the event loop. */
  get async(): AsyncIterable<number> {
    const next = async (): Promise<IteratorResult<number>> => {
      await new Promise((resolve) => setImmediate(resolve));
      return this.#next();
    };
    const close = async (): Promise<IteratorResult<number>> => {
      this.closed += 1;
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
  }

  /** As an iterable whose iterator has no `return`. */
  get bare(): Iterable<number> {
    const next = (): IteratorResult<number> => this.#next();
    return { [Symbol.iterator]: () => ({ next }) };
  }
}

/** All that an async iterable yields. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of source) all.push(value);
  return all;
}

/** 0, 1, … */
export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
