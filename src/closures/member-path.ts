/**
 * Ways from a module's exports, a scope or a class to a function inside.
 *
 * Looked at are the values themselves, their own properties, and the members of a class's prototype; no getter is called.
 * @module
 */
import { types } from 'node:util';
import { textOf } from './function-text.ts';
import type { Scope } from './inspector.ts';
import { stepOf } from './known-values.ts';
import type { Step } from './packet.ts';

/** What reading a variable gives that has no value yet. */
export const notYet: unique symbol = Symbol('not yet initialised');

/** A variable's value, or `notYet`. */
export function readVariable(scope: Scope, name: string): unknown {
  try {
    return scope.vars[name];
  } catch {
    return notYet;
  }
}

/** From a module's exports to a function: an export, a property of one, or a method of an exported class. */
export function pathFromExports(exports: unknown, fn: Function): readonly Step[] | undefined {
  if (exports === fn) return [];
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return undefined;
  for (const name of Object.keys(exports)) {
    let value: unknown;
    try {
      value = (exports as Record<string, unknown>)[name];
    } catch {
      continue; // an export that has no value yet
    }
    const path = memberPath(value, fn);
    if (path !== undefined) return [name, ...path];
  }
  return undefined;
}

/** From a scope's variables to a function. */
export function pathFromScope(scope: Scope | undefined, fn: Function): readonly Step[] | undefined {
  for (const name of scope?.names ?? []) {
    const path = memberPath(readVariable(scope as Scope, name), fn);
    if (path !== undefined) return [name, ...path];
  }
  return undefined;
}

/** From a value to a function that it is, has as a property, or, being a class, has as a method. */
export function memberPath(value: unknown, fn: Function): readonly Step[] | undefined {
  if (value === fn) return [];
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || types.isProxy(value))
    return undefined;
  const own = ownMember(value, fn);
  if (own !== undefined || typeof value !== 'function') return own;
  const prototype: unknown = Object.getOwnPropertyDescriptor(value, 'prototype')?.value;
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  const inherited = ownMember(prototype, fn);
  return inherited === undefined ? undefined : ['prototype', ...inherited];
}

function ownMember(object: object, fn: Function): readonly Step[] | undefined {
  for (const key of Reflect.ownKeys(object)) {
    if (key === 'prototype' || key === 'constructor') continue;
    const property = Object.getOwnPropertyDescriptor(object, key);
    const step = stepOf(key);
    if (property === undefined || step === undefined) continue;
    if (property.value === fn) return [step];
    if (typeof step !== 'string') continue;
    if (property.get === fn) return [{ get: step }];
    if (property.set === fn) return [{ set: step }];
  }
  return undefined;
}

const propertyOf = (object: object, fn: Function): PropertyDescriptor | undefined =>
  Reflect.ownKeys(object)
    .map((key) => Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor)
    .find(({ value, get, set }) => value === fn || get === fn || set === fn);

/**
 * Whether a member of a class was written in it, rather than put there later: such are part of its text, and not enumerable. (A decorator may
 * have made them so; but `super` and private names could be nowhere else.)
 */
export function isWrittenIn(Class: Function, property: PropertyDescriptor | undefined, member: unknown): boolean {
  if (typeof member !== 'function') return false;
  const text = textOf(member);
  if (!text.isMethod || !textOf(Class).text.includes(text.text)) return false;
  return property?.enumerable === false || text.mentions(/\bsuper\b|#/);
}

/** The class, in some scope around it, that a method was written in. */
export function ownerClass(
  fn: Function,
  scopes: readonly Scope[],
): { readonly owner: Function; readonly path: readonly Step[] } | undefined {
  for (const scope of scopes) {
    for (const name of scope.names) {
      const owner = readVariable(scope, name);
      if (typeof owner !== 'function' || owner === fn || !isClass(owner)) continue;
      const path = memberPath(owner, fn);
      if (path === undefined || path.length === 0) continue;
      if (isWrittenIn(owner, propertyOf(path.length > 1 ? owner.prototype : owner, fn), fn)) return { owner, path };
    }
  }
  return undefined;
}

/** Whether a function was written as a class. */
export const isClass = (fn: Function): boolean => /^class\b/.test(Function.prototype.toString.call(fn));

/** A path as a person would write it. */
export const pathText = (path: readonly Step[]): string =>
  path
    .map((step) =>
      typeof step === 'string' ? step : 'symbol' in step ? `[Symbol.${step.symbol}]` : Object.values(step)[0],
    )
    .join('.');
