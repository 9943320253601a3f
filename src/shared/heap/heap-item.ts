/**
 * What one place of the shared heap holds, as the heap has it and as JavaScript sees it.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../../errors/executor-errors.ts';
import type { HeapData, HeapObject } from '../../memory/shared-heap.ts';
import type { FieldType } from '../descriptors.ts';
import { fieldOf } from '../field-of.ts';
import { refuse } from '../number-field.ts';
import { collectionOver, rawOfCollection } from './heap-collection.ts';
import {
  heapLayoutSymbol,
  type HeapStructClass,
  instanceOver,
  isHeapStruct,
  type Owner,
  rawOf,
} from './heap-instance.ts';
import type { ItemType, ReferenceType } from './heap-types.ts';

/** One kind of thing in the shared heap. */
export interface HeapItem {
  /** What is there at first. */
  readonly first: HeapData;
  /** What the heap is to hold for a value. @throws InvalidValueError */
  check(value: unknown, name: string, owner: Owner): HeapData;
  /** What the heap holds, for people. */
  show(data: HeapData, owner: Owner): unknown;
}

const asIs = (data: HeapData): HeapData => data;

const textItem: HeapItem = {
  first: '',
  check(value, name) {
    if (typeof value !== 'string') return refuse(name, 'is a text', value);
    return value;
  },
  show: asIs,
};

const anythingItem: HeapItem = {
  first: undefined,
  check(value, name) {
    if (value === null || ['undefined', 'boolean', 'number', 'string'].includes(typeof value)) return value as HeapData;
    return rawOfCollection(value, name);
  },
  show(data) {
    return typeof data === 'object' && data !== null ? collectionOver(data as HeapObject) : data;
  },
};

function structItem(classOf: (owner: Owner) => HeapStructClass, optional: boolean): HeapItem {
  return {
    first: undefined,
    check(value, name, owner) {
      if (optional && value === undefined) return undefined;
      const Class = classOf(owner);
      return rawOf(value, Class) ?? refuse(name, `refers to a ${Class.name}`, value);
    },
    show: (data, owner) => (data === undefined ? undefined : instanceOver(classOf(owner), data as HeapObject)),
  };
}

function ownClass(owner: Owner): HeapStructClass {
  if (owner !== undefined) return owner;
  throw new InvalidOptionError("'self' means the class of the struct that a field belongs to; here is no struct.");
}

function referenceItem({ to }: ReferenceType, name: string, optional: boolean): HeapItem {
  if (typeof to !== 'function') throw notAClass(name, to);
  let found: HeapStructClass | undefined;
  return structItem(() => {
    if (found === undefined) {
      const Class: unknown = isHeapStruct(to) ? to : isArrow(to) ? (to as () => unknown)() : undefined;
      if (!isHeapStruct(Class)) throw notAClass(name, Class ?? to);
      found = Class;
    }
    return found;
  }, optional);
}

const isArrow = (fn: Function): boolean => !('prototype' in fn);

const notAClass = (name: string, found: unknown): InvalidOptionError =>
  new InvalidOptionError(
    `Field '${name}': reference(…) takes a class made by sharedStruct whose instances live in the shared heap; not ${inspect(found, { depth: 0 })}.`,
  );

/**
 * The kind of thing that a descriptor describes.
 *
 * @param optional whether there may be nothing where a struct could be
 * @throws InvalidOptionError when the heap has no such thing
 */
export function heapItemOf(type: ItemType, name: string, optional = false): HeapItem {
  switch ((type as Partial<ItemType> | null | undefined)?.kind) {
    case 'text':
      return textItem;
    case 'anything':
      return anythingItem;
    case 'self':
      return structItem(ownClass, optional);
    case 'reference':
      return referenceItem(type as ReferenceType, name, optional);
    case 'boolean':
      return plainItem(type, name, false);
    case 'string':
      return plainItem(type, name, '');
    case 'float32': {
      const item = plainItem(type, name, 0);
      return { ...item, check: (value, path, owner) => Math.fround(item.check(value, path, owner) as number) };
    }
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'float64':
      return plainItem(type, name, 0);
    default:
      throw new InvalidOptionError(
        `Field '${name}' cannot be ${inspect(type, { depth: 0 })} in the shared heap, which has int8 … float64, boolean, string(bytes), text, anything, self, reference(Class), listOf(…), mapOf(…), other structs of the heap, and locks.`,
      );
  }
}

/** Says the same of two items that hold the same. A class that is given as a function may not be there yet, and is not looked for. */
export function textOf(type: ItemType): string {
  if (type.kind === 'string') return `string(${type.bytes})`;
  if (type.kind === 'reference' && isHeapStruct(type.to)) return `reference(${type.to[heapLayoutSymbol].text})`;
  return type.kind;
}

/** As in a struct of bytes. */
function plainItem(type: FieldType, name: string, first: HeapData): HeapItem {
  const { check } = fieldOf(type, name);
  return { first, check: (value, path) => check(value, path) as HeapData, show: asIs };
}
