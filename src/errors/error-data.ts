/**
 * Errors as plain data, and back: the form in which an error crosses when its class cannot.
 *
 * How it works  Name, message, stack, code, cause, the errors of an `AggregateError` and the own enumerable fields that are
 *               plain are copied; the rest is left out rather than lose the error. On the other side the class is found
 *               again when it is a built-in one; otherwise an `Error` carries the name.
 * Why           `structuredClone` of an error keeps message and stack but loses class, name, code and fields.
 * @module
 */
import { types } from 'node:util';

/** An error, or any other thrown value, as data. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorData | ThrownData;
  readonly errors?: readonly (ErrorData | ThrownData)[];
}

/** A thrown value that is no error. */
export interface ThrownData {
  readonly thrown: unknown;
}

const CLASSES: ReadonlyMap<string, new (message?: string) => Error> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((each) => [each.name, each]),
);
const MAX_DEPTH = 8;
const COVERED = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** The data form of anything that was thrown. Never throws itself, whatever getters and proxies do. */
export function errorToData(thrown: unknown): ErrorData | ThrownData {
  return toData(thrown, new Set());
}

/** @param above the errors that brought this one along: one that is among them brings nothing along once more */
function toData(thrown: unknown, above: Set<Error>): ErrorData | ThrownData {
  try {
    if (thrown instanceof Error) return dataOf(thrown, above);
    return { thrown: dataOnly(thrown) ? thrown : describe(thrown) };
  } catch {
    return { thrown: describe(thrown) };
  }
}

function dataOf(error: Error, above: Set<Error>): ErrorData {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    const value = read(error, key);
    if (!COVERED.has(key) && dataOnly(value)) fields[key] = value;
  }
  const code = read(error, 'code');
  if (!Object.hasOwn(fields, 'code') && typeof code === 'string') fields['code'] = code;
  const deeper = above.size < MAX_DEPTH && !above.has(error);
  const cause = deeper ? read(error, 'cause') : undefined;
  const errors = deeper && error instanceof AggregateError ? read(error, 'errors') : undefined;
  if (deeper) above.add(error);
  const data: ErrorData = {
    name: describe(read(error, 'name')),
    message: describe(read(error, 'message')),
    stack: asText(read(error, 'stack')),
    fields,
    ...(cause === undefined ? {} : { cause: toData(cause, above) }),
    ...(Array.isArray(errors) ? { errors: errors.map((each) => toData(each, above)) } : {}),
  };
  if (deeper) above.delete(error);
  return data;
}

/** Makes the error anew. */
export function errorFromData(data: ErrorData | ThrownData): unknown {
  if ('thrown' in data) return data.thrown;
  const Class = CLASSES.get(data.name);
  const error =
    data.errors === undefined
      ? new (Class ?? Error)(data.message)
      : new AggregateError(data.errors.map(errorFromData), data.message);
  if (Class === undefined || data.errors !== undefined) define(error, 'name', data.name);
  if (data.stack !== undefined) define(error, 'stack', data.stack);
  if (data.cause !== undefined) define(error, 'cause', errorFromData(data.cause));
  for (const [key, value] of Object.entries(data.fields)) {
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    try {
      return Object.prototype.toString.call(value);
    } catch {
      return `[${typeof value}]`;
    }
  }
}

/** Whether a value consists of primitives, plain arrays and plain objects only, and can be cloned as it is. */
function dataOnly(value: unknown, depth = 0): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  if (depth > MAX_DEPTH || types.isProxy(value)) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== Array.prototype) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    // A getter would run again when the value is cloned, and might then throw.
    (each) => !each.enumerable || ('value' in each && dataOnly(each.value, depth + 1)),
  );
}
