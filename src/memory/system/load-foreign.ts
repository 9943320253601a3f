/**
 * Which foreign-function package is used: the first that can be loaded, or the one that `MANYHANDS_FFI` names.
 * @module
 */
import type { Foreign } from './foreign.ts';
import { loadKoffi } from './foreign-koffi.ts';
import { loadNodeFfi } from './foreign-node.ts';

const LOADERS: Readonly<Record<string, () => Foreign>> = { koffi: loadKoffi, 'node:ffi': loadNodeFfi };

/**
 * The first package that can be loaded.
 *
 * @throws Error when none can; `cause` is what the last one said
 */
export function loadForeign(): Foreign {
  const chosen = process.env['MANYHANDS_FFI'];
  const names = chosen === undefined ? Object.keys(LOADERS) : [chosen];
  let cause: unknown = new Error(`There is no foreign-function package called '${chosen ?? ''}'.`);
  for (const name of names) {
    try {
      const foreign = LOADERS[name]?.();
      if (foreign !== undefined) return foreign;
    } catch (error) {
      cause = error;
    }
  }
  throw new Error('Neither koffi nor node:ffi can be loaded.', { cause });
}
