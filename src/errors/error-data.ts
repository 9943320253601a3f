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
/** Times that an error which was met before still brings along its cause and its errors: many may share one, and share it many times over. */
const MOST_REPEATS = 1000;
const COVERED = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** The data form of anything that was thrown. Never throws itself, whatever getters and proxies do. */
export function errorToData(thrown: unknown): ErrorData | ThrownData {
  return toData(thrown, { above: new Set(), met: new Set(), repeats: 0, known: new Map() });
}

/** What was met on the way. */
interface Way {
  /** The errors that brought this one along: one that is among them brings nothing along once more. */
  readonly above: Set<Error>;
  readonly met: Set<Error>;
  repeats: number;
  /** See `levelsOf`. */
  readonly known: Map<object, number>;
}

function toData(thrown: unknown, way: Way): ErrorData | ThrownData {
  try {
    if (thrown instanceof Error) return dataOf(thrown, way);
    return { thrown: dataOnly(thrown, way) ? thrown : describe(thrown) };
  } catch {
    return { thrown: describe(thrown) };
  }
}

function dataOf(error: Error, way: Way): ErrorData {
  const { above, met } = way;
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    const value = read(error, key);
    if (!COVERED.has(key) && dataOnly(value, way)) fields[key] = value;
  }
  const code = read(error, 'code');
  if (!Object.hasOwn(fields, 'code') && typeof code === 'string') fields['code'] = code;
  if (met.has(error)) way.repeats += 1;
  met.add(error);
  const deeper = above.size < MAX_DEPTH && !above.has(error) && way.repeats <= MOST_REPEATS;
  const cause = deeper ? read(error, 'cause') : undefined;
  const errors = deeper && error instanceof AggregateError ? read(error, 'errors') : undefined;
  if (deeper) above.add(error);
  const data: ErrorData = {
    name: describe(read(error, 'name')),
    message: describe(read(error, 'message')),
    stack: asText(read(error, 'stack')),
    fields,
    ...(cause === undefined ? {} : { cause: toData(cause, way) }),
    ...(Array.isArray(errors) ? { errors: errors.map((each) => toData(each, way)) } : {}),
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
  if (typeof data.stack === 'string') define(error, 'stack', data.stack);
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
const dataOnly = (value: unknown, { known }: Way): boolean => levelsOf(value, MAX_DEPTH + 1, known) <= MAX_DEPTH + 1;

/**
 * How many objects lie inside one another; Infinity when there are more than `most`, or something is no data.
 *
 * @param known of objects that were looked at: what many share is looked at once, else it would be as often as there are ways to it
 */
function levelsOf(value: unknown, most: number, known: Map<object, number>): number {
  if (value === null) return 0;
  if (typeof value !== 'object') return typeof value === 'function' || typeof value === 'symbol' ? Infinity : 0;
  const levels = known.get(value);
  if (levels !== undefined) return levels;
  if (most === 0 || types.isProxy(value)) return Infinity;
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== Array.prototype) return Infinity;
  let inside = 0;
  for (const each of Object.values(Object.getOwnPropertyDescriptors(value))) {
    if (!each.enumerable) continue;
    // A getter would run again when the value is cloned, and might then throw.
    inside = Math.max(inside, 'value' in each ? levelsOf(each.value, most - 1, known) : Infinity);
    if (inside >= most) return Infinity;
  }
  known.set(value, inside + 1);
  return inside + 1;
}
