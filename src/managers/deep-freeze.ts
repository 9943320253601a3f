/**
 * Freezes a copy through and through, so that whoever changes it learns at once that nobody else would see the change.
 *
 * Bounded  Bytes cannot be frozen: typed arrays and buffers stay as they are. Objects that have a class of their own are left alone, proxies
 *          among them.
 * @module
 */
import { types } from 'node:util';

const MUTATORS: ReadonlyMap<object, readonly string[]> = new Map<object, readonly string[]>([
  [Map.prototype, ['set', 'delete', 'clear', 'getOrInsert', 'getOrInsertComputed']],
  [Set.prototype, ['add', 'delete', 'clear']],
  [Date.prototype, Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'))],
]);

function refuse(): never {
  throw new TypeError(
    'This is a frozen copy of something that lives elsewhere; a change would be lost. Change it through its proxy, or make a copy of ' +
      'your own with structuredClone().',
  );
}

/** Freezes a value and all that is in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const open: object[] = [value];
  const seen = new Set<object>(open);
  const add = (each: unknown): void => {
    if (typeof each !== 'object' || each === null || seen.has(each)) return;
    seen.add(each);
    open.push(each);
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (ArrayBuffer.isView(next) || types.isAnyArrayBuffer(next)) continue;
    const proto: object | null = Object.getPrototypeOf(next);
    const mutators = proto === null ? undefined : MUTATORS.get(proto);
    if (types.isMap(next)) {
      for (const [key, each] of next) {
        add(key);
        add(each);
      }
    } else if (types.isSet(next)) for (const each of next) add(each);
    else if (mutators === undefined && proto !== null && proto !== Object.prototype && !Array.isArray(next)) continue;
    for (const name of mutators ?? []) Object.defineProperty(next, name, { value: refuse, enumerable: false });
    for (const key of Object.keys(next)) add((next as Record<string, unknown>)[key]);
    Object.freeze(next);
  }
  return value;
}
