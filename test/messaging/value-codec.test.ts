/**
 * The compact form case by case: what it keeps, what it refuses.
 * @module
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { NO_ROOM, NOT_COMPACT, ValueCodec } from '../../src/messaging/value-codec.ts';

const SIZE = 512 * 1024;
const codec = new ValueCodec(new Uint8Array(SIZE));

function there(value: unknown): number {
  return codec.write(value, 0, SIZE);
}

function thereAndBack(value: unknown): unknown {
  assert.ok(there(value) > 0, 'refused');
  return codec.read(0);
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

class Point {
  readonly x = 1;
}

describe('the compact form keeps', () => {
  const cases: Readonly<Record<string, unknown>> = {
    'a single surrogate': '\ud800',
    'a long text with a single surrogate': `${'x'.repeat(100)}\udc00`,
    'zero characters': 'a\0b\0',
    'an empty text': '',
    'Latin-1': 'é'.repeat(50),
    emoji: '👩‍👩‍👧‍👦'.repeat(20),
    'the longest text': 'x'.repeat(64 * 1024),
    'minus zero': -0,
    'minus zero among integers': [1, -0, 2],
    NaN: Number.NaN,
    infinities: [Infinity, -Infinity],
    'borders of the integers': [127, 128, -128, -129, 2 ** 31 - 1, 2 ** 31, -(2 ** 31)],
    'borders of bigint': [2n ** 63n - 1n, -(2n ** 63n), 0n],
    'a date before 1970': new Date(-1.5e12),
    'undefined in objects and arrays': { a: undefined, b: [undefined, 1, undefined] },
    'empty things': [[], {}, '', new Uint8Array(0)],
    'numbers and one text': [1, 2, 'three'],
    'a long array of numbers': Array.from({ length: 5000 }, (_, index) => index * 1.5),
    'a long array of objects': Array.from({ length: 1000 }, (_, index) => ({ index, name: `item ${index}` })),
    'numeric names in their order': { b: 1, 2: 'two', 1: 'one' },
    'odd names': {
      '': 1,
      constructor: 2,
      toString: 3,
      hasOwnProperty: 4,
      'über-größe': 5,
      '💥': 6,
      ['x'.repeat(300)]: 7,
    },
    '255 names': Object.fromEntries(Array.from({ length: 255 }, (_, index) => [`k${index}`, index])),
    'nesting up to the limit': nested(64),
    'a frozen object': Object.freeze({ a: Object.freeze([1, 'x']) }),
    'a sealed object': Object.seal({ a: 1 }),
    'equal but different objects': [{ a: 1 }, { a: 1 }],
    'the largest byte array': new Uint8Array(64 * 1024).fill(7),
  };
  for (const [what, value] of Object.entries(cases)) {
    test(what, () => {
      const back = thereAndBack(value);
      assert.deepStrictEqual(back, structuredClone(value));
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Date)) {
        assert.deepEqual(Object.keys(back as object), Object.keys(value));
      }
    });
  }

  test('an invalid date', () => {
    const back = thereAndBack([new Date(Number.NaN)]) as [Date];
    assert.ok(back[0] instanceof Date && Number.isNaN(back[0].getTime()));
  });

  test('a Buffer, which structuredClone would turn into a Uint8Array, even a part of a pool', () => {
    const back = thereAndBack([Buffer.from('abc'), Buffer.alloc(0), Buffer.from('xyz').subarray(1, 2)]);
    assert.deepStrictEqual(back, [Buffer.from('abc'), Buffer.alloc(0), Buffer.from('y')]);
  });

  test('copies: what was read shares no memory with what was written', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const back = thereAndBack(bytes) as Uint8Array;
    bytes[0] = 9;
    codec.bytes.fill(0, 0, 64);
    assert.deepStrictEqual([...back], [1, 2, 3]);
  });

  test('the value of a getter, as structuredClone does', () => {
    const value = {
      get answer() {
        return 42;
      },
    };
    assert.deepStrictEqual(thereAndBack(value), { answer: 42 });
  });

  test('no property that cannot be enumerated, as structuredClone does', () => {
    const value = Object.defineProperty({ a: 1 }, 'hidden', { value: 2 });
    assert.deepStrictEqual(thereAndBack(value), { a: 1 });
  });

  test('names met before and after a thousand others', () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 3000; i++) {
        const value = { [`name-${i}`]: i, same: i };
        assert.deepStrictEqual(thereAndBack(value), value);
      }
    }
  });
});

describe('the compact form refuses', () => {
  const shared = { a: 1 };
  const buffer = new ArrayBuffer(8);
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const ring: unknown[] = [];
  ring.push([[ring]]);
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });

  const cases: Readonly<Record<string, unknown>> = {
    functions: () => 1,
    symbols: Symbol('s'),
    'symbols as names': { a: 1, [Symbol('s')]: 2 },
    'bigints beyond 64 bits': 2n ** 63n,
    'bigints below 64 bits': -(2n ** 63n) - 1n,
    'sparse arrays': [1, , 3],
    'sparse arrays of texts': ['a', , 'c'],
    'an array of nothing but holes': new Array(5),
    'a long sparse array': Object.assign(new Array(1000).fill('x', 0, 999), {}),
    'arrays with names of their own': Object.assign(['a', 'b'], { extra: 1 }),
    'arrays of numbers with names of their own': Object.assign([1, 2, 3], { extra: 1 }),
    'empty arrays with names of their own': Object.assign([], { extra: 1 }),
    'long arrays with names of their own': Object.assign(new Array(100).fill('x'), { columns: ['x'] }),
    'a match of a regular expression': /b(?<c>c)/.exec('abcd'),
    'an own __proto__': JSON.parse('{"a":1,"__proto__":{"b":2}}'),
    'a nested own __proto__': [{ x: JSON.parse('{"__proto__":1}') }],
    'null prototypes': Object.create(null),
    'class instances': new Point(),
    'subclasses of Array': new (class extends Array {})(),
    'subclasses of Date': new (class extends Date {})(),
    'subclasses of Uint8Array': new (class extends Uint8Array {})(4),
    'an object twice': [shared, shared],
    'an object twice, far apart': { a: shared, b: [[{ c: shared }]] },
    'an object twice behind ten others': [shared, ...Array.from({ length: 10 }, () => ({})), shared],
    'a byte array twice': ((bytes) => [bytes, bytes])(new Uint8Array(3)),
    'two views of one buffer': [new Uint8Array(buffer), new Int32Array(buffer)],
    cycles: cycle,
    'cycles through arrays': ring,
    'part of a buffer': new Uint8Array(8).subarray(1),
    'a view of shared memory': new Uint8Array(new SharedArrayBuffer(8)),
    'a Buffer over shared memory': Buffer.from(new SharedArrayBuffer(8)),
    'a view of a resizable buffer': new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })),
    'a view whose buffer was transferred': detached,
    DataView: new DataView(new ArrayBuffer(8)),
    ArrayBuffer: new ArrayBuffer(8),
    Map: new Map([[1, 2]]),
    Set: new Set([1]),
    RegExp: /a/,
    Error: new Error('x'),
    'boxed numbers': Object(1),
    'a date with fields': Object.assign(new Date(), { zone: 'UTC' }),
    'what only looks like a date': Object.create(Date.prototype),
    'what only looks like an array': Object.create(Array.prototype),
    'what only looks like bytes': Object.create(Uint8Array.prototype),
    promises: Promise.resolve(),
    'nesting beyond the limit': nested(66),
    'a text beyond the limit': 'x'.repeat(64 * 1024 + 1),
    'bytes beyond the limit': new Uint8Array(64 * 1024 + 1),
    '256 names': Object.fromEntries(Array.from({ length: 256 }, (_, index) => [`k${index}`, index])),
  };
  for (const [what, value] of Object.entries(cases)) {
    test(what, () => {
      assert.equal(there(value), NOT_COMPACT);
      assert.equal(there({ deep: [value] }), NOT_COMPACT);
      assert.equal(codec.writeList([1, value], 0, SIZE), NOT_COMPACT);
    });
  }

  test('an object that occurs twice in a list of values', () => {
    assert.equal(codec.writeList([shared, shared], 0, SIZE), NOT_COMPACT);
    assert.ok(codec.writeList([shared], 0, SIZE) > 0, 'and remembers it no longer afterwards');
    assert.ok(codec.write([shared], 0, SIZE) > 0);
  });
});

describe('the codec', () => {
  test('forgets a value whose getter threw', () => {
    let fails = true;
    const value = {
      get x() {
        if (fails) throw new Error('not now');
        return 1;
      },
    };
    assert.throws(() => there(value), /not now/);
    fails = false;
    assert.deepStrictEqual(thereAndBack(value), { x: 1 });
  });

  test('writes in a part of a buffer, at any position', () => {
    const whole = new Uint8Array(4096).fill(0xa5);
    const part = new ValueCodec(whole.subarray(1001, 3001));
    for (let position = 0; position < 17; position++) {
      const value = { text: 'größer '.repeat(10), list: [1.5, 2.5], bytes: new Uint8Array([1, 2]) };
      assert.ok(part.write(value, position, 2000) > 0);
      assert.deepStrictEqual(part.read(position), value);
    }
    assert.ok(whole.subarray(0, 1001).every((byte) => byte === 0xa5));
    assert.ok(whole.subarray(3001).every((byte) => byte === 0xa5));
  });

  test('writes in shared memory what another codec reads there', () => {
    const memory = new SharedArrayBuffer(4096);
    const value = { text: 'ü'.repeat(50), ascii: 'u'.repeat(50), n: [1, 2, 3], when: new Date(5), b: Buffer.from('x') };
    assert.ok(new ValueCodec(new Uint8Array(memory)).write(value, 13, 4096) > 0);
    assert.deepStrictEqual(new ValueCodec(new Uint8Array(memory)).read(13), value);
  });

  test('says NO_ROOM where the limit lies before the position', () => {
    assert.equal(codec.write(1, 100, 50), NO_ROOM);
    assert.equal(codec.writeList([], 100, 50), NO_ROOM);
    assert.equal(codec.writeList([], 100, 100), NO_ROOM);
    assert.equal(codec.writeList([], 100, 101), 101);
  });

  test('names the tag and the byte when it meets what it does not know', () => {
    const bytes = new Uint8Array(64);
    bytes[10] = 200;
    assert.throws(() => new ValueCodec(bytes).read(10), /unknown tag 200 at byte 10/);
  });

  test('does not allocate for a length that cannot be', () => {
    for (const tag of [8, 9, 10, 11, 12, 16, 17, 25]) {
      const bytes = new Uint8Array(64).fill(0xff);
      bytes[0] = tag;
      bytes[4] = 0x0f;
      const before = process.memoryUsage();
      assert.throws(() => new ValueCodec(bytes).read(0), Error, `tag ${tag}`);
      const after = process.memoryUsage();
      const grown = after.rss + after.arrayBuffers - before.rss - before.arrayBuffers;
      assert.ok(grown < 32 * 2 ** 20, `tag ${tag}: ${grown} bytes`);
    }
  });
});
