/**
 * The input of a map, a chunk at a time: any iterable or async iterable, read no further than asked.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';

/** Anything that can be mapped over. */
export type Input<T> = Iterable<T> | AsyncIterable<T>;

/** Reads an input in chunks. */
export class Source {
  readonly #array: readonly unknown[] | undefined;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  readonly #isAsync: boolean;
  #at = 0;
  #ended = false;

  constructor(input: Input<unknown>) {
    const isAsync = typeof (input as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === 'function';
    if (!isAsync && typeof (input as Iterable<unknown> | undefined)?.[Symbol.iterator] !== 'function') {
      throw new InvalidOptionError(
        `The input of a map must be an iterable; this is ${input === null ? 'null' : `of type ${typeof input}`}.`,
      );
    }
    this.#isAsync = isAsync;
    if (Array.isArray(input)) this.#array = input;
    else if (isAsync) this.#iterator = (input as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    else this.#iterator = (input as Iterable<unknown>)[Symbol.iterator]();
  }

  /** Whether everything has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Items left, when that can be known. */
  get remaining(): number | undefined {
    return this.#array === undefined ? undefined : this.#array.length - this.#at;
  }

  /** Up to `count` items; fewer only at the end. What the input throws passes through, and ends it. */
  take(count: number): unknown[] | Promise<unknown[]> {
    const array = this.#array;
    if (array !== undefined) {
      const items = array.slice(this.#at, this.#at + count);
      this.#at += items.length;
      this.#ended = this.#at >= array.length;
      return items;
    }
    return this.#isAsync ? this.#takeAsync(count) : this.#takeSync(count);
  }

  /** Tells the input that no more will be read. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      const closing: unknown = this.#iterator?.return?.();
      if (closing instanceof Promise) closing.catch(() => {});
    } catch {
      // It was given up; how it ends is of no interest any more.
    }
  }

  #takeSync(count: number): unknown[] {
    const items: unknown[] = [];
    try {
      while (items.length < count) {
        const next = (this.#iterator as Iterator<unknown>).next();
        if (next.done === true) {
          this.#ended = true;
          break;
        }
        items.push(next.value);
      }
    } catch (error) {
      this.#ended = true;
      throw error;
    }
    return items;
  }

  async #takeAsync(count: number): Promise<unknown[]> {
    const items: unknown[] = [];
    try {
      while (items.length < count && !this.#ended) {
        const next = await (this.#iterator as AsyncIterator<unknown>).next();
        if (next.done === true) {
          this.#ended = true;
          break;
        }
        items.push(next.value);
      }
    } catch (error) {
      this.#ended = true;
      throw error;
    }
    return items;
  }
}
