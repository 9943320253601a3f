/**
 * What V8 knows about a value: where a function was written, what its scopes hold, what is behind a proxy.
 *
 * How it works  An inspector session within the process answers inside `post()`, so everything here is synchronous.
 *               Values pass through a mailbox object that the inspector holds by an id: `this.v` in, `this.v = …` out, so the
 *               identity of objects is kept and nothing is left on `globalThis`.
 * Invariants    1. The mailbox is empty, and the inspector's handles are released, when a function here returns.
 *               2. The debugger is enabled for one call only, in `enableOnce`: while it is on, every `await` is ten times
 *               slower. 3. A session of the user's (`--inspect`) is not disturbed: each session has its own state.
 * @module
 */
import type { Session } from 'node:inspector';
import { EncodeError } from '../errors/encode-error.ts';

/** One scope around a function, innermost first in a list. Reading a variable that has no value yet throws. */
export interface Scope {
  readonly type: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
}

/** What is behind a function or proxy. */
export interface Insight {
  /** Where it was written; undefined for native code. Lines and columns count from 0. */
  readonly location?: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
  readonly scopes: readonly Scope[];
  readonly proxy?: { readonly target: unknown };
  readonly bound?: { readonly target: unknown; readonly boundThis: unknown; readonly args: readonly unknown[] };
}

interface RemoteObject {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}
interface Property {
  readonly name: string;
  readonly value?: RemoteObject & { readonly value?: unknown };
}
type Call = (method: string, params?: object, callback?: (error: unknown, result: unknown) => void) => void;

/** Name and id of a script that V8 has parsed. */
export type OnScript = (scriptId: string, name: string) => void;

const GROUP = 'manyhands';
const KEY = Symbol.for('manyhands.mailbox');
const mailbox: { v: unknown } = { v: null };
let session: Session | undefined;
let unavailable: unknown;
let mailboxId = '';
let onScript: OnScript = () => {};

/** Says who wants to know of scripts while the debugger is enabled. */
export function listenForScripts(listener: OnScript): void {
  onScript = listener;
}

function connect(): Session {
  if (session !== undefined) return session;
  if (unavailable !== undefined) throw noInspector(unavailable);
  let opened: Session;
  try {
    opened = new (process.getBuiltinModule('node:inspector').Session)();
    opened.connect();
  } catch (cause) {
    unavailable = cause;
    throw noInspector(cause);
  }
  session = opened;
  (globalThis as { [KEY]?: unknown })[KEY] = mailbox;
  const expression = `globalThis[Symbol.for('manyhands.mailbox')]`;
  mailboxId = post<{ result: { objectId: string } }>('Runtime.evaluate', { expression, silent: true }).result.objectId;
  delete (globalThis as { [KEY]?: unknown })[KEY];
  opened.on('Debugger.scriptParsed', ({ params }) => onScript(params.scriptId, params.url));
  return opened;
}

function noInspector(cause: unknown): EncodeError {
  const why = (cause as { code?: string }).code ?? String(cause);
  return new EncodeError(
    `this function can only be looked into through V8's inspector, which is not available here (${why}). ` +
      `Register the function with task('name', fn), send an export of another module, or run node with --allow-inspector.`,
    { code: 'ERR_NO_INSPECTOR', cause },
  );
}

function post<R>(method: string, params?: object): R {
  let outcome: { error: unknown; result: unknown } | undefined;
  const current = connect();
  // The typed overloads name each method; one generic call is enough here.
  (current.post as Call).call(current, method, params, (error, result) => {
    outcome = { error, result };
  });
  if (outcome === undefined) throw new Error(`The inspector has not answered ${method} at once.`);
  if (outcome.error !== null && outcome.error !== undefined) throw outcome.error;
  const { exceptionDetails } = outcome.result as { exceptionDetails?: { text: string } };
  if (exceptionDetails !== undefined) throw new Error(`${method}: ${exceptionDetails.text}`);
  return outcome.result as R;
}

function handleOf(value: unknown): string {
  mailbox.v = value;
  try {
    const call = {
      objectId: mailboxId,
      functionDeclaration: 'function(){return this.v}',
      objectGroup: GROUP,
      silent: true,
    };
    return post<{ result: { objectId: string } }>('Runtime.callFunctionOn', call).result.objectId;
  } finally {
    mailbox.v = null;
  }
}

function valueOf(remote: RemoteObject | undefined): unknown {
  if (remote === undefined) return undefined;
  if (remote.objectId === undefined) {
    const { unserializableValue: text } = remote;
    if (text === undefined) return remote.value;
    return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text); // NaN, -0, Infinity
  }
  const args = [{ objectId: mailboxId }];
  const functionDeclaration = 'function(b){b.v=this}';
  post('Runtime.callFunctionOn', { objectId: remote.objectId, functionDeclaration, arguments: args, silent: true });
  const value = mailbox.v;
  mailbox.v = null;
  return value;
}

/**
 * Looks into a function or a proxy; 30 to 60 microseconds.
 *
 * @throws EncodeError `ERR_NO_INSPECTOR`
 */
export function look(value: unknown): Insight {
  connect();
  try {
    const params = { objectId: handleOf(value), ownProperties: true };
    const found = post<{ internalProperties?: Property[] }>('Runtime.getProperties', params).internalProperties ?? [];
    const internal = (name: string): RemoteObject | undefined => found.find((each) => each.name === name)?.value;
    if (internal('[[Handler]]') !== undefined)
      return { scopes: [], proxy: { target: valueOf(internal('[[Target]]')) } };
    const target = internal('[[TargetFunction]]');
    if (target !== undefined) {
      const args = [...(valueOf(internal('[[BoundArgs]]')) as unknown[])];
      return { scopes: [], bound: { target: valueOf(target), boundThis: valueOf(internal('[[BoundThis]]')), args } };
    }
    const location = internal('[[FunctionLocation]]')?.value as Insight['location'];
    const scopes = scopesFrom(valueOf(internal('[[Scopes]]')));
    return location === undefined ? { scopes } : { location, scopes };
  } finally {
    post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }
}

function scopesFrom(list: unknown): Scope[] {
  const scopes: Scope[] = [];
  const shown = (list ?? []) as ArrayLike<{ readonly description: string; readonly object: Record<string, unknown> }>;
  for (let i = 0; i < shown.length; i += 1) {
    const { description: type, object: vars } = shown[i] as (typeof shown)[number];
    if (type !== 'Global') scopes.push({ type, vars, names: Object.getOwnPropertyNames(vars) });
  }
  return scopes;
}

/**
 * The names, with `#`, of an object's private members.
 *
 * @throws EncodeError `ERR_NO_INSPECTOR`
 */
export function privateNames(object: object): string[] {
  connect();
  try {
    const params = { objectId: handleOf(object), ownProperties: true };
    const { privateProperties = [] } = post<{ privateProperties?: Property[] }>('Runtime.getProperties', params);
    return privateProperties.map((each) => each.name);
  } finally {
    post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }
}

/**
 * Tells the listener of every script of which V8 still knows that a function ran, which is nearly all: it counts that anyway, and
 * is only asked for it here. 2 to 30 milliseconds, by the number of functions. Nobody's own coverage is disturbed.
 */
export function tellOfScriptsThatRan(): void {
  const { result } = post<{ result: { scriptId: string; url: string }[] }>('Profiler.getBestEffortCoverage');
  for (const { scriptId, url } of result) onScript(scriptId, url);
}

/** Makes V8 tell of every script that is alive, to the listener. 15 to 90 milliseconds, by their length: it hashes them. */
export function enableOnce(): void {
  connect();
  try {
    post('Debugger.enable');
  } finally {
    post('Debugger.disable');
  }
}

/** Whether the inspector can be used in this thread. */
export function hasInspector(): boolean {
  if (session !== undefined) return true;
  if (unavailable !== undefined) return false;
  try {
    connect();
    return true;
  } catch {
    return false;
  }
}
