/**
 * Errors as plain data, and back: the form in which an error crosses when its class cannot.
 *
 * How it works  Name, message, stack, code, cause, the errors of an `AggregateError` and the own enumerable fields that are
 *               plain are copied; the rest is left out rather than lose the error. On the other side the class is found
 *               again when it is a built-in one; otherwise an `Error` carries the name.
 * Why           `structuredClone` of an error keeps message and stack but loses class, name, code and fields.
 * @module
 */

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

const CLASSES: Readonly<Record<string, new (message?: string) => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
const MAX_DEPTH = 8;
const COVERED = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** The data form of anything that was thrown. */
export function errorToData(thrown: unknown, depth = 0): ErrorData | ThrownData {
  if (!(thrown instanceof Error)) return { thrown: dataOnly(thrown) ? thrown : describe(thrown) };
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(thrown)) {
    const value = read(thrown, key);
    if (!COVERED.has(key) && dataOnly(value)) fields[key] = value;
  }
  const code = read(thrown, 'code');
  if (!Object.hasOwn(fields, 'code') && typeof code === 'string') fields['code'] = code;
  return {
    name: String(read(thrown, 'name')),
    message: String(read(thrown, 'message')),
    stack: asText(read(thrown, 'stack')),
    fields,
    ...(thrown.cause === undefined || depth >= MAX_DEPTH ? {} : { cause: errorToData(thrown.cause, depth + 1) }),
    ...(thrown instanceof AggregateError && depth < MAX_DEPTH
      ? { errors: thrown.errors.map((each) => errorToData(each, depth + 1)) }
      : {}),
  };
}

/** Makes the error anew. */
export function errorFromData(data: ErrorData | ThrownData): unknown {
  if ('thrown' in data) return data.thrown;
  const Class = CLASSES[data.name];
  const error =
    data.errors === undefined
      ? new (Class ?? Error)(data.message)
      : new AggregateError(data.errors.map(errorFromData), data.message);
  if (Class === undefined) define(error, 'name', data.name);
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
    return Object.prototype.toString.call(value);
  }
}

/** Whether a value consists of primitives, plain arrays and plain objects only. */
function dataOnly(value: unknown, depth = 0): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  if (depth > MAX_DEPTH) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== Array.prototype) return false;
  return Object.keys(value).every((key) => dataOnly(read(value, key), depth + 1));
}
