/**
 * The objects of one server, and who refers to them.
 *
 * How it works  An object has an id that nobody can guess: to know it is to be allowed to use it. Its holders are counted: each reference of
 *               each client, whoever has lent it to somebody it has not reached yet, and the server itself for what it is there for. With the
 *               last one it is forgotten.
 * Invariants    1. An object on its way is there when it arrives, as long as whoever sent it lives, and for `AFTER_DEATH` afterwards.
 *               2. An object is in the table once, under one id, for its default rules, and once more each time that it is managed by others.
 * When it dies  A client that is gone holds nothing any more (`session.ts`).
 * @module
 */
import { randomBytes } from 'node:crypto';
import { ManagerError } from '../errors/manager-errors.ts';
import { Exposure, isIterator, type ManageRules } from './exposure.ts';

/** Tickets that may have come early; they are claimed within moments. */
const MOST_EARLY = 10_000;
const LONGEST_TICKET = 64;
/** Milliseconds for which what a client has sent to others is kept when that client is gone. */
const AFTER_DEATH = 60_000;

/** An object of a server. */
export interface Entry {
  readonly id: string;
  readonly object: object;
  readonly exposure: Exposure;
  holders: number;
  /** Of an iterator: it has come to its end. */
  over: boolean;
}

/** What objects do when nobody refers to them any more. */
const endings = new WeakMap<object, () => void>();

/** Lets an object do something when nobody refers to it any more. */
export const whenForgotten = (object: object, run: () => void): void => void endings.set(object, run);

interface Loan {
  readonly entry: Entry;
  readonly by: object;
}

/** The objects of one server. */
export class ObjectTable {
  readonly #entries = new Map<string, Entry>();
  /** By which rules an object goes to clients to whom something returns it: those by which it was managed last. */
  readonly #byObject = new WeakMap<object, Entry>();
  readonly #byDefault = new WeakMap<object, Entry>();
  readonly #loans = new Map<string, Loan>();
  /** Tickets that have arrived before whoever lent them said so. */
  readonly #early = new Map<string, object>();

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The entry of an object; it is to be held by whoever asks. Without rules it is shown by the default ones. @throws InvalidOptionError */
  add(object: object, rules?: ManageRules): Entry {
    const known = rules === undefined ? this.#byDefault.get(object) : undefined;
    if (known !== undefined && this.#entries.has(known.id)) {
      this.#byObject.set(object, known);
      return known;
    }
    const entry: Entry = {
      id: randomBytes(12).toString('base64url'),
      object,
      exposure: new Exposure(object, rules),
      holders: 0,
      over: false,
    };
    this.#entries.set(entry.id, entry);
    this.#byObject.set(object, entry);
    if (rules === undefined) this.#byDefault.set(object, entry);
    return entry;
  }

  /** The entry of an object that is managed already. */
  entryOf(object: object): Entry | undefined {
    const entry = this.#byObject.get(object);
    return entry !== undefined && this.#entries.has(entry.id) ? entry : undefined;
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** One more. */
  hold(entry: Entry): void {
    entry.holders += 1;
    this.#entries.set(entry.id, entry);
  }

  /** One less. */
  drop(entry: Entry): void {
    entry.holders -= 1;
    if (entry.holders > 0 || !this.#entries.delete(entry.id)) return;
    // an iterator that nobody will ask any more can end what it has begun
    if (!entry.over && isIterator(entry.object)) void finish(entry.object);
    endings.get(entry.object)?.();
  }

  /** An object is on its way. */
  lend(entry: Entry, ticket: string, by: object): void {
    if (this.#early.delete(ticket) || this.#loans.has(ticket) || ticket.length > LONGEST_TICKET) return;
    this.#loans.set(ticket, { entry, by });
    this.hold(entry);
  }

  /** It has arrived at somebody who holds it by now. */
  arrived(ticket: string, at: object): void {
    const loan = this.#loans.get(ticket);
    if (loan === undefined) {
      if (this.#early.size < MOST_EARLY && ticket.length <= LONGEST_TICKET) this.#early.set(ticket, at);
      return;
    }
    this.#loans.delete(ticket);
    this.drop(loan.entry);
  }

  /** It is not on its way any more. If it has arrived, that changes nothing. */
  takeBack(ticket: string): void {
    const loan = this.#loans.get(ticket);
    if (!this.#loans.delete(ticket) || loan === undefined) return;
    this.drop(loan.entry);
  }

  /** A client is gone. What it has lent stays a while: it may be under way. */
  forget(client: object): void {
    for (const [ticket, at] of this.#early) if (at === client) this.#early.delete(ticket);
    const lent = [...this.#loans].filter(([, { by }]) => by === client).map(([ticket]) => ticket);
    if (lent.length === 0) return;
    setTimeout(() => {
      for (const ticket of lent) this.takeBack(ticket);
    }, AFTER_DEATH).unref();
  }

  /** Nothing is there any more. */
  clear(): void {
    for (const { object, over } of this.#entries.values()) if (!over && isIterator(object)) void finish(object);
    this.#entries.clear();
    this.#loans.clear();
    this.#early.clear();
  }
}

async function finish(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // nobody is there to be told
  }
}

/** An object is not there. */
export const objectGone = (): ManagerError =>
  new ManagerError(
    'This managed object is not there any more: nobody referred to it, or its manager was started anew. Keep a proxy of it, in any ' +
      'thread or process, for as long as it is needed.',
    { code: 'ERR_OBJECT_GONE' },
  );
