/**
 * Contract of every pool: what goes in and what comes out.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PoolKind, transfer } from '../../src/index.ts';
import { Rendezvous } from './rendezvous.ts';
import { add, doubleLater, makePoint, meet, Point } from './tasks.ts';
import { rejectionCode, withPool } from './with-pool.ts';

const cyclic = (): unknown => {
  const ring: { name: string; self?: unknown } = { name: 'ring' };
  ring.self = ring;
  return ring;
};
const twice = (): unknown => {
  const shared = { shared: true };
  return [shared, shared];
};

const values: readonly (readonly [name: string, make: () => unknown])[] = [
  ['zero', () => 0],
  ['minus zero', () => -0],
  ['NaN', () => Number.NaN],
  ['infinity', () => Number.NEGATIVE_INFINITY],
  ['the edges of 32 bits', () => [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32]],
  ['the edges of numbers', () => [Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, Number.MAX_VALUE, Number.EPSILON]],
  ['bigints', () => [0n, -1n, 2n ** 64n, -(2n ** 200n)]],
  ['true', () => true],
  ['false', () => false],
  ['null', () => null],
  ['undefined', () => undefined],
  ['an empty string', () => ''],
  ['latin text', () => 'naïve café'],
  ['text beyond the first plane', () => 'köln 東京 🎉'],
  ['a lone surrogate', () => 'a\ud800b'],
  ['a long string', () => 'long '.repeat(50_000)],
  ['an empty object', () => ({})],
  ['a nested object', () => ({ a: { b: [1, { c: 'd' }] }, e: null, f: undefined })],
  ['an own __proto__', () => JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as unknown],
  ['integer keys', () => ({ 2: 'b', 1: 'a', x: 0 })],
  ['an empty array', () => []],
  ['an array with holes', () => [1, , 3, ,]], // biome-ignore lint/suspicious/noSparseArray: that is the point
  ['an array of undefined', () => [undefined, undefined]],
  ['a cycle', cyclic],
  ['one object twice', twice],
  [
    'a Map',
    () =>
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, new Map([[1, 2]])],
      ]),
  ],
  ['a Set', () => new Set([1, 'two', null])],
  ['a Date', () => new Date(86_400_000)],
  ['a RegExp', () => /a+b/giu],
  ['boxed primitives', () => [Object(1), Object('s'), Object(true)]],
  ['an ArrayBuffer', () => new Uint8Array([1, 2, 3]).buffer],
  ['a DataView', () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
  ['a Uint8Array', () => new Uint8Array([1, 2, 255])],
  ['an Int16Array', () => new Int16Array([-1, 2])],
  ['a Float32Array', () => new Float32Array([1.5, Number.NaN])],
  ['a Float64Array', () => new Float64Array([Math.PI])],
  ['a BigUint64Array', () => new BigUint64Array([2n ** 64n - 1n])],
  ['1 MiB', () => new Uint8Array(2 ** 20).fill(7)],
  ['an object with bytes', () => ({ name: 'x', bytes: new Uint8Array([9]), at: new Date(1) })],
];

/** What every pool does with arguments and results. */
export function poolValuesContract(kind: PoolKind): void {
  describe('values', () => {
    it('executorcommon-01: runs a call and resolves to its result', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        assert.equal(await pool.submit((a: number, b: number) => a + b, 1, 2), 3);
        assert.equal(await pool.submit(add, 3, 4), 7);
        assert.equal(await pool.submit(() => 'no arguments'), 'no arguments');
      }));

    it('passes any number of arguments', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const count = (...all: number[]): number[] => all;
        for (const length of [0, 1, 2, 3, 7, 300, 5000]) {
          const given = Array.from({ length }, (_, index) => index);
          assert.deepEqual(await pool.submit(count, ...given), given, `${length} arguments`);
        }
      }));

    it('executorcommon-02: arguments may be called like options', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const given = { fn: 1, args: [2], signal: 'x', timeout: 3, self: 4 };
        assert.deepEqual(await pool.submit((options: typeof given) => options, given), given);
      }));

    it('every value arrives, and comes back', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const echo = (value: unknown): unknown => value;
        for (const [name, make] of values) {
          assert.deepEqual(await pool.submit(echo, make()), make(), name);
          assert.deepEqual(await pool.submit((inner: unknown) => [inner], make()), [make()], `${name}, in an array`);
        }
      }));

    it('keeps minus zero, holes and shared references apart from what looks like them', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const echo = <T>(value: T): T => value;
        assert.ok(Object.is(await pool.submit(echo<number>, -0), -0));
        assert.ok(Number.isNaN((await pool.submit(echo<Date>, new Date(Number.NaN))).getTime()), 'an invalid Date');
        const holes = (await pool.submit(echo<number[]>, [1, , 3] as number[])) as number[]; // biome-ignore lint/suspicious/noSparseArray: that is the point
        assert.equal(1 in holes, false);
        const [first, second] = (await pool.submit(echo<object[]>, twice() as object[])) as [object, object];
        assert.equal(first, second);
        const ring = (await pool.submit(echo<{ self?: unknown }>, cyclic() as object)) as { self?: unknown };
        assert.equal(ring.self, ring);
        const own = (await pool.submit(echo<object>, JSON.parse('{"__proto__": 1}') as object)) as object;
        assert.ok(Object.hasOwn(own, '__proto__'));
        assert.equal(Object.getPrototypeOf(own), Object.prototype);
      }));

    it('Buffers arrive with their bytes, whatever pool memory they lay in', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);
        assert.equal(await pool.submit(sum, Buffer.from([1, 2, 3])), 6);
        const back = await pool.submit((text: string) => Buffer.from(text), 'grüße');
        assert.equal(Buffer.from(back).toString(), 'grüße');
        assert.equal(back.byteLength, 7);
      }));

    it('views come with memory of their own', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const echo = <T>(value: T): T => value;
        const given = {
          few: new Uint8Array(3),
          many: new Float64Array(100_000),
          data: new DataView(new ArrayBuffer(5)),
        };
        const back = await pool.submit(echo<typeof given>, given);
        assert.deepEqual(
          Object.values(back).map((view) => [view.byteOffset, view.byteLength, view.buffer.byteLength]),
          Object.values(given).map((view) => [0, view.byteLength, view.byteLength]),
        );
        assert.equal(structuredClone(back.many, { transfer: [back.many.buffer] }).length, 100_000);
        assert.equal(back.many.length, 0, 'could be moved on');
        const offsets = await pool.submit((bytes: Uint8Array) => bytes.byteOffset, new Uint8Array(1_000_000));
        assert.equal(offsets, 0);
      }));

    it('a view arrives as long as it was', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const large = new Float64Array(1000).fill(1);
        const part = large.subarray(10, 13);
        assert.deepEqual(await pool.submit((view: Float64Array) => [view.length, view[0]], part), [3, 1]);
        assert.equal(large.length, 1000, 'the sender keeps its own');
      }));

    it('errors are values too', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const given = new TypeError('as a value', { cause: 'why' });
        const back = await pool.submit((error: TypeError) => error, given);
        assert.ok(back instanceof TypeError);
        assert.equal(back.message, 'as a value');
      }));

    it('16 MiB go over by moving, and the sender sees them gone', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const bytes = new Uint8Array(16 * 2 ** 20);
        bytes[0] = 1;
        bytes[bytes.length - 1] = 2;
        const given = transfer(bytes, [bytes.buffer]);
        const answer = pool.submit((moved: Uint8Array) => [moved.length, moved[0], moved.at(-1)], given);
        assert.equal(bytes.length, 0, 'detached at submit');
        assert.deepEqual(await answer, [16 * 2 ** 20, 1, 2]);
      }));

    it('a task can move its result', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const make = (length: number): Uint8Array => {
          const bytes = new Uint8Array(length).fill(5);
          return transfer(bytes, [bytes.buffer]);
        };
        const back = await pool.submit(make, 2 ** 20);
        assert.equal(back.length, 2 ** 20);
        assert.equal(back.at(-1), 5);
      }));

    it('items and results of a map can be moved', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const images = Array.from({ length: 20 }, (_, n) => new Uint8Array(100_000).fill(n));
        const marked = images.map((image) => transfer(image, [image.buffer]));
        const lighten = (image: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
          const lighter = image.map((pixel) => pixel + 100);
          return transfer(lighter, [lighter.buffer]);
        };
        const some = (image: Uint8Array<ArrayBuffer>, n: number): Uint8Array | number =>
          n % 2 === 0 ? lighten(image) : n;
        const back = await pool.map(lighten, marked, { chunkSize: 3 });
        assert.deepEqual(
          images.map((image) => image.length),
          images.map(() => 0),
          'moved away',
        );
        assert.deepEqual(
          back.map((image) => [image.length, image[0], image.at(-1)]),
          images.map((_, n) => [100_000, n + 100, n + 100]),
        );
        const pairs = back.map((image, n) => [transfer(image, [image.buffer]), n] as const);
        const mixed = await pool.starmap(Object.assign(some, { lighten }), pairs, { chunkSize: 7 });
        assert.deepEqual(
          mixed.map((each) => (typeof each === 'number' ? each : each[5])),
          images.map((_, n) => (n % 2 === 0 ? n + 200 : n)),
        );
        const later = async (image: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => transfer(image, [image.buffer]);
        const one = new Uint8Array(9);
        const again = await pool.map(later, [transfer(one, [one.buffer])]);
        assert.equal(again[0]?.length, 9);
        const twice = new Uint8Array(9);
        const items = [transfer(twice, [twice.buffer]), transfer(twice, [twice.buffer])];
        assert.deepEqual(await pool.map((bytes: Uint8Array) => bytes.length, items, { chunkSize: 2 }), [9, 9]);
      }));

    it('a SharedArrayBuffer is shared where memory can be, and refused where it cannot', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const shared = new Int32Array(new SharedArrayBuffer(8));
        const count = (words: Int32Array): number => Atomics.add(words, 0, 5);
        const buffers = (buffer: SharedArrayBuffer): number => Atomics.add(new Int32Array(buffer), 1, 7);
        if (kind === 'process' || kind === 'hybrid') {
          assert.equal(await rejectionCode(pool.submit(count, shared)), 'ERR_NOT_SHAREABLE');
          assert.equal(await rejectionCode(pool.submit(buffers, shared.buffer)), 'ERR_NOT_SHAREABLE');
          assert.equal(await rejectionCode(pool.submit(() => new SharedArrayBuffer(4))), 'ERR_NOT_SHAREABLE');
          assert.equal(await pool.submit(add, 1, 1), 2, 'the pool goes on');
          return;
        }
        await pool.submit(count, shared);
        await pool.submit(buffers, shared.buffer);
        assert.deepEqual([...shared], [5, 7]);
        const made = await pool.submit(() => new SharedArrayBuffer(12));
        assert.ok(made instanceof SharedArrayBuffer);
        assert.equal(made.byteLength, 12);
      }));

    it('arguments are taken at submit: what is changed afterwards is not seen', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const meeting = await Rendezvous.start();
        try {
          const first = pool.submit(meet, meeting.path, 'first'); // keeps the only worker busy
          await meeting.untilArrived(1);
          const plain = { n: 1, list: [1] };
          const map = new Map([['n', 1]]);
          const bytes = new Uint8Array([1, 1, 1]);
          const list = [{ n: 1 }];
          const answers = [
            pool.submit((o: typeof plain) => [o.n, o.list.length], plain),
            pool.submit((m: typeof map) => m.get('n'), map),
            pool.submit((b: typeof bytes) => b[1], bytes),
            pool.submit((l: typeof list) => l.length + (l[0]?.n ?? 0), list),
          ];
          plain.n = 2;
          plain.list.push(2);
          map.set('n', 2);
          bytes.fill(2);
          list[0] = { n: 9 };
          list.push({ n: 9 });
          meeting.open();
          assert.deepEqual(await Promise.all(answers), [[1, 1], 1, 1, 2]);
          assert.equal(await first, 'first');
        } finally {
          await meeting.close();
        }
      }));

    // A function that comes back to the thread that it was sent from is itself again, with its live variables.
    if (kind !== 'inline') {
      it('a captured variable is taken at submit', () =>
        withPool({ kind, workers: 1 }, async (pool) => {
          let factor = 2;
          const table = { seven: 7 };
          const scale = (x: number): number => x * factor + table.seven;
          const before = pool.submit(scale, 10);
          factor = 3;
          table.seven = 70;
          const after = pool.submit(scale, 10);
          assert.deepEqual([await before, await after], [27, 100]);
          assert.deepEqual(await pool.map(scale, [1, 2]), [73, 76]);
        }));
    }

    it('a getter among the arguments may submit a task itself, and give tasks up, and throw', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const echo = (...all: unknown[]): unknown[] => all;
        const none = (): string => 'none';
        await Promise.all([pool.submit(echo), pool.submit(none)]);
        const inner: Promise<unknown>[] = [];
        const answers = Array.from({ length: 6000 }, (_, n) => {
          const outer = {
            before: 'b'.repeat(n % 90),
            get value(): number {
              inner.push(pool.submit(echo, n, 'x'.repeat(n % 100)), pool.submit(none));
              if (n % 7 === 0) {
                const unwanted = pool.submit(none);
                unwanted.cancel();
                unwanted.catch(() => {});
              }
              return n;
            },
            after: [n],
          };
          return pool.submit(echo, outer, n);
        });
        const bad = {
          get value(): number {
            inner.push(pool.submit(none), pool.submit(echo, 0, ''));
            throw new RangeError('not this one');
          },
        };
        await assert.rejects(pool.submit(echo, 1, bad), /not this one/);
        for (const [n, answer] of (await Promise.all(answers)).entries()) {
          assert.deepEqual(answer, [{ before: 'b'.repeat(n % 90), value: n, after: [n] }, n]);
        }
        for (const answer of await Promise.all(inner)) {
          if (answer === 'none') continue;
          const [n, text] = answer as [number, string];
          assert.equal(text.length, n % 100);
        }
      }));

    it('arguments with functions among them are taken at submit too', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const job = { call: makePoint, at: { x: 3 }, list: [4] };
        const run = (given: typeof job): number => given.call(given.at.x, given.list[0] ?? 0).length;
        const before = pool.submit(run, job);
        job.at.x = 30;
        job.list[0] = 40;
        const after = pool.submit(run, job);
        assert.deepEqual([await before, await after], [5, 50]);
      }));

    it('async functions and other thenables are awaited in the worker', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        assert.equal(await pool.submit(doubleLater, 4), 8);
        // biome-ignore lint/suspicious/noThenProperty: that is the point
        assert.equal(await pool.submit(() => ({ then: (resolve: (n: number) => void) => resolve(5) })), 5);
      }));

    it('a function may be the result', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const adder = await pool.submit((n: number) => (m: number) => n + m, 40);
        assert.equal(adder(2), 42);
      }));

    it('instances of a class keep their class, both ways', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const made = await pool.submit(makePoint, 3, 4);
        assert.ok(made instanceof Point);
        assert.equal(made.length, 5);
        assert.equal(await pool.submit((point: Point) => point.length, new Point(6, 8)), 10);
      }));
  });
}
