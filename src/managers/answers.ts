/**
 * The answers of one client's calls: what methods gave, and what they threw.
 *
 * How it works  An answer is packed at once, as the value is then, and goes out when it can. What a method threw goes as data, and whole besides
 *               when it is of a class of its own.
 * Invariants    1. Whatever a method gives or throws, its call is answered, and nothing is thrown here. 2. What is under way is counted, in the
 *               bytes that it takes, so that a client that does not read can be left waiting. 3. An answer that cannot be sent is answered with why;
 *               if that cannot be sent either, the client has to go.
 * @module
 */
import { encodeValue } from '../connections/message-codec.ts';
import type { SocketConnection } from '../connections/socket-connection.ts';
import type { ResultRule } from './exposure.ts';
import { Gift, type Giver } from './gift.ts';
import type { Entry } from './object-table.ts';
import * as protocol from './protocol.ts';
import type { Message } from './protocol.ts';
import type { References } from './references.ts';
import { hasOwnClass, thrownToData } from './remote-error.ts';
import { encode } from './wire.ts';

/** Bytes of answers that may be under way. */
const MOST_UNSENT = 16 * 1024 * 1024;
/** Bytes that an answer takes besides what it brings, here and in the socket. */
const FLAT = 256;

/** What answers have to know of their session. */
export interface Asked {
  readonly connection: SocketConnection;
  readonly host: Giver;
  readonly references: References;
  /** A call has its answer. */
  onAnswered(call: number): void;
  /** The client cannot be answered. */
  onFailure(): void;
}

/** What goes to one client. */
export class Answers {
  readonly #asked: Asked;
  #ended = false;
  #unsent = 0;
  #wake: (() => void) | undefined;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** Whether the client has more to read than it may have. */
  get full(): boolean {
    return this.#unsent > MOST_UNSENT && !this.#ended;
  }

  /** Resolves when the client has read, or is gone. */
  async room(): Promise<void> {
    while (this.full) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** There will be no more. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Answers with what a method gave. */
  gave(
    call: number,
    value: unknown,
    entry: Entry | undefined,
    rule: ResultRule,
    signals: readonly AbortController[],
  ): void {
    if (this.#ended) return;
    const gift = this.#gift();
    const iterates = entry?.exposure.description.iterator === true;
    const how = rule === 'frozen' ? protocol.FROZEN : protocol.OWN;
    const give = (bytes: Uint8Array): void =>
      this.#send(call, [protocol.GAVE, call, how, bytes], bytes.length, gift, false);
    const fail = (error: unknown): void => {
      gift.takeBack();
      this.threw(call, error, signals);
    };
    try {
      if (iterates) entry.over = isDone(value);
      if (entry !== undefined && value === entry.object)
        return this.#send(call, [protocol.GAVE, call, protocol.SELF], 0, gift, false);
      const shown = iterates ? gift.showItem(value, rule) : gift.show(value, rule);
      const bytes = encode(shown, gift, this.#asked.host.target.maxMessage);
      if (bytes instanceof Promise) bytes.then(give, fail);
      else give(bytes);
    } catch (error) {
      fail(error);
    } finally {
      gift.packed();
    }
  }

  /** Answers with what a method threw, whatever that is. @param last whether it says that the answer before could not be sent */
  threw(call: number, thrown: unknown, signals: readonly AbortController[], last = false): void {
    if (this.#ended) return;
    const gift = this.#gift();
    try {
      const byAbort = signals.findIndex(({ signal }) => signal.aborted && signal.reason === thrown) + 1;
      const data = thrownToData(thrown);
      const size = this.#sizeOf(data);
      const answer = (packed?: Uint8Array): void =>
        this.#send(call, [protocol.THREW, call, data, packed, byAbort], size + (packed?.length ?? 0), gift, last);
      const asData = (): void => {
        gift.takeBack();
        answer();
      };
      if (!hasOwnClass(thrown)) return answer();
      let packed: Uint8Array | Promise<Uint8Array>;
      try {
        packed = encode(thrown, gift, this.#asked.host.target.maxMessage);
      } catch {
        return asData();
      }
      if (packed instanceof Promise) packed.then(answer, asData);
      else answer(packed);
    } catch {
      this.#asked.onFailure(); // nothing is known to get here
    }
  }

  #gift(): Gift {
    return new Gift(this.#asked.host, this.#asked.references);
  }

  /** Bytes that the data of an error takes. */
  #sizeOf(data: unknown): number {
    const { maxMessage } = this.#asked.host.target;
    try {
      const bytes = encodeValue(data, maxMessage);
      return bytes instanceof Promise ? maxMessage : bytes.length;
    } catch {
      return maxMessage; // it is larger
    }
  }

  #send(call: number, message: Message, bytes: number, gift: Gift, last: boolean): void {
    if (this.#ended) return;
    this.#asked.onAnswered(call);
    const size = bytes + FLAT;
    this.#unsent += size;
    const sent = (): void => {
      this.#unsent -= size;
      this.#wake?.();
    };
    this.#asked.connection.send(message).then(sent, (error: unknown) => {
      sent();
      gift.takeBack();
      if (this.#asked.connection.closed) return;
      // what is too large for the other side can still be said to be
      if (last) this.#asked.onFailure();
      else this.threw(call, error, [], true);
    });
  }
}

const isDone = (value: unknown): boolean => (value as { readonly done?: unknown } | null | undefined)?.done === true;
