/**
 * The C library through Node's own `node:ffi` (experimental, from Node 26 on).
 * @module
 */
import type { Foreign, ForeignType, ForeignValue } from './foreign.ts';

type Native = (...args: readonly unknown[]) => number | bigint;

/** The part of node:ffi that is used. */
interface NodeFfi {
  readonly DynamicLibrary: new (
    name: null,
  ) => {
    getFunction(name: string, signature: { readonly return: string; readonly arguments: readonly string[] }): Native;
  };
  getRawPointer(buffer: SharedArrayBuffer | ArrayBufferView): bigint;
  getInt32(pointer: bigint): number;
}

const LONG: ReadonlySet<ForeignType> = new Set(['i64', 'u64']);

/** @throws Error when this Node has no `node:ffi` */
export function loadNodeFfi(): Foreign {
  const ffi = process.getBuiltinModule('node:ffi') as unknown as NodeFfi | undefined;
  if (ffi === undefined) throw new Error('This Node has no node:ffi.');
  // One handle a function: a handle refuses a second signature for the same name.
  const libraries: unknown[] = [];
  const find = (name: string, result: string, parameters: readonly string[]): Native => {
    const library = new ffi.DynamicLibrary(null);
    libraries.push(library);
    return library.getFunction(name, { return: result, arguments: parameters });
  };
  const errnoPlace = find('__errno_location', 'pointer', []);
  return {
    name: 'node:ffi',
    fn(name, result, parameters) {
      const native = find(name, result, parameters);
      const convert = parameters.map((type) => (value: ForeignValue | undefined) => {
        if (type === 'pointer') return pointer(ffi, value);
        return LONG.has(type) ? BigInt(value as number) : value;
      });
      return (...args) => Number(native(...convert.map((each, i) => each(args[i]))));
    },
    errno: () => ffi.getInt32(errnoPlace() as bigint),
    addressOf: (buffer) => Number(ffi.getRawPointer(buffer)),
  };
}

function pointer(ffi: NodeFfi, value: ForeignValue | undefined): bigint | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'number' ? BigInt(value) : ffi.getRawPointer(value);
}
