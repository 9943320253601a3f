/**
 * Numbers, and what may be written to them.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidValueError } from '../errors/sync-errors.ts';
import type { NumberAccess } from '../memory/views.ts';
import { asItIs, type Field } from './field.ts';

/** The field of a number. */
export function numberField<N extends number | bigint>(access: NumberAccess<N>): Field {
  const { bytes, name: kind } = access;
  return {
    bytes,
    align: bytes,
    text: kind,
    waits: false,
    isObject: false,
    get: ({ views }, at) => access.get(views, at),
    check(value, name) {
      checkNumber(access, value, name);
      return value;
    },
    set({ views }, at, value, name) {
      checkNumber(access, value, name);
      access.set(views, at, value as N);
    },
    prepare: asItIs,
    plain: ({ views }, at) => access.get(views, at),
    copy: (from, at, to, target) => access.set(to.views, target, access.get(from.views, at)),
  };
}

/** @throws InvalidValueError when a number of this width cannot hold it */
export function checkNumber<N extends number | bigint>(
  { range, name: kind }: NumberAccess<N>,
  value: unknown,
  name: string,
): void {
  if (range === undefined) {
    if (typeof value !== 'number') refuse(name, `is of type ${kind}, which takes a number`, value);
    if (kind === 'float32' && Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
      refuse(name, 'is of type float32, up to 3.4028234663852886e+38', value);
    return;
  }
  const [least, most] = range;
  if (typeof value !== typeof least) refuse(name, `is of type ${kind}, which takes a ${typeof least}`, value);
  if (typeof value === 'number' && !Number.isInteger(value))
    refuse(name, `is of type ${kind}, which takes a whole number`, value);
  if ((value as N) < least || (value as N) > most) refuse(name, `is of type ${kind}, from ${least} to ${most}`, value);
}

/** @throws InvalidValueError */
export function refuse(name: string, what: string, value: unknown): never {
  throw new InvalidValueError(`${name} ${what}; it cannot be ${inspect(value, { depth: 0, maxStringLength: 40 })}.`);
}
