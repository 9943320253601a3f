/**
 * Structs within structs.
 * @module
 */
import { allocateBlock } from '../memory/block.ts';
import { viewsOf } from '../memory/views.ts';
import type { StructType } from './descriptors.ts';
import type { Field, Memory, StructLayout } from './field.ts';
import { refuse } from './number-field.ts';

/** Key of the layout that a class made by `sharedStruct` has, and those that extend it. */
export const layoutSymbol: unique symbol = Symbol.for('manyhands.layout') as never;
/** Key of what an instance knows of its memory. */
export const placeSymbol: unique symbol = Symbol.for('manyhands.place') as never;

/** Where an instance is. */
export interface StructPlace {
  readonly memory: Memory;
  /** Its first byte in the memory's buffer. */
  readonly at: number;
  /** Objects that show fields, once they have been asked for. */
  readonly objects: Record<string, unknown>;
}

/** An instance, as this library sees it. */
export interface StructInstance {
  readonly [placeSymbol]: StructPlace;
}

interface StructClass extends StructType {
  readonly [layoutSymbol]: StructLayout;
}

/** Whether a class was made by `sharedStruct`, or extends one that was. */
export const isStruct = (Class: unknown): Class is StructClass =>
  typeof Class === 'function' && (Class as { [layoutSymbol]?: unknown })[layoutSymbol] !== undefined;

/** What an instance knows. A field may have the name of something that every object has. */
export const placeAt = (memory: Memory, at: number): StructPlace => ({
  memory,
  at,
  objects: Object.create(null) as Record<string, unknown>,
});

/** An instance over memory that is there; the class's own constructor is not called. */
export function instanceAt(Class: StructType, memory: Memory, at: number): StructInstance {
  const instance = Object.create(Class.prototype) as object;
  return Object.defineProperty(instance, placeSymbol, { value: placeAt(memory, at) }) as StructInstance;
}

/** The place of an instance whose fields are laid out like this; undefined when it is none. */
export function placeIn(value: unknown, layout: StructLayout): StructPlace | undefined {
  if (typeof value !== 'object' || value === null || !(placeSymbol in value)) return undefined;
  const own = (value.constructor as Partial<StructClass>)[layoutSymbol];
  return own?.text === layout.text ? (value as StructInstance)[placeSymbol] : undefined;
}

/** An instance with the data that another one has now: what is written first may lie where the next value comes from. */
function snapshot(Class: StructClass, { memory, at }: StructPlace): StructInstance {
  const { [layoutSymbol]: layout } = Class;
  const block = allocateBlock(layout.byteLength, 'thread');
  const copy: Memory = { block, views: viewsOf(block.region.buffer), lot: undefined };
  layout.copy(memory, at, copy, 0);
  return instanceAt(Class, copy, 0);
}

/** The field of a struct within another one. */
export function structField(Class: StructClass): Field {
  const { [layoutSymbol]: layout } = Class;
  const check = (value: unknown, name: string): object => {
    const place = placeIn(value, layout);
    if (place !== undefined) return snapshot(Class, place);
    if (typeof value === 'object' && value !== null && !(placeSymbol in value)) return layout.check(value, name);
    return refuse(name, 'is a struct: give its fields, or an instance with the same ones', value);
  };
  return {
    bytes: layout.byteLength,
    align: layout.align,
    text: layout.text,
    waits: layout.waits,
    isObject: true,
    get: (memory, at) => instanceAt(Class, memory, at),
    check,
    set(memory, at, value, name) {
      const from = placeIn(value, layout);
      if (from === undefined) layout.assign(memory, at, check(value, name), name);
      else layout.copy(from.memory, from.at, memory, at);
    },
    prepare: (memory, at) => layout.prepare(memory, at),
    plain: (memory, at) => layout.plain(memory, at),
    copy: (from, at, to, target) => layout.copy(from, at, to, target),
  };
}
