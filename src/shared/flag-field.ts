/**
 * `true` or `false`, in one byte.
 * @module
 */
import { access } from '../memory/views.ts';
import { asItIs, type Field } from './field.ts';
import { refuse } from './number-field.ts';

const byte = access.uint8;

function check(value: unknown, name: string): unknown {
  if (typeof value !== 'boolean') refuse(name, 'is a boolean', value);
  return value;
}

export const flagField: Field = {
  bytes: 1,
  align: 1,
  text: 'boolean',
  waits: false,
  isObject: false,
  get: ({ views }, at) => byte.get(views, at) !== 0,
  check,
  set({ views }, at, value, name) {
    check(value, name);
    byte.set(views, at, value === true ? 1 : 0);
  },
  prepare: asItIs,
  plain: ({ views }, at) => byte.get(views, at) !== 0,
  copy: (from, at, to, target) => byte.set(to.views, target, byte.get(from.views, at)),
};
