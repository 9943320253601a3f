/** Data comes back as it went, whether structured clone carries it or not. @module */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { CodeBook, type CodeUnit, isPlain, pack, unpack } from '../../src/closures/index.ts';
import { datesAreValid } from '../properties/any-value.ts';
import { Link } from './fixtures/link.ts';

const link = new Link();
after(() => link.end());

/** Packs, carries as a thread or a process would, and unpacks. */
async function roundTrip<T>(value: T, destination: 'thread' | 'process' = 'thread'): Promise<T> {
  const units = new Map<number, CodeUnit>();
  const book = new CodeBook((id, unit) => units.set(id, unit));
  const { packet } = await pack(value, { destination, book });
  const carried =
    destination === 'thread' ? structuredClone(packet) : (deserialize(serialize(packet)) as typeof packet);
  return (await unpack(carried, (id) => units.get(id) as CodeUnit)) as T;
}
const marker = (): number => 1;
/** The same value, forced apart because a function is beside it. */
async function apart<T>(value: T, destination: 'thread' | 'process' = 'thread'): Promise<T> {
  return (await roundTrip({ value, marker }, destination)).value;
}
const ways = [
  ['whole', roundTrip],
  ['apart', apart],
] as const;

for (const destination of ['thread', 'process'] as const) {
  for (const [how, send] of ways) {
    test(`${destination}, ${how}: what structured clone knows`, async () => {
      const value = {
        m: new Map<unknown, unknown>([
          [1, new Set([2])],
          [{ k: 1 }, 'v'],
        ]),
        d: new Date(5),
        r: /a/gi,
        b: 5n,
        t: new Float64Array([1, 2]),
        view: new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 2),
        ab: new Uint8Array([1, 2, 3]).buffer,
        u: undefined,
        n: null,
        nan: Number.NaN,
        z: -0,
        boxed: [Object(1), Object('x'), Object(true), Object(5n)],
      };
      const back = await send(value, destination);
      assert.deepEqual(back, value);
      assert.ok(Object.is(back.z, -0) && 'u' in back);
    });
    test(`${destination}, ${how}: what structured clone loses`, async () => {
      const bare = Object.assign(Object.create(null) as object, { a: 1 });
      const symbol = Symbol.for('manyhands.test');
      const value = {
        bare,
        keyed: { [symbol]: 1, [Symbol.iterator]: 2 },
        buffer: Buffer.from('hé'),
        url: new URL('http://a/b?c'),
      };
      const back = await send(value, destination);
      assert.equal(Object.getPrototypeOf(back.bare), null);
      assert.deepEqual(back, value);
      assert.ok(Buffer.isBuffer(back.buffer) && back.buffer.toString() === 'hé');
      assert.ok(back.url instanceof URL);
      assert.equal((await send(new URLSearchParams('a=1&a=2'), destination)).getAll('a').length, 2);
    });
    test(`${destination}, ${how}: errors with class, fields, cause`, async () => {
      const error = Object.assign(new TypeError('bad', { cause: new RangeError('why') }), {
        code: 'ERR_X',
        detail: { a: [1] },
      });
      const back = await send(error, destination);
      assert.ok(back instanceof TypeError && back.cause instanceof RangeError);
      assert.deepEqual(
        [back.message, back.name, back.code, back.detail, back.stack],
        ['bad', 'TypeError', 'ERR_X', { a: [1] }, error.stack],
      );
      assert.deepEqual(Object.keys(back), ['code', 'detail']);
      const many = await send(new AggregateError([new Error('one'), 'two'], 'many'), destination);
      assert.ok(many instanceof AggregateError && many.errors[0] instanceof Error);
      assert.equal(many.errors[1], 'two');
      const dom = await send(new DOMException('stop', 'AbortError'), destination);
      assert.ok(dom instanceof DOMException);
      assert.deepEqual([dom.name, dom.message, dom.code], ['AbortError', 'stop', 20]);
    });
    test(`${destination}, ${how}: cyclic and shared parts`, async () => {
      type Node = { self?: unknown; list?: unknown[]; map?: Map<unknown, unknown> };
      const a: Node = {};
      a.self = a;
      a.list = [a, a.self];
      a.map = new Map<unknown, unknown>([[a, a.list]]);
      const back = await send(a, destination);
      assert.equal(back.self, back);
      assert.equal(back.list?.[1], back);
      assert.equal(back.map?.get(back), back.list);
    });
    test(`${destination}, ${how}: holes, lone surrogates, own __proto__`, async () => {
      const sparse: unknown[] = [1, , 3];
      Object.assign(sparse, { extra: 1 });
      const back = await send(sparse, destination);
      assert.ok(!(1 in back) && back.length === 3 && (back as { extra?: number }).extra === 1);
      const odd = JSON.parse('{"__proto__": {"x": 1}, "s": "\\ud800"}') as Record<string, unknown>;
      const oddBack = await send(odd, destination);
      assert.deepEqual(Object.keys(oddBack), ['__proto__', 's']);
      assert.equal(Object.getPrototypeOf(oddBack), Object.prototype);
      assert.equal(oddBack['s'], '\ud800');
    });
  }
}

test('accessors are read once', async () => {
  let reads = 0;
  const value = {
    get x(): number {
      reads += 1;
      return reads;
    },
  };
  assert.deepEqual(await roundTrip(value), { x: 1 });
  assert.equal(reads, 1);
});
test('an object of a null prototype, an array with a function, deep inside maps and sets', async () => {
  const back = await roundTrip(new Map([['s', new Set([[marker, Object.create(null) as object]])]]));
  const [inner] = back.get('s') as Set<[() => number, object]>;
  assert.equal(inner?.[0](), 1);
  assert.equal(Object.getPrototypeOf(inner?.[1]), null);
});
test('shared memory stays shared, in data as well', async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  await link.run((all: { words: Int32Array; f: () => number }) => Atomics.store(all.words, 1, 7), { words, f: marker });
  assert.equal(words[1], 7);
});
test('ports and blobs are left to structured clone', async () => {
  const { port1 } = new MessageChannel();
  const packed = await pack({ port1 }, { destination: 'thread', book: new CodeBook() });
  assert.ok(packed.packet.nodes.some((node) => node[0] === 'raw' && node[1] === port1));
  port1.close();
  const blob = await roundTrip({ blob: new Blob(['abc']), marker });
  assert.equal(await blob.blob.text(), 'abc');
});
test('a part of a pooled Buffer does not take the pool along', async () => {
  const { packet } = await pack(Buffer.from('abc'), { destination: 'thread', book: new CodeBook() });
  const [node] = packet.nodes;
  assert.ok(node?.[0] === 'buffer' && node[1].buffer.byteLength === 3);
});
test("errors of Node's own classes keep code and standard class", async () => {
  const error = (() => {
    try {
      return Buffer.alloc(-1);
    } catch (thrown) {
      return thrown;
    }
  })() as RangeError & { code: string };
  const back = await roundTrip(error);
  assert.ok(back instanceof RangeError);
  assert.deepEqual([back.code, back.message], [error.code, error.message]);
  assert.ok(
    (await roundTrip(new assert.AssertionError({ message: 'm', actual: 1, expected: 2 }))) instanceof
      assert.AssertionError,
  );
});

test('isPlain: exactly what structured clone carries whole', () => {
  const yes = [
    1,
    'x',
    1n,
    null,
    undefined,
    [],
    [[1]],
    { a: { b: [1] } },
    new Map([[1, { a: 1 }]]),
    new Date(),
    /x/,
    new Uint8Array(2),
  ];
  const symbol = Symbol.for('x');
  const no = [
    ...[
      marker,
      symbol,
      [marker],
      { a: { b: marker } },
      new Map([[1, marker]]),
      new Set([symbol]),
      new Error('x'),
      new URL('a:b'),
    ],
    ...[
      Object.create(null),
      { [symbol]: 1 },
      Buffer.from('x'),
      new (class {})(),
      {
        get x() {
          return 1;
        },
      },
      Promise.resolve(),
    ],
    ...[
      Object.create(Date.prototype),
      new Proxy({}, {}),
      Math,
      Object.assign(new Date(), { a: 1 }),
      Object.assign([1], { a: marker }),
    ],
  ];
  assert.deepEqual(
    yes.filter((each) => !isPlain(each)),
    [],
  );
  assert.deepEqual(
    no.filter((each) => isPlain(each)),
    [],
  );
});

const anything = fc
  .anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
  })
  .filter(datesAreValid);
for (const destination of ['thread', 'process'] as const) {
  for (const [how, send] of ways) {
    test(`any data, ${destination}, ${how}`, async () => {
      await fc.assert(
        fc.asyncProperty(anything, async (value) => {
          assert.deepEqual(await send(value, destination), value);
        }),
        { numRuns: 300 },
      );
    });
  }
}

const { Temporal } = globalThis as { Temporal?: { PlainDate: { from(text: string): { toString(): string } } } };
test('dates of Temporal', { skip: Temporal === undefined && 'this version of Node has none' }, async () => {
  const { PlainDate } = Temporal as { PlainDate: { from(text: string): { toString(): string } } };
  const back = await roundTrip(PlainDate.from('2024-02-29'));
  assert.ok(back instanceof (PlainDate as never));
  assert.equal(back.toString(), '2024-02-29');
});
test('arguments with their destination: what is plain is one node for either', async () => {
  for (const destination of ['thread', 'process'] as const) {
    const { packet } = await pack([1, { a: [2] }], { destination, book: new CodeBook(), root: 'arguments' });
    assert.deepEqual(packet, { root: 0, nodes: [['raw', [1, { a: [2] }]]], units: [] });
  }
});
