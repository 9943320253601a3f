/**
 * Typed arrays in shared memory, each with a lock.
 *
 * How it works  `new SharedArray(…)` gives a typed array, so it is indexed, sliced and sorted at full speed; its prototype has the
 *               members of `SharedArray` besides. What `map`, `filter` and `slice` give are ordinary arrays.
 * Layout        An RLock, then the numbers, from a cache line on.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { Scope } from '../memory/region.ts';
import { access, type NumberAccess, type NumberName, type TypedArray, type ViewOf } from '../memory/views.ts';
import {
  CORE_BYTES,
  constantSymbol,
  coreIn,
  isConstantPlace,
  packSymbol,
  type BlockPlace,
  unpackSymbol,
} from '../sync/place.ts';
import type { Lot } from '../sync/lot.ts';
import { RLock } from '../sync/rlock.ts';
import type { NumberType } from './scalars.ts';
import { isIterable, type Memory } from './field.ts';
import { type MemoryOptions, newMemory, openMemory, receiveMemory, sendMemory, type Shape } from './memory-of.ts';
import { checkNumber } from './number-field.ts';

/** What a shared array has besides what its typed array has. */
export interface SharedArrayMembers {
  /** Its lock. Reading and writing does not take it. */
  readonly lock: RLock;
  /** Among whom it is shared. */
  readonly scope: Scope;
}

/** A typed array in shared memory: `SharedArray<'float64'>` is a `Float64Array`. */
export type SharedArray<Name extends NumberName = NumberName> = ViewOf<Name> & SharedArrayMembers;

type NumberOf<Name extends NumberName> = Name extends 'bigint64' | 'biguint64' ? bigint : number;

/** The class of shared arrays. */
export interface SharedArrayClass {
  /**
   * @param type `int8` … `float64`, `bigint64`, `biguint64`
   * @param items how many, all 0; or the items
   * @throws InvalidOptionError, InvalidValueError, UnsupportedPlatformError; Error (ENOSPC) when there is no room
   */
  new <Name extends NumberName>(
    type: NumberType<Name>,
    items: number | Iterable<NumberOf<Name>>,
    options?: MemoryOptions,
  ): SharedArray<Name>;
  /**
   * The array that a process has made under a name.
   *
   * @param length items, as it was made with
   * @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` when type or length differ
   */
  open<Name extends NumberName>(type: NumberType<Name>, length: number, name: string): SharedArray<Name>;
  readonly prototype: SharedArray;
}

interface State {
  readonly memory: Memory;
  readonly number: NumberAccess<number>;
  readonly length: number;
  lock: RLock | undefined;
}

interface Sent {
  readonly type: NumberName;
  readonly length: number;
  readonly place: BlockPlace;
}

const MOST = 2 ** 40;
const states = new WeakMap<object, State>();
const prototypes = new Map<NumberName, object>();

const members = {
  get lock(): RLock {
    const state = states.get(this) as State;
    const { memory } = state;
    state.lock ??= new RLock(coreIn(memory.block, 0, memory.lot as Lot) as never);
    return state.lock;
  },
  get scope(): Scope {
    return (states.get(this) as State).memory.block.region.scope;
  },
};

class Arrays {
  constructor(type: NumberType, items: number | Iterable<number>, options: MemoryOptions = {}) {
    const number = numberOf(type);
    const list = typeof items === 'number' ? undefined : listOf(items);
    const length = list === undefined ? (items as number) : list.length;
    for (const [i, item] of (list ?? []).entries()) checkNumber(number, item, `item ${i}`);
    const memory = newMemory(shapeOf(number, length), options, ({ block, views }) => {
      const array = number.view(views.buffer, block.at + CORE_BYTES, length);
      if (list !== undefined) (array as unknown as { set(from: readonly unknown[]): void }).set(list);
    });
    return arrayOver(memory, number, length);
  }

  static open(type: NumberType, length: number, name: string): object {
    const number = numberOf(type);
    return arrayOver(openMemory(shapeOf(number, length), name), number, length);
  }

  /** `map` and the like give ordinary arrays. */
  static get [Symbol.species](): undefined {
    return undefined;
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && states.has(value);
  }

  static [packSymbol](array: object, destination: Scope): Sent {
    const { memory, number, length } = states.get(array) as State;
    const place = sendMemory(memory, memory.block.at, shapeOf(number, length).byteLength, 'SharedArray', destination);
    return { type: number.name, length, place };
  }

  /** @internal */
  static [constantSymbol](data: object): boolean {
    return isConstantPlace(data);
  }

  static [unpackSymbol]({ type, length, place }: Sent): object {
    return arrayOver(receiveMemory(place, true), access[type] as NumberAccess<number>, length);
  }
}

/**
 * A typed array in memory that threads (and processes) share, with a lock.
 *
 * **Python** `multiprocessing.Array('d', 1000)`, with `get_lock()`; or numpy over `SharedMemory`.
 *
 * **Use it** for much data that workers read and write in place: nothing is copied when it travels.
 *
 * **Gotchas** It is a typed array: what does not fit an item is cut as there, and plain reads and writes of several threads need a
 * lock, or `Atomics`. To share a part, send the array and two indices.
 *
 * @example
 * const sums = new SharedArray(float64, 4, { scope: 'process' });
 * await pool.starmap((array, i) => { array[i] = work(i); }, [0, 1, 2, 3].map((i) => [sums, i]));
 */
export const SharedArray: SharedArrayClass = Arrays as unknown as SharedArrayClass;
Object.defineProperty(Arrays, 'name', { value: 'SharedArray' });

function listOf(items: Iterable<number>): readonly number[] {
  if (isIterable(items)) return [...items];
  throw new InvalidOptionError(`A SharedArray takes its length, or its items; not ${inspect(items, { depth: 0 })}.`);
}

function numberOf(type: NumberType): NumberAccess<number> {
  if (Object.hasOwn(access, type?.kind)) return access[type.kind] as NumberAccess<number>;
  throw new InvalidOptionError('A SharedArray holds numbers: its type is int8 … float64, bigint64 or biguint64.');
}

function shapeOf({ bytes, name }: NumberAccess<number>, length: number): Shape {
  if (!Number.isInteger(length) || length < 0 || length * bytes > MOST) {
    throw new InvalidOptionError(
      `A SharedArray has a whole number of items, 0 or more, and at most ${MOST} bytes; ${String(length)} items of ${bytes} are not possible.`,
    );
  }
  return { byteLength: CORE_BYTES + length * bytes, waits: true, text: `${name}[${length}]` };
}

function arrayOver(memory: Memory, number: NumberAccess<number>, length: number): TypedArray {
  const { block, views } = memory;
  const array = number.view(views.buffer, block.at + CORE_BYTES, length);
  Object.setPrototypeOf(array, prototypeOf(number.name, array));
  states.set(array, { memory, number, length, lock: undefined });
  return array;
}

/** The prototype of a width: that of its typed array, with the members of `SharedArray`. */
function prototypeOf(name: NumberName, sample: TypedArray): object {
  let prototype = prototypes.get(name);
  if (prototype === undefined) {
    prototype = Object.create(Object.getPrototypeOf(sample) as object, {
      ...Object.getOwnPropertyDescriptors(members),
      constructor: { value: Arrays },
    }) as object;
    prototypes.set(name, prototype);
  }
  return prototype;
}
