/**
 * The form of data on the wire: what comes back is what structured clone would give, and bytes that nobody wrote do no harm.
 * @module
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import v8 from 'node:v8';
import fc from 'fast-check';
import { BOXED, MAP, VIEW } from '../../src/connections/data-tags.ts';
import { readData } from '../../src/connections/data-reader.ts';
import { DataWriter, NOT_DATA } from '../../src/connections/data-writer.ts';
import { EncodeError, MessageTooLargeError, ProtocolError } from '../../src/index.ts';
import { anyValue } from '../properties/any-value.ts';

const MOST = 1_000_000;
const writer = new DataWriter();

function write(value: unknown): Buffer {
  const bytes = writer.write(value, 0, MOST);
  assert.ok(bytes !== NOT_DATA, 'refused');
  return bytes;
}

const there = (value: unknown): unknown => readData(write(value));

/** What structured clone gives, in which a `Buffer` has stayed one. */
function expected(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    copy.length = value.length;
    return Object.assign(copy, Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expected(each)])));
  }
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const copy = {};
    for (const [key, each] of Object.entries(value)) {
      Object.defineProperty(copy, key, { value: expected(each), writable: true, enumerable: true, configurable: true });
    }
    return copy;
  }
  return structuredClone(value);
}

const holdsItself = (value: unknown, above: readonly unknown[] = []): boolean =>
  above.includes(value) ||
  (typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    Object.values(value).some((each) => holdsItself(each, [...above, value])));

describe('data', () => {
  test('of any kind comes back as structuredClone gives it, or is refused whole', () => {
    let written = 0;
    let refused = 0;
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = writer.write(value, 0, MOST);
        if (bytes === NOT_DATA) {
          refused += 1;
          return;
        }
        written += 1;
        const back = readData(bytes);
        if (!holdsItself(value)) assert.deepStrictEqual(back, expected(value));
      }),
      { numRuns: 3000 },
    );
    assert.ok(written > 500, `only ${written} written`);
    assert.ok(refused > 0, 'nothing refused: the test is blind');
  });

  const values: readonly unknown[] = [
    [0, -0, 1, -128, 127, 128, -129, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 0.1, Number.NaN, -Infinity],
    [
      '',
      'a',
      'é',
      '€',
      '\ud800',
      'x'.repeat(39),
      'x'.repeat(40),
      'é'.repeat(40),
      'x'.repeat(255),
      'x'.repeat(70_000),
      'é'.repeat(300),
    ],
    [0n, 1n, -1n, 2n ** 64n, -(2n ** 1000n)],
    [
      new Date(0),
      new Date(8.64e15),
      /a+/gi,
      /[é/]/u,
      new Map<unknown, unknown>([
        [1, new Map()],
        [{}, 'x'],
      ]),
      new Set([[], 'a']),
    ],
    [Object(1), Object('text'), Object(false), Object(5n)],
    [[1, , 3], [, ,], new Array(3), [undefined, null]],
    Object.assign([1, 2], { name: 'named', 'not an index': 7 }),
    { '': 1, '0': 2, 'a b': 3, é: 4, constructor: 5, toString: 6, ['x'.repeat(300)]: 7 },
    JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}'),
    [
      new Uint8Array([1, 2]),
      new Float64Array([1.5]),
      new BigInt64Array([-1n]),
      new DataView(new ArrayBuffer(3)),
      new ArrayBuffer(5),
    ],
    [Buffer.alloc(0), Buffer.from('text'), Buffer.alloc(100_000, 7)],
    new Array(1000).fill(1.5),
    Array.from({ length: 1000 }, (_, i) => i),
  ];
  for (const [index, value] of values.entries()) {
    test(`of kind ${index}`, () => assert.deepStrictEqual(there(value), expected(value)));
  }

  test('that is no date', () => {
    // Node 22 takes two such for different
    assert.ok(Number.isNaN((there(new Date(Number.NaN)) as Date).getTime()));
  });

  test('keeps what is shared shared, and cycles closed', () => {
    const shared = { a: 1 };
    const cyclic: unknown[] = [shared, shared, new Map([[shared, shared]])];
    cyclic.push(cyclic, new Set([cyclic]));
    const back = there(cyclic) as [object, object, Map<object, object>, unknown, Set<unknown>];
    assert.equal(back[0], back[1]);
    assert.equal(back[2].get(back[0]), back[0]);
    assert.equal(back[3], back);
    assert.ok(back[4].has(back));
    const buffer = new ArrayBuffer(8);
    const [one, two] = there([new Uint8Array(buffer), new Uint16Array(buffer)]) as [Uint8Array, Uint16Array];
    assert.equal(one.buffer, two.buffer);
  });

  test('part of a buffer brings no more than that part', () => {
    const large = new Uint8Array(10_000).fill(9);
    const bytes = write(large.subarray(5, 8));
    assert.ok(bytes.length < 100);
    assert.deepEqual(readData(bytes), new Uint8Array([9, 9, 9]));
    assert.equal((readData(bytes) as Uint8Array).buffer.byteLength, 3);
  });

  test('is not what has to be packed', () => {
    const accessor = Object.defineProperty({}, 'x', { enumerable: true, get: () => () => 1 });
    for (const value of [
      () => 1,
      Symbol.for('x'),
      new (class A {})(),
      Object.create(null),
      Object.create(Date.prototype),
      new Error('x'),
      new Proxy({}, {}),
      new WeakMap(),
      Promise.resolve(),
      { [Symbol.for('x')]: 1 },
      Object.assign(new Map(), { name: 1 }),
      Object.assign([1], { [Symbol.for('x')]: 1 }),
      new SharedArrayBuffer(1),
      new Uint8Array(new SharedArrayBuffer(1)),
      new ArrayBuffer(1, { maxByteLength: 2 }),
      new (class B extends Array {})(),
      accessor,
    ]) {
      assert.equal(writer.write({ value }, 0, MOST), NOT_DATA);
    }
    assert.deepEqual(there({ after: 'all that' }), { after: 'all that' });
  });

  test('has a depth, and a size, that its reader allows', () => {
    const nested = (depth: number): unknown => {
      let value: unknown = 1;
      for (let i = 0; i < depth; i++) value = [value];
      return value;
    };
    assert.deepEqual(there(nested(500)), nested(500));
    assert.throws(
      () => write(nested(501)),
      (error) => error instanceof EncodeError && error.code === 'ERR_TOO_DEEP',
    );
    assert.throws(() => writer.write('x'.repeat(100), 0, 101), MessageTooLargeError);
    assert.equal((writer.write('x'.repeat(100), 0, 102) as Buffer).length, 102);
    assert.throws(() => write(new Array(30_000_000)), MessageTooLargeError);
    const maps = Array.from({ length: 50_000 }, () => new Map());
    assert.throws(() => write(maps), MessageTooLargeError);
    assert.deepEqual(there(maps.slice(0, 10_000)), maps.slice(0, 10_000));
  });
});

describe('bytes that nobody wrote', () => {
  const malformed: Readonly<Record<string, readonly number[]>> = {
    'no bytes': [],
    'an unknown tag': [99],
    'half a number': [5, 1],
    'half a text': [7, 5, 65],
    'a text of 4 GB': [8, 255, 255, 255, 255],
    'half a character': [9, 1, 0, 0, 0, 65],
    'an array of 4 billion': [12, 255, 255, 255, 255],
    'numbers, 4 billion': [15, 255, 255, 255, 255],
    'numbers, as many as there are bytes': [15, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    'an object with a name that is a number': [16, 1, 0, 0, 0, 4, 1, 0],
    'an array with an item as a name': [17, 0, 0, 0, 0, 1, 0, 0, 0, 7, 1, 57, 0],
    'an array whose length is a name': [17, 0, 0, 0, 0, 1, 0, 0, 0, 7, 6, 108, 101, 110, 103, 116, 104, 4, 1],
    'a hole where there is none': [13],
    'a map of 4 billion': [MAP, 255, 255, 255, 255],
    'a bigint without digits': [10, 0, 0, 0, 0, 0],
    'a bigint of other digits': [10, 0, 1, 0, 0, 0, 103],
    'a regular expression that is none': [20, 7, 1, 40, 7, 0],
    'flags that are none': [20, 7, 1, 97, 7, 1, 122],
    'a box of an object': [BOXED, 16, 0, 0, 0, 0],
    'a box of nothing': [BOXED, 0],
    'a box of itself': [BOXED, 25, 0, 0, 0, 0],
    'a reference to nothing': [25, 0, 0, 0, 0],
    'a view of itself': [VIEW, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 0],
    'a view of no class': [VIEW, 77, 0, 0, 0, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0],
    'a view beyond its buffer': [VIEW, 0, 0, 0, 0, 0, 9, 0, 0, 0, 22, 1, 0, 0, 0, 1],
    'a view askew': [VIEW, 5, 1, 0, 0, 0, 4, 0, 0, 0, 22, 5, 0, 0, 0, 1, 1, 1, 1, 1],
    'more than one value': [0, 0],
  };
  for (const [what, bytes] of Object.entries(malformed)) {
    test(`${what}: a ProtocolError`, () => {
      assert.throws(
        () => readData(Buffer.from(bytes)),
        (error) => error instanceof ProtocolError && error.code === 'ERR_BAD_MESSAGE',
      );
    });
  }

  test('nesting is bounded', () => {
    const deep = Buffer.concat([Buffer.alloc(5 * 100_000, Buffer.from([12, 1, 0, 0, 0])), Buffer.from([0])]);
    assert.throws(() => readData(deep), ProtocolError);
  });

  test('memory stays in proportion to the bytes, where v8.deserialize takes twenty million times as much', () => {
    // this is why values do not travel in the form of V8
    const sparse = Buffer.from([0xff, 0x0f, 0x61, 0x80, 0x87, 0xa7, 0x0e, 0x40, 0x00, 0x80, 0x87, 0xa7, 0x0e]);
    assert.equal((v8.deserialize(sparse) as unknown[]).length, 30_000_000);
    const hostile: readonly Buffer[] = [
      Buffer.concat([Buffer.from([12, 0, 0, 15, 0]), Buffer.alloc(15 * 65_536, Buffer.from([18, 0, 0, 0, 0]))]), // maps
      Buffer.concat([Buffer.from([12, 0, 0, 15, 0]), Buffer.alloc(15 * 65_536, Buffer.from([22, 0, 0, 0, 0]))]), // buffers
      Buffer.concat(
        Array.from({ length: 499 }, () => Buffer.from([12, 0, 0, 15, 0])).concat(Buffer.alloc(15 * 65_536)),
      ), // arrays
    ];
    for (const bytes of hostile) {
      const before = process.memoryUsage();
      assert.throws(() => readData(bytes), ProtocolError);
      const after = process.memoryUsage();
      const grown = after.heapUsed + after.external - before.heapUsed - before.external;
      assert.ok(grown < 40 * bytes.length, `${bytes.length} bytes took ${grown}`);
    }
  });

  test('no name pollutes', () => {
    const back = there(JSON.parse('{"__proto__": {"isAdmin": true}}')) as { readonly isAdmin?: boolean };
    assert.equal(back.isAdmin, undefined);
    assert.equal(Object.getPrototypeOf(back), Object.prototype);
    assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
  });
});
