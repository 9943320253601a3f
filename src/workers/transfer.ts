/**
 * Marks a value whose buffers, ports or streams are to be moved instead of copied.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { Transferable } from './worker-backend.ts';

/** A value with its transfer list, on its way to or from a task. */
export class Transfer<T = unknown> {
  readonly #brand = true;
  readonly value: T;
  readonly list: readonly Transferable[];

  constructor(value: T, list: readonly Transferable[]) {
    this.value = value;
    this.list = list;
  }

  /** `instanceof` would ask a `Proxy` of the user's for its prototype, and that may throw. */
  static is(value: unknown): value is Transfer {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

/**
 * Passes a value by moving the listed objects: no byte is copied, and the sender's own are detached.
 *
 * Use it for an argument, or return it from a task. Only threads can take what is moved; between processes the bytes are
 * copied, and what cannot be copied is refused.
 *
 * **Python** has no counterpart.
 *
 * @param value an argument or a result that holds the listed objects, anywhere in it
 * @param list `ArrayBuffer`, `MessagePort`, and whatever else Node can transfer
 * @returns the value, as far as types go: the function receives it as it is
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when the list is no array
 * @example
 * const image = new Uint8Array(16 * 1024 * 1024);
 * const smaller = await pool.submit(shrink, transfer(image, [image.buffer]));
 */
export function transfer<T>(value: T, list: readonly Transferable[]): T {
  if (!Array.isArray(list))
    throw new InvalidOptionError(`transfer() takes an array of objects to move, not ${typeof list}.`);
  return new Transfer(value, list) as unknown as T;
}
