/**
 * Proxies: objects that live elsewhere, as whoever uses them sees them.
 *
 * How it works  The server says what an object shows, and a prototype is made of that, once for each description: real methods and accessors, so
 *               a proxy is what it looks like: it can be printed, and it is no promise. A name that is not there gives a function that says so
 *               when it is called. All proxies are of one class, which has a `task()` name and so travels everywhere.
 *               On its way a proxy is an address, a key, an id, and a ticket, which keeps the object until the proxy has arrived.
 * Invariants    1. A proxy counts as one reference from the moment it is there until it is released or collected.
 *               2. To a server that is not of this program no address and no key of another one is given, and none is taken from its clients;
 *               nor does one go over a connection that is no manager's.
 * At rest       Nothing; a proxy keeps no process alive.
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { task } from '../closures/task.ts';
import type { Allow } from '../connections/allow-list.ts';
import { packsForConnection } from '../connections/message-codec.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { ManagerError } from '../errors/manager-errors.ts';
import { packSymbol, unpackSymbol } from '../sync/place.ts';
import { noteTravel } from '../sync/travels.ts';
import { Client } from './client.ts';
import { notExposed } from './exposure.ts';
import { PROXY_TASK } from './manager-allow.ts';
import * as protocol from './protocol.ts';
import { Parts } from './protocol.ts';
import { type Description, nameOf, sameTarget, type Target, type Token } from './target.ts';
import { currentWire, type Wire } from './wire.ts';

interface State {
  readonly client: Client;
  readonly object: string;
  readonly description: Description;
  released: boolean;
  /** What else has to be done when it is released. */
  onRelease: (() => Promise<void>) | undefined;
}

interface Reference {
  readonly client: Client;
  readonly object: string;
}

const states = new WeakMap<object, State>();
const prototypes = new Map<string, object>();
const MOST_PROTOTYPES = 1000;
/** Of this thread, by server. */
const clients = new Map<string, Client>();
const collected = new FinalizationRegistry<Reference>(({ client, object }) => client.tell(protocol.RELEASE, object));

/** By it a proxy is told from other objects (`managed.ts`). */
const BRAND = Symbol.for('manyhands.managed');
/** By it proxies of two objects are not deeply equal, wherever they lie, and two of the same object are: it is made when it is read. */
const WHICH = Symbol('which object');
const which = {
  enumerable: true,
  get(this: object): string | undefined {
    const { client, object } = states.get(this) ?? {};
    if (client === undefined || object === undefined) return undefined;
    return createHash('sha256').update(nameOf(client.target)).update(object).digest('base64url'); // tells nobody what the key is
  },
};

/** What all proxies are. */
export class ManagedProxy {
  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** Releases the reference; see `Managed.release`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await release(this);
  }

  [inspect.custom](): string {
    const state = states.get(this);
    if (state === undefined) return 'Managed {}';
    const { name, methods, properties } = state.description;
    const all = [...properties, ...methods.map((each) => `${each}()`)].join(', ');
    return `Managed<${name}> { ${state.released ? 'released' : all} }`;
  }

  /** @internal How it travels. */
  static [packSymbol](proxy: ManagedProxy): unknown {
    const wire = currentWire();
    if (wire !== undefined) return wire.give(proxy);
    if (!packsForConnection()) return tokenOf(stateOf(proxy));
    throw new EncodeError(
      'this is a proxy of a managed object, whose address and key would be given away to the other side of this connection. ' +
        'manage() the object with an address, and let the other side use connectManager().',
      { code: 'ERR_NOT_PORTABLE' },
    );
  }

  /** @internal */
  static [unpackSymbol](given: unknown): object {
    const wire = currentWire();
    return wire === undefined ? arrived(given as Token) : wire.take(given);
  }
}
try {
  task(PROXY_TASK, ManagedProxy as never);
} catch {
  // another version of the library has the name in this thread; this one's proxies go to where its own file is found
  task(`${PROXY_TASK} ${import.meta.url}`, ManagedProxy as never);
}

/** What others look for to find out what something is; a function there would be called. */
const LOOKED_FOR = new Set(['then', 'toJSON', 'inspect', 'nodeType', 'asymmetricMatch', '$$typeof', '__esModule']);

/** Behind all proxies: what is not there says so when it is called, and what there is. */
const nothing = new Proxy(Object.create(Object.prototype) as object, {
  get(target, name, proxy) {
    const state = states.get(proxy as object);
    if (typeof name !== 'string' || state === undefined || LOOKED_FOR.has(name) || name in target)
      return Reflect.get(target, name, proxy) as unknown;
    return async () => Promise.reject(notExposed(state.description, `no method '${name}' to call`));
  },
  set(target, name, value, proxy) {
    if (typeof name === 'string' && states.has(proxy as object)) throw notAssigned(name);
    return Reflect.set(target, name, value, proxy);
  },
});
Object.setPrototypeOf(ManagedProxy.prototype, nothing);

/** Assigning could not be awaited, and its failure would be lost. */
const notAssigned = (name: string): TypeError =>
  new TypeError(
    `'${name}' was assigned to a proxy of an object that lives elsewhere, and assigning cannot be awaited: ` +
      `await Managed.set(proxy, '${name}', value), if it is a property.`,
  );

/**
 * This thread's client of a server. One that is not of this program has a client for each list of what it may name and each longest message, since
 * these are what whoever connects has asked for.
 */
export function clientFor(target: Target, allow: Allow = {}): Client {
  const { tasks = [], modules = [] } = allow;
  const asked = target.family ? '' : JSON.stringify([[...tasks], [...modules].map(String), target.maxMessage]);
  const name = nameOf(target) + asked;
  const known = clients.get(name);
  if (known?.alive === true) return known;
  const client: Client = new Client(target, wireOf, allow, () => {
    if (clients.get(name) === client) clients.delete(name);
  });
  clients.set(name, client);
  return client;
}

/** A proxy for an object that its server counts already. */
export function proxyFor(client: Client, object: string, description: Description): ManagedProxy {
  const proxy = Object.create(prototypeFor(description)) as ManagedProxy;
  Object.defineProperty(proxy, WHICH, which);
  states.set(proxy, { client, object, description, released: false, onRelease: undefined });
  collected.register(proxy, { client, object }, proxy);
  return proxy;
}

/** The proxy for an object that somebody has sent. */
export function arrived({ target, object, ticket, description }: Token): ManagedProxy {
  const client = clientFor(target);
  client.tell(protocol.CLAIM, object, ticket);
  return proxyFor(client, object, description);
}

/** A proxy on its way. */
export function tokenOf({ client, object, description, released }: State): Token {
  if (released) throw new EncodeError(`this proxy of a ${description.name} was released.`, { code: 'ERR_OBJECT_GONE' });
  const ticket = randomUUID();
  client.tell(protocol.LEND, object, ticket);
  noteTravel(() => client.tell(protocol.TAKE_BACK, ticket));
  return { target: client.target, object, ticket, description };
}

/** What is known of a proxy. @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function stateOf(proxy: unknown): State {
  const state = states.get(proxy as object);
  if (state !== undefined) return state;
  throw new InvalidOptionError(`This takes a proxy of a managed object; it got ${inspect(proxy, { depth: 0 })}.`);
}

/** Whether two proxies are of the same object. */
export const sameObject = (one: object, other: object): boolean =>
  (one as { [WHICH]?: string })[WHICH] === (other as { [WHICH]?: string })[WHICH];

/** Whether something is a proxy. */
export const isProxy = (value: unknown): boolean => states.has(value as object);

/** Gives the reference back. */
export async function release(proxy: object): Promise<void> {
  const state = stateOf(proxy);
  if (state.released) return;
  state.released = true;
  collected.unregister(proxy);
  state.client.tell(protocol.RELEASE, state.object);
  await state.onRelease?.();
}

/** Writes a property. */
export async function setProperty(proxy: object, name: string, value: unknown): Promise<void> {
  await ask(proxy, protocol.SET, name, [value], siteOf(setProperty));
}

function siteOf(above: Function): { readonly stack?: string } {
  const site = {};
  Error.captureStackTrace(site, above);
  return site;
}

async function ask(
  proxy: object,
  kind: number,
  name: string | undefined,
  values: readonly unknown[],
  site: { readonly stack?: string },
): Promise<unknown> {
  const { client, object, description, released } = stateOf(proxy);
  const request = { kind, object, values, site, of: description.name, ...(name === undefined ? {} : { name }) };
  if (!released) return client.ask(request, proxy);
  throw new ManagerError(`This proxy of a ${description.name} was released; it cannot be used any more.`, {
    code: 'ERR_OBJECT_GONE',
  });
}

function prototypeFor(description: Description): object {
  const name = JSON.stringify(description);
  const known = prototypes.get(name);
  if (known !== undefined) return known;
  if (prototypes.size === MOST_PROTOTYPES) prototypes.clear();
  const prototype = Object.create(ManagedProxy.prototype) as object;
  for (const each of description.methods) addMethod(prototype, each);
  for (const each of description.properties) addProperty(prototype, each);
  if (description.iterator)
    addIterator(prototype, async function* iterate(this: object) {
      yield* drain(this as RemoteIterator);
    });
  else if (description.iterable)
    addIterator(prototype, async function* iterate(this: object) {
      const iterator = (await ask(this, protocol.ITERATE, undefined, [], siteOf(iterate))) as RemoteIterator;
      try {
        yield* drain(iterator);
      } finally {
        await release(iterator);
      }
    });
  prototypes.set(name, prototype);
  return prototype;
}

/** Names that a server may not give: the first would make a proxy look like a promise. */
const TAKEN = new Set(['then', 'constructor', '__proto__']);

function addMethod(prototype: object, name: string): void {
  if (TAKEN.has(name)) return;
  const method = {
    [name](this: object, ...args: readonly unknown[]): Promise<unknown> {
      return ask(this, protocol.CALL, name, args, siteOf(method));
    },
  }[name] as Function;
  Object.defineProperty(prototype, name, { value: method, configurable: true, writable: false });
}

function addProperty(prototype: object, name: string): void {
  if (TAKEN.has(name)) return;
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: object): Promise<unknown> {
      const site = {};
      Error.captureStackTrace(site);
      return ask(this, protocol.GET, name, [], site);
    },
    set(): never {
      throw notAssigned(name);
    },
  });
}

function addIterator(prototype: object, iterate: (this: object) => AsyncGenerator): void {
  Object.defineProperty(prototype, Symbol.asyncIterator, { value: iterate, configurable: true, writable: true });
}

interface RemoteIterator {
  next(): Promise<IteratorResult<unknown>>;
  /** Where the iterator has one; a proxy has a function for every name. */
  return(): Promise<unknown>;
}

async function* drain(iterator: RemoteIterator): AsyncGenerator {
  let over = false;
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      over = done === true;
      if (over) return value;
      yield value;
    }
  } catch (error) {
    over = true;
    throw error;
  } finally {
    if (!over && stateOf(iterator).description.methods.includes('return')) await iterator.return();
  }
}

/** A proxy of the same server's, which another client of it has: this one refers to the object as well while the message is on its way. */
function handedOn(state: State, client: Client): string {
  const { object, ticket } = tokenOf(state);
  client.tell(protocol.CLAIM, object, ticket);
  queueMicrotask(() => client.tell(protocol.RELEASE, object)); // behind the message, whose turn is taken by then
  return object;
}

/** What this side of a connection makes of proxies: its own server's are ids. */
function wireOf(client: Client): Wire {
  return {
    give(proxy) {
      const state = stateOf(proxy);
      if (state.released) tokenOf(state);
      if (state.client === client) return state.object;
      if (sameTarget(state.client.target, client.target)) return handedOn(state, client);
      if (client.target.family) return tokenOf(state);
      throw new EncodeError(
        'this is a proxy of another manager, whose key would be given away to this one, which is not of this program.',
        { code: 'ERR_NOT_PORTABLE' },
      );
    },
    take(given) {
      if (!Array.isArray(given) && client.target.family) return arrived(given as Token);
      const parts = new Parts(given);
      return proxyFor(client, parts.text(), descriptionFrom(parts));
    },
  };
}

/** @throws ProtocolError `ERR_BAD_MESSAGE` */
function descriptionFrom(parts: Parts): Description {
  const name = parts.text();
  const names = (): string[] => parts.list().map((each) => new Parts([each]).text());
  return { name, methods: names(), properties: names(), iterable: parts.flag(), iterator: parts.flag() };
}
