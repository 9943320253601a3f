/**
 * Shared structs: classes whose fields lie in shared memory.
 *
 * How it works  `sharedStruct` lays the fields out (`struct-layout.ts`) and makes a class with an accessor for each. An instance
 *               knows its memory and its first byte; it is a view, so any number of them, in any thread, show the same fields.
 *               What travels is the place. The class itself travels as the call that made it.
 * Invariants    1. An instance that has travelled is made without the class's constructor: what it sets up is there already.
 *               2. Objects that show fields (locks, arrays, structs) are made when asked for, once an instance.
 * When it dies  Whoever dies while it changes several fields leaves them half changed: that is what a lock tells
 *               (`OwnerDiedError`).
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { Scope } from '../memory/region.ts';
import { constantSymbol, isConstantPlace, packSymbol, type BlockPlace, unpackSymbol } from '../sync/place.ts';
import { needsHeap } from './heap/heap-layout.ts';
import { heapStruct } from './heap/heap-struct.ts';
import type { HeapKey, ListType, MapType } from './heap/heap-types.ts';
import type { ArrayType, FieldType, PaddedType, StructType, SyncClass, SyncType } from './descriptors.ts';
import type { ValueOf } from './field-values.ts';
import {
  type MemoryOptions,
  newMemory,
  openMemory,
  type OwnFields,
  ownFields,
  receiveMemory,
  sendMemory,
} from './memory-of.ts';
import {
  instanceAt,
  layoutSymbol,
  placeAt,
  placeIn,
  placeSymbol,
  type StructInstance,
  type StructPlace,
} from './struct-field.ts';
import { noSibling, type PlacedField, type StructLayout } from './field.ts';
import { layOut } from './struct-layout.ts';

/** Key by which a class says which call made it, so that the call is made again where it travels to. */
const madeSymbol: unique symbol = Symbol.for('manyhands.made') as never;

/** Fields by name. */
export type Schema = Readonly<Record<string, FieldType>>;

/** Fields that show an object and cannot be assigned. */
type ObjectKeys<S> = {
  [K in keyof S]: S[K] extends SyncClass | SyncType | ArrayType | StructType | ListType | MapType
    ? K
    : S[K] extends PaddedType<infer Of>
      ? [ObjectKeys<{ of: Of }>] extends [never]
        ? never
        : K
      : never;
}[keyof S];

/** The fields of an instance. */
export type Fields<S> = { -readonly [K in Exclude<keyof S, ObjectKeys<S>>]: ValueOf<S[K], Fields<S>> } & {
  readonly [K in ObjectKeys<S>]: ValueOf<S[K], Fields<S>>;
};

/** Values of fields that are data: what can be given at first, and read at once. */
export type Values<S> = {
  -readonly [K in keyof S as S[K] extends SyncClass | SyncType | ArrayType<SyncClass | SyncType>
    ? never
    : K]: FieldType extends S[K] ? unknown : PlainOf<S[K]>;
};

type PlainOf<T> = T extends ArrayType<infer Of> | ListType<infer Of>
  ? Iterable<PlainOf<Of>>
  : T extends MapType<infer Of>
    ? Iterable<readonly [HeapKey, PlainOf<Of>]>
    : T extends PaddedType<infer Of>
      ? PlainOf<Of>
      : T extends { readonly fields: infer S }
        ? Values<S>
        : ValueOf<T>;

/** How an instance is made. */
export interface StructOptions<S> extends MemoryOptions {
  /** First values of fields; those left out are 0, false, empty. */
  readonly values?: Partial<Values<S>> | undefined;
}

/** A class whose fields lie in shared memory. */
export interface SharedStructClass<in out S extends Schema> {
  new (options?: StructOptions<S>): Fields<S>;
  /** The fields that it was made with. */
  readonly fields: S;
  /** Bytes that an instance takes. */
  readonly byteLength: number;
  /**
   * The instance that a process has made under a name.
   *
   * @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`; `ERR_SEGMENT_KIND` when it has other fields
   */
  open<This extends { readonly prototype: unknown }>(this: This, name: string): This['prototype'];
  /** A new instance with the same data; its locks are new. */
  copy<Instance>(this: { readonly prototype: Instance }, of: Instance, options?: StructOptions<S>): Instance;
  /** The data of an instance, as a plain object. */
  values(of: object): Values<S>;
}

/**
 * A class whose fields lie in shared memory: every thread (and process) that has an instance sees the same fields.
 *
 * **Python** a `ctypes.Structure` in `multiprocessing.Value`, with its lock beside it.
 *
 * **Use it** for state that several threads change: numbers, flags, bounded texts, arrays, other structs, and the locks that
 * guard them, in one object that travels as an argument, a capture or a field. Extend it to add methods.
 *
 * **Gotchas** Whole numbers are read and written as one and in order; `account.balance += 1` is a read and a write, and needs a
 * lock. Fields of your own that a subclass adds are copied when an instance travels; they are not shared. `open` and `copy` call no
 * constructor: initializers of such fields do not run there. The fields are no own properties: `deepStrictEqual` takes any two
 * instances for equal, so compare what `values` gives; `JSON.stringify` has all fields.
 *
 * @param schema fields by name: `int8` … `float64`, `bigint64`, `boolean`, `string(bytes)`, `array(of, length)`, `padded(of)`,
 *   another struct, `Lock` and its kin, `field(Semaphore, 3)`
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when something is no field
 * @example
 * class Account extends sharedStruct({ balance: int32, lock: Lock }) {
 *   deposit(money: number) {
 *     this.lock.runSync(() => { this.balance += money; });
 *   }
 * }
 * const account = new Account({ scope: 'process', values: { balance: 10 } });
 */
export function sharedStruct<const S extends Schema>(schema: S): SharedStructClass<S> {
  if (needsHeap(schema)) return madeBySharedStruct(heapStruct(schema), schema) as unknown as SharedStructClass<S>;
  const layout = layOut(schema);
  class SharedStruct {
    static readonly fields = Object.freeze({ ...schema });
    static readonly byteLength = layout.byteLength;
    static readonly [layoutSymbol] = layout;
    declare readonly [placeSymbol]: StructPlace;

    constructor(options: AnyOptions = {}) {
      const memory = newMemory(layout, options, (made) => {
        layout.prepare(made, made.block.at);
        layout.assign(made, made.block.at, options.values ?? {}, '');
      });
      Object.defineProperty(this, placeSymbol, { value: placeAt(memory, memory.block.at) });
    }

    static open(name: string): StructInstance {
      const memory = openMemory(layout, name);
      return instanceAt(this, memory, memory.block.at);
    }

    static copy(of: StructInstance, options: AnyOptions = {}): StructInstance {
      const from = placeOfInstance(of, layout);
      const memory = newMemory(layout, options, (made) => {
        layout.prepare(made, made.block.at);
        layout.copy(from.memory, from.at, made, made.block.at);
        layout.assign(made, made.block.at, options.values ?? {}, '');
      });
      return instanceAt(this, memory, memory.block.at);
    }

    static values(of: StructInstance): Record<string, unknown> {
      const { memory, at } = placeOfInstance(of, layout);
      return layout.plain(memory, at);
    }

    static [packSymbol](instance: StructInstance, destination: Scope): Sent {
      const { memory, at } = instance[placeSymbol];
      const place = sendMemory(memory, at, layout.byteLength, instance.constructor.name, destination);
      return { place, ...ownFields(instance) };
    }

    /** @internal */
    static [constantSymbol](data: object): boolean {
      return isConstantPlace(data);
    }

    static [unpackSymbol]({ place, own }: Sent): object {
      const memory = receiveMemory(place, layout.waits);
      return Object.assign(instanceAt(this, memory, memory.block.at), own);
    }

    toJSON(): Record<string, unknown> {
      const { memory, at } = (this as unknown as StructInstance)[placeSymbol];
      return { ...layout.plain(memory, at), ...Object.fromEntries(Object.entries(this)) };
    }

    [inspect.custom](depth: number, options: object, show: typeof inspect): string {
      const { name } = this.constructor;
      if (depth < 0) return `[${name}]`;
      return `${name} ${show({ ...allFields(layout, this), ...Object.fromEntries(Object.entries(this)) }, options)}`;
    }
  }
  for (const placed of layout.fields) Object.defineProperty(SharedStruct.prototype, placed.name, accessorOf(placed));
  return madeBySharedStruct(SharedStruct, schema) as unknown as SharedStructClass<S>;
}

const madeBySharedStruct = (Class: object, schema: Schema): object =>
  Object.defineProperty(Class, madeSymbol, { value: { by: sharedStruct, from: [Object.freeze({ ...schema })] } });

/** `StructOptions` of any schema. */
interface AnyOptions extends MemoryOptions {
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

interface Sent extends OwnFields {
  readonly place: BlockPlace;
}

function accessorOf({ name, field, offset }: PlacedField): PropertyDescriptor {
  const shape = { configurable: true, enumerable: true };
  if (field.isObject) {
    return {
      ...shape,
      get(this: StructInstance) {
        const { memory, at, objects } = this[placeSymbol];
        objects[name] ??= field.get(
          memory,
          at + offset,
          (other) => (this as unknown as Record<string, unknown>)[other],
        );
        return objects[name];
      },
      set(this: StructInstance, value: unknown) {
        const { memory, at } = this[placeSymbol];
        field.set(memory, at + offset, value, name);
      },
    };
  }
  return {
    ...shape,
    get(this: StructInstance) {
      const { memory, at } = this[placeSymbol];
      return field.get(memory, at + offset, noSibling);
    },
    set(this: StructInstance, value: unknown) {
      const { memory, at } = this[placeSymbol];
      field.set(memory, at + offset, value, name);
    },
  };
}

function placeOfInstance(of: unknown, layout: StructLayout): StructPlace {
  const place = placeIn(of, layout);
  if (place !== undefined) return place;
  throw new InvalidOptionError(
    `This takes an instance of a struct with the same fields; it is ${inspect(of, { depth: 0 })}.`,
  );
}

const allFields = (layout: StructLayout, instance: object): Record<string, unknown> =>
  Object.fromEntries(layout.fields.map(({ name }) => [name, (instance as Record<string, unknown>)[name]]));
