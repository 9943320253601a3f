/**
 * How many bytes go to a worker and back with a call.
 * @module
 */
import { serialize } from 'node:v8';
import { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import { Travels } from '../sync/travels.ts';

/** Bytes of a call, on average; undefined: not known, as of what holds functions or shared memory. */
export interface CallBytes {
  /** Variables that the function captures, where they may change and so go along with each call. */
  readonly captured: number | undefined;
  readonly arguments: number | undefined;
  readonly result: number | undefined;
}

/** Calls that are looked at: to write a large value takes its time. */
const MOST = 3;

/** Adds up what is sent, of the first few calls. */
export class CallSizes {
  #captured: number | undefined;
  #calls = 0;
  #arguments: number | undefined = 0;
  #result: number | undefined = 0;

  /** Before the first call. */
  async lookAt(work: unknown): Promise<void> {
    const book = new CodeBook(() => {});
    const travels = new Travels();
    const packed = await travels.during(() => pack(work, { destination: 'thread', book, root: 'function' }));
    travels.giveBack(); // it goes nowhere
    // What cannot be written is shared, not sent.
    const sent = packed.packet.nodes.reduce((all, node) => all + (sizeOf(node) ?? 0), 0);
    this.#captured = packed.stable ? 0 : sent;
  }

  add(input: unknown, result: unknown): void {
    if (this.#calls === MOST) return;
    this.#calls += 1;
    this.#arguments = sum(this.#arguments, sizeOf(input));
    this.#result = sum(this.#result, sizeOf(result));
  }

  get mean(): CallBytes {
    const each = (all: number | undefined): number | undefined =>
      all === undefined || this.#calls === 0 ? undefined : all / this.#calls;
    return { captured: this.#captured, arguments: each(this.#arguments), result: each(this.#result) };
  }
}

const sum = (all: number | undefined, more: number | undefined): number | undefined =>
  all === undefined || more === undefined ? undefined : all + more;

function sizeOf(value: unknown): number | undefined {
  try {
    return serialize(value).byteLength;
  } catch {
    return undefined;
  }
}
