/**
 * Arbitrary values: of the kinds that have a compact form, and of any kind at all.
 * @module
 */
import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';
import fc from 'fast-check';

/** Texts of every sort: ASCII, Latin-1, other planes, single surrogates, about the lengths where the form changes. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 45 }),
  fc.array(fc.integer({ min: 0xd7fe, max: 0xe001 }), { maxLength: 45 }).map((codes) => String.fromCharCode(...codes)),
  fc.integer({ min: 36, max: 44 }).map((length) => 'a'.repeat(length)),
  fc.integer({ min: 36, max: 44 }).map((length) => `${'a'.repeat(length)}é`),
);

/** Numbers of every sort, the borders of the integer forms among them. */
export const number: fc.Arbitrary<number> = fc.oneof(
  fc.integer(),
  fc.integer({ min: -130, max: 130 }),
  fc.double(),
  fc.constantFrom(
    -0,
    Number.NaN,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_VALUE,
  ),
);

const view: fc.Arbitrary<ArrayBufferView> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.int8Array({ maxLength: 10 }),
  fc.uint8ClampedArray({ maxLength: 10 }),
  fc.int16Array({ maxLength: 10 }),
  fc.uint16Array({ maxLength: 10 }),
  fc.int32Array({ maxLength: 10 }),
  fc.uint32Array({ maxLength: 10 }),
  fc.float32Array({ maxLength: 10 }),
  fc.float64Array({ maxLength: 10 }),
  fc.bigInt64Array({ maxLength: 10 }),
  fc.bigUint64Array({ maxLength: 10 }),
);

const name: fc.Arbitrary<string> = text.filter((each) => each !== '__proto__');

/** Values that have a compact form. */
export const compactValue: fc.Arbitrary<unknown> = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    number,
    text,
    fc.constantFrom(null, undefined, true, false),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.date({ noInvalidDate: true }),
    view,
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.array(number, { maxLength: 40 }),
    fc.array(fc.integer(), { maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 8 }),
    fc.dictionary(name, tie('value'), { maxKeys: 8, noNullPrototype: true }),
    fc.record({ id: fc.integer(), name: text, on: fc.boolean() }, { noNullPrototype: true }),
  ),
})).value;

/** Whether no date in a value is invalid: to the `assert` of Node 22, two invalid dates always differ. */
export function datesAreValid(value: unknown): boolean {
  return !inspect(value, { depth: null }).includes('Invalid Date');
}

/** Values of any kind, with and without a compact form. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc
    .anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
      key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '0', '-1')),
    })
    .filter(datesAreValid),
  compactValue,
);
