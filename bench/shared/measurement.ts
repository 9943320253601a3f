/**
 * What can be measured of shared memory.
 * @module
 */
import type { Measurement } from '../harness/measurement.ts';

/** A number, or `{ id, name }`. */
export type Values = 'number' | 'object';

/** What is done to a map. `insert` sets keys that are not there; `set` and `update` change those that are. */
export type MapStep = 'set' | 'get' | 'has' | 'delete' | 'update' | 'insert';

/** What is done to a field. `add` is one step for whoever looks, in a struct under its lock. */
export type FieldStep =
  | `${'struct' | 'Value'} ${'read' | 'write' | 'add'}`
  | `${'SharedArray' | 'ShareableList'} ${'read' | 'write'}`;

/** One kind of test. */
export type SharedTest =
  /** A map of 10,000 keys in one thread, one step again and again with random keys. */
  | { readonly test: 'map'; readonly step: MapStep; readonly values: Values }
  /** Two that set random ones of 10,000 keys and two that get them, for so many ms. */
  | { readonly test: 'mix'; readonly values: Values; readonly ms: number }
  /** One access again and again, with nobody in the way. */
  | { readonly test: 'field'; readonly step: FieldStep };

/** Whoever can be measured. `CPython` is what `multiprocessing` has; `CPython dict` is a `dict` among threads. */
export type SharedRunner = 'manyhands' | 'CPython' | 'CPython dict' | 'Map in one thread';

/** One measurement of shared memory. */
export type SharedMeasurement = Measurement<SharedTest, SharedRunner>;

/** Names of the groups, and what each holds. */
export const sharedGroups = {
  mix: 'a map with two writers and two readers',
  map: 'a map in one thread: set, get, has, delete, update',
  fields: 'fields of structs, values, items of arrays and lists',
} as const;

/** A group of measurements. */
export type SharedGroup = keyof typeof sharedGroups;

/** A name for a measurement without who: the same for all that do the same. */
export function titleOf({ of, kind }: SharedMeasurement): string {
  switch (of.test) {
    case 'map':
      return `SharedMap ${of.step}, ${of.values}, one thread, scope ${kind}`;
    case 'mix':
      return `SharedMap, ${of.values}s, 2 writers and 2 readers, ${kind === 'thread' ? 'threads' : 'processes'}`;
    case 'field':
      return `${of.step}, scope ${kind}`;
  }
}
