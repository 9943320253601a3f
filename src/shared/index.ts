/**
 * State that threads and processes share: structs, values, arrays.
 * @module
 */
export {
  array,
  type ArrayType,
  field,
  type FieldArray,
  type FieldType,
  padded,
  type PaddedType,
  type SyncType,
} from './descriptors.ts';
export type { HeapCollection, HeapValue } from './heap/heap-collection.ts';
export { HeapList } from './heap/heap-list.ts';
export { HeapMap } from './heap/heap-map.ts';
export {
  anything,
  type AnythingType,
  type HeapKey,
  type ItemType,
  listOf,
  type ListType,
  mapOf,
  type MapType,
  reference,
  type ReferenceType,
  self,
  type SelfType,
  text,
  type TextType,
} from './heap/heap-types.ts';
export type { MemoryOptions } from './memory-of.ts';
export {
  bigint64,
  biguint64,
  boolean,
  type BooleanType,
  float32,
  float64,
  int16,
  int32,
  int8,
  type NumberType,
  string,
  type StringType,
  uint16,
  uint32,
  uint8,
} from './scalars.ts';
export { ShareableList, type ShareableItem } from './shareable-list.ts';
export { SharedArray, type SharedArrayMembers } from './shared-array.ts';
export { SharedMap, type SharedMapOptions } from './shared-map.ts';
export { SharedMemory, type SharedMemoryOptions } from './shared-memory.ts';
export {
  type Fields,
  type Schema,
  sharedStruct,
  type SharedStructClass,
  type StructOptions,
  type Values,
} from './shared-struct.ts';
export { Value, type ValueType } from './value.ts';
