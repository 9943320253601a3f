/**
 * Descriptors of fields that only the shared heap can hold: they make the whole struct live there.
 * @module
 */
import type { ScalarType } from '../scalars.ts';

/** A text of any length. */
export interface TextType {
  readonly kind: 'text';
}

/** Anything that the heap holds. */
export interface AnythingType {
  readonly kind: 'anything';
}

/** Another struct of the same class, or none. */
export interface SelfType {
  readonly kind: 'self';
}

/** A struct of some class, or none. */
export interface ReferenceType<Instance = object> {
  readonly kind: 'reference';
  readonly to: HeapClass<Instance> | (() => HeapClass<Instance>);
}

/** A list that grows. */
export interface ListType<Of extends ItemType = ItemType> {
  readonly kind: 'list';
  readonly of: Of;
}

/** A map. */
export interface MapType<Of extends ItemType = ItemType> {
  readonly kind: 'map';
  readonly of: Of;
}

/** A class made by `sharedStruct` whose instances live in the shared heap. */
export interface HeapClass<Instance = object> {
  readonly prototype: Instance;
  readonly byteLength: number;
}

/** Types of fields that need the shared heap. */
export type HeapType = TextType | AnythingType | SelfType | ReferenceType | ListType | MapType;

/** What lists and maps can hold. */
export type ItemType = ScalarType | TextType | AnythingType | SelfType | ReferenceType;

/** Keys of a `HeapMap`. */
export type HeapKey = string | number | boolean;

/** A text of any length; `''` at first. **Python** `str`. **Needs** `node --harmony-struct`. */
export const text: TextType = Object.freeze({ kind: 'text' });

/** A number, a boolean, a text, `null`, `undefined`, a `HeapList` or a `HeapMap`. **Needs** `node --harmony-struct`. */
export const anything: AnythingType = Object.freeze({ kind: 'anything' });

/**
 * Another struct of the class that the field belongs to, or `undefined`. **Needs** `node --harmony-struct`.
 *
 * @example
 * class Node extends sharedStruct({ name: text, parent: self, children: listOf(self) }) {}
 */
export const self: SelfType = Object.freeze({ kind: 'self' });

/** A struct of some class, or `undefined`. A class that is declared later is given as a function. **Needs** `node --harmony-struct`. */
export const reference = <Instance>(to: HeapClass<Instance> | (() => HeapClass<Instance>)): ReferenceType<Instance> =>
  Object.freeze({ kind: 'reference', to });

/** A list that grows. **Python** `list`. **Needs** `node --harmony-struct`. */
export const listOf = <const Of extends ItemType>(of: Of): ListType<Of> => Object.freeze({ kind: 'list', of });

/** A map from texts, numbers and booleans. **Python** `dict`. **Needs** `node --harmony-struct`. */
export const mapOf = <const Of extends ItemType>(of: Of): MapType<Of> => Object.freeze({ kind: 'map', of });
