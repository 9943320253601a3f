/**
 * Arrays in place: a typed array for numbers, objects by index for anything else.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { access, type NumberName } from '../memory/views.ts';
import type { FieldArray } from './descriptors.ts';
import { type Field, isIterable, type Memory, type Sibling } from './field.ts';
import { refuse } from './number-field.ts';

const MOST = 0x7fff_ffff;

/** The field of an array. @throws InvalidOptionError */
export function arrayField(item: Field, length: number): Field {
  if (!Number.isInteger(length) || length < 1 || length > MOST) {
    throw new InvalidOptionError(`array(of, length) takes a whole number of items, 1 or more; not ${String(length)}.`);
  }
  const stride = Math.ceil(item.bytes / item.align) * item.align;
  const bytes = stride * length;
  const numbers = item.text in access ? access[item.text as NumberName] : undefined;
  const get: Field['get'] =
    numbers === undefined
      ? (memory, at, sibling) => new Items(memory, at, item, stride, length, sibling)
      : (memory, at) => numbers.view(memory.views.buffer, at, length);
  const each = (visit: (offset: number) => void): void => {
    for (let i = 0; i < length; i++) visit(i * stride);
  };
  const check = (value: unknown, name: string): readonly unknown[] => {
    if (!isIterable(value)) return refuse(name, `takes ${length} items`, value);
    const items = [...value];
    if (items.length !== length) refuse(name, `takes ${length} items`, value);
    return items.map((one, i) => item.check(one, `${name}[${i}]`));
  };
  return {
    bytes,
    align: item.align,
    text: `${item.text}[${length}]`,
    waits: item.waits,
    isObject: true,
    get,
    check,
    set(memory, at, value, name) {
      for (const [i, one] of check(value, name).entries()) item.set(memory, at + i * stride, one, `${name}[${i}]`);
    },
    prepare: (memory, at, sibling) => each((offset) => item.prepare(memory, at + offset, sibling)),
    plain(memory, at) {
      const items = Array.from({ length }, (_, i) => item.plain(memory, at + i * stride));
      return items[0] === undefined ? undefined : items;
    },
    copy: (from, at, to, target) => each((offset) => item.copy(from, at + offset, to, target + offset)),
  };
}

/** Items by index. */
class Items implements FieldArray<unknown> {
  readonly length: number;
  readonly #memory: Memory;
  readonly #at: number;
  readonly #item: Field;
  readonly #stride: number;
  readonly #sibling: Sibling;
  /** Objects are made once. */
  readonly #made: unknown[] = [];

  constructor(memory: Memory, at: number, item: Field, stride: number, length: number, sibling: Sibling) {
    this.length = length;
    this.#memory = memory;
    this.#at = at;
    this.#item = item;
    this.#stride = stride;
    this.#sibling = sibling;
  }

  at(index: number): unknown {
    const i = this.#index(index);
    const place = this.#at + i * this.#stride;
    if (!this.#item.isObject) return this.#item.get(this.#memory, place, this.#sibling);
    this.#made[i] ??= this.#item.get(this.#memory, place, this.#sibling);
    return this.#made[i];
  }

  set(index: number, value: unknown): void {
    const i = this.#index(index);
    this.#item.set(this.#memory, this.#at + i * this.#stride, value, `[${i}]`);
  }

  *[Symbol.iterator](): Iterator<unknown> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #index(index: number): number {
    const i = index < 0 ? index + this.length : index;
    if (Number.isInteger(i) && i >= 0 && i < this.length) return i;
    throw new RangeError(`There are ${this.length} items; ${index} is none of them.`);
  }

  [inspect.custom](): unknown[] {
    return [...this];
  }
}
