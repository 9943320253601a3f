/**
 * Values that every thread has of its own: globals and what hangs on them, Node's built-in modules, CommonJS exports.
 *
 * How it works  Tables from value to path, built when first needed. Only properties that hold a value are visited, never a
 *               getter: some load much (`Headers` and its kin load an HTTP client). The table of built-in modules covers those
 *               that are loaded, since a value cannot come from any other, and is built again when there are more.
 * @module
 */
import Module, { isBuiltin } from 'node:module';
import { promisify, types } from 'node:util';
import { isNative } from './function-text.ts';
import type { PacketNode, Step } from './packet.ts';

const GLOBALS = (
  'Object Function Array Number String Boolean Symbol BigInt Math JSON Reflect Proxy Date RegExp Error TypeError RangeError ' +
  'SyntaxError EvalError URIError ReferenceError AggregateError Map Set WeakMap WeakSet WeakRef FinalizationRegistry Promise ' +
  'ArrayBuffer SharedArrayBuffer DataView Atomics Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array ' +
  'Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array Intl WebAssembly parseInt parseFloat isNaN ' +
  'isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape eval console process Buffer globalThis ' +
  'queueMicrotask structuredClone setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate URL ' +
  'URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget performance atob btoa Blob ' +
  'MessageChannel MessagePort BroadcastChannel DOMException Iterator Temporal DisposableStack AsyncDisposableStack SuppressedError'
).split(' ');

/** Prototypes that no global leads to by plain properties. */
export const INTRINSICS: Readonly<Record<string, object>> = {
  '%AsyncFunction%': Object.getPrototypeOf(async () => {}) as object,
  '%GeneratorFunction%': Object.getPrototypeOf(function* () {}) as object,
  '%AsyncGeneratorFunction%': Object.getPrototypeOf(async function* () {}) as object,
  '%TypedArray%': Object.getPrototypeOf(Uint8Array) as object,
};

/** Names of globals that every thread has, which code from no module must not take for its own. */
export const globalNames: ReadonlySet<string> = new Set(GLOBALS);

const wellKnownSymbols = new Map<symbol, string>(
  Object.getOwnPropertyNames(Symbol)
    .map((name) => [(Symbol as unknown as Record<string, unknown>)[name], name] as const)
    .filter((entry): entry is [symbol, string] => typeof entry[0] === 'symbol'),
);

let globals: Map<unknown, readonly Step[]> | undefined;
let builtins = new Map<unknown, readonly [module: string, ...path: Step[]]>();
let builtinCount = -1;

/** `iterator` for `Symbol.iterator`; undefined for a symbol that is not one of the language's. */
export const wellKnownName = (symbol: symbol): string | undefined => wellKnownSymbols.get(symbol);

/** A node for a value that every thread has, or undefined. */
export function knownValue(value: object | symbol): PacketNode | undefined {
  if (typeof value === 'function') {
    const { name } = value;
    const global = typeof name === 'string' ? Object.getOwnPropertyDescriptor(globalThis, name) : undefined;
    if (global?.value === value && isNative(value)) return ['global', [name]];
  }
  globals ??= tableOfGlobals();
  const path = globals.get(value);
  if (path !== undefined) return ['global', path];
  const builtin = builtinPath(value);
  if (builtin === undefined) return undefined;
  const [module, ...rest] = builtin;
  return ['builtin', module, rest];
}

/** The built-in module that a namespace object belongs to (`import * as fs`), or undefined. */
export function builtinNamespace(namespace: { readonly default?: unknown }): PacketNode | undefined {
  const path = builtinPath(namespace.default);
  return path?.length === 1 ? ['builtin', path[0], []] : undefined;
}

function tableOfGlobals(): Map<unknown, readonly Step[]> {
  const table = new Map<unknown, readonly Step[]>();
  const add = (value: unknown, path: readonly Step[], depth: number): void => {
    if (value === null || !/^(?:object|function|symbol)$/.test(typeof value) || table.has(value)) return;
    table.set(value, path);
    if (depth === 0 || typeof value === 'symbol') return;
    for (const key of Reflect.ownKeys(value as object)) {
      const step = stepOf(key);
      const inner = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      if (step === undefined || !Object.hasOwn(inner, 'value')) continue;
      if (path[0] !== 'process' || typeof inner.value === 'function') add(inner.value, [...path, step], depth - 1);
    }
  };
  for (const [name, value] of Object.entries(INTRINSICS)) add(value, [name], 1);
  for (const name of GLOBALS) {
    const { value } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
    const depth = name === 'globalThis' ? 0 : name === 'process' ? 1 : 2;
    add(value ?? (lazy.has(name) ? (globalThis as Record<string, unknown>)[name] : undefined), [name], depth);
  }
  return table;
}

/** Globals behind a getter that cost nothing to read. */
const lazy = new Set(['process', 'Buffer', 'URL', 'performance', 'console']);

function builtinPath(value: unknown): readonly [module: string, ...path: Step[]] | undefined {
  const loaded = (process as unknown as { moduleLoadList: string[] }).moduleLoadList;
  if (builtinCount !== loaded.length) {
    builtinCount = loaded.length;
    builtins = tableOfBuiltins(new Set(loaded.map((entry) => entry.replace(/^NativeModule /, ''))));
  }
  return builtins.get(value);
}

function tableOfBuiltins(loaded: ReadonlySet<string>): typeof builtins {
  const table: typeof builtins = new Map();
  const add = (value: unknown, path: readonly [string, ...Step[]]): value is object => {
    if ((typeof value !== 'function' && typeof value !== 'object') || value === null || table.has(value)) return false;
    table.set(value, path);
    const promised: unknown = Object.getOwnPropertyDescriptor(value, promisify.custom)?.value;
    if (typeof promised === 'function') table.set(promised, [...path, stepOf(promisify.custom) as Step]);
    return true;
  };
  const members = (object: object): [string, unknown][] =>
    Object.keys(object)
      .filter((key) => !key.startsWith('_'))
      .map((key) => [key, Object.getOwnPropertyDescriptor(object, key)?.value]);
  for (const name of Module.builtinModules) {
    const exports =
      !name.startsWith('_') && loaded.has(name.replace(/^node:/, '')) ? process.getBuiltinModule(name) : undefined;
    if (exports === undefined || !add(exports, [name])) continue;
    for (const [key, value] of members(exports)) {
      if (!add(value, [name, key])) continue;
      for (const [inner, each] of members(value)) if (typeof each === 'function') add(each, [name, key, inner]);
    }
  }
  return table;
}

/** A function of Node's that is exported by the module that its script is named after, such as `internal/fs/promises`. */
export function exportedByScript(fn: Function, url: string): PacketNode | undefined {
  const module = url.replace(/^node:(?:internal\/)?/, '');
  if (!isBuiltin(module)) return undefined;
  const exports = process.getBuiltinModule(module) as Record<string, unknown>;
  const name = Object.keys(exports).find((key) => Object.getOwnPropertyDescriptor(exports, key)?.value === fn);
  return name === undefined ? undefined : ['builtin', module, [name]];
}

/** A property key as a step; undefined for a symbol that has no name in other threads. */
export function stepOf(key: PropertyKey): Step | undefined {
  if (typeof key !== 'symbol') return String(key);
  const known = wellKnownName(key);
  if (known !== undefined) return { symbol: known };
  const registered = Symbol.keyFor(key);
  return registered === undefined ? undefined : { symbol: `for ${registered}` };
}

const symbolOf = (name: string): symbol =>
  name.startsWith('for ') ? Symbol.for(name.slice(4)) : ((Symbol as unknown as Record<string, symbol>)[name] as symbol);

/** Follows a path; undefined when it breaks off. */
export function follow(from: unknown, path: readonly Step[]): unknown {
  let value = from;
  for (const step of path) {
    if (value === null || value === undefined) return undefined;
    const object = value as Record<PropertyKey, unknown>;
    if (typeof step === 'string') value = object[step];
    else if ('symbol' in step) value = object[symbolOf(step.symbol)];
    else if ('get' in step) value = Object.getOwnPropertyDescriptor(object, step.get)?.get;
    else value = Object.getOwnPropertyDescriptor(object, step.set)?.set;
  }
  return value;
}

/** Follows a path from the globals. */
export function followGlobal(path: readonly Step[]): unknown {
  const [first, ...rest] = path;
  const intrinsic = INTRINSICS[first as string];
  return intrinsic === undefined ? follow(globalThis, path) : follow(intrinsic, rest);
}

interface CommonJsModule {
  readonly exports: unknown;
}
const commonJsCache = (): Record<string, CommonJsModule | undefined> =>
  (Module as unknown as { _cache: Record<string, CommonJsModule | undefined> })._cache;

/** A loaded CommonJS module. */
export const commonJsModule = (file: string): CommonJsModule | undefined => commonJsCache()[file];

/** The file of the CommonJS module whose exports object this is. */
export function commonJsFileOf(exports: object): string | undefined {
  const cache = commonJsCache();
  for (const file in cache) if (cache[file]?.exports === exports) return file;
  return undefined;
}

/** All loaded CommonJS modules. */
export const commonJsModules = (): [file: string, module: CommonJsModule][] =>
  Object.entries(commonJsCache()).filter((entry): entry is [string, CommonJsModule] => entry[1] !== undefined);

/** Whether a function is some module's `require`. */
export const isRequire = (value: unknown): boolean =>
  typeof value === 'function' &&
  !types.isProxy(value) &&
  Object.hasOwn(value, 'resolve') &&
  Object.hasOwn(value, 'cache');
