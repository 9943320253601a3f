/**
 * Collects what nobody holds, here and not in the workers.
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

/** Finalizers have run by the time it resolves. */
export async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    gc();
    await turn();
  }
}
