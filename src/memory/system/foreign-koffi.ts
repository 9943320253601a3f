/**
 * The C library through `koffi`.
 * @module
 */
import { createRequire } from 'node:module';
import type { Foreign, ForeignFunction, ForeignType } from './foreign.ts';

/** The part of koffi that is used. */
interface Koffi {
  load(library: string | null): { func(name: string, result: string, parameters: readonly string[]): ForeignFunction };
  errno(): number;
  address(view: Uint8Array<SharedArrayBuffer>): bigint;
}

const NAMES: Readonly<Record<ForeignType, string>> = {
  i32: 'int32',
  u32: 'uint32',
  i64: 'int64',
  u64: 'uint64',
  pointer: 'void *',
};

/** @throws Error when koffi is not installed, or has no binary for this system */
export function loadKoffi(): Foreign {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const library = koffi.load(null);
  return {
    name: 'koffi',
    fn(name, result, parameters) {
      const types = parameters.map((each) => NAMES[each]);
      return library.func(name, NAMES[result], types);
    },
    errno: () => koffi.errno(),
    addressOf: (buffer) => Number(koffi.address(new Uint8Array(buffer, 0, 1))),
  };
}
