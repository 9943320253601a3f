/**
 * Where the fields of a struct lie.
 *
 * How it works  In the order in which they are named, each aligned to its width; locks, and what is `padded`, begin on a cache
 *               line and share it with nobody, so the lock of a struct does not slow its fields down.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { FieldType } from './descriptors.ts';
import { type Memory, noSibling, type PlacedField, type Sibling, type StructLayout } from './field.ts';
import { fieldOf } from './field-of.ts';

/** Names that a class needs itself. */
export const TAKEN = new Set(['constructor', '__proto__', 'prototype']);

const aligned = (at: number, to: number): number => Math.ceil(at / to) * to;

/** @throws InvalidOptionError when something in it is no field, or there is none */
export function layOut(schema: Readonly<Record<string, FieldType>>): StructLayout {
  if (typeof schema !== 'object' || schema === null) {
    throw new InvalidOptionError(
      'sharedStruct takes an object that names fields: sharedStruct({ balance: int32, lock: Lock }).',
    );
  }
  const fields: PlacedField[] = [];
  let end = 0;
  let align = 1;
  for (const [name, type] of Object.entries(schema)) {
    if (TAKEN.has(name)) throw new InvalidOptionError(`A field of a shared struct cannot be named '${name}'.`);
    const field = fieldOf(type, name);
    const offset = aligned(end, field.align);
    fields.push({ name, field, offset });
    end = offset + field.bytes;
    align = Math.max(align, field.align);
  }
  if (fields.length === 0) throw new InvalidOptionError('A shared struct has at least one field.');
  const known = new Map(fields.map((each) => [each.name, each]));
  return {
    fields,
    byteLength: aligned(end, align),
    align,
    text: `{${fields.map(({ name, field, offset }) => `${name}@${offset}:${field.text}`).join()}}`,
    waits: fields.some(({ field }) => field.waits),
    prepare(memory, at) {
      const sibling = siblings(fields, memory, at);
      for (const { field, offset } of fields) field.prepare(memory, at + offset, sibling);
    },
    check(values, name) {
      const checked: Record<string, unknown> = {};
      for (const [key, value] of Object.entries(values)) {
        const placed = known.get(key);
        const path = pathTo(name, key);
        if (placed === undefined)
          throw new InvalidOptionError(`There is no field '${path}'; there are ${[...known.keys()].join(', ')}.`);
        if (value !== undefined) checked[key] = placed.field.check(value, path);
      }
      return checked;
    },
    assign(memory, at, values, name) {
      for (const [key, value] of Object.entries(this.check(values, name))) {
        const { field, offset } = known.get(key) as PlacedField;
        field.set(memory, at + offset, value, pathTo(name, key));
      }
    },
    plain(memory, at) {
      const values: Record<string, unknown> = {};
      for (const { name, field, offset } of fields) {
        const value = field.plain(memory, at + offset);
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
    copy(from, at, to, target) {
      for (const { field, offset } of fields) field.copy(from, at + offset, to, target + offset);
    },
  };
}

const pathTo = (name: string, key: string): string => (name === '' ? key : `${name}.${key}`);

/** Fields of an instance by name, made anew. Nobody needs a field that needs another one itself. */
function siblings(fields: readonly PlacedField[], memory: Memory, at: number): Sibling {
  return (name) => {
    const placed = fields.find((each) => each.name === name);
    return placed?.field.get(memory, at + placed.offset, noSibling);
  };
}
