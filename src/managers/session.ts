/**
 * One client of a server: what it asks for, one thing after the other, and what it holds.
 *
 * How it works  Calls are begun in the order in which they come, and end when they end: one that waits holds up no other. An object can be used by
 *               whoever has a reference (`references.ts`), and a reference is given with the proxy (`gift.ts`).
 * Invariants    1. A name is looked up in what the object shows before anything is done with the object. 2. What cannot be read fails the call it
 *               came with; what is no message of ours ends this client and nobody else. 3. A client that does not read its answers is not
 *               read either. 4. One with too many calls under way is read all the same, since what ends them may be among what comes: further
 *               calls fail.
 * When it dies  Its references are dropped, its signals aborted, and whoever asked to be told (`caller.ts`) is: locks, for one.
 * @module
 */
import type { AllowList } from '../connections/allow-list.ts';
import type { SocketConnection } from '../connections/socket-connection.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { ManagerError } from '../errors/manager-errors.ts';
import { Answers } from './answers.ts';
import { calledByClient, type Client } from './caller.ts';
import { ITERATION, type ResultRule } from './exposure.ts';
import { grant, rulesOfIterator, Shared } from './gift.ts';
import { type Entry, objectGone, type ObjectTable } from './object-table.ts';
import * as protocol from './protocol.ts';
import { malformed, Parts } from './protocol.ts';
import { arrived } from './proxy.ts';
import { References } from './references.ts';
import { incomingSignals, reasonOf } from './signals.ts';
import type { Target, Token } from './target.ts';
import { decode, type Wire } from './wire.ts';

/** Calls of one client that may be under way. */
const MOST_CALLS = 65_536;

/** What a session needs of its server. */
export interface SessionHost {
  readonly target: Target;
  readonly table: ObjectTable;
  readonly allow: AllowList;
  /** What the server is there for. */
  readonly root: Entry | undefined;
  /** A proxy, in this thread, of an object of this server. */
  proxyOf(entry: Entry): object;
}

/** One client. */
export class Session implements Client {
  readonly #connection: SocketConnection;
  readonly #host: SessionHost;
  readonly #references: References;
  readonly #answers: Answers;
  readonly #calls = new Map<number, readonly AbortController[]>();
  readonly #onGone = new Set<() => void>();
  readonly #wire: Wire;
  #gone: AbortController | undefined;
  #ended = false;

  constructor(connection: SocketConnection, host: SessionHost) {
    this.#connection = connection;
    this.#host = host;
    this.#wire = { give: noProxies, take: (given) => this.#take(given) };
    this.#references = new References(host.table);
    this.#answers = new Answers({
      connection,
      host,
      references: this.#references,
      onAnswered: (call) => this.#calls.delete(call),
      onFailure: () => this.end(),
    });
  }

  get signal(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#ended) this.#gone.abort(clientGone());
    return this.#gone.signal;
  }

  onGone(run: () => void): () => void {
    if (this.#ended) run();
    else this.#onGone.add(run);
    return () => this.#onGone.delete(run);
  }

  /** Serves the client until it goes. */
  async serve(): Promise<void> {
    try {
      for (;;) {
        const message = await this.#connection.recv();
        const handled = this.#handle(new Parts(message));
        if (handled !== undefined) await handled;
        if (this.#answers.full) await this.#answers.room();
      }
    } catch {
      // it went, or what it says is no message: both are the end of it
    } finally {
      this.end();
    }
  }

  /** The client is gone, or has to go. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection.close();
    this.#answers.end();
    this.#references.clear();
    this.#host.table.forget(this);
    for (const controllers of this.#calls.values()) for (const each of controllers) each.abort(clientGone());
    this.#gone?.abort(clientGone());
    for (const run of this.#onGone) run();
    this.#onGone.clear();
  }

  /** A promise when the next message has to wait for it. */
  #handle(parts: Parts): Promise<void> | undefined {
    const kind = parts.number();
    switch (kind) {
      case protocol.ABORT:
        return this.#abort(parts);
      case protocol.RELEASE:
        this.#references.release(parts.text());
        return;
      case protocol.LEND:
        return this.#lend(parts.text(), parts.text());
      case protocol.CLAIM:
        return this.#claim(parts.text(), parts.text());
      case protocol.TAKE_BACK:
        this.#host.table.takeBack(parts.text());
        return;
      default:
        return this.#begin(kind, parts.number(), parts);
    }
  }

  #abort(parts: Parts): undefined {
    const controllers = this.#calls.get(parts.number());
    const place = parts.number();
    controllers?.[place]?.abort(reasonOf(parts.text(), parts.text()));
  }

  #lend(id: string, ticket: string): undefined {
    const entry = this.#host.table.find(id);
    if (entry !== undefined && this.#references.has(id)) this.#host.table.lend(entry, ticket, this);
  }

  #claim(id: string, ticket: string): undefined {
    const entry = this.#host.table.find(id);
    if (entry !== undefined) this.#references.add(entry);
    this.#host.table.arrived(ticket, this);
  }

  /** Begins a call. What it has to wait for before it has begun holds up those behind it, so that the order is kept. */
  #begin(kind: number, call: number, parts: Parts): Promise<void> | undefined {
    if (this.#calls.has(call)) throw malformed();
    const signals: AbortController[] = [];
    if (this.#calls.size >= MOST_CALLS) return this.#threw(call, tooMany(), signals);
    this.#calls.set(call, signals);
    try {
      switch (kind) {
        case protocol.CALL:
          return this.#call(call, this.#references.entry(parts.text()), parts, signals);
        case protocol.GET: {
          const entry = this.#references.entry(parts.text());
          const name = parts.text();
          entry.exposure.checkProperty(name);
          const value = calledByClient(this, () => (entry.object as Record<string, unknown>)[name]);
          return this.#settle(call, value, entry, entry.exposure.ruleOf(name), signals);
        }
        case protocol.SET:
          return this.#set(call, this.#references.entry(parts.text()), parts, signals);
        case protocol.ITERATE: {
          const entry = this.#references.entry(parts.text());
          entry.exposure.checkIterable();
          return this.#settle(
            call,
            calledByClient(this, () => iteratorOf(entry.object, entry.exposure.ruleOf(ITERATION))),
            entry,
            'proxy',
            signals,
          );
        }
        case protocol.ROOT: {
          if (this.#host.root === undefined) throw objectGone();
          return this.#settle(call, grant(this.#host.root), undefined, 'own', signals);
        }
        default:
          throw malformed();
      }
    } catch (error) {
      this.#threw(call, error, signals);
    }
  }

  #call(call: number, entry: Entry, parts: Parts, signals: AbortController[]): Promise<void> | undefined {
    const name = parts.text();
    const bytes = parts.any();
    const places = parts.list();
    entry.exposure.checkMethod(name);
    const run = (values: unknown): void => {
      const args = Array.isArray(values) ? (values as unknown[]) : [];
      signals.push(...incomingSignals(places, args));
      const method = (entry.object as Record<string, (...args: readonly unknown[]) => unknown>)[name];
      const result = calledByClient(this, () => method?.apply(entry.object, args));
      this.#settle(call, result, entry, entry.exposure.ruleOf(name), signals);
    };
    return this.#with(call, bytes, run, signals);
  }

  #set(call: number, entry: Entry, parts: Parts, signals: AbortController[]): Promise<void> | undefined {
    const name = parts.text();
    entry.exposure.checkProperty(name);
    const run = (value: unknown): void => {
      calledByClient(this, () => ((entry.object as Record<string, unknown>)[name] = value));
      this.#settle(call, undefined, entry, 'own', signals);
    };
    return this.#with(call, parts.any(), run, signals);
  }

  /** Goes on with a value that has come. */
  #with(
    call: number,
    bytes: unknown,
    run: (value: unknown) => void,
    signals: AbortController[],
  ): Promise<void> | undefined {
    const value = bytes instanceof Uint8Array ? decode(bytes, this.#wire, this.#host.allow) : undefined;
    if (value instanceof Promise) return value.then(run).catch((error: unknown) => this.#threw(call, error, signals));
    run(value);
  }

  /** Answers, now or when what a method returned is there. */
  #settle(
    call: number,
    result: unknown,
    entry: Entry | undefined,
    rule: ResultRule,
    signals: AbortController[],
  ): undefined {
    const then = isThenable(result) ? result.then : undefined;
    if (typeof then !== 'function') this.#answers.gave(call, result, entry, rule, signals);
    else
      void Promise.resolve(result).then(
        (value) => this.#answers.gave(call, value, entry, rule, signals),
        (error: unknown) => this.#threw(call, error, signals),
      );
  }

  #threw(call: number, thrown: unknown, signals: readonly AbortController[]): undefined {
    this.#answers.threw(call, thrown, signals);
  }

  #take(given: unknown): object {
    if (typeof given === 'string') return this.#host.proxyOf(this.#references.entry(given));
    if (this.#host.target.family) return arrived(given as Token);
    throw new EncodeError('a client of this manager may not make it connect to another one.', {
      code: 'ERR_NOT_ALLOWED',
    });
  }
}

const isThenable = (value: unknown): value is { readonly then?: unknown } =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

function iteratorOf(object: object, rule: ResultRule): Shared {
  const iterable = object as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
  return new Shared(iterator as object, rulesOfIterator(rule));
}

const clientGone = (): ManagerError =>
  new ManagerError('The client that called is gone.', { code: 'ERR_MANAGER_GONE' });

const tooMany = (): ManagerError =>
  new ManagerError(
    `This thread has ${MOST_CALLS} calls under way at this manager already, and may have no more. Wait for some of them first.`,
    { code: 'ERR_TOO_MANY_CALLS' },
  );

/** Values that come hold no proxies that go. */
function noProxies(): never {
  throw new TypeError('a call is not written by whoever reads it');
}
