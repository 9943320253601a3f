/**
 * What lists and maps of the shared heap have in common, so that each can hold the other.
 * @module
 */
import { EncodeError } from '../../errors/encode-error.ts';
import type { HeapObject } from '../../memory/shared-heap.ts';
import { refuse } from '../number-field.ts';
import type { Owner } from './heap-instance.ts';
import type { ItemType } from './heap-types.ts';

/** Key of what a collection shows. */
export const shownSymbol: unique symbol = Symbol('heap collection') as never;

/** A `HeapList` or a `HeapMap`. */
export interface HeapCollection {
  /** @internal */
  readonly [shownSymbol]: Shown;
}

/** What a collection shows. */
export interface Shown {
  readonly raw: HeapObject;
  /** What its items are. */
  readonly of: ItemType;
  /** The struct of which it is a field. */
  readonly owner?: Owner;
}

/** Values of fields and items of the type `anything`. */
export type HeapValue = undefined | null | boolean | number | string | HeapCollection;

export const anythingType: ItemType = Object.freeze({ kind: 'anything' });

type Make = (shown: Shown) => HeapCollection;
const makers: { readonly has: string; readonly make: Make }[] = [];

/** Says how an object of the heap that has such a field is shown where it may be anything. */
export function showAs(has: string, make: Make): void {
  makers.push({ has, make });
}

/** A collection that is there. */
export const collectionOver = (raw: HeapObject): HeapCollection | undefined =>
  makers.find(({ has }) => has in raw)?.make({ raw, of: anythingType });

/** What the heap holds of a collection, where it may be anything. @throws InvalidValueError */
export function rawOfCollection(value: unknown, name: string): HeapObject {
  if (typeof value === 'object' && value !== null && shownSymbol in value) {
    const { raw, of } = (value as HeapCollection)[shownSymbol];
    if (of.kind === 'anything') return raw;
    return refuse(name, `may hold lists and maps of anything, not of ${of.kind}`, value);
  }
  return refuse(name, 'holds numbers, booleans, texts, null, undefined, a HeapList or a HeapMap', value);
}

export const notForProcesses = (what: string): EncodeError =>
  new EncodeError(
    `this ${what} lives in the shared heap, which only the threads of one process see. Send its values, or use memory between processes (scope: 'process').`,
    { code: 'ERR_NOT_SHAREABLE' },
  );

/**
 * How what an object shows is printed, one level further down; undefined when that is too deep. Objects of the heap may lead back to
 * themselves, and each look shows them by another object, so `inspect` cannot know.
 */
export const within = (depth: number | null, options: object): object | undefined =>
  depth !== null && depth < 0 ? undefined : { ...options, depth: Math.min(depth ?? DEEPEST, DEEPEST) - 1 };

const DEEPEST = 20;
