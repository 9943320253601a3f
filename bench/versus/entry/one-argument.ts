/**
 * The worker file of piscina and tinypool, whose tasks have one argument.
 * @module
 */
import { add as addTwo } from './tasks.ts';

export { burn, bytes, greet, take, text } from './tasks.ts';

/** `add` of a pair. */
export function add(pair: readonly [number, number]): number {
  return addTwo(pair[0], pair[1]);
}
