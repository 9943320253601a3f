/**
 * Types: what the fields of a struct are for whoever uses it.
 * @module
 */
import type { ViewOf } from '../memory/views.ts';
import type { ArrayType, FieldArray, PaddedType, SyncType } from './descriptors.ts';
import type { HeapValue } from './heap/heap-collection.ts';
import type { HeapList } from './heap/heap-list.ts';
import type { HeapMap } from './heap/heap-map.ts';
import type {
  AnythingType,
  HeapKey,
  HeapType,
  ListType,
  MapType,
  ReferenceType,
  SelfType,
  TextType,
} from './heap/heap-types.ts';
import type { NumberType, ScalarOf, ScalarType } from './scalars.ts';

/** The value of a field, as JavaScript sees it. @typeParam Self instances of the struct that it belongs to */
export type ValueOf<T, Self = object> = T extends ScalarType
  ? ScalarOf<T>
  : T extends ArrayType<infer Of>
    ? ArrayOf<Of>
    : T extends PaddedType<infer Of>
      ? ValueOf<Of>
      : T extends SyncType<infer Class>
        ? InstanceType<Class>
        : T extends { readonly prototype: infer Instance }
          ? Instance
          : HeapValueOf<T, Self>;

/** An array of numbers is a view; of anything else, objects by index. */
export type ArrayOf<Of> = Of extends NumberType<infer Name> ? ViewOf<Name> : FieldArray<ValueOf<Of>>;

/** The value of a field of the shared heap. @typeParam Self instances of the struct that it belongs to */
export type HeapValueOf<T, Self> = T extends TextType
  ? string
  : T extends AnythingType
    ? HeapValue
    : T extends SelfType
      ? Self | undefined
      : T extends ReferenceType<infer Instance>
        ? Instance | undefined
        : T extends ListType<infer Of>
          ? HeapList<ItemOf<Of, Self>>
          : T extends MapType<infer Of>
            ? HeapMap<HeapKey, ItemOf<Of, Self>>
            : never;

type ItemOf<T, Self> = T extends SelfType
  ? Self
  : T extends ReferenceType<infer Instance>
    ? Instance
    : T extends HeapType
      ? HeapValueOf<T, Self>
      : ScalarOf<T>;
