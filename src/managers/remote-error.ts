/**
 * Errors on their way from where a method threw to where it was called.
 *
 * How it works  As data (`errors/error-data.ts`), in which the class is a name: a standard one or one of this library's is found again by it. An
 *               error of another class goes along whole besides, and arrives whole where its module may be loaded.
 *               The stack is the remote one, and under it the one of the call.
 * @module
 */
import { errorNodes } from '../connections/own-errors.ts';
import { Full } from '../errors/queue-errors.ts';
import { type ErrorData, errorFromData, errorToData, type ThrownData } from '../errors/error-data.ts';

const CLASSES: ReadonlyMap<string, Function> = new Map([...errorNodes()].map(([Class]) => [Class.name, Class]));
const STANDARD = new Set<unknown>([
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, DOMException],
]);

/** The line of a stack under which nothing is the user's: that above it is this library's as well. */
const LIBRARY = '\n    at calledByClient (';

/** The class of managed queues, as a proxy knows it. */
const QUEUE = 'ManagedQueue';

/** A call, as far as it tells what was put where. */
interface Put {
  readonly of: string;
  readonly name?: string;
  readonly values?: readonly unknown[];
}

/** What was thrown. */
export type Thrown = ErrorData | ThrownData;

/** What was thrown, as data. */
export const thrownToData = (thrown: unknown): Thrown => errorToData(thrown);

/** Whether the data form loses the class of what was thrown. */
export function hasOwnClass(thrown: unknown): thrown is Error {
  try {
    if (!(thrown instanceof Error)) return false;
    const { constructor } = thrown;
    return !STANDARD.has(constructor) && CLASSES.get(constructor.name) !== constructor;
  } catch {
    return false; // a proxy, or an error whose class cannot be seen
  }
}

/** What was thrown elsewhere, made anew. */
export const thrownFromData = (data: Thrown): unknown => again(errorFromData(data), data);

/** Adds where it was called to the stack of an error that came from elsewhere, if it has one that can be added to. */
export function withCall(error: unknown, where: string, site: { readonly stack?: string }): unknown {
  try {
    if (!(error instanceof Error)) return error;
    const { stack } = error as { readonly stack?: unknown };
    const remote = typeof stack === 'string' ? aboveLibrary(stack) : String(error);
    const calls = (site.stack ?? '').split('\n').slice(1).join('\n');
    define(error, `${remote}\n    --- ${where} was called here:\n${calls}`);
  } catch {
    // frozen, or of a class that makes its instances itself: it stays as it is
  }
  return error;
}

/** Gives an item back that a managed queue has not taken: it was not sent back, since it is here, as it is. */
export function withItem(error: unknown, { of, name, values = [] }: Put): unknown {
  if (of !== QUEUE || name !== 'put' || !(error instanceof Full)) return error;
  Object.defineProperty(error, 'value', { value: values[0], writable: true, configurable: true, enumerable: true });
  return error;
}

/** Of a stack from a manager, what lies above this library. */
function aboveLibrary(stack: string): string {
  const at = stack.lastIndexOf(LIBRARY);
  return at === -1 ? stack : stack.slice(0, Math.max(0, stack.lastIndexOf('\n', at - 1)));
}

/** Gives errors of the library, and those inside, their classes. */
function again(error: unknown, data: Thrown): unknown {
  if (!(error instanceof Error) || !('name' in data)) return error;
  const Class = CLASSES.get(data.name);
  const isOurs = Class !== undefined && typeof data.fields['code'] === 'string' && data.errors === undefined;
  if (isOurs) {
    Object.setPrototypeOf(error, Class.prototype as object);
    delete (error as { name?: string }).name; // it is on the prototype
  } else if (isDomName(data)) return asDomException(error);
  if (data.cause !== undefined && 'name' in data.cause) again(error.cause, data.cause);
  for (const [index, each] of (data.errors ?? []).entries()) again((error as AggregateError).errors[index], each);
  return error;
}

const isDomName = ({ name, fields }: ErrorData): boolean =>
  (name === 'AbortError' || name === 'TimeoutError') && fields['code'] === undefined;

/** What a signal is aborted with. */
function asDomException({ message, name, stack }: Error): DOMException {
  const made = new DOMException(message, name);
  define(made, stack);
  return made;
}

function define(error: object, stack: string | undefined): void {
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
}
