/**
 * Calling the C library: the little that this library needs of a foreign-function package, so that one can take another's
 * place.
 *
 * How it works  `koffi` (prebuilt binaries inside the package) is taken where it is installed, else `node:ffi` where Node has
 *               it. Nothing is loaded before process scope is used. Addresses are plain numbers: those of user space fit.
 * @module
 */
/** Types of parameters and results. `pointer` takes an address, a typed array, or null. */
export type ForeignType = 'i32' | 'u32' | 'i64' | 'u64' | 'pointer';

/** What may be passed for a `ForeignType`. */
export type ForeignValue = number | Uint8Array | BigInt64Array | null;

/** A function of the C library. Results of all widths arrive as numbers. */
export type ForeignFunction = (...args: readonly ForeignValue[]) => number;

/** One foreign-function package. */
export interface Foreign {
  readonly name: 'koffi' | 'node:ffi';
  /** A function of the C library, by name. */
  fn(name: string, result: ForeignType, parameters: readonly ForeignType[]): ForeignFunction;
  /** Error number of this thread's last call. */
  errno(): number;
  /** Where a buffer's bytes are. Good for as long as the buffer is referenced. */
  addressOf(buffer: SharedArrayBuffer): number;
}
