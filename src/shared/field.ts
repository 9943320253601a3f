/**
 * What all fields have in common, and structs, which are made of them.
 * @module
 */
import type { Block } from '../memory/block.ts';
import type { Views } from '../memory/views.ts';
import type { Lot } from '../sync/lot.ts';

/** Where the bytes of an object are, and of all that lies within it. */
export interface Memory {
  readonly block: Block;
  readonly views: Views;
  /** Where those meet who wait for something in it; undefined when there is nothing to wait for. */
  readonly lot: Lot | undefined;
}

/** One kind of field: how much room it takes, and what is there. */
export interface Field {
  readonly bytes: number;
  readonly align: number;
  /** Says the same of two fields that are laid out alike. */
  readonly text: string;
  /** Whether something in it can be waited for. */
  readonly waits: boolean;
  /**
   * What is at a byte of the memory's buffer: a value, or an object that shows what is there.
   *
   * @param sibling another field of the same struct, by name
   */
  get(memory: Memory, at: number, sibling: Sibling): unknown;
  /** Whether `get` gives an object, which is made once. */
  readonly isObject: boolean;
  /** What `set` is to be given: the value, read once. @throws InvalidValueError when the field cannot hold all of it */
  check(value: unknown, name: string): unknown;
  /** Writes a value, all of it or nothing. @throws InvalidValueError */
  set(memory: Memory, at: number, value: unknown, name: string): void;
  /** Prepares memory that is all zeros. */
  prepare(memory: Memory, at: number, sibling: Sibling): void;
  /** What is there as plain data; undefined when it is none. */
  plain(memory: Memory, at: number): unknown;
  /** Copies what is there, as far as it is data. */
  copy(from: Memory, at: number, to: Memory, target: number): void;
}

/** Finds another field of the same struct. */
export type Sibling = (name: string) => unknown;

/** There is no other field, or none that is needed. */
export const noSibling: Sibling = () => undefined;

/** A field at its place. */
export interface PlacedField {
  readonly name: string;
  readonly field: Field;
  /** From the first byte of the struct. */
  readonly offset: number;
}

/** All fields of a struct. */
export interface StructLayout {
  readonly fields: readonly PlacedField[];
  readonly byteLength: number;
  readonly align: number;
  /** Says the same of two structs that are laid out alike. */
  readonly text: string;
  readonly waits: boolean;
  prepare(memory: Memory, at: number): void;
  /** What `assign` is to be given: the values, read once. @throws InvalidOptionError, InvalidValueError */
  check(values: object, name: string): Readonly<Record<string, unknown>>;
  /** Writes some fields, all of them or none. @throws InvalidOptionError, InvalidValueError */
  assign(memory: Memory, at: number, values: object, name: string): void;
  /** The data of all fields. */
  plain(memory: Memory, at: number): Record<string, unknown>;
  copy(from: Memory, at: number, to: Memory, target: number): void;
}

export const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function';

/** Nothing to prepare. */
export function asItIs(): void {}
