/**
 * Which function here is which function there: a function that comes back to where it was made is itself again.
 *
 * How it works  The realm (thread of a process) where a function is first packed gives it a token `pid.thread.number`. A copy
 *               made elsewhere takes the token over, so it carries it when it is packed again. In the realm that the token
 *               names the original is looked up. A class is also looked up where it was copied to, so that the instances of
 *               two messages have one class; other functions are made anew, since captured variables may have changed.
 * Invariants    1. A token names one original. 2. Nothing here keeps a function alive: an entry goes when its function does.
 * @module
 */
import { threadId } from 'node:worker_threads';

const realm = `${process.pid}.${threadId}.`;
const tokens = new WeakMap<object, string>();
const originals = new Map<string, WeakRef<Function>>();
const copies = new Map<string, WeakRef<Function>>();
const collected = new FinalizationRegistry<string>((token) => {
  for (const table of [originals, copies]) if (table.get(token)?.deref() === undefined) table.delete(token);
});
let next = 0;

/** The function's token, given now when it has none. */
export function tokenOf(fn: Function): string {
  let token = tokens.get(fn);
  if (token === undefined) {
    next += 1;
    token = realm + next;
    tokens.set(fn, token);
    originals.set(token, new WeakRef(fn));
    collected.register(fn, token);
  }
  return token;
}

/** The function itself, when this realm is where it came from. */
export const originalOf = (token: string): Function | undefined => originals.get(token)?.deref();

/** The class made here when it first arrived. */
export const copyOf = (token: string): Function | undefined => copies.get(token)?.deref();

/** Says that a function stands for the token's original in this realm. */
export function adopt<F extends Function>(token: string, fn: F, keep = false): F {
  if (tokens.has(fn)) return fn;
  tokens.set(fn, token);
  if (keep) {
    copies.set(token, new WeakRef<Function>(fn));
    collected.register(fn, token);
  }
  return fn;
}

const imported = new WeakMap<object, readonly ['import', string, string, string, string | undefined]>();

/** Remembers where an imported object came from, so that it can be sent on. */
export function rememberImport(
  value: object,
  node: readonly ['import', string, string, string, string | undefined],
): void {
  imported.set(value, node);
}

/** How an object was imported that arrived here as an import. */
export const importNodeOf = (
  value: object,
): readonly ['import', string, string, string, string | undefined] | undefined => imported.get(value);
