/**
 * How the fields of a struct are laid out, and which there cannot be.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  array,
  Barrier,
  bigint64,
  boolean,
  Condition,
  EncodeError,
  Event,
  field,
  float32,
  float64,
  int16,
  int32,
  int8,
  Lock,
  padded,
  Pool,
  Process,
  RLock,
  Semaphore,
  SharedArray,
  SharedMemory,
  sharedStruct,
  string,
  uint16,
  uint32,
  uint8,
  Value,
} from '../../src/index.ts';
import { rejection } from '../contract/with-pool.ts';

const invalid = { code: 'ERR_INVALID_OPTION' };

describe('the layout of a struct', () => {
  test('fields are aligned to their widths, in the order in which they are named', () => {
    assert.equal(sharedStruct({ a: int8, b: int32, c: int16, d: float64 }).byteLength, 24);
    assert.equal(sharedStruct({ a: int8 }).byteLength, 1);
    assert.equal(sharedStruct({ a: boolean, b: bigint64, c: boolean }).byteLength, 24);
    assert.equal(sharedStruct({ a: int8, b: array(int16, 3) }).byteLength, 8);
    assert.equal(sharedStruct({ a: int8, b: sharedStruct({ x: int8, y: int32 }), c: int8 }).byteLength, 16);
    assert.equal(sharedStruct({ a: array(sharedStruct({ x: int32, y: int8 }), 3) }).byteLength, 24);
    assert.equal(sharedStruct({ a: int8, b: string(3) }).byteLength, 12);
  });

  test('a lock, and what is padded, share a cache line with nobody', () => {
    const Both = sharedStruct({ a: int8, lock: Lock, b: int8, hot: padded(uint8), c: int8 });
    const both = new Both({ scope: 'process' });
    assert.equal(Both.byteLength, 6 * 64, 'a lock has two lines');
    const Views = sharedStruct({ a: array(int8, 1), hot: padded(array(int8, 1)), b: array(int8, 1) });
    const { a, hot, b } = new Views();
    assert.deepEqual([a.byteOffset, hot.byteOffset, b.byteOffset], [0, 64, 128]);
    both.hot = 255;
    assert.deepEqual([both.a, both.b, both.c, both.hot], [0, 0, 0, 255]);
    for (const Class of [Lock, RLock, Event, Semaphore]) {
      assert.equal(sharedStruct({ a: int8, sync: Class, b: int8 }).byteLength, 4 * 64, Class.name);
    }
    const Own = sharedStruct({ at: sharedStruct({ lock: Lock, a: int8 }), next: array(int8, 1) });
    assert.equal(new Own().next.byteOffset, 192, 'nothing begins on the last line of a struct that has a lock');
  });

  test('a class knows its fields and its bytes, and a subclass the same', () => {
    const schema = { a: int32, b: string(4) };
    const Base = sharedStruct(schema);
    class Account extends Base {}
    assert.deepEqual(Account.fields, schema);
    assert.equal(Account.byteLength, 12);
    assert.ok(Object.isFrozen(Base.fields));
    Object.assign(schema, { c: int8 });
    assert.equal('c' in Base.fields, false, 'later changes to what it was made from do nothing');
  });

  test('what describes no field is refused, with its name and what there is', () => {
    class Plain {}
    for (const none of [
      undefined,
      null,
      3,
      'int32',
      {},
      { kind: 'int9' },
      { kind: 'sync', class: Plain, args: [] },
      Plain,
      Map,
      string,
      () => 1,
    ]) {
      assert.throws(() => sharedStruct({ fine: int32, bad: none as never }), {
        ...invalid,
        message: /^Field 'bad' cannot be .*\. Fields are int8 … float64/s,
      });
      assert.throws(() => sharedStruct({ bad: array(none as never, 2) }), invalid);
      assert.throws(() => sharedStruct({ bad: padded(none as never) }), invalid);
    }
    for (const schema of [undefined, null, 3, 'x', {}, []]) assert.throws(() => sharedStruct(schema as never), invalid);
    for (const length of [0, -1, 1.5, Number.NaN, '2', undefined]) {
      assert.throws(() => sharedStruct({ bad: array(int32, length as never) }), {
        ...invalid,
        message: /^array\(of, length\) takes/,
      });
      assert.throws(() => sharedStruct({ bad: string(length as never) }), {
        ...invalid,
        message: /^string\(bytes\) takes/,
      });
    }
  });

  test('names that a class needs itself are refused; others that objects have are fine', () => {
    for (const name of ['constructor', 'prototype']) {
      assert.throws(() => sharedStruct({ [name]: int32 }), {
        ...invalid,
        message: new RegExp(`cannot be named '${name}'`),
      });
    }
    assert.throws(() => sharedStruct(JSON.parse('{"__proto__": {"kind": "int32"}}') as never), invalid);
    const Odd = sharedStruct({
      7: int32,
      toString: int32,
      'a b': int32,
      values: int32,
      hasOwnProperty: int32,
      '': int32,
    });
    const odd = new Odd({ values: { 7: 1, toString: 2, 'a b': 3, values: 4, hasOwnProperty: 5, '': 6 } });
    assert.deepEqual(Odd.values(odd), { 7: 1, toString: 2, 'a b': 3, values: 4, hasOwnProperty: 5, '': 6 });
    assert.equal(odd.toString, 2);
  });

  test('a first value of a field that there is not, or of a lock, is refused', () => {
    const Account = sharedStruct({ balance: int32, lock: Lock });
    assert.throws(() => new Account({ values: { money: 1 } as never }), {
      ...invalid,
      message: "There is no field 'money'; there are balance, lock.",
    });
    assert.throws(() => new Account({ values: { lock: new Lock() } as never }), {
      code: 'ERR_INVALID_VALUE',
      message: /^lock is a Lock, which stays where it is/,
    });
  });

  test('a lock with arguments that it would not take, or a condition of no lock, is refused by its instance', () => {
    const conditions = ['none', 'count', 'bad'].map((lock) => field(Condition, lock));
    for (const bad of [field(Semaphore, -1), field(Barrier, 0), ...conditions]) {
      const Bad = sharedStruct({ count: int32, bad });
      assert.throws(() => new Bad(), invalid);
    }
  });
});

test('what an object or a class inherits or has of its own is no type of numbers', () => {
  for (const kind of ['constructor', 'toString', '__proto__', 'int9', undefined])
    assert.throws(() => new SharedArray({ kind } as never, 3), invalid);
  class Point extends sharedStruct({ x: int32 }) {
    static readonly kind = 'int32';
  }
  const Line = sharedStruct({ ends: array(Point, 2) });
  assert.ok((new Line().ends.at(1) as unknown) instanceof Point);
});

describe('a shared object for threads', () => {
  class Account extends sharedStruct({ balance: int32, lock: Lock, list: array(int32, 2) }) {}

  test('does not go to a process: refused at submit, with the way to it and what to do', async () => {
    const account = new Account();
    const cases: readonly [value: unknown, message: RegExp][] = [
      [
        account,
        /\.a\[1\]: this Account is .*threads of one process only\. Make it with new Account\(\{ scope: 'process' \}\)/,
      ],
      [account.lock, /\.a\[1\]: this Lock is /],
      [account.list, /\.a\[1\]: shared memory/],
      [new Value(int32, 1), /\.a\[1\]: this Value is .*new Value\(.*scope: 'process'/],
      [new SharedArray(int32, 1), /\.a\[1\]: this SharedArray is .*new SharedArray\(.*scope: 'process'/],
    ];
    const pool = new Pool({ kind: 'process', workers: 1 });
    try {
      for (const [value, message] of cases) {
        const state = { a: [1, value] };
        const expected = (error: unknown): boolean =>
          error instanceof EncodeError && error.code === 'ERR_NOT_SHAREABLE' && message.test(error.message);
        assert.throws(() => new Process((given: unknown) => given, [state]).start(), expected);
        assert.ok(expected(await rejection(pool.submit((given: unknown) => typeof given, state))), String(message));
      }
      assert.equal(await pool.submit(() => 1), 1, 'the pool goes on');
    } finally {
      await pool.close();
    }
  });

  test('one for processes goes to threads as well', async () => {
    const account = new Account({ scope: 'process' });
    const memory = new SharedMemory({ size: 8 });
    const pool = new Pool({ kind: 'thread', workers: 1 });
    try {
      await pool.submit(
        (given: Account, bytes: SharedMemory) => {
          given.lock.runSync(() => (given.balance = 3));
          bytes.buf[0] = 4;
        },
        account,
        memory,
      );
    } finally {
      await pool.close();
    }
    assert.deepEqual([account.balance, memory.buf[0]], [3, 4]);
    memory.close();
  });

  test('fields behind four gigabytes are where they should be', () => {
    const Large = sharedStruct({
      bulk: array(float64, 600_000_000),
      a: int16,
      b: uint16,
      c: int32,
      d: uint32,
      e: float32,
      f: float64,
    });
    const large = new Large(); // pages that nobody touches take no memory
    Object.assign(large, { a: -1, b: 2, c: -3, d: 4, e: 0.5, f: 6 });
    assert.deepEqual([large.a, large.b, large.c, large.d, large.e, large.f], [-1, 2, -3, 4, 0.5, 6]);
    const fourGigabytesBefore = large.bulk.length - 2 ** 29;
    const there = large.bulk.subarray(fourGigabytesBefore - 16, fourGigabytesBefore + 32);
    assert.deepEqual([...there], new Array(48).fill(0));
  });
});
