/**
 * What clients and servers of managed objects tell each other.
 *
 * How it works  Each message is a list that begins with a number. Values of the user's are bytes in it (`wire.ts`), so that one that cannot
 *               be read fails its own call and nothing else.
 * @module
 */
import { ProtocolError } from '../errors/connection-errors.ts';

/** Client: call a method. `[CALL, call, object, name, arguments, signals]` */
export const CALL = 1;
/** Client: read a property. `[GET, call, object, name]` */
export const GET = 2;
/** Client: write a property. `[SET, call, object, name, value]` */
export const SET = 3;
/** Client: iterate. `[ITERATE, call, object]` */
export const ITERATE = 4;
/** Client: a signal that went along with a call was aborted. `[ABORT, call, place, name, message]` */
export const ABORT = 5;
/** Client: one reference less. `[RELEASE, object]` */
export const RELEASE = 6;
/** Client: an object is on its way to somebody else. `[LEND, object, ticket]` */
export const LEND = 7;
/** Client: it has arrived here. `[CLAIM, object, ticket]` */
export const CLAIM = 8;
/** Client: the object that the server is there for. `[ROOT, call]` */
export const ROOT = 9;
/** Client: it was not sent after all, or whoever it was sent to is gone. `[TAKE_BACK, ticket]` */
export const TAKE_BACK = 10;

/** Server: what a call gave. `[GAVE, call, how, value]` */
export const GAVE = 1;
/** Server: what a call threw. `[THREW, call, error, packed error or undefined, whether it is a signal's reason]` */
export const THREW = 2;

/** A value that is a copy of something that stays there: it is frozen. */
export const FROZEN = 0;
/** A value that is whoever's called. */
export const OWN = 1;
/** The object that was called. */
export const SELF = 2;

/** A message. */
export type Message = readonly unknown[];

/** Where a signal stood among the arguments: that argument, or its property `signal`. With its reason, when it was aborted by then. */
export type SignalPlace = readonly [argument: number, inOptions: boolean, name?: string, message?: string];

/** Reads one part after the other. */
export class Parts {
  readonly #message: readonly unknown[];
  #next = 0;

  /** @throws ProtocolError `ERR_BAD_MESSAGE` */
  constructor(message: unknown) {
    if (!Array.isArray(message)) throw malformed();
    this.#message = message;
  }

  number(): number {
    const part = this.#take();
    if (typeof part !== 'number' || !Number.isSafeInteger(part) || part < 0) throw malformed();
    return part;
  }

  text(): string {
    const part = this.#take();
    if (typeof part !== 'string') throw malformed();
    return part;
  }

  flag(): boolean {
    const part = this.#take();
    if (typeof part !== 'boolean') throw malformed();
    return part;
  }

  bytes(): Uint8Array {
    const part = this.#take();
    if (!(part instanceof Uint8Array)) throw malformed();
    return part;
  }

  list(): readonly unknown[] {
    const part = this.#take();
    if (!Array.isArray(part)) throw malformed();
    return part;
  }

  any(): unknown {
    return this.#take();
  }

  #take(): unknown {
    return this.#message[this.#next++];
  }
}

/** What comes is not from this library. */
export const malformed = (): ProtocolError =>
  new ProtocolError('A message of a manager cannot be read: a part is missing or is of another type.');
