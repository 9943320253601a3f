/**
 * A packet to a value.
 *
 * How it works  First whatever a module has to give is loaded, together. Then nodes are made on demand from the root:
 *               containers are made empty, known under their number, and filled, so cycles close. Some things must be complete
 *               before others can be made: a base class before its subclass, a class before its instances, the data of an object
 *               before its class's `[unpackSymbol]`. What meets such a thing in the making is put off, and done when it is there.
 *               The scopes of a class are bound before its text is evaluated, since static initialisers run then.
 * Invariants    1. A node is made once. 2. A function whose original is in this realm is that original.
 *               3. Nothing is left undone: what cannot be made because it needs itself is an error.
 * @module
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { EncodeError } from '../errors/encode-error.ts';
import { Segment } from '../memory/segment.ts';
import { adopt, copyOf, originalOf } from './identity.ts';
import { follow, followGlobal } from './known-values.ts';
import { loadNode, needsModule } from './load-node.ts';
import type { CodeUnit, Fields, Key, Packet, PacketNode, PrototypeChanges, Ref, Shell, UnitUse } from './packet.ts';
import { unpackSymbol } from './protocol-symbols.ts';
import { instantiate, type LiveUnit } from './unit-instance.ts';

const NOT_MADE = 0;
const BUSY = 1;
const READY = 2;
const HIDDEN_IN_ERRORS = new Set<unknown>(['message', 'stack', 'cause', 'errors']);
type AnyFunction = Function & { readonly prototype: object };

/**
 * Makes the value of a packet.
 *
 * @param code Looks up a code unit by the number that the sender gave it.
 * @throws EncodeError `ERR_NOT_FOUND`, `ERR_TASK` when a module is not what the sender saw
 */
export async function unpack(packet: Packet, code: (id: number) => CodeUnit): Promise<unknown> {
  const { nodes, root } = packet;
  const only = nodes[root];
  if (only?.[0] === 'raw') return only[1];
  const unpacking = new Unpacking(packet, code);
  const loads = nodes.flatMap((node, ref) => {
    const loading = loadNode(node);
    return loading === undefined ? [] : [loading.then((value) => unpacking.put(ref, value))];
  });
  if (loads.length > 0) await Promise.all(loads);
  return unpacking.finish(root);
}

/** Whether a packet's value can be made at once (`unpackNow`), with no module to be loaded for it. */
export const unpacksNow = ({ nodes }: Packet): boolean => !nodes.some(needsModule);

/** As `unpack`, for a packet that `unpacksNow`. @throws EncodeError */
export function unpackNow(packet: Packet, code: (id: number) => CodeUnit): unknown {
  return new Unpacking(packet, code).finish(packet.root);
}

class Unpacking {
  readonly #nodes: readonly PacketNode[];
  readonly #values: unknown[];
  readonly #states: Uint8Array;
  readonly #units: readonly UnitUse[];
  readonly #heap: readonly object[];
  readonly #live: (LiveUnit | undefined)[] = [];
  readonly #code: (id: number) => CodeUnit;
  #postponed: (() => boolean)[] = [];

  constructor({ nodes, units, heap = [] }: Packet, code: (id: number) => CodeUnit) {
    this.#nodes = nodes;
    this.#values = new Array(nodes.length);
    this.#states = new Uint8Array(nodes.length);
    this.#units = units;
    this.#heap = heap;
    this.#code = code;
  }

  put(ref: Ref, value: unknown): true {
    this.#values[ref] = value;
    this.#states[ref] = READY;
    return true;
  }

  finish(root: Ref): unknown {
    this.#has(root);
    while (this.#postponed.length > 0) {
      const jobs = this.#postponed;
      this.#postponed = [];
      for (const job of jobs) this.#now(job);
      if (this.#postponed.length >= jobs.length) break;
    }
    if (this.#postponed.length === 0 && this.#has(root)) return this.#values[root];
    throw new EncodeError(
      'an object cannot be made anew, because its own data contains it: its class must give data without it.',
      {
        code: 'ERR_CYCLE',
      },
    );
  }

  /** Makes a value if need be; false when it cannot be made yet. */
  #has(ref: Ref): boolean {
    if (this.#states[ref] !== NOT_MADE) return this.#states[ref] === READY;
    this.#states[ref] = BUSY;
    const made = this.#make(ref, this.#nodes[ref] as PacketNode);
    if (!made) this.#states[ref] = NOT_MADE;
    return made;
  }

  /** Does a job now, or puts it off. */
  #now(job: () => boolean): void {
    if (!job()) this.#postponed.push(job);
  }

  #when(ref: Ref, use: (value: unknown) => void): void {
    this.#now(() => {
      if (!this.#has(ref)) return false;
      use(this.#values[ref]);
      return true;
    });
  }

  #make(ref: Ref, node: PacketNode): boolean {
    switch (node[0]) {
      case 'raw':
        return this.put(ref, node[1]);
      case 'heap':
        return this.put(ref, this.#heap[node[1]]);
      case 'symbol':
        return this.put(ref, Symbol.for(node[1]));
      case 'global':
        return this.put(ref, followGlobal(node[1]));
      case 'builtin':
        return this.put(ref, follow(process.getBuiltinModule(node[1]), node[2]));
      case 'require':
        return this.put(ref, createRequire(node[1] === '' ? import.meta.url : node[1]));
      case 'module':
        return this.#commonJsModule(ref, node[1], node[2]);
      case 'array':
        return this.#array(ref, node[1], node[2]);
      case 'object':
        return this.#filled(ref, node[1] ? (Object.create(null) as object) : {}, node[2]);
      case 'instance':
        return this.#instance(ref, node[1], node[2], node[3]);
      case 'own':
        return this.#own(ref, node[1], node[2]);
      case 'function':
        return this.#function(ref, node);
      case 'member':
        if (!this.#has(node[2])) return false;
        return this.put(ref, originalOf(node[1]) ?? adopt(node[1], follow(this.#values[node[2]], node[3]) as Function));
      case 'call':
        return this.#call(ref, node[1], node[2], node[3]);
      case 'bound':
        return this.#bound(ref, node[1], node[2], node[3]);
      case 'memory':
        return this.put(ref, memoryOf(node));
      case 'buffer':
        return this.put(ref, Buffer.from(node[1].buffer as ArrayBuffer, node[1].byteOffset, node[1].byteLength));
      case 'made':
        return this.put(ref, fromText(node[1], node[2]));
      case 'promisified':
        return this.#has(node[1]) && this.put(ref, promisify(this.#values[node[1]] as never));
      case 'dom-exception': {
        const error = new DOMException(node[1], node[2]);
        if (node[3] !== undefined) define(error, 'stack', node[3], false);
        return this.#filled(ref, error, node[4]);
      }
      default:
        throw new EncodeError(`a node of kind '${node[0]}' was not loaded.`, { code: 'ERR_PROTOCOL' });
    }
  }

  #filled(ref: Ref, object: object, fields: Fields, hidden?: ReadonlySet<unknown>): true {
    this.put(ref, object);
    for (const [key, value] of fields) {
      const name = this.#key(key);
      const enumerable = hidden?.has(name) !== true;
      if (this.#states[value] === BUSY) define(object, name, undefined, enumerable); // keeps the order of the properties
      this.#when(value, (each) => define(object, name, each, enumerable));
    }
    return true;
  }

  #key(key: Key): PropertyKey {
    if (typeof key === 'string') return key;
    this.#has(key);
    return this.#values[key] as symbol;
  }

  #array(ref: Ref, length: number, fields: Fields): true {
    const array: unknown[] = [];
    array.length = length;
    return this.#filled(ref, array, fields);
  }

  #commonJsModule(ref: Ref, file: string, exports: Ref): true {
    const module = {
      id: '.',
      filename: file,
      path: dirname(file),
      exports: {} as unknown,
      loaded: true,
      children: [],
      paths: [],
    };
    this.put(ref, Object.assign(module, { require: createRequire(file) }));
    this.#when(exports, (value) => {
      module.exports = value;
    });
    return true;
  }

  #instance(ref: Ref, cls: Ref, shell: Shell, fields: Fields): boolean {
    if (!this.#has(cls)) return false;
    const object = this.#shell(shell);
    Object.setPrototypeOf(object, (this.#values[cls] as AnyFunction).prototype);
    return this.#filled(ref, object, fields, shell.kind === 'error' ? HIDDEN_IN_ERRORS : undefined);
  }

  #shell(shell: Shell): object {
    switch (shell.kind) {
      case 'object':
        return {};
      case 'array':
        return [];
      case 'error': {
        const error = new Error();
        delete error.stack;
        return error;
      }
      case 'raw':
        return shell.value as object;
      case 'map': {
        const map = new Map<unknown, unknown>();
        this.#now(() => {
          if (!shell.entries.every(([key, value]) => this.#has(key) && this.#has(value))) return false;
          for (const [key, value] of shell.entries) Map.prototype.set.call(map, this.#values[key], this.#values[value]);
          return true;
        });
        return map;
      }
      case 'set': {
        const set = new Set<unknown>();
        this.#now(() => {
          if (!shell.items.every((item) => this.#has(item))) return false;
          for (const item of shell.items) Set.prototype.add.call(set, this.#values[item]);
          return true;
        });
        return set;
      }
    }
  }

  #own(ref: Ref, cls: Ref, data: Ref): boolean {
    const open = this.#postponed.length;
    if (!this.#has(cls) || !this.#has(data) || this.#postponed.length > open) return false;
    const Class = this.#values[cls] as { readonly [unpackSymbol]?: (data: unknown) => unknown; readonly name: string };
    const make = Class[unpackSymbol];
    if (make === undefined) {
      const message = `class ${Class.name} has [Symbol.for('manyhands.pack')] but no [Symbol.for('manyhands.unpack')].`;
      throw new EncodeError(message, { code: 'ERR_NOT_FOUND' });
    }
    return this.put(ref, make.call(Class, this.#values[data]));
  }

  #call(ref: Ref, token: string, fn: Ref, args: readonly Ref[]): boolean {
    const known = originalOf(token) ?? copyOf(token);
    if (known !== undefined) return this.put(ref, known);
    if (![fn, ...args].every((each) => this.#has(each))) return false;
    const make = this.#values[fn] as (...from: readonly unknown[]) => Function;
    return this.put(ref, adopt(token, make(...args.map((each) => this.#values[each])), true));
  }

  #bound(ref: Ref, target: Ref, boundThis: Ref, args: readonly Ref[]): boolean {
    if (![target, boundThis, ...args].every((each) => this.#has(each))) return false;
    const values = args.map((each) => this.#values[each]);
    return this.put(
      ref,
      Function.prototype.bind.call(this.#values[target] as Function, this.#values[boundThis], ...values),
    );
  }

  #function(
    ref: Ref,
    [, token, unitIndex, index, base, props, changes]: PacketNode & readonly ['function', ...unknown[]],
  ): boolean {
    const original = originalOf(token) ?? (base === undefined ? undefined : copyOf(token));
    if (original !== undefined) return this.put(ref, original);
    if (base !== undefined && base >= 0 && !this.#has(base)) return false;
    const use = this.#units[unitIndex] as UnitUse;
    const live = this.#unit(unitIndex);
    const make = live.make[index] as (base?: unknown) => Function;
    const env = use.scopeOf[index] as number;
    if (base === undefined) {
      this.put(ref, adopt(token, make()));
      this.#bindScopes(use, live, env, false);
    } else {
      this.#bindScopes(use, live, env, true);
      this.put(ref, adopt(token, make(base < 0 ? undefined : this.#values[base]), true));
    }
    const fn = this.#values[ref] as AnyFunction;
    for (const [key, value] of props) this.#when(value, (each) => define(fn, this.#key(key), each, true));
    if (changes !== undefined) this.#changePrototype(fn.prototype, changes);
    return true;
  }

  #unit(index: number): LiveUnit {
    const { code, esm } = this.#units[index] as UnitUse;
    this.#live[index] ??= instantiate(this.#code(code), esm);
    return this.#live[index];
  }

  /**
   * Gives the captured variables of a scope, and of those around it, their values. Before a class is evaluated all that can be
   * had must be there, so those that were put off are tried again.
   */
  #bindScopes(use: UnitUse, live: LiveUnit, innermost: number, again: boolean): void {
    for (let env = innermost; env >= 0; env = use.parents[env] as number) {
      const first = !live.bound.has(env);
      if (!first && !again) continue;
      live.bound.add(env);
      for (const [i, [, value]] of (use.envs[env] ?? []).entries()) {
        const set = live.bind[env]?.[i] as (value: unknown) => void;
        if (first) this.#when(value, set);
        else if (this.#has(value)) set(this.#values[value]);
      }
    }
  }

  #changePrototype(prototype: object, { members, parent, viaClass }: PrototypeChanges): void {
    for (const { key, enumerable, value, get, set } of members) {
      const refs = [value, get, set].filter((each) => each >= 0);
      this.#now(() => {
        if (!refs.every((each) => this.#has(each))) return false;
        const at = (each: Ref): unknown => (each < 0 ? undefined : this.#values[each]);
        const how =
          value >= 0
            ? { value: at(value), writable: true }
            : { get: at(get) as () => unknown, set: at(set) as (value: unknown) => void };
        Object.defineProperty(prototype, this.#key(key), { ...how, enumerable, configurable: true });
        return true;
      });
    }
    if (parent < 0) return;
    this.#when(parent, (each) =>
      Object.setPrototypeOf(prototype, viaClass ? (each as AnyFunction).prototype : (each as object)),
    );
  }
}

function memoryOf([, segment, view, at, length]: PacketNode & readonly ['memory', ...unknown[]]): object {
  const { buffer } = Segment.attach(segment).region;
  if (view === 'SharedArrayBuffer') return buffer;
  if (view === 'Buffer') return Buffer.from(buffer as unknown as ArrayBuffer, at, length);
  type View = new (buffer: SharedArrayBuffer, at: number, length: number) => object;
  return new ((globalThis as unknown as Readonly<Record<string, View>>)[view] as View)(buffer, at, length);
}

function fromText(kind: string, text: string): unknown {
  if (kind === 'URL') return new URL(text);
  if (kind === 'URLSearchParams') return new URLSearchParams(text);
  const Class = follow(globalThis, kind.split('.')) as { from(text: string): unknown } | undefined;
  if (Class === undefined) throw new EncodeError(`this version of Node has no ${kind}.`, { code: 'ERR_NOT_FOUND' });
  return Class.from(text);
}

function define(object: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable, configurable: true });
}
