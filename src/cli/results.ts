/**
 * A result as one line of JSON.
 *
 * What JSON lacks has a form that any reader takes: `undefined` is `null`, a bigint is a string of its digits, a Map with keys
 * that are strings is an object and any other Map is an array of pairs, a Set is an array, bytes (`Uint8Array`, `Buffer`,
 * `ArrayBuffer`) are base64, other typed arrays are arrays of numbers, an Error is its name, message and code, a RegExp is its
 * text. `NaN` and the infinities are `null`, as `JSON.stringify` has it. A function, a symbol, or a cycle has no form: that
 * input has failed.
 * @module
 */
import { ManyhandsError } from '../index.ts';

/** The line, without its line end. Throws a `ManyhandsError` `ERR_RESULT_NOT_JSON` when there is none. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value === undefined ? null : value, plainForm) ?? noForm('result', value);
  } catch (error) {
    if (error instanceof ManyhandsError) throw error;
    const cycle = error instanceof TypeError && /circular/i.test(error.message);
    const why = cycle ? 'it contains itself' : String((error as Error | undefined)?.message ?? error);
    throw new ManyhandsError(`The result cannot be written as JSON: ${why}.`, {
      code: 'ERR_RESULT_NOT_JSON',
      cause: error,
    });
  }
}

/** Replacer for `JSON.stringify`; `this` is the object that holds the value. */
function plainForm(this: unknown, key: string, value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'function':
    case 'symbol':
      return noForm(key === '' ? 'result' : `"${key}"`, value);
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null || Array.isArray(value)) return value;
  // A Buffer has a toJSON that has been asked by now; what it was stands in its holder
  const held = (this as Record<string, unknown>)[key];
  if (held instanceof Uint8Array || held instanceof ArrayBuffer || held instanceof SharedArrayBuffer)
    return base64(held);
  if (value instanceof Map) {
    const keyed = [...value.keys()].every((each) => typeof each === 'string');
    return keyed ? Object.fromEntries(value as Map<string, unknown>) : [...value];
  }
  if (value instanceof Set) return [...value];
  if (value instanceof DataView) return base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
  if (value instanceof Error) return errorToJson(value);
  if (value instanceof RegExp) return String(value);
  return value;
}

const base64 = (bytes: Uint8Array | ArrayBuffer | SharedArrayBuffer): string =>
  (bytes instanceof Uint8Array
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes)
  ).toString('base64');

/** An error's name, message and code. */
export function errorToJson(error: unknown): {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
} {
  if (!(error instanceof Error)) return { name: 'thrown', message: inWords(error) };
  const { code } = error as { readonly code?: unknown };
  return { name: error.name, message: error.message, ...(typeof code === 'string' ? { code } : {}) };
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function noForm(where: string, value: unknown): never {
  throw new ManyhandsError(`The result cannot be written as JSON: ${where} is a ${typeof value}.`, {
    code: 'ERR_RESULT_NOT_JSON',
  });
}
