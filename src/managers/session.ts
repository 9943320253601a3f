/**
 * One client of a server: what it asks for, one thing after the other, and what it holds.
 *
 * How it works  Calls are begun in the order in which they come, and end when they end: one that waits holds up no other. An object can be used by
 *               whoever has a reference, and a reference is given with the proxy.
 * Invariants    1. A name is looked up in what the object shows before anything is done with the object. 2. What cannot be read fails the call it
 *               came with; what is no message of ours ends this client and nobody else. 3. A client that does not read its answers is not
 *               read either.
 * When it dies  Its references are dropped, its signals aborted, and whoever asked to be told (`caller.ts`) is: locks, for one.
 * @module
 */
import type { AllowList } from '../connections/allow-list.ts';
import type { SocketConnection } from '../connections/socket-connection.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { ManagerError } from '../errors/manager-errors.ts';
import { calledByClient, type Client } from './caller.ts';
import { isIterator, ITERATION, type ManageRules, type ResultRule } from './exposure.ts';
import { type Entry, objectGone, type ObjectTable } from './object-table.ts';
import * as protocol from './protocol.ts';
import { malformed, type Message, Parts } from './protocol.ts';
import { arrived, ManagedProxy, stateOf, tokenOf } from './proxy.ts';
import { hasOwnClass, thrownToData } from './remote-error.ts';
import { incomingSignals, reasonOf } from './signals.ts';
import type { Target, Token } from './target.ts';
import { decode, encode, type Wire } from './wire.ts';

/** Bytes of answers that may be under way. */
const MOST_UNSENT = 16 * 1024 * 1024;
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

/** What a method of the library's returns for an object that is to be managed by its own rules. */
export class Shared {
  readonly object: object;
  readonly rules: ManageRules | undefined;

  constructor(object: object, rules?: ManageRules) {
    this.object = object;
    this.rules = rules;
  }
}

/** What stands for entries while an answer is packed: they are of the class of proxies, which has a name everywhere. */
const granted = new WeakMap<object, Entry>();

function grant(entry: Entry): object {
  const stand = Object.create(ManagedProxy.prototype) as object;
  granted.set(stand, entry);
  return stand;
}

/** One client. */
export class Session implements Client {
  readonly #connection: SocketConnection;
  readonly #host: SessionHost;
  readonly #references = new Map<string, number>();
  readonly #calls = new Map<number, readonly AbortController[]>();
  readonly #onGone = new Set<() => void>();
  readonly #wire: Wire;
  #gone: AbortController | undefined;
  #ended = false;
  #unsent = 0;
  #wake: (() => void) | undefined;

  constructor(connection: SocketConnection, host: SessionHost) {
    this.#connection = connection;
    this.#host = host;
    this.#wire = { give: (proxy) => this.#give(proxy), take: (given) => this.#take(given) };
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
        while ((this.#unsent > MOST_UNSENT || this.#calls.size > MOST_CALLS) && !this.#ended)
          await new Promise<void>((resolve) => (this.#wake = resolve));
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
    this.#wake?.();
    const { table } = this.#host;
    for (const [id, count] of this.#references) {
      const entry = table.find(id);
      for (let i = 0; entry !== undefined && i < count; i++) table.drop(entry);
    }
    this.#references.clear();
    table.forget(this);
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
        return this.#release(parts.text());
      case protocol.LEND:
        return this.#lend(parts.text(), parts.text());
      case protocol.CLAIM:
        return this.#claim(parts.text(), parts.text());
      default:
        return this.#begin(kind, parts.number(), parts);
    }
  }

  #abort(parts: Parts): undefined {
    const controllers = this.#calls.get(parts.number());
    const place = parts.number();
    controllers?.[place]?.abort(reasonOf(parts.text(), parts.text()));
  }

  #release(id: string): undefined {
    const count = this.#references.get(id);
    const entry = this.#host.table.find(id);
    if (count === undefined || entry === undefined) return;
    if (count > 1) this.#references.set(id, count - 1);
    else this.#references.delete(id);
    this.#host.table.drop(entry);
  }

  #lend(id: string, ticket: string): undefined {
    const entry = this.#host.table.find(id);
    if (entry !== undefined && this.#references.has(id)) this.#host.table.lend(entry, ticket, this);
  }

  #claim(id: string, ticket: string): undefined {
    const entry = this.#host.table.find(id);
    if (entry !== undefined) this.#refer(entry);
    this.#host.table.arrived(ticket, this);
  }

  #refer(entry: Entry): void {
    this.#references.set(entry.id, (this.#references.get(entry.id) ?? 0) + 1);
    this.#host.table.hold(entry);
  }

  #entry(id: string): Entry {
    const entry = this.#references.has(id) ? this.#host.table.find(id) : undefined;
    if (entry === undefined) throw objectGone();
    return entry;
  }

  /** Begins a call. What it has to wait for before it has begun holds up those behind it, so that the order is kept. */
  #begin(kind: number, call: number, parts: Parts): Promise<void> | undefined {
    const signals: AbortController[] = [];
    this.#calls.set(call, signals);
    try {
      switch (kind) {
        case protocol.CALL:
          return this.#call(call, this.#entry(parts.text()), parts, signals);
        case protocol.GET: {
          const entry = this.#entry(parts.text());
          const name = parts.text();
          entry.exposure.checkProperty(name);
          const value = calledByClient(this, () => (entry.object as Record<string, unknown>)[name]);
          return this.#settle(call, value, entry, entry.exposure.ruleOf(name), signals);
        }
        case protocol.SET:
          return this.#set(call, this.#entry(parts.text()), parts, signals);
        case protocol.ITERATE: {
          const entry = this.#entry(parts.text());
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
    if (typeof then !== 'function') this.#gave(call, result, entry, rule, signals);
    else
      void Promise.resolve(result).then(
        (value) => this.#gave(call, value, entry, rule, signals),
        (error: unknown) => this.#threw(call, error, signals),
      );
  }

  #gave(call: number, value: unknown, entry: Entry | undefined, rule: ResultRule, signals: AbortController[]): void {
    if (this.#ended) return;
    try {
      if (entry?.exposure.description.iterator === true) entry.over = isDone(value);
      if (entry !== undefined && value === entry.object)
        return this.#answer(call, [protocol.GAVE, call, protocol.SELF]);
      const how = rule === 'frozen' ? protocol.FROZEN : protocol.OWN;
      const shown = entry?.exposure.description.iterator === true ? this.#item(value, rule) : this.#shown(value, rule);
      const bytes = encode(shown, this.#wire, this.#host.target.maxMessage);
      if (!(bytes instanceof Promise)) return this.#answer(call, [protocol.GAVE, call, how, bytes]);
      bytes.then(
        (ready) => this.#answer(call, [protocol.GAVE, call, how, ready]),
        (error: unknown) => this.#threw(call, error, signals),
      );
    } catch (error) {
      this.#threw(call, error, signals);
    }
  }

  /** What goes to the client for what an iterator gives. */
  #item(result: unknown, rule: ResultRule): unknown {
    if (rule !== 'proxy' || typeof result !== 'object' || result === null) return result;
    return { ...result, value: this.#shown((result as { readonly value?: unknown }).value, rule) };
  }

  /** What goes to the client for a result: itself, or what stands for it. */
  #shown(value: unknown, rule: ResultRule): unknown {
    if (typeof value !== 'object' || value === null || value instanceof ManagedProxy) return value;
    const { table } = this.#host;
    if (value instanceof Shared) return grant(table.add(value.object, value.rules));
    if (isIterator(value)) return grant(table.add(value, rulesOfIterator(rule)));
    const known = table.entryOf(value);
    if (known !== undefined) return grant(known);
    if (rule !== 'proxy') return value;
    if (Array.isArray(value))
      return value.map((each: unknown) => this.#shown(each, Array.isArray(each) ? 'own' : rule));
    return grant(table.add(value));
  }

  #threw(call: number, thrown: unknown, signals: AbortController[]): void {
    if (this.#ended) return;
    const byAbort = signals.findIndex(({ signal }) => signal.aborted && signal.reason === thrown) + 1;
    const data = thrownToData(thrown);
    const answer = (packed?: Uint8Array): void => this.#answer(call, [protocol.THREW, call, data, packed, byAbort]);
    if (!hasOwnClass(thrown)) return answer();
    try {
      const packed = encode(thrown, this.#wire, this.#host.target.maxMessage);
      if (packed instanceof Promise) packed.then(answer, () => answer());
      else answer(packed);
    } catch {
      answer(); // as data, then
    }
  }

  #answer(call: number, message: Message): void {
    if (this.#ended) return;
    this.#calls.delete(call);
    const size = (message[3] as { readonly length?: number } | undefined)?.length ?? 0;
    this.#unsent += size;
    const sent = (): void => {
      this.#unsent -= size;
      this.#wake?.();
    };
    this.#connection.send(message).then(sent, (error: unknown) => {
      sent();
      // what is too large for the other side can still be said to be
      if (!this.#connection.closed) this.#threw(call, error, []);
    });
  }

  /** An object of this server becomes an id, and the client has one more reference; that of another becomes what finds it. */
  #give(proxy: object): unknown {
    const { table, target } = this.#host;
    let entry = granted.get(proxy);
    if (entry === undefined) {
      const state = stateOf(proxy);
      entry = table.find(state.object);
      if (entry === undefined && target.family) return tokenOf(state);
    }
    if (entry === undefined) {
      throw new EncodeError(
        'this is a proxy of another manager, whose key would be given away to a client of this one.',
        {
          code: 'ERR_NOT_PORTABLE',
        },
      );
    }
    this.#refer(entry);
    const { name, methods, properties, iterable, iterator } = entry.exposure.description;
    return [entry.id, name, methods, properties, iterable, iterator];
  }

  #take(given: unknown): object {
    if (typeof given === 'string') return this.#host.proxyOf(this.#entry(given));
    if (this.#host.target.family) return arrived(given as Token);
    throw new EncodeError('a client of this manager may not make it connect to another one.', {
      code: 'ERR_NOT_ALLOWED',
    });
  }
}

const isThenable = (value: unknown): value is { readonly then?: unknown } =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

const isDone = (value: unknown): boolean => (value as { readonly done?: unknown } | null | undefined)?.done === true;

function iteratorOf(object: object, rule: ResultRule): Shared {
  const iterable = object as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
  return new Shared(iterator as object, rulesOfIterator(rule));
}

/** What holds for a result holds for what it yields. */
function rulesOfIterator(rule: ResultRule): ManageRules {
  const next = ['next'] as readonly string[] as readonly never[];
  return rule === 'frozen' ? {} : rule === 'proxy' ? { proxies: next } : { copies: next };
}

const clientGone = (): ManagerError =>
  new ManagerError('The client that called is gone.', { code: 'ERR_MANAGER_GONE' });
