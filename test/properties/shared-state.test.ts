/**
 * Shared objects against plain ones, and the layout of random structs.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  array,
  bigint64,
  biguint64,
  boolean,
  type FieldType,
  float32,
  float64,
  int16,
  int32,
  int8,
  Lock,
  padded,
  Semaphore,
  type ShareableItem,
  ShareableList,
  SharedArray,
  sharedStruct,
  string,
  uint16,
  uint32,
  uint8,
  Value,
} from '../../src/index.ts';
import type { PlacedField } from '../../src/shared/field.ts';
import { layOut } from '../../src/shared/struct-layout.ts';

const whole = (bits: number, signed: boolean): fc.Arbitrary<number> =>
  fc.integer({ min: signed ? -(2 ** (bits - 1)) : 0, max: 2 ** (signed ? bits - 1 : bits) - 1 });

/** A type, and values that it can hold, as they are read. */
interface Kind {
  readonly type: FieldType;
  readonly value: fc.Arbitrary<unknown>;
}

const textOf = (bytes: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme', maxLength: bytes }).filter((text) => Buffer.byteLength(text) <= bytes);

const scalar: fc.Arbitrary<Kind> = fc.oneof(
  fc.constantFrom<Kind>(
    { type: int8, value: whole(8, true) },
    { type: uint8, value: whole(8, false) },
    { type: int16, value: whole(16, true) },
    { type: uint16, value: whole(16, false) },
    { type: int32, value: whole(32, true) },
    { type: uint32, value: whole(32, false) },
    { type: float32, value: fc.float() },
    { type: float64, value: fc.double() },
    { type: bigint64, value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
    { type: biguint64, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
    { type: boolean, value: fc.boolean() },
  ),
  fc.integer({ min: 1, max: 20 }).map((bytes): Kind => ({ type: string(bytes), value: textOf(bytes) })),
);

const { kind } = fc.letrec<{ readonly kind: Kind }>((tie) => ({
  kind: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    scalar.map(({ type, value }): Kind => ({ type: padded(type as never), value })),
    fc.tuple(tie('kind'), fc.integer({ min: 1, max: 4 })).map(
      ([{ type, value }, length]): Kind => ({
        type: array(type, length),
        value: fc.array(value, { minLength: length, maxLength: length }),
      }),
    ),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/u), tie('kind'), { minKeys: 1, maxKeys: 4 }).map((fields): Kind => {
      const types = Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]));
      const values = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
      return { type: sharedStruct(types), value: fc.record(values, { noNullPrototype: true }) };
    }),
  ),
}));

const fieldsOf = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/u), kind, { minKeys: 1, maxKeys: 6 });

describe('structs of random fields', () => {
  test('hold what was given at first and what is written later, each field on its own', () => {
    const scenario = fieldsOf.chain((fields) => {
      const entries = Object.entries(fields);
      const write = fc.oneof(...entries.map(([name, { value }]) => fc.tuple(fc.constant(name), value)));
      return fc.record({
        schema: fc.constant(Object.fromEntries(entries.map(([name, { type }]) => [name, type]))),
        first: fc.record(Object.fromEntries(entries.map(([name, { value }]) => [name, value])), {
          noNullPrototype: true,
        }),
        writes: fc.array(write, { maxLength: 12 }),
        scope: fc.constantFrom('thread' as const, 'process' as const),
      });
    });
    fc.assert(
      fc.property(scenario, ({ schema, first, writes, scope }) => {
        const Struct = sharedStruct(schema as Record<string, typeof int32>);
        const instance = new Struct({ scope, values: first as never });
        const model: Record<string, unknown> = { ...(first as Record<string, unknown>) };
        assert.deepEqual(Struct.values(instance), model);
        for (const [name, value] of writes) {
          (instance as Record<string, unknown>)[name] = value;
          model[name] = value;
          assert.deepEqual(Struct.values(instance), model);
        }
        assert.deepEqual(Struct.values(Struct.copy(instance)), model);
      }),
      { numRuns: 300 },
    );
  });

  test('have fields that do not overlap, each aligned, and locks on lines of their own', () => {
    const withLocks = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,4}$/u),
      fc.oneof(
        { weight: 4, arbitrary: kind.map(({ type }) => type) },
        { weight: 1, arbitrary: fc.constantFrom<FieldType>(Lock, Semaphore) },
      ),
      { minKeys: 1, maxKeys: 8 },
    );
    fc.assert(
      fc.property(withLocks, (schema) => {
        const { fields, byteLength, align } = layOut(schema);
        let last: PlacedField | undefined;
        for (const placed of fields) {
          const { field, offset } = placed;
          assert.equal(offset % field.align, 0, placed.name);
          assert.ok(align % field.align === 0);
          assert.ok(offset + field.bytes <= byteLength);
          if (last !== undefined) {
            const end = last.offset + last.field.bytes;
            assert.ok(offset >= end, `${last.name} and ${placed.name} overlap`);
            const lineOfEnd = Math.floor((end - 1) / 64);
            if (last.field.align === 64 || field.align === 64)
              assert.ok(Math.floor(offset / 64) > lineOfEnd, 'a line is shared');
          }
          last = placed;
        }
        assert.equal(byteLength % align, 0);
        assert.deepEqual(
          fields.map(({ name }) => name),
          Object.keys(schema),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('values, arrays and lists', () => {
  test('a Value does what a variable would do', () => {
    const step = fc.record({
      verb: fc.constantFrom('set', 'add', 'exchange', 'swap', 'update'),
      by: fc.integer({ min: -300, max: 300 }),
    });
    fc.assert(
      fc.property(fc.constantFrom(int8, uint8, int16, uint16), fc.array(step, { maxLength: 40 }), (type, steps) => {
        const value = new Value(type as typeof int8, 0);
        const bits = Number(type.kind.replace(/\D/gu, ''));
        const [least, most] = type.kind.startsWith('u')
          ? [0, 2 ** bits - 1]
          : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
        let model = 0;
        for (const { verb, by } of steps) {
          const next = verb === 'add' || verb === 'update' ? model + by : by;
          const call = (): unknown => {
            if (verb === 'set') return (value.value = by);
            if (verb === 'add') return value.add(by);
            if (verb === 'exchange') return value.exchange(by);
            if (verb === 'swap') return value.compareExchange(model, by);
            return value.update((old) => old + by);
          };
          if (next < least || next > most) {
            assert.throws(call, { code: 'ERR_INVALID_VALUE' });
          } else {
            assert.equal(call(), verb === 'set' || verb === 'update' ? next : model);
            model = next;
          }
          assert.equal(value.value, model);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a SharedArray does what an array of its width does', () => {
    const step = fc.oneof(
      fc.record({ index: fc.integer({ min: -2, max: 20 }), item: fc.double() }),
      fc.record({ fill: fc.double(), from: fc.integer({ min: -20, max: 20 }), to: fc.integer({ min: -20, max: 20 }) }),
      fc.record({ copy: fc.nat({ max: 20 }), from: fc.nat({ max: 20 }) }),
      fc.record({ sort: fc.boolean() }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom([int32, Int32Array] as const, [float32, Float32Array] as const, [uint8, Uint8Array] as const),
        fc.array(fc.nat({ max: 200 }), { maxLength: 16 }),
        fc.array(step, { maxLength: 30 }),
        ([type, Class], items, steps) => {
          const shared = new SharedArray(type, items);
          const model = new Class(items);
          for (const each of steps) {
            for (const numbers of [shared, model]) {
              if ('item' in each) numbers[each.index] = each.item;
              else if ('fill' in each) numbers.fill(each.fill, each.from, each.to);
              else if ('copy' in each) numbers.copyWithin(each.copy, each.from);
              else if (each.sort) numbers.sort();
              else numbers.reverse();
            }
            assert.deepEqual([...shared], [...model]);
          }
          assert.deepEqual(Object.keys(shared), Object.keys(model));
          assert.equal(shared.join(), model.join());
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a ShareableList does what an array would do, and refuses what is longer than its room', () => {
    const item: fc.Arbitrary<ShareableItem> = fc.oneof(
      fc.double(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.uint8Array({ maxLength: 40 }),
    );
    const sizeOf = (value: ShareableItem): number => {
      if (typeof value === 'string') return Buffer.byteLength(value);
      return value instanceof Uint8Array ? value.length : 8;
    };
    const writes = fc.array(fc.tuple(fc.nat({ max: 11 }), item), { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 12 }),
        writes,
        fc.constantFrom('thread' as const, 'process' as const),
        (items, steps, scope) => {
          const list = new ShareableList(items, { scope });
          const model = [...items];
          const rooms = items.map((each) => Math.max(8, Math.ceil(sizeOf(each) / 8) * 8));
          for (const [index, value] of steps) {
            const room = rooms[index];
            if (room === undefined) assert.throws(() => list.set(index, value), RangeError);
            else if (sizeOf(value) > room) assert.throws(() => list.set(index, value), { code: 'ERR_INVALID_VALUE' });
            else {
              list.set(index, value);
              model[index] = value;
            }
            assert.deepEqual([...list], model);
            assert.equal(list.count(value), model.filter((each) => isSame(each, value)).length);
            assert.equal(
              list.indexOf(value),
              model.findIndex((each) => isSame(each, value)),
            );
          }
          assert.deepEqual([...new ShareableList(list)], model);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function isSame(a: ShareableItem, b: ShareableItem): boolean {
  try {
    assert.deepStrictEqual(a, b);
    return true;
  } catch {
    return false;
  }
}
