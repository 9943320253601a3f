/**
 * What was put on a function's `prototype` by hand: `Point.prototype.add = function …`, or an object made by `Object.create`.
 *
 * The methods of a class come with its text, so they are left out; everything else on the prototype travels.
 * @module
 */
import { types } from 'node:util';
import { isWrittenIn } from './member-path.ts';
import type { PackContext } from './pack-context.ts';
import type { PrototypeChanges, PrototypeMember, Ref } from './packet.ts';

/** What has to be done again to the prototype of a copy; undefined for nothing. */
export function packPrototype(packer: PackContext, fn: Function, isClass: boolean): PrototypeChanges | undefined {
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value;
  if (typeof prototype !== 'object' || prototype === null || types.isGeneratorFunction(fn)) return undefined;
  const ref = (key: PropertyKey, value: unknown): Ref =>
    value === undefined ? -1 : packer.at(`.prototype.${String(key)}`, () => packer.add(value));
  const members: PrototypeMember[] = [];
  for (const key of Reflect.ownKeys(prototype)) {
    const property = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
    const { value, get, set } = property;
    const own: unknown = value ?? get ?? set;
    if (key === 'constructor' || (isClass && isWrittenIn(fn, property, own))) continue;
    const node = typeof key === 'symbol' ? packer.add(key) : key;
    members.push({
      key: node,
      enumerable: property.enumerable ?? false,
      value: Object.hasOwn(property, 'value') ? packer.at(`.prototype.${String(key)}`, () => packer.add(value)) : -1,
      get: ref(key, get),
      set: ref(key, set),
    });
  }
  const up: object | null = Object.getPrototypeOf(prototype);
  if (isClass || up === Object.prototype || up === null) return finish(packer, members, -1, false);
  const maker: unknown = Object.getOwnPropertyDescriptor(up, 'constructor')?.value;
  const viaClass = typeof maker === 'function' && maker.prototype === up;
  const parent = packer.at('.prototype', () => packer.add(viaClass ? maker : up));
  return finish(packer, members, parent, viaClass);
}

function finish(
  packer: PackContext,
  members: readonly PrototypeMember[],
  parent: Ref,
  viaClass: boolean,
): PrototypeChanges | undefined {
  if (members.length === 0 && parent < 0) return undefined;
  packer.stable = false;
  return { members, parent, viaClass };
}
