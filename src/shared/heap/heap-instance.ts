/**
 * Instances of structs in the shared heap: an object of this thread that shows one of the heap.
 * @module
 */
import type { HeapObject } from '../../memory/shared-heap.ts';
import type { Sibling } from '../field.ts';

/** Key of the layout that a class of the shared heap has, and those that extend it. */
export const heapLayoutSymbol: unique symbol = Symbol.for('manyhands.heap-layout') as never;
/** Key of what an instance knows of its object in the heap. */
export const heapSymbol: unique symbol = Symbol.for('manyhands.heap') as never;

/** All fields of a struct. */
export interface HeapLayout {
  readonly names: readonly string[];
  /** Says the same of two structs with the same fields. */
  readonly text: string;
  isObject(name: string): boolean;
  /** A new struct in the heap, each field as it is at first. @throws SharedHeapError */
  make(): HeapObject;
  show(raw: HeapObject, name: string, owner: Owner, sibling: Sibling): unknown;
  set(raw: HeapObject, name: string, value: unknown, owner: Owner): void;
  check(values: object, path: string, owner: Owner): Readonly<Record<string, unknown>>;
  /** Puts there what `check` or `copied` gave. */
  put(raw: HeapObject, checked: Readonly<Record<string, unknown>>, owner: Owner): void;
  /** What `put` wants to make another struct the same; its locks stay as they are. */
  copied(raw: HeapObject, owner: Owner): Readonly<Record<string, unknown>>;
  plain(raw: HeapObject, owner: Owner): Record<string, unknown>;
}

/** The struct to which a place belongs: `self` speaks of its class. */
export type Owner = HeapStructClass | undefined;

/** A class whose instances live in the shared heap. */
export interface HeapStructClass {
  readonly name: string;
  readonly prototype: object;
  readonly byteLength: number;
  readonly [heapLayoutSymbol]: HeapLayout;
}

/** What an instance shows. */
export interface HeapPart {
  readonly raw: HeapObject;
  /** Objects that show fields, once they have been asked for. */
  readonly objects: Record<string, unknown>;
}

/** An instance, as this library sees it. */
export interface HeapInstance {
  readonly constructor: HeapStructClass;
  readonly [heapSymbol]: HeapPart;
}

/** Whether a class was made by `sharedStruct` and lives in the shared heap, or extends one that does. */
export const isHeapStruct = (Class: unknown): Class is HeapStructClass =>
  typeof Class === 'function' && (Class as { [heapLayoutSymbol]?: unknown })[heapLayoutSymbol] !== undefined;

/** An instance that shows an object of the heap; the class's own constructor is not called. */
export function instanceOver(Class: HeapStructClass, raw: HeapObject): HeapInstance {
  const instance = Object.create(Class.prototype) as object;
  const part: HeapPart = { raw, objects: Object.create(null) };
  return Object.defineProperty(instance, heapSymbol, { value: part }) as HeapInstance;
}

/** The object that an instance shows, when it has the fields of this class; undefined otherwise. */
export function rawOf(value: unknown, Class: HeapStructClass): HeapObject | undefined {
  if (typeof value !== 'object' || value === null || !(heapSymbol in value)) return undefined;
  const instance = value as HeapInstance;
  const own = instance.constructor[heapLayoutSymbol];
  return own.text === Class[heapLayoutSymbol].text ? instance[heapSymbol].raw : undefined;
}
