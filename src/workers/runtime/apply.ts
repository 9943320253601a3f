/**
 * Calls a task's function with its values: once, or for each item of a chunk.
 * @module
 */
import { CALL, CHUNK, SETTLE } from '../messages.ts';
import { applyChunk, type Callee, settleChunk } from './chunk.ts';

/** @param kind how, without `WATCHED` */
export function apply(call: Callee, kind: number, values: unknown[]): unknown {
  if ((kind & 3) === CALL) {
    switch (values.length) {
      case 0:
        return call();
      case 1:
        return call(values[0]);
      case 2:
        return call(values[0], values[1]);
      default:
        return call(...values);
    }
  }
  const each = (kind & SETTLE) === 0 ? applyChunk : settleChunk;
  return each(call, (kind & 3) === CHUNK, values[0] as unknown[]);
}
