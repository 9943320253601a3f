/**
 * Stops a module that starts threads as soon as it is loaded from being loaded by thread after thread.
 *
 * How it works  While a worker imports a module for a packet, an `AsyncLocalStorage` carries the module's URL through everything
 *               that the module does at its top level. On Node 22 such a storage slows every await of the thread, so there it
 *               is switched off again when no import is under way; what a module leaves behind in a timer is then not seen.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ManyhandsError } from '../errors/manyhands-error.ts';

const FREE_OF_CHARGE_FROM = 24;
const costs = Number(process.versions.node.split('.')[0]) < FREE_OF_CHARGE_FROM;
const context = new AsyncLocalStorage<string>();
let imports = 0;

/** Runs an import on behalf of a packet. */
export async function importing<T>(url: string, load: () => T | PromiseLike<T>): Promise<T> {
  imports += 1;
  try {
    return await context.run(url, load);
  } finally {
    imports -= 1;
    if (costs && imports === 0) context.disable();
  }
}

/**
 * Refuses to start workers from code that runs because a worker imports it.
 *
 * @throws ManyhandsError `ERR_SPAWN_WHILE_IMPORTING`
 */
export function assertMayStartWorkers(): void {
  const url = imports === 0 && costs ? undefined : context.getStore();
  if (url === undefined) return;
  throw new ManyhandsError(
    `A worker was to be started by code that another worker runs because it imports ${url}. That module starts workers as ` +
      'soon as it is loaded, so each worker that loads it would start more. Put the code in a function that is not called ' +
      'while the module loads, or behind `if (import.meta.main) { … }` or `if (isMainThread) { … }`.',
    { code: 'ERR_SPAWN_WHILE_IMPORTING' },
  );
}
