/**
 * Flows: which chain of calls and awaits is running, where somebody has marked one.
 *
 * How it works  `run` of a lock marks everything that its function does, awaits included, by `AsyncLocalStorage`. That is the
 *               only way to tell two async functions of one thread apart: they share the thread, and V8 does not name them.
 *               Nothing is stored, and nothing is looked up, before the first `run`.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

let storage: AsyncLocalStorage<number> | undefined;
let flows = 0;

/** The number of the running flow; 0 outside of every `run`. */
export const currentFlow = (): number => storage?.getStore() ?? 0;

/** Runs a function as a flow: the one around it, if there is one, else a new one. */
export function inFlow<T>(fn: () => T): T {
  storage ??= new AsyncLocalStorage();
  return storage.getStore() === undefined ? storage.run(++flows, fn) : fn();
}
