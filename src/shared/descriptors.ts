/**
 * Descriptors: what a field of shared memory is. They are plain data, so that they travel like any other.
 * @module
 */
import type { Barrier } from '../sync/barrier.ts';
import type { Condition } from '../sync/condition.ts';
import type { Event } from '../sync/event.ts';
import type { Latch } from '../sync/latch.ts';
import type { Lock } from '../sync/lock.ts';
import type { RLock } from '../sync/rlock.ts';
import type { RwLock } from '../sync/rwlock.ts';
import type { BoundedSemaphore, Semaphore } from '../sync/semaphore.ts';

import type { HeapType } from './heap/heap-types.ts';
import type { BooleanType, NumberType, StringType } from './scalars.ts';

/** So many of something, one after the other. */
export interface ArrayType<Of extends FieldType = FieldType> {
  readonly kind: 'array';
  readonly of: Of;
  readonly length: number;
}

/** A field on cache lines of its own. */
export interface PaddedType<Of extends FieldType = FieldType> {
  readonly kind: 'padded';
  readonly of: Of;
}

/** A lock or one of its kin, in place. */
export interface SyncType<Class extends SyncClass = SyncClass> {
  readonly kind: 'sync';
  readonly class: Class;
  readonly args: readonly unknown[];
}

/** Classes of which an object can be a field. */
export type SyncClass =
  | typeof Lock
  | typeof RLock
  | typeof RwLock
  | typeof Semaphore
  | typeof BoundedSemaphore
  | typeof Condition
  | typeof Event
  | typeof Latch
  | typeof Barrier;

/** A class made by `sharedStruct`, or one that extends it. */
export interface StructType<Instance = object> {
  readonly prototype: Instance;
  /** Bytes that an instance takes. */
  readonly byteLength: number;
}

/** What a field can be. */
export type FieldType =
  | NumberType
  | BooleanType
  | StringType
  | ArrayType
  | PaddedType
  | SyncType
  | SyncClass
  | StructType
  | HeapType;

/** An array in shared memory of something that JavaScript has no view of. */
export interface FieldArray<V> extends Iterable<V> {
  readonly length: number;
  /** The item at an index; negative ones count from the end. @throws RangeError */
  at(index: number): V;
  /** Writes an item. @throws RangeError, InvalidValueError `ERR_INVALID_VALUE` */
  set(index: number, value: V): void;
}

/**
 * So many of something, one after the other. **Python** `ctypes.c_int * n`.
 *
 * **Gotchas** Numbers are a typed array: what does not fit one of its items is cut as there (`bytes[0] = 300` gives 44), unlike in an
 * assignment of all of them, which is refused.
 */
export const array = <const Of extends FieldType>(of: Of, length: number): ArrayType<Of> =>
  Object.freeze({ kind: 'array', of, length });

/**
 * A field on cache lines of its own: for one that a thread writes all the time while others use its neighbours.
 *
 * Two cores that write to one line, be it to different words, wait for each other: about 100 ns each time.
 */
export const padded = <const Of extends FieldType>(of: Of): PaddedType<Of> => Object.freeze({ kind: 'padded', of });

/** Arguments of a class of locks, as a field has them. A condition may name the field that is its lock. */
export type SyncArguments<Class extends SyncClass> = Class extends typeof Condition
  ? readonly [lock?: string]
  : Class extends typeof Barrier
    ? readonly [parties: number, options?: { readonly timeout?: number }]
    : Class extends typeof Latch
      ? readonly [count: number]
      : Class extends typeof Semaphore | typeof BoundedSemaphore
        ? readonly [permits?: number, options?: { readonly reclaim?: boolean }]
        : readonly [];

/**
 * A lock or one of its kin, in place, made with these arguments.
 *
 * @example
 * class Room extends sharedStruct({ seats: field(Semaphore, 3), lock: Lock, free: field(Condition, 'lock') }) {}
 */
export const field = <Class extends SyncClass>(Class: Class, ...args: SyncArguments<Class>): SyncType<Class> =>
  Object.freeze({ kind: 'sync', class: Class, args });
