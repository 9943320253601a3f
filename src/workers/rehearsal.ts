/**
 * What a spare thread or process is given to do before it is needed: a task that does nothing, so that all that a task goes through
 * has been compiled by the time of the first real one.
 * @module
 */
import { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import type { Packed } from '../closures/packet.ts';
import { CALL, type ToWorker } from './messages.ts';

const messages = new Map<'thread' | 'process', ToWorker>();

/** The message with the task in it. */
export function rehearsal(destination: 'thread' | 'process'): ToWorker {
  const known = messages.get(destination);
  if (known !== undefined) return known;
  const parts: ToWorker[] = [];
  const book = new CodeBook((id, unit) => parts.push({ type: 'code', id, unit }));
  // Plain data and a function that takes nothing from around it: never promises.
  const callee = pack((value: unknown) => value, { destination, book, root: 'function' }) as Packed;
  const args = pack([0], { destination, book, root: 'arguments' }) as Packed;
  parts.push({ type: 'task', id: 0, fn: 0, kind: CALL, callee: callee.packet, args: args.packet });
  const message: ToWorker = { type: 'rehearsal', parts };
  messages.set(destination, message);
  return message;
}
