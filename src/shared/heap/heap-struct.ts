/**
 * Structs in the shared heap: the classes that `sharedStruct` makes of fields that only the heap can hold.
 *
 * How it works  An instance shows an object of the heap, and so does every other instance that any thread makes of it. What travels is
 *               the object itself; two instances are of one struct when their objects are the same.
 * Invariants    As in `shared-struct.ts`.
 * When it dies  Whoever dies while it changes several fields leaves them half changed: that is what a lock tells.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../../errors/executor-errors.ts';
import type { Scope } from '../../memory/region.ts';
import type { HeapObject } from '../../memory/shared-heap.ts';
import { packSymbol, unpackSymbol } from '../../sync/place.ts';
import type { FieldType } from '../descriptors.ts';
import type { MemoryOptions } from '../memory-of.ts';
import {
  type HeapInstance,
  type HeapPart,
  type HeapStructClass,
  heapLayoutSymbol,
  heapSymbol,
  instanceOver,
  rawOf,
} from './heap-instance.ts';
import { layOutInHeap } from './heap-layout.ts';
import { notForProcesses, within } from './heap-collection.ts';

interface Options extends MemoryOptions {
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

interface Sent {
  readonly raw: HeapObject;
  /** Fields that are not shared. */
  readonly own?: Readonly<Record<string, unknown>>;
}

/** A class whose fields live in the shared heap. @throws InvalidOptionError */
export function heapStruct(schema: Readonly<Record<string, FieldType>>): HeapStructClass {
  const layout = layOutInHeap(schema);
  class SharedStruct {
    static readonly fields = Object.freeze({ ...schema });
    static readonly byteLength = 0;
    static readonly [heapLayoutSymbol] = layout;
    declare readonly [heapSymbol]: HeapPart;

    constructor(options: Options = {}) {
      const Class = new.target;
      const part: HeapPart = { raw: newObject(Class, options), objects: Object.create(null) };
      Object.defineProperty(this, heapSymbol, { value: part });
    }

    static open(name: string): never {
      throw new InvalidOptionError(
        `A struct of the shared heap has no name: ${JSON.stringify(name)} cannot be opened.`,
      );
    }

    static copy(of: object, options: Options = {}): HeapInstance {
      const values = { ...layout.plain(objectOf(this, of), this), ...options.values };
      return instanceOver(this, newObject(this, { ...options, values }));
    }

    static values(of: object): Record<string, unknown> {
      return layout.plain(objectOf(this, of), this);
    }

    static [packSymbol](instance: HeapInstance, destination: Scope): Sent {
      if (destination !== 'thread') throw notForProcesses(instance.constructor.name);
      const own = Object.entries(instance);
      const { raw } = instance[heapSymbol];
      return own.length === 0 ? { raw } : { raw, own: Object.fromEntries(own) };
    }

    static [unpackSymbol]({ raw, own }: Sent): object {
      return Object.assign(instanceOver(this, raw), own);
    }

    [inspect.custom](depth: number | null, options: object, show: typeof inspect): string {
      const { name } = this.constructor;
      const inner = within(depth, options);
      if (inner === undefined) return `[${name}]`;
      const all = layout.names.map((each) => [each, (this as unknown as Record<string, unknown>)[each]]);
      return `${name} ${show({ ...Object.fromEntries(all), ...Object.fromEntries(Object.entries(this)) }, inner)}`;
    }
  }

  const newObject = (Class: HeapStructClass, { scope, name, persistent, values = {} }: Options): HeapObject => {
    if ((scope !== undefined && scope !== 'thread') || name !== undefined || persistent !== undefined) {
      throw new InvalidOptionError(
        "A struct with fields of the shared heap is for the threads of one process: it has no scope 'process', and no name. Take string(bytes) instead of text for memory between processes.",
      );
    }
    const raw = layout.make();
    layout.put(raw, layout.check(values, '', Class), Class);
    return raw;
  };

  const objectOf = (Class: HeapStructClass, of: unknown): HeapObject => {
    const raw = rawOf(of, Class);
    if (raw !== undefined) return raw;
    throw new InvalidOptionError(
      `This takes an instance of a struct with the same fields; it is ${inspect(of, { depth: 0 })}.`,
    );
  };

  for (const name of layout.names) {
    Object.defineProperty(SharedStruct.prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: HeapInstance) {
        const { raw, objects } = this[heapSymbol];
        const sibling = (other: string): unknown => (this as unknown as Record<string, unknown>)[other];
        if (!layout.isObject(name)) return layout.show(raw, name, this.constructor, sibling);
        objects[name] ??= layout.show(raw, name, this.constructor, sibling);
        return objects[name];
      },
      set(this: HeapInstance, value: unknown) {
        layout.set(this[heapSymbol].raw, name, value, this.constructor);
      },
    });
  }
  return SharedStruct;
}
