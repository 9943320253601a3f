/**
 * Flows: which chain of calls and awaits is running, where somebody has marked one.
 *
 * How it works  `run` of a lock marks everything that its function does, awaits included, by `AsyncLocalStorage`. That is the
 *               only way to tell two async functions of one thread apart: they share the thread, and V8 does not name them.
 *               Nothing is stored, and nothing is looked up, before the first `run`.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** A chain of calls and awaits. */
export interface Flow {
  /** 1 or more. */
  readonly number: number;
  /** How many things are held around what runs now. */
  held: number;
}

let storage: AsyncLocalStorage<Flow> | undefined;
let flows = 0;

/** The running flow, if there is one. */
export const thisFlow = (): Flow | undefined => storage?.getStore();

/** The number of the running flow; 0 outside of every `run`. */
export const currentFlow = (): number => storage?.getStore()?.number ?? 0;

/** Runs a function as a flow: the one around it, if there is one, else a new one. */
export function inFlow<T>(fn: (flow: Flow) => T): T {
  storage ??= new AsyncLocalStorage();
  const around = storage.getStore();
  if (around !== undefined) return fn(around);
  flows += 1;
  const flow: Flow = { number: flows, held: 0 };
  return storage.run(flow, () => fn(flow));
}
