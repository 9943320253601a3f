/**
 * This thread's connection to one server: all calls to its objects go over it.
 *
 * How it works  It is opened with the first call. Each call has a number and waits for the answer that has the same one, so any number are
 *               under way. Answers are read while a call waits, and not otherwise; by that the process is kept alive for calls, not for
 *               proxies. What is sent goes out in the order in which it was called, also behind a value that still waits for a module.
 * Invariants    1. Every call is settled: by its answer, by what kept it from being sent, or by the end of the connection.
 *               2. An abort is told to the method, and the method's answer counts: what a queue had given already is not lost.
 * When it dies  When the server is gone every call that waits, and every later one, fails with `ERR_MANAGER_GONE`.
 * @module
 */
import type { Allow, AllowList } from '../connections/allow-list.ts';
import { connectSocket } from '../connections/connect-socket.ts';
import type { SocketConnection } from '../connections/socket-connection.ts';
import { AddressError, ConnectionClosedError, EOFError, MessageTooLargeError } from '../errors/connection-errors.ts';
import { ManagerError } from '../errors/manager-errors.ts';
import { deepFreeze } from './deep-freeze.ts';
import { allowFor } from './manager-allow.ts';
import * as protocol from './protocol.ts';
import { malformed, type Message, Parts } from './protocol.ts';
import { type Thrown, thrownFromData, withCall, withItem } from './remote-error.ts';
import { outgoingSignals, type OutgoingSignal } from './signals.ts';
import { placeOf, type Target } from './target.ts';
import { decode, encode, type Wire } from './wire.ts';

/** What a call is about. */
export interface Request {
  readonly kind: number;
  readonly object: string;
  /** Method or property. */
  readonly name?: string;
  /** Arguments, or the value to be written. */
  readonly values?: readonly unknown[];
  /** The stack of whoever calls. */
  readonly site: { readonly stack?: string };
  /** What the object is called in errors. */
  readonly of: string;
}

interface Pending {
  readonly request: Request;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly signals: readonly OutgoingSignal[];
  readonly self: unknown;
}

/** A connection to a server of managed objects. */
export class Client {
  readonly target: Target;
  readonly #wire: Wire;
  readonly #allow: AllowList;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #connection: SocketConnection | undefined;
  #opening: Promise<SocketConnection> | undefined;
  #last: Promise<unknown> | undefined;
  #hearing = false;
  #enough = new AbortController();
  #end: ManagerError | undefined;
  readonly #onEnd: () => void;

  /** @param onEnd hears that the server is gone */
  constructor(target: Target, wireFor: (client: Client) => Wire, allow: Allow | undefined, onEnd: () => void) {
    this.target = target;
    this.#wire = wireFor(this);
    this.#allow = allowFor(target.family, allow);
    this.#onEnd = onEnd;
  }

  /** Whether its server is there, as far as is known. */
  get alive(): boolean {
    return this.#end === undefined && this.#connection?.closed !== true;
  }

  /** Calls. @param self what a method returns that returns its own object */
  async ask(request: Request, self?: unknown): Promise<unknown> {
    if (this.#end !== undefined) throw this.#gone(request);
    const { kind, object, name, values = [] } = request;
    const call = ++this.#calls;
    const { args, signals } = outgoingSignals(values);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const places = signals.map(({ place }) => place);
    const message = this.#encoded(values.length === 0 ? undefined : kind === protocol.SET ? args[0] : args, (bytes) => {
      if (kind === protocol.CALL) return [kind, call, object, name, bytes, places];
      if (kind === protocol.SET) return [kind, call, object, name, bytes];
      return kind === protocol.GET ? [kind, call, object, name] : [kind, call, object];
    });
    this.#pending.set(call, { request, resolve, reject, signals, self });
    this.#post(message).catch((error: unknown) => this.#notSent(call, error));
    for (const [index, signal] of signals.entries())
      signal.listen((reason) => this.#tell([protocol.ABORT, call, index, ...reason]));
    void this.#hear();
    try {
      return await promise;
    } finally {
      for (const signal of signals) signal.forget();
    }
  }

  /** Tells the server something that has no answer; nothing, when it is gone. */
  tell(kind: number, ...rest: readonly string[]): void {
    this.#tell([kind, ...rest]);
  }

  #tell(message: Message): void {
    if (this.#end !== undefined) return;
    this.#post(message).catch((error: unknown) => {
      // what does not fit into a message is not told; the connection is none the worse for it
      if (!(error instanceof MessageTooLargeError)) this.#lost(error);
    });
  }

  #encoded(value: unknown, around: (bytes: Uint8Array | undefined) => Message): Message | Promise<Message> {
    const bytes = value === undefined ? undefined : encode(value, this.#wire, this.target.maxMessage);
    return bytes instanceof Promise ? bytes.then(around) : around(bytes);
  }

  #post(message: Message | Promise<Message>): Promise<void> {
    const before = this.#last;
    if (this.#connection !== undefined && before === undefined && !(message instanceof Promise))
      return this.#connection.send(message);
    if (message instanceof Promise) message.catch(() => {}); // it is looked at when its turn comes
    const turn = this.#inTurn(before, message);
    const over: Promise<unknown> = turn
      .catch(() => {})
      .then(() => {
        if (this.#last === over) this.#last = undefined;
      });
    this.#last = over;
    return turn.then(({ sent }) => sent);
  }

  /** Resolves when the message is on its way, not when it is gone: the next one need not wait for that. */
  async #inTurn(
    before: Promise<unknown> | undefined,
    message: Message | Promise<Message>,
  ): Promise<{ readonly sent: Promise<void> }> {
    await before;
    const connection = await this.#open();
    return { sent: connection.send(await message) };
  }

  /** Connects. Rejects as `connect` does. */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.#lost(error);
      throw error;
    }
  }

  #open(): Promise<SocketConnection> {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<SocketConnection> {
    const { address, key, maxMessage } = this.target;
    const connection = await connectSocket({ ...address, authKey: key, maxMessage });
    this.#connection = connection;
    connection.whenEnded(() => this.#ended());
    return connection;
  }

  /** Reads answers for as long as a call waits for one. */
  async #hear(): Promise<void> {
    if (this.#hearing) return;
    this.#hearing = true;
    try {
      const connection = await this.#open();
      while (this.#pending.size > 0) {
        const { signal } = this.#enough;
        try {
          this.#answer(await connection.recv({ signal }));
        } catch (error) {
          if (!signal.aborted || error !== signal.reason) throw error; // a call may have come since nobody was waited for
        }
      }
    } catch (error) {
      if (this.#pending.size > 0) this.#lost(error);
    } finally {
      this.#hearing = false;
      if (this.#connection?.closed === true) this.#ended();
    }
  }

  /** Nothing more comes than what has come already, which calls may still wait for. */
  #ended(): void {
    if (this.#pending.size === 0) this.#lost(new EOFError('the connection has ended.'));
  }

  #answer(message: unknown): void {
    const parts = new Parts(message);
    const kind = parts.number();
    const call = parts.number();
    const pending = this.#pending.get(call);
    if (pending === undefined) return;
    this.#pending.delete(call);
    const fail = (error: unknown): void =>
      pending.reject(withCall(withItem(error, pending.request), this.#where(pending.request), pending.request.site));
    try {
      if (kind === protocol.THREW) this.#threw(parts, pending, fail);
      else if (kind === protocol.GAVE) this.#gave(parts, pending, fail);
      else throw malformed();
    } catch (error) {
      fail(error);
    }
  }

  #gave(parts: Parts, { resolve, self }: Pending, fail: (error: unknown) => void): void {
    const how = parts.number();
    if (how === protocol.SELF) return resolve(self);
    const settle = (value: unknown): void => resolve(how === protocol.FROZEN ? deepFreeze(value) : value);
    const value = decode(parts.bytes(), this.#wire, this.#allow);
    if (value instanceof Promise) value.then(settle, fail);
    else settle(value);
  }

  #threw(parts: Parts, { reject, signals }: Pending, fail: (error: unknown) => void): void {
    const data = parts.any() as Thrown;
    const packed = parts.any();
    const signal = signals[parts.number() - 1];
    if (signal?.aborted === true) return reject(signal.reason);
    if (!(packed instanceof Uint8Array)) return fail(thrownFromData(data));
    // when its class is not to be had here, its data is
    const whole = (async () => decode(packed, this.#wire, this.#allow))();
    whole.catch(() => thrownFromData(data)).then(fail, fail);
  }

  #where({ of, name, kind }: Request): string {
    const what = kind === protocol.CALL ? `${of}.${name}()` : name === undefined ? of : `${of}.${name}`;
    return `${what} in ${placeOf(this.target)}`;
  }

  /** A call could not be sent. */
  #notSent(call: number, error: unknown): void {
    if (error instanceof ConnectionClosedError) return this.#lost(error);
    this.#pending.get(call)?.reject(error);
    this.#pending.delete(call);
    if (this.#pending.size > 0) return;
    this.#enough.abort(); // nobody is waited for
    this.#enough = new AbortController();
  }

  /** The server is gone, or speaks another language. */
  #lost(cause: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = new ManagerError(gone(this.target, cause), { code: 'ERR_MANAGER_GONE', cause });
    this.#connection?.close();
    this.#onEnd();
    for (const { request, reject } of this.#pending.values()) reject(this.#gone(request));
    this.#pending.clear();
  }

  #gone(request: Request): ManagerError {
    const { message = '', cause } = this.#end ?? {};
    const error = new ManagerError(`${this.#where(request)}: ${message}`, { code: 'ERR_MANAGER_GONE', cause });
    const calls = (request.site.stack ?? '').split('\n').slice(1).join('\n');
    Object.defineProperty(error, 'stack', { value: `${error.name}: ${error.message}\n${calls}`, enumerable: false });
    return error;
  }
}

function gone(target: Target, cause: unknown): string {
  const who = `the manager in ${placeOf(target)}`;
  if (cause instanceof AddressError)
    return `${who} cannot be reached: it was shut down, or its thread or process has ended. Its objects are gone with it.`;
  if (cause instanceof EOFError || cause instanceof ConnectionClosedError)
    return `${who} is gone: it was shut down, or its thread or process has ended. Whether the call was carried out is not known.`;
  return `the connection to ${who} has failed: ${cause instanceof Error ? cause.message : String(cause)}`;
}
