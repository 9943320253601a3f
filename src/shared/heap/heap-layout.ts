/**
 * The fields of a struct in the shared heap.
 *
 * How it works  Each field is one of the struct's places in the heap. A number, a text or a reference is there itself; a list, a map, a
 *               struct and the words of a lock are objects of the heap of their own, which stay as long as the struct does.
 * @module
 */
import { InvalidOptionError } from '../../errors/executor-errors.ts';
import { type HeapArray, heapArray, type HeapData, type HeapObject, heapType } from '../../memory/shared-heap.ts';
import { CORE_WORDS } from '../../sync/core.ts';
import { coreInHeap } from '../../sync/place.ts';
import type { FieldType } from '../descriptors.ts';
import { isIterable, noSibling, type Sibling } from '../field.ts';
import { refuse } from '../number-field.ts';
import { isStruct } from '../struct-field.ts';
import { TAKEN } from '../struct-layout.ts';
import { isSyncClass, refuseToReplace, syncPart } from '../sync-field.ts';
import {
  type HeapLayout,
  type Owner,
  heapSymbol,
  type HeapStructClass,
  heapLayoutSymbol,
  instanceOver,
  isHeapStruct,
  rawOf,
} from './heap-instance.ts';
import { type HeapItem, heapItemOf, textOf } from './heap-item.ts';
import { HeapList, newList } from './heap-list.ts';
import { checkKey, HeapMap, newMap } from './heap-map.ts';
import type { HeapType, ItemType } from './heap-types.ts';

/** One field. */
interface HeapField {
  /** Says the same of two fields that hold the same. */
  readonly text: string;
  /** Whether `show` gives an object, which is made once. */
  readonly isObject: boolean;
  /** What a new struct has there. */
  make(): HeapData;
  /** Prepares what has been made, where that is a lock. */
  prepare?(data: HeapData, sibling: Sibling): void;
  show(data: HeapData, owner: Owner, sibling: Sibling): unknown;
  /** The value, read once, as `put` wants it. @throws InvalidValueError */
  check(value: unknown, name: string, owner: Owner): unknown;
  /** Puts there what `check` gave. */
  put(raw: HeapObject, name: string, checked: unknown, owner: Owner): void;
  /** What `put` wants to make another field the same. */
  copied(data: HeapData, owner: Owner): unknown;
  /** What is there, as plain data; undefined when it is none. */
  plain(data: HeapData, owner: Owner): unknown;
}

const kinds: ReadonlySet<string> = new Set<HeapType['kind']>(['text', 'anything', 'self', 'reference', 'list', 'map']);

/** Whether a struct with these fields has to live in the shared heap. */
export const needsHeap = (schema: Readonly<Record<string, FieldType>>): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  Object.values(schema).some(
    (type) =>
      isHeapStruct(type) ||
      (typeof type === 'object' && kinds.has((type as { readonly kind?: string } | null)?.kind ?? '')),
  );

/** @throws InvalidOptionError when something in it cannot be in the heap */
export function layOutInHeap(schema: Readonly<Record<string, FieldType>>): HeapLayout {
  const fields = new Map<string, HeapField>();
  for (const [name, type] of Object.entries(schema)) {
    if (TAKEN.has(name)) throw new InvalidOptionError(`A field of a shared struct cannot be named '${name}'.`);
    fields.set(name, heapFieldOf(type, name));
  }
  const names = [...fields.keys()];
  const fieldOf = (name: string): HeapField => fields.get(name) as HeapField;
  let make: (() => HeapObject) | undefined;
  return {
    names,
    text: `{${names.map((name) => `${name}:${fieldOf(name).text}`).join()}}`,
    isObject: (name) => fieldOf(name).isObject,
    make() {
      make ??= heapType(names, `manyhands struct ${JSON.stringify(names)}`);
      const raw = make();
      for (const [name, field] of fields) raw[name] = field.make();
      const sibling: Sibling = (name) => fields.get(name)?.show(raw[name], undefined, noSibling);
      for (const [name, field] of fields) field.prepare?.(raw[name], sibling);
      return raw;
    },
    show: (raw, name, owner, sibling) => fieldOf(name).show(raw[name], owner, sibling),
    set(raw, name, value, owner) {
      const field = fieldOf(name);
      field.put(raw, name, field.check(value, name, owner), owner);
    },
    check(values, path, owner) {
      const checked: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(values)) {
        const field = fields.get(name);
        const place = path === '' ? name : `${path}.${name}`;
        if (field === undefined)
          throw new InvalidOptionError(`There is no field '${place}'; there are ${names.join(', ')}.`);
        if (value !== undefined) checked[name] = field.check(value, place, owner);
      }
      return checked;
    },
    put(raw, checked, owner) {
      for (const [name, value] of Object.entries(checked)) fieldOf(name).put(raw, name, value, owner);
    },
    copied: (raw, owner) =>
      Object.fromEntries(Array.from(fields, ([name, field]) => [name, field.copied(raw[name], owner)])),
    plain(raw, owner) {
      const values: Record<string, unknown> = {};
      for (const [name, field] of fields) {
        const value = field.plain(raw[name], owner);
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
  };
}

function heapFieldOf(type: FieldType, name: string): HeapField {
  if (isSyncClass(type)) return lockField(type, []);
  if (isHeapStruct(type)) return structField(type);
  if (isStruct(type)) {
    throw new InvalidOptionError(
      `Field '${name}': this struct is made of bytes, and the other fields live in the shared heap. Give one of its own fields to the heap as well (text, anything), or keep it apart.`,
    );
  }
  const { kind } = (type ?? {}) as { readonly kind?: string };
  if (kind === 'sync' && 'class' in type && isSyncClass(type.class)) return lockField(type.class, type.args);
  if (kind === 'list') return listField((type as { readonly of: ItemType }).of, name);
  if (kind === 'map') return mapField((type as { readonly of: ItemType }).of, name);
  return itemField(textOf(type as ItemType), heapItemOf(type as ItemType, name, true));
}

function itemField(text: string, item: HeapItem): HeapField {
  return {
    text,
    isObject: false,
    make: () => item.first,
    show: (data, owner) => item.show(data, owner),
    check: (value, name, owner) => item.check(value, name, owner),
    put(raw, name, checked) {
      raw[name] = checked as HeapData;
    },
    copied: (data) => data,
    plain: (data, owner) => item.show(data, owner),
  };
}

function listField(of: ItemType, name: string): HeapField {
  const item = heapItemOf(of, name);
  const over = (raw: HeapData, owner: Owner): HeapList => HeapList.over({ raw: raw as HeapObject, of, owner });
  const plain = (data: HeapData, owner: Owner): unknown[] => [...over(data, owner)];
  return {
    text: `list(${textOf(of)})`,
    isObject: true,
    make: newList,
    show: over,
    check(value, path, owner) {
      if (!isIterable(value)) return refuse(path, 'takes items', value);
      const items = [...value];
      for (const [i, each] of items.entries()) item.check(each, `${path}[${i}]`, owner);
      return items;
    },
    put: (raw, key, checked, owner) => over(raw[key], owner).replace(checked as never),
    copied: plain,
    plain,
  };
}

function mapField(of: ItemType, name: string): HeapField {
  const item = heapItemOf(of, name);
  const over = (raw: HeapData, owner: Owner): HeapMap => HeapMap.over({ raw: raw as HeapObject, of, owner });
  const plain = (data: HeapData, owner: Owner): Map<unknown, unknown> => new Map(over(data, owner));
  return {
    text: `map(${textOf(of)})`,
    isObject: true,
    make: newMap,
    show: over,
    check(value, path, owner) {
      if (!isIterable(value)) return refuse(path, 'takes pairs of key and value', value);
      const entries = Array.from(value as Iterable<readonly [unknown, unknown]>, ([key, each]) => [key, each] as const);
      for (const [key, each] of entries) {
        checkKey(key);
        item.check(each, `${path}: value of ${String(key)}`, owner);
      }
      return entries;
    },
    put: (raw, key, checked, owner) => over(raw[key], owner).replace(checked as never),
    copied: plain,
    plain,
  };
}

function lockField(Class: Parameters<typeof syncPart>[0], args: readonly unknown[]): HeapField {
  const part = syncPart(Class, args);
  const cores = (items: HeapData) => (index: number) => coreInHeap(items as HeapArray, index * CORE_WORDS);
  return {
    text: part.text,
    isObject: true,
    make: () => heapArray(part.cores * CORE_WORDS, 0),
    prepare: (items, sibling) => part.prepare(cores(items), sibling),
    show: (items, _owner, sibling) => part.show(cores(items), sibling),
    check: (value, name) => refuseToReplace(Class, name, value),
    put() {},
    copied: () => undefined,
    plain: () => undefined,
  };
}

function structField(Class: HeapStructClass): HeapField {
  const layout = Class[heapLayoutSymbol];
  return {
    text: layout.text,
    isObject: true,
    make: () => layout.make(),
    show: (data) => instanceOver(Class, data as HeapObject),
    check(value, name) {
      const from = rawOf(value, Class);
      if (from !== undefined) return layout.copied(from, Class);
      if (typeof value === 'object' && value !== null && !(heapSymbol in value))
        return layout.check(value, name, Class);
      return refuse(name, 'is a struct: give its fields, or an instance with the same ones', value);
    },
    put: (raw, name, checked) => layout.put(raw[name] as HeapObject, checked as Record<string, unknown>, Class),
    copied: (data) => layout.copied(data as HeapObject, Class),
    plain: (data) => layout.plain(data as HeapObject, Class),
  };
}
