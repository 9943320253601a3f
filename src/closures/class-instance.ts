/**
 * Instances of classes: they travel as their class and their own fields, or as their class says.
 *
 * How it works  The class is packed like any function, by reference or by value. A class with `[packSymbol]`, own or inherited,
 *               gives the data itself. Otherwise the own enumerable properties are taken, and what is behind them: the items of a
 *               map or an array, the bytes of a buffer. Private members cannot be read from outside, so such a class must have
 *               the pair of methods; one that only inherits it may not add private members of its own.
 * @module
 */
import { inspect, types } from 'node:util';
import { EncodeError } from '../errors/encode-error.ts';
import { isNative, textOf } from './function-text.ts';
import { hasInspector, look, privateNames } from './inspector.ts';
import { knownValue } from './known-values.ts';
import type { Destination, PackContext } from './pack-context.ts';
import type { PacketNode, Shell } from './packet.ts';
import { isShared } from './plain-data.ts';
import { constantSymbol, packSymbol } from './protocol-symbols.ts';
import { scriptUrl } from './scripts.ts';

interface ClassInfo {
  /** The class belongs to V8 or Node. */
  readonly foreign: boolean;
  /** Name of such a class that it extends and that has state of its own. */
  readonly opaqueBase: string | undefined;
  /** The class that defines `[packSymbol]`. */
  readonly packer: Function | undefined;
  /** Private members that nobody would carry. */
  readonly lost: readonly string[];
}

const infos = new WeakMap<Function, ClassInfo>();
/** Built-in classes whose instances can be made anew from their contents. */
const openBases = new Set<unknown>([
  ...[Object, Array, Map, Set, Date, RegExp, ArrayBuffer, SharedArrayBuffer, DataView, Number, String, Boolean, BigInt],
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError],
  Object.getPrototypeOf(Uint8Array) as unknown,
]);

/** Packs an object that is no plain data. @param stable whether nothing met before can change */
export function packInstance(packer: PackContext, value: object, stable: boolean): PacketNode {
  const proto = Object.getPrototypeOf(value) as object;
  const Class: unknown = (proto as { constructor?: unknown }).constructor;
  const name = typeof Class === 'function' && Class.name !== '' ? Class.name : 'object';
  refuseByNature(packer, value, name);
  const hasClass = typeof Class === 'function' && (Class.prototype === proto || Object.hasOwn(Class, packSymbol));
  if (types.isNativeError(value) && (!hasClass || infoOf(Class, value).foreign)) return packError(packer, value);
  if (!hasClass) {
    return packer.fail(
      'ERR_NO_CLASS',
      "this object's prototype belongs to no class, so it cannot be made anew elsewhere.",
    );
  }
  const info = infoOf(Class, value);
  if (info.foreign && !openBases.has(Class) && info.packer === undefined) return packForeign(packer, value, name);
  return packOwnClass(packer, value, Class, info, stable);
}

function packOwnClass(
  packer: PackContext,
  value: object,
  Class: Function,
  info: ClassInfo,
  stable: boolean,
): PacketNode {
  const { name } = Class;
  packer.stable = stable;
  const cls = packer.at(`class ${name}`, () => packer.addClass(Class));
  const isStableClass = packer.stable;
  packer.stable = false;
  const named = `class ${name}`;
  if (info.packer !== undefined) {
    if (info.lost.length > 0) {
      const { name: definer } = info.packer;
      const what = `keeps private members (${info.lost.join(', ')}) that [Symbol.for('manyhands.pack')] of ${definer} knows nothing of`;
      packer.fail('ERR_PRIVATE_FIELDS', `${named} ${what}. Give it that pair of static methods itself.`);
    }
    const data = ownData(packer, value, Class);
    const ref = packer.at('[pack]()', () => packer.add(data));
    packer.stable = isStableClass && isConstant(Class, data);
    return ['own', cls, ref];
  }
  if (info.opaqueBase !== undefined) {
    packer.fail(
      'ERR_NOT_CLONEABLE',
      `${named} extends ${info.opaqueBase}, which cannot be copied to another thread or process.`,
    );
  }
  if (info.lost.length > 0) {
    const how = "static [Symbol.for('manyhands.pack')](obj) and static [Symbol.for('manyhands.unpack')](data)";
    const what = `keeps private members (${info.lost.join(', ')}), which cannot be copied from outside`;
    packer.fail('ERR_PRIVATE_FIELDS', `${named} ${what}. Give it ${how}.`);
  }
  return ['instance', cls, shellOf(packer, value), packer.fields(value)];
}

function isConstant(Class: Function, data: unknown): boolean {
  const ask = (Class as unknown as Readonly<Record<symbol, ((data: unknown) => boolean) | undefined>>)[constantSymbol];
  return ask?.call(Class, data) === true;
}

/** What the class itself gives of an instance; a refusal of its own gets the path at which it was met. */
function ownData(packer: PackContext, value: object, Class: Function): unknown {
  type Give = (object: object, destination: Destination) => unknown;
  const give = (Class as unknown as Readonly<Record<symbol, Give>>)[packSymbol] as Give;
  try {
    return give.call(Class, value, packer.destination);
  } catch (error) {
    if (error instanceof EncodeError && error.path === '') return packer.fail(error.code, error.message, error.cause);
    throw error;
  }
}

/** An error of a class of Node's own becomes one of the nearest standard class. */
function packError(packer: PackContext, value: Error): PacketNode {
  let known: Function = Error;
  for (let proto: unknown = Object.getPrototypeOf(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const { constructor } = proto as { constructor?: unknown };
    if (typeof constructor !== 'function' || constructor.prototype !== proto || knownValue(constructor) === undefined)
      continue;
    known = constructor;
    break;
  }
  return ['instance', packer.add(known), { kind: 'error' }, packer.fields(value)];
}

function refuseByNature(packer: PackContext, value: object, name: string): void {
  if (types.isPromise(value)) packer.fail('ERR_PROMISE', 'a Promise cannot be sent; await it first.');
  if (types.isGeneratorObject(value) || types.isMapIterator(value) || types.isSetIterator(value)) {
    const what = types.isGeneratorObject(value) ? 'a generator' : 'an iterator';
    packer.fail(
      'ERR_NOT_CLONEABLE',
      `${what} cannot be copied to another thread or process; send its items, as an array.`,
    );
  }
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef) {
    packer.fail('ERR_NOT_CLONEABLE', `an object of class ${name} cannot be copied to another thread or process.`);
  }
}

/** Objects of Node and the web that clone or can be transferred (ports, keys, blobs, compiled WebAssembly). */
function packForeign(packer: PackContext, value: object, name: string): PacketNode {
  if (clones(value, name)) {
    if (packer.destination === 'thread') return ['raw', value];
    if (!HANDLES.has(name)) return packer.notShareable(`an object of class ${name}`);
  }
  const how = HANDLES.has(name) ? ' A Pipe between processes hands it over: sendHandle() and recvHandle().' : '';
  const message = `an object of class ${name} cannot be copied to another thread or process.${how}`;
  return packer.fail('ERR_NOT_CLONEABLE', message);
}

/** What stands for something open in the system. */
const HANDLES = new Set(['Socket', 'Server', 'FileHandle']);

/** They can only be moved: the sender must list them. */
const MOVED = new Set(['MessagePort', 'ReadableStream', 'WritableStream', 'TransformStream', 'FileHandle']);

function clones(value: object, name: string): boolean {
  if (MOVED.has(name)) return true;
  try {
    return Object.getPrototypeOf(structuredClone(value)) === Object.getPrototypeOf(value);
  } catch {
    return false;
  }
}

/** What an instance is made from, besides its fields. */
function shellOf(packer: PackContext, value: object): Shell {
  const ref = (each: unknown): number => packer.add(each);
  if (types.isNativeError(value)) return { kind: 'error' };
  if (Array.isArray(value)) return { kind: 'array' };
  if (types.isMap(value)) {
    const entry = ([key, each]: [unknown, unknown]): [number, number] => {
      const short = inspect(key, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
      return [packer.at('key', () => ref(key)), packer.at(`[${short}]`, () => ref(each))];
    };
    return {
      kind: 'map',
      entries: [...(Map.prototype.entries.call(value) as MapIterator<[unknown, unknown]>)].map(entry),
    };
  }
  if (types.isSet(value)) {
    const items = [...(Set.prototype.values.call(value) as SetIterator<unknown>)];
    return { kind: 'set', items: items.map((each) => packer.at('item', () => ref(each))) };
  }
  const bare =
    types.isDate(value) || types.isRegExp(value) || types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value);
  if (!bare && !types.isBoxedPrimitive(value)) return { kind: 'object' };
  if (types.isSymbolObject(value)) packer.fail('ERR_SYMBOL', 'a symbol object cannot be sent.');
  if (packer.destination === 'process' && isShared(value)) packer.notShareable('shared memory');
  return { kind: 'raw', value };
}

function infoOf(Class: Function, sample: object): ClassInfo {
  let info = infos.get(Class);
  if (info === undefined) {
    info = inspectClass(Class, sample);
    infos.set(Class, info);
  }
  return info;
}

function inspectClass(Class: Function, sample: object): ClassInfo {
  const chain = chainOf(Class);
  const packer = chain.find((each) => Object.hasOwn(each, packSymbol));
  const foreign = isForeign(Class);
  const base = foreign
    ? undefined
    : chain.find((each) => isForeign(each) && !openBases.has(each) && !isTypedArray(each));
  const uncovered = packer === undefined ? chain : chain.slice(0, chain.indexOf(packer));
  const lost = foreign ? [] : privateMembers(uncovered, sample, packer === undefined);
  return { foreign, opaqueBase: base?.name, packer, lost };
}

function chainOf(Class: Function): Function[] {
  const chain: Function[] = [];
  for (
    let each: unknown = Class;
    typeof each === 'function' && each !== Function.prototype;
    each = Object.getPrototypeOf(each)
  ) {
    chain.push(each);
  }
  return chain;
}

/** Private members of `sample` that one of these classes declares. Their text is asked first: few have any. */
function privateMembers(classes: readonly Function[], sample: object, all: boolean): string[] {
  const mentioned = new Set<string>();
  const methods = new Set<string>(); // V8 does not count them among an object's private members
  for (const each of classes) {
    const { masked } = textOf(each);
    for (const [name] of masked.matchAll(/#[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)) mentioned.add(name);
    for (const [, isStatic, name] of masked.matchAll(PRIVATE_METHOD))
      if (isStatic === undefined) methods.add(name as string);
  }
  if (mentioned.size === 0) return [];
  const fields = hasInspector() ? privateNames(sample).filter((name) => all || mentioned.has(name)) : mentioned;
  return [...new Set([...fields, ...methods])];
}

const PRIVATE_METHOD =
  /(?:^|[;{}\n])\s*(static\s+)?(?:async\s+|get\s+|set\s+|\*\s*)*(#[\p{ID_Start}$_][\p{ID_Continue}$]*)\s*\(/gu;
const isTypedArray = (Class: Function): boolean => Object.getPrototypeOf(Class) === Object.getPrototypeOf(Uint8Array);

function isForeign(Class: Function): boolean {
  if (isNative(Class) || knownValue(Class) !== undefined) return true;
  if (!hasInspector()) return false;
  const { location } = look(Class);
  return location !== undefined && scriptUrl(location.scriptId).startsWith('node:');
}
