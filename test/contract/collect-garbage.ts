/**
 * Collects what nobody holds, and lets finalizers run.
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

/** Finalizers are tasks of their own: they run after this has resolved at the latest. */
export async function collectGarbage(): Promise<void> {
  // What a turn has looked at through a weak reference is held until it ends.
  await turn();
  gc();
  await turn();
}
