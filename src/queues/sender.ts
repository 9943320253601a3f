/**
 * Sends values: encode, enter the end, write, leave.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { NOT_NOW } from '../sync/waitable.ts';
import type { Getters, Parcel, Putters } from './ends.ts';
import { encodeItem, keep, type Message, packItem } from './message.ts';
import { DONE } from './queue-end.ts';

/** Something that was sent. */
const sent: Parcel = {
  message: { tag: 0, length: 0, bytes: new Uint8Array(), words: undefined },
  rank: 0,
  outcome: DONE,
  error: undefined,
};

/** Where values go in. */
export class Sender {
  /** What is sent at once: used again and again. */
  readonly #quick: Parcel = { ...sent };
  readonly #putters: Putters;

  constructor(putters: Putters, getters: Getters) {
    this.#putters = putters;
    putters.faces(getters);
  }

  /** Sends a value as soon as there is room. @returns with the outcome @throws EncodeError */
  async send(value: unknown, rank: number, options: WaitOptions | undefined): Promise<Parcel> {
    const timeout = timeoutOf(options);
    const encoded = encodeItem(value) ?? packItem(value);
    const parcel = this.#attempt(encoded instanceof Promise ? await encoded : encoded, rank);
    return parcel.outcome === DONE ? sent : this.#later(parcel, options, timeout);
  }

  /** Sends a message as it is, as soon as there is room. @returns with the outcome */
  async sendMessage(message: Message, options: WaitOptions | undefined): Promise<Parcel> {
    const timeout = timeoutOf(options);
    const parcel = this.#attempt(message, 0);
    return parcel.outcome === DONE ? sent : this.#later(parcel, options, timeout);
  }

  async #later(parcel: Parcel, options: WaitOptions | undefined, timeout: number): Promise<Parcel> {
    // First of all: the options' getters may send something else.
    const kept: Parcel = { ...parcel, message: keep(parcel.message) };
    try {
      if (parcel.outcome === NOT_NOW) kept.outcome = await this.#putters.wait(kept, { ...options, timeout });
    } catch (error) {
      kept.message.travels?.giveBack();
      throw error;
    }
    return this.#told(kept);
  }

  /** Sends a value; blocks this thread until there is room. @returns with the outcome; good until the next call @throws EncodeError */
  sendSync(value: unknown, rank: number, timeout: number): Parcel {
    const parcel = this.#attempt(encodedNow(value), rank);
    if (parcel.outcome === DONE) return parcel;
    if (parcel.outcome === NOT_NOW) parcel.outcome = this.#putters.waitSync(parcel, timeout);
    return this.#told(parcel);
  }

  #attempt(message: Message, rank: number): Parcel {
    const parcel = this.#quick;
    parcel.message = message;
    parcel.rank = rank;
    parcel.error = undefined;
    parcel.outcome = this.#putters.now(parcel);
    return parcel;
  }

  #told(parcel: Parcel): Parcel {
    if (parcel.outcome !== DONE) parcel.message.travels?.giveBack();
    return parcel;
  }
}

function encodedNow(value: unknown): Message {
  const message = encodeItem(value) ?? packItem(value);
  if (!(message instanceof Promise)) return message;
  message.then(
    ({ travels }) => travels?.giveBack(),
    () => {},
  );
  throw new EncodeError(
    'value: a module has to confirm first what it exports, which takes a promise. Use the awaited form.',
    { code: 'ERR_NEEDS_PROMISE' },
  );
}
