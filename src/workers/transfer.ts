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

/** Values without their marks, and what they asked to move, each object once. */
export interface Unwrapped {
  readonly values: readonly unknown[];
  readonly list: readonly Transferable[];
}

/** Takes the marks off a list's values, and off the values of lists in it, so many levels down. */
export function unwrapTransfers(values: readonly unknown[], levels = 1): Unwrapped {
  const list = new Set<Transferable>();
  return { values: unwrapList(values, levels, list), list: [...list] };
}

/** Results of which some may be marked as one value, marked if so. */
export function gatherTransfers(results: readonly unknown[]): unknown {
  const { values, list } = unwrapTransfers(results);
  return values === results ? results : new Transfer(values, list);
}

function unwrapList(values: readonly unknown[], levels: number, list: Set<Transferable>): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    let bare = value;
    if (Transfer.is(value)) {
      bare = value.value;
      for (const each of value.list) list.add(each);
    } else if (levels > 1 && Array.isArray(value)) {
      bare = unwrapList(value, levels - 1, list);
    }
    if (bare === value) continue;
    copy ??= [...values];
    copy[i] = bare;
  }
  return copy ?? values;
}

/**
 * Passes a value by moving the listed objects: no byte is copied, and the sender's own are detached.
 *
 * Use it for an argument, an item of a map, or return it from a task. Only threads can take what is moved; between processes the bytes are
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
