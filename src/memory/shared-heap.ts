/**
 * The shared heap of V8: objects that all threads of a process see, and that are garbage-collected like any other.
 *
 * How it works  `node --harmony-struct` gives V8 two more kinds of objects: structs with fixed fields and arrays of fixed length. They
 *               hold numbers, booleans, `null`, `undefined`, strings, and each other; to post one to another thread hands over
 *               the object itself.
 * Invariants    Without the flag nothing of this is touched: one constant says that there is none.
 * When it dies  The heap is the process's. A thread that dies in the middle of a change leaves it half made, as in any memory.
 * Source        TC39 proposal "Structs, Shared Structs, Unsafe Blocks, and Synchronization Primitives", stage 2.
 * @module
 */
import { SharedHeapError } from '../errors/sync-errors.ts';

/** What an object of the shared heap can hold. */
export type HeapData = undefined | null | boolean | number | string | HeapObject | HeapArray;

/** A struct in the shared heap: as many fields as its type has. */
export interface HeapObject {
  [field: string]: HeapData;
}

/** An array in the shared heap. Its length stays. */
export interface HeapArray {
  readonly length: number;
  [index: number]: HeapData;
}

interface Globals {
  readonly SharedStructType?: {
    new (fields: readonly string[], name: string): new () => HeapObject;
    isSharedStruct(value: unknown): boolean;
  };
  readonly SharedArray?: {
    new (length: number): HeapArray;
    isSharedArray(value: unknown): boolean;
  };
}

const { SharedStructType: Struct, SharedArray: List } = globalThis as Globals;

/** Whether this program has a shared heap. */
export const heapAvailable: boolean = Struct !== undefined && List !== undefined;

/** Most fields of a struct. */
const MOST_FIELDS = 999;

/** @throws SharedHeapError `ERR_NO_SHARED_HEAP` */
function requireHeap(): Required<Globals> {
  if (Struct !== undefined && List !== undefined) return { SharedStructType: Struct, SharedArray: List };
  throw new SharedHeapError(
    'This needs the shared heap of V8, which is experimental and off: start the program with node --harmony-struct (Node 24 or later; on the command line, not in NODE_OPTIONS).',
  );
}

/** A kind of struct. Threads that ask for the same fields under the same name get the same kind. @throws SharedHeapError */
export function heapType(fields: readonly string[], name: string): () => HeapObject {
  const { SharedStructType } = requireHeap();
  if (fields.length > MOST_FIELDS)
    throw new RangeError(`A struct in the shared heap has ${MOST_FIELDS} fields at most, not ${fields.length}.`);
  const Type = new SharedStructType(fields, name);
  return () => new Type();
}

/** An array of so many items, each of them this. @throws SharedHeapError, RangeError */
export function heapArray(length: number, of?: HeapData): HeapArray {
  const { SharedArray } = requireHeap();
  const made = new SharedArray(length);
  if (of !== undefined) for (let i = 0; i < length; i++) made[i] = of;
  return made;
}

/** Whether a value lies in the shared heap, other than a string. */
export function isHeapObject(value: unknown): boolean {
  if (Struct === undefined || List === undefined) return false;
  return Struct.isSharedStruct(value) || List.isSharedArray(value);
}
