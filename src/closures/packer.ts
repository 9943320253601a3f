/**
 * One packing: walks a value and writes the table of nodes.
 *
 * How it works  Each value gets one node; an object that is met again, or that contains itself, gets the same. What structured
 *               clone carries whole becomes `raw` at once. Functions and classes go to `callable.ts`, instances to
 *               `class-instance.ts`; the rest, data that holds such things, is taken apart here.
 * Invariants    1. Everything is read during `add`, synchronously; only the question whether a module exports a function may
 *               have to wait (`confirm`). 2. `stable` is true only while nothing met so far can change.
 * @module
 */
import { inspect, types } from 'node:util';
import { EncodeError } from '../errors/encode-error.ts';
import { Segment } from '../memory/segment.ts';
import { isHeapObject } from '../memory/shared-heap.ts';
import { packCallable } from './callable.ts';
import { packInstance } from './class-instance.ts';
import type { CodeBook, Entry } from './code-book.ts';
import { shiftNode, shiftUnit } from './embed.ts';
import { isNative } from './function-text.ts';
import { importNodeOf } from './identity.ts';
import { look } from './inspector.ts';
import { builtinNamespace, commonJsFileOf, knownValue, wellKnownName } from './known-values.ts';
import { fileOf, mainModule } from './main-module.ts';
import { urlOfNamespace } from './namespaces.ts';
import type { Destination, PackContext } from './pack-context.ts';
import type { Fields, Key, Packed, Packet, PacketNode, Ref, UnitUse } from './packet.ts';
import { isObjectPrototype, isShared, PlainWalk } from './plain-data.ts';
import { knownReference } from './reference.ts';
import { packSymbol } from './protocol-symbols.ts';
import { taskNode } from './task.ts';
import { UnitBuilder } from './unit-builder.ts';

/** What a value is to the one who packs it; names the start of a path in an error. */
export type RootKind = 'arguments' | 'function' | 'result' | 'value';

/** Own properties of an error that carry meaning though they are not enumerable; `bytes` is `BufferTooShort`'s. */
const ERROR_FIELDS = new Set<PropertyKey>(['message', 'stack', 'cause', 'errors', 'name', 'bytes']);

/** A unit of a packet that was put into this one. */
interface EmbeddedUnit {
  readonly use: UnitUse;
  readonly entry: Entry;
}

/** Builds one packet. */
export class Packer implements PackContext {
  readonly destination: Destination;
  stable = true;
  readonly #root: RootKind;
  readonly #nodes: PacketNode[] = [];
  readonly #heap: object[] = [];
  readonly #index = new Map<unknown, Ref>();
  readonly #units: (UnitBuilder | EmbeddedUnit)[] = [];
  readonly #book: CodeBook;
  readonly #walk: PlainWalk;
  readonly #confirmations: (() => Promise<void>)[] = [];
  readonly #afterwards: (() => void)[] = [];
  #path: readonly string[];

  /** @param walk The walk that found the value not to be plain. */
  constructor(
    destination: Destination,
    root: RootKind,
    book: CodeBook,
    walk = new PlainWalk(destination === 'thread'),
  ) {
    this.destination = destination;
    this.#book = book;
    this.#walk = walk;
    this.#root = root;
    this.#path = root === 'result' ? ['result'] : [];
  }

  /** Whether some module has to confirm an export first. */
  get mustConfirm(): boolean {
    return this.#confirmations.length > 0;
  }

  add(value: unknown): Ref {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    if (!isObject && typeof value !== 'symbol') return this.push(['raw', value]);
    const known = this.#index.get(value);
    if (known !== undefined) return known;
    const ref = this.push(['raw', undefined]);
    this.#index.set(value, ref);
    this.#nodes[ref] = this.#node(value, ref);
    return ref;
  }

  addClass(Class: Function): Ref {
    const known = this.#index.get(Class);
    if (known !== undefined) return known;
    const packed = this.#classPacket(Class);
    if (packed === undefined) return this.add(Class);
    const ref = this.#embed(packed.packet);
    this.#index.set(Class, ref);
    return ref;
  }

  refOf(value: unknown): Ref | undefined {
    return this.#index.get(value);
  }

  push(node: PacketNode): Ref {
    return this.#nodes.push(node) - 1;
  }

  replace(ref: Ref, node: PacketNode): void {
    this.#nodes[ref] = node;
  }

  at<T>(step: string, visit: () => T): T {
    const outer = this.#path;
    this.#path = [...outer, step];
    const result = visit();
    this.#path = outer;
    return result;
  }

  fail(code: string, message: string, cause?: unknown): never {
    throw new EncodeError(message, { code, path: pathText(this.#path), ...(cause === undefined ? {} : { cause }) });
  }

  notShareable(what: string): never {
    return this.fail(
      'ERR_NOT_SHAREABLE',
      `${what} cannot be shared with another process. Use threads, or send a copy.`,
    );
  }

  fields(object: object, skip?: (key: PropertyKey) => boolean): Fields {
    const out: (readonly [Key, Ref])[] = [];
    const isError = types.isNativeError(object);
    const items = ArrayBuffer.isView(object) || types.isStringObject(object);
    for (const key of Reflect.ownKeys(object)) {
      if (skip?.(key) === true || (items && typeof key === 'string' && /^\d+$/.test(key))) continue;
      const property = Object.getOwnPropertyDescriptor(object, key);
      if (property === undefined) continue;
      if (property.enumerable !== true && !(isError && ERROR_FIELDS.has(key))) continue;
      const read = (): Ref => this.add('value' in property ? property.value : this.#get(object, key));
      const value = this.at(keyText(key), read);
      out.push([typeof key === 'symbol' ? this.at(keyText(key), () => this.add(key)) : key, value]);
    }
    return out;
  }

  unitFor(url: string, esm: boolean, strict: boolean): UnitBuilder {
    for (const each of this.#units) {
      if (each instanceof UnitBuilder && each.url === url && each.strict === strict && each.esm === esm) return each;
    }
    const unit = new UnitBuilder(this.#units.length, url, esm, strict);
    this.#units.push(unit);
    return unit;
  }

  confirm(ref: Ref, answer: Promise<PacketNode | undefined>, otherwise: () => PacketNode): void {
    const path = this.#path;
    this.#confirmations.push(async () => {
      const node = await answer;
      this.#path = path;
      this.#nodes[ref] = node ?? otherwise();
    });
  }

  onSuccess(run: () => void): void {
    this.#afterwards.push(run);
  }

  /** Waits for all confirmations. What can still change is copied first, so that the packet holds what was read. */
  async confirmAll(): Promise<void> {
    this.#snapshot();
    for (let next = this.#confirmations.shift(); next !== undefined; next = this.#confirmations.shift()) await next();
  }

  /** The finished packet. */
  finish(root: Ref): Packet {
    const entries: Entry[] = [];
    const units = this.#units.map((unit) => {
      if (!(unit instanceof UnitBuilder)) {
        entries.push(unit.entry);
        return unit.use;
      }
      this.#refuseDoubtful(unit);
      const entry = this.#book.register({ url: unit.url, source: unit.source() });
      entries.push(entry);
      return unit.use(entry.id);
    });
    const heap = this.#heap.length === 0 ? {} : { heap: this.#heap };
    const packet: Packet = { root, nodes: this.#nodes, units, ...heap };
    this.#book.hold(packet, entries);
    for (const run of this.#afterwards) run();
    return packet;
  }

  #refuseDoubtful(unit: UnitBuilder): void {
    const shared = unit.sharedAssignment();
    if (shared === undefined) return;
    const { name, by } = shared;
    this.#path = [];
    this.fail(
      'ERR_SHARED_VARIABLE',
      `${by || 'a function'} changes the captured variable '${name}', which another function sent along may share; V8 does not ` +
        `tell. Keep it in an object (state.${name}), or send a class instance.`,
    );
  }

  isStable(fn: Function): boolean {
    return this.#classPacket(fn) !== undefined;
  }

  /** The packet of a class by itself, when it can be used for all its instances; undefined when it has to be packed anew. */
  #classPacket(Class: Function): Packed | undefined {
    const { functions, changingClasses } = this.#book;
    const cached = functions[this.destination].get(Class);
    if (cached !== undefined) return cached;
    if (changingClasses.has(Class) || isReached(Class)) return undefined;
    try {
      const alone = new Packer(this.destination, 'value', this.#book);
      const ref = alone.add(Class);
      if (!alone.mustConfirm && alone.stable) {
        const packed: Packed = { packet: alone.finish(ref), stable: true };
        functions[this.destination].set(Class, packed);
        return packed;
      }
      if (!alone.mustConfirm) changingClasses.add(Class);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error; // it is met again, with the whole path
    }
    return undefined;
  }

  #embed(packet: Packet): Ref {
    const { root, nodes, units, heap = [] } = packet;
    const shift = { nodes: this.#nodes.length, units: this.#units.length, heap: this.#heap.length };
    this.#heap.push(...heap);
    for (const node of nodes) this.#nodes.push(shiftNode(node, shift));
    const entries = new Map(this.#book.heldBy(packet).map((each) => [each.id, each]));
    for (const use of units) this.#units.push({ use: shiftUnit(use, shift), entry: entries.get(use.code) as Entry });
    return root + shift.nodes;
  }

  #node(value: object | symbol, ref: Ref): PacketNode {
    if (typeof value === 'symbol') return this.#symbol(value);
    if (typeof value === 'function') return this.#book.known.get(value) ?? packCallable(this, value, ref);
    const imported = importNodeOf(value);
    if (imported !== undefined) return imported;
    if (this.#walk.isPlain(value)) {
      if (!isShared(value)) this.stable = false;
      return ['raw', value];
    }
    if (isHeapObject(value)) return this.#inHeap(value);
    const given = knownValue(value);
    if (given !== undefined) return given;
    if (types.isProxy(value) || types.isModuleNamespaceObject(value)) return this.#module(value);
    const { stable } = this;
    this.stable = false;
    return this.#data(value, stable);
  }

  #symbol(symbol: symbol): PacketNode {
    const key = Symbol.keyFor(symbol);
    if (key !== undefined) return ['symbol', key];
    const name = wellKnownName(symbol);
    if (name !== undefined) return ['global', ['Symbol', name]];
    return this.fail(
      'ERR_SYMBOL',
      `${String(symbol)} is a unique symbol and exists in one thread only; use Symbol.for('…').`,
    );
  }

  #module(value: object): PacketNode {
    // Some test runners wrap Node's modules in proxies.
    const namespace = types.isProxy(value) ? look(value).proxy?.target : value;
    if (types.isModuleNamespaceObject(namespace)) {
      const builtin = builtinNamespace(namespace as { default?: unknown });
      if (builtin !== undefined) return builtin;
      const url = urlOfNamespace(namespace as object);
      if (url !== undefined && url !== mainModule()) return ['namespace', url];
    }
    if (types.isProxy(value)) return this.fail('ERR_PROXY', 'a Proxy cannot be copied; send the object behind it.');
    const how = 'can be used inside a function that is sent, but not sent as a value';
    return this.fail('ERR_NAMESPACE', `an imported module as a whole (import * as ns) ${how}.`);
  }

  /** @param stable whether nothing met before can change */
  #data(value: object, stable: boolean): PacketNode {
    const proto: object | null = Object.getPrototypeOf(value);
    if (Array.isArray(value) && proto === Array.prototype) return this.#array(value);
    if (Buffer.isBuffer(value)) return this.#buffer(value);
    if (isShared(value) && this.destination === 'process') return this.#shared(value);
    if (types.isPromise(value) || types.isArgumentsObject(value)) return packInstance(this, value, false);
    if (proto === null || isObjectPrototype(proto)) {
      const file = commonJsFileOf(value);
      if (file !== undefined && file !== fileOf(mainModule())) return ['exports', file];
      return ['object', proto === null, this.fields(value)];
    }
    if (value instanceof URL) return ['made', 'URL', value.href];
    if (value instanceof URLSearchParams) return ['made', 'URLSearchParams', value.toString()];
    const [, temporal] = /^\[object (Temporal\.\w+)\]$/.exec(Object.prototype.toString.call(value)) ?? [];
    if (temporal !== undefined && isNative(value.constructor))
      return ['made', temporal, (value as { toString(): string }).toString()];
    if (value instanceof DOMException && proto === DOMException.prototype) {
      const fields = this.fields(value, (key) => ERROR_FIELDS.has(key));
      return ['dom-exception', value.message, value.name, value.stack, fields];
    }
    return packInstance(this, value, stable);
  }

  #inHeap(value: object): PacketNode {
    if (this.destination === 'process') return this.notShareable('an object of the shared heap');
    return ['heap', this.#heap.push(value) - 1];
  }

  /** Memory that processes share, or a view of it. */
  #shared(value: object): PacketNode {
    const isView = ArrayBuffer.isView(value);
    const segment = Segment.of((isView ? value.buffer : value) as SharedArrayBuffer);
    if (hasOwnWay(value)) return packInstance(this, value, false);
    if (segment === undefined) return this.notShareable('shared memory (SharedArrayBuffer)');
    if (!isView) return ['memory', segment.give(), 'SharedArrayBuffer', 0, 0];
    const { constructor } = value as { constructor: Function };
    if (!isNative(constructor) && constructor !== Buffer) return packInstance(this, value, false);
    const length = 'length' in value ? (value.length as number) : value.byteLength;
    return ['memory', segment.give(), constructor.name, value.byteOffset, length];
  }

  #array(value: readonly unknown[]): PacketNode {
    const asArguments = this.#root === 'arguments' && this.#path.length === 0;
    const fields: (readonly [Key, Ref])[] = [];
    for (const key of Object.keys(value)) {
      const step = asArguments ? `argument ${Number(key) + 1}` : /^\d+$/.test(key) ? `[${key}]` : keyText(key);
      fields.push([key, this.at(step, () => this.add(this.#get(value, key)))]);
    }
    return ['array', value.length, fields];
  }

  #buffer(value: Buffer): PacketNode {
    const shared = types.isSharedArrayBuffer(value.buffer);
    if (shared && this.destination === 'process') return this.#shared(value);
    // A part of Node's pool is copied, so that the pool does not travel; a buffer with memory of its own may be transferred.
    const whole = shared || value.buffer.byteLength === value.byteLength;
    return ['buffer', whole ? new Uint8Array(value.buffer, value.byteOffset, value.length) : new Uint8Array(value)];
  }

  #get(object: object, key: PropertyKey): unknown {
    try {
      return (object as Record<PropertyKey, unknown>)[key];
    } catch (cause) {
      return this.fail('ERR_NOT_CLONEABLE', `reading it threw ${inspect(cause, { depth: 0 }).split('\n')[0]}`, cause);
    }
  }

  #snapshot(): void {
    try {
      const copy = structuredClone(this.#nodes);
      for (const [ref, node] of copy.entries()) this.#nodes[ref] = node;
    } catch {
      // something that can only be moved: it goes as it is
    }
  }
}

/** Whether an object's class says itself how it travels. */
const hasOwnWay = (value: object): boolean => {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' && packSymbol in constructor;
};

/** Whether a class is found by name or reference, so that there is no packet to keep. */
const isReached = (Class: Function): boolean =>
  isNative(Class) || taskNode(Class) !== undefined || knownReference(Class) !== undefined;

const keyText = (key: PropertyKey): string => {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
};

/** `argument 1 > .opts.onDone > captured variable 'socket'` */
function pathText(steps: readonly string[]): string {
  let text = '';
  let inner = false;
  for (const step of steps) {
    const isProperty = /^[.[](?!pack)/.test(step);
    text += text === '' || (isProperty && inner) ? step : ` > ${step}`;
    inner = isProperty;
  }
  return text;
}
