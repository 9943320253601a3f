/**
 * What can be put into a queue, and what comes out; whatever cannot is refused, and changes nothing.
 *
 * Items are looked at in each way in which they can come out: at once, after a wait, and by a call that blocks.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  EncodeError,
  int32,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  type ScopeOptions,
  SimpleQueue,
  Value,
} from '../../src/index.ts';
import { workerOf } from './in-scope.ts';
import { add, Point, StockError } from './tasks.ts';
import { rejection, rejectionCode } from './with-pool.ts';

const PATIENCE = { timeout: 30_000 } as const;
const INVALID = { code: 'ERR_INVALID_OPTION' };

const cyclic = (): object => {
  const one: Record<string, unknown> = { name: 'one' };
  one['self'] = one;
  one['list'] = [one, { back: one }];
  return one;
};

const nested = (depth: number): unknown => {
  let value: unknown = 'bottom';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
};

const bytes = (length: number): Buffer => {
  const all = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) all[i] = (i * 31 + (i >> 8)) & 0xff;
  return all;
};

const typedArrays = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array,
] as const; // biome-ignore format: a list

const data: readonly unknown[] = [
  undefined, null, true, false, 0, -0, 1, -1, 127, 128, 2 ** 31, -(2 ** 31), 2 ** 53, 0.1, Number.NaN, Infinity, -Infinity,
  0n, -1n, 2n ** 63n, 2n ** 200n, '', 'a', 'é', '日本', '🙂', '\ud800', 'x\udc00y', '\0', 'a'.repeat(100_000), 'é'.repeat(40),
  [], {}, [[]], [undefined, null], [1, 'two', { three: 3 }], new Date(0), new Date(8.64e15), /x/giu, new Map([[1, new Set(['a'])]]),
  new Set([Number.NaN]), Object.assign(Object.create(null), { a: 1 }), [1, , 3], Object(5), Object('text'), // biome-ignore lint/suspicious/noSparseArray: this is what is tested
  JSON.parse('{"__proto__": 1, "constructor": 2}'), nested(400), cyclic(), { long: Array.from({ length: 5000 }, (_, i) => i) },
  new RangeError('error', { cause: new TypeError('cause') }), new AggregateError([new Error('one')], 'many'),
  new ArrayBuffer(0), new Uint8Array(0), Buffer.alloc(0), bytes(5).buffer.slice(0, 5), Buffer.from('a Buffer'), bytes(300).subarray(7, 100),
  ...typedArrays.map((View) => new View([0, 1, 2, 3, 4])), ...typedArrays.map((View) => new View([0, 1, 2, 3, 4]).subarray(1, 4)),
  new BigInt64Array([-1n, 2n]), new BigUint64Array([1n]), new DataView(bytes(16).buffer, 8, 5), { in: { side: [new Uint16Array([1, 2]), bytes(9)] } },
  new Float64Array(3000).fill(Math.PI), bytes(16_383), bytes(16_384), bytes(16_385), bytes(32_768), bytes(70_000), 'y'.repeat(200_000), bytes(2 ** 20),
]; // biome-ignore format: a list

/** The contract of what is in queues. */
export function queueValuesContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);
  const priority = (): number => 0;
  const all = (): SimpleQueue[] => [
    new Queue({ scope }),
    new SimpleQueue({ scope }),
    new LifoQueue({ scope }),
    new PriorityQueue({ scope, priority }),
  ];

  /** Whatever has been tried, the queue is as it was and works. */
  async function works(queue: SimpleQueue): Promise<void> {
    assert.equal(queue.size, 0);
    await queue.put('still works');
    assert.equal(queue.getSync(), 'still works');
  }

  describe(`items of queues, scope ${scope}`, () => {
    test('data comes out as it went in', async () => {
      for (const queue of all()) {
        for (const item of data) {
          const waiting = queue.get(PATIENCE);
          queue.putSync(item);
          await queue.put(item);
          queue.putSync(item);
          for (const got of [await waiting, await queue.get(), queue.getSync()]) {
            assert.deepEqual(got, item, inspect(item).slice(0, 200));
            assert.ok(typeof item !== 'object' || item === null || got !== item, 'it is a copy');
            if (Buffer.isBuffer(item)) assert.ok(Buffer.isBuffer(got));
            if (ArrayBuffer.isView(item) && !(item instanceof DataView) && !Buffer.isBuffer(item))
              assert.equal((got as Uint8Array).buffer.byteLength, item.byteLength, 'its memory is its own');
          }
        }
        assert.equal(queue.size, 0);
      }
    });

    test('20 MiB come out as they went in, also by way of another worker', async () => {
      const large = bytes(20 * 2 ** 20);
      for (const queue of all()) {
        await queue.put(large);
        assert.ok(large.equals(queue.getSync() as Buffer));
      }
      const [there, back] = [new Queue<Buffer>({ scope }), new LifoQueue({ scope })];
      const echo = new Worker(
        async (from: Queue<Buffer>, to: LifoQueue) => {
          const item = from.getSync();
          await to.put([item.length, item]);
        },
        [there, back],
      );
      echo.start();
      there.putSync(large);
      const [length, got] = (await back.get(PATIENCE)) as [number, Buffer];
      assert.equal(length, large.length);
      assert.ok(large.equals(got));
      await echo.join();
    });

    test('later changes of what was put do not reach it', async () => {
      const queue = new Queue({ scope, maxSize: 1 });
      const item = { a: 1, bytes: Buffer.from([1]) };
      const raw = Buffer.from([1, 2, 3]);
      queue.putSync(item);
      const waits = [queue.put(raw), queue.put(item)]; // encoded when they were put
      item.a = 2;
      item.bytes[0] = 9;
      raw[0] = 9;
      assert.deepEqual(await queue.get(), { a: 1, bytes: Buffer.from([1]) });
      assert.deepEqual(await queue.get(), Buffer.from([1, 2, 3]));
      assert.deepEqual(await queue.get(), { a: 1, bytes: Buffer.from([1]) });
      await Promise.all(waits);
    });

    test('functions, closures and instances of classes come out alive', async () => {
      const offset = 40;
      class Temperature {
        readonly degrees: number;

        constructor(degrees: number) {
          this.degrees = degrees;
        }

        get kelvin(): number {
          return this.degrees + 273;
        }
      }
      for (const queue of all()) {
        queue.putSync((n: number) => n + offset);
        assert.equal((queue.getSync() as (n: number) => number)(2), 42);
        queue.putSync(new Temperature(20));
        assert.equal((queue.tryGet() as Temperature).kelvin, 293);
        const waiting = queue.get(PATIENCE);
        await queue.put({ deep: [new Temperature(7), () => offset] });
        const { deep } = (await waiting) as { deep: [Temperature, () => number] };
        assert.deepEqual([deep[0].kelvin, deep[1]()], [280, offset]);
      }
    });

    test('what refers to modules is got by a promise; a call that blocks leaves it', async () => {
      for (const queue of all()) {
        for (const item of [add, new Point(3, 4), new StockError('none', 'a-1', 2)]) {
          await queue.put(item);
          assert.throws(() => queue.getSync(), { code: 'ERR_INVALID_STATE', message: /await get/ });
          assert.throws(() => queue.tryGet(), { code: 'ERR_INVALID_STATE' });
          assert.equal(queue.size, 1);
          const got = await queue.get();
          assert.equal(got instanceof Object && got.constructor, item.constructor);
          assert.deepEqual(got, item);
        }
        await works(queue);
      }
    });

    test('shared objects of process scope stay shared', async () => {
      const queue = new Queue<{ readonly lock: Lock; readonly count: Value<typeof int32> }>({ scope });
      const shared = { lock: new Lock({ scope: 'process' }), count: new Value(int32, 0, { scope: 'process' }) };
      const worker = new Worker(
        async (from: typeof queue) => {
          const { lock, count } = await from.get();
          return lock.runSync(() => (count.value += 1));
        },
        [queue],
      );
      worker.start();
      await queue.put(shared);
      assert.equal(await worker.join(), 1);
      assert.equal(shared.count.value, 1);
      assert.equal(shared.lock.tryAcquire() !== false, true);
    });

    test('a queue of a class of one’s own is the same queue there, with its fields, and no other one that its constructor makes', async () => {
      class Jobs extends Queue<number> {
        title = 'as it is made';
        constructor() {
          super({ scope, maxSize: 3 });
        }
      }
      class Ranked extends PriorityQueue<number> {
        constructor() {
          super({ scope, priority: (item) => -item });
        }
      }
      const [jobs, ranked] = [new Jobs(), new Ranked()];
      jobs.title = 'renamed';
      const worker = new Worker(
        async (jobs: Jobs, ranked: Ranked) => {
          await jobs.put(1);
          for (const item of [1, 3, 2]) await ranked.put(item);
          return [jobs instanceof Jobs, jobs.title, jobs.maxSize, ranked instanceof Ranked];
        },
        [jobs, ranked],
      );
      worker.start();
      assert.deepEqual(await worker.join(), [true, 'renamed', 3, true]);
      assert.deepEqual([jobs.tryGet(), jobs.tryGet()], [1, undefined]);
      assert.deepEqual([ranked.tryGet(), ranked.tryGet(), ranked.tryGet()], [3, 2, 1]);
    });

    test('mpqueue-05: what cannot travel fails its put, and later items arrive', async () => {
      const detached = new Uint8Array(8);
      structuredClone(detached, { transfer: [detached.buffer] });
      const items = [
        Symbol('s'),
        new WeakMap(),
        Promise.resolve(1),
        { deep: [new WeakRef({})] },
        { lock: new Lock() },
        (function* () {})(),
        detached,
        detached.buffer,
      ];
      for (const queue of all()) {
        for (const item of items) {
          for (const put of [() => queue.putSync(item), () => queue.tryPut(item)])
            assert.throws(put, (error) => error instanceof EncodeError, inspect(item));
          const error = await rejection(queue.put(item));
          assert.ok(error instanceof EncodeError);
          assert.match(error.code, /^ERR_/);
        }
        await works(queue);
      }
    });

    test('code of an item that fails fails its put, and nothing else', async () => {
      const failing = {
        get value(): number {
          throw new RangeError('no value');
        },
      };
      const trap = new Proxy({ a: 1 }, { ownKeys: () => { throw new RangeError('no keys'); } }); // biome-ignore format: short
      for (const queue of all()) {
        for (const item of [failing, [failing], { deep: { failing } }, trap]) {
          assert.throws(() => queue.putSync(item), RangeError);
          assert.throws(() => queue.tryPut(item), RangeError);
          assert.ok((await rejection(queue.put(item))) instanceof RangeError);
        }
        queue.putSync(new Proxy({ a: 1 }, {}));
        assert.deepEqual(queue.getSync(), { a: 1 });
        await works(queue);
      }
    });

    test('simplequeue-06: code of an item may use the same queue', async () => {
      for (const queue of all()) {
        const item = {
          a: 'before',
          get value(): unknown {
            queue.putSync({ inner: 'x'.repeat(5000) });
            return queue.getSync();
          },
          z: 'after',
        };
        const whole = { a: 'before', value: { inner: 'x'.repeat(5000) }, z: 'after' };
        queue.putSync(item);
        assert.deepEqual(queue.getSync(), whole);
        await queue.put([item, 1]);
        assert.deepEqual(await queue.get(), [whole, 1]);
        await works(queue);
      }
      const other = new Queue<string>({ scope });
      const ranked = new PriorityQueue<{ n: number }>({
        scope,
        priority({ n }) {
          other.putSync(`rank ${n}`);
          return n;
        },
      });
      ranked.putSync({ n: 2 });
      await ranked.put({ n: 1 });
      assert.equal(ranked.tryPut({ n: 0 }), true);
      assert.deepEqual([...[1, 2, 3].map(() => ranked.getSync().n)], [0, 1, 2]);
      assert.deepEqual([...[1, 2, 3].map(() => other.getSync())], ['rank 2', 'rank 1', 'rank 0']);
    });

    test('simplequeue-01: options that are none are refused, also when an item is there, and it stays', async () => {
      for (const queue of all()) {
        queue.putSync(1);
        for (const timeout of [-1, Number.NaN, 'x', -Infinity] as number[]) {
          for (const use of [
            () => queue.putSync(2, { timeout }),
            () => queue.getSync({ timeout }),
            () => queue.getIntoSync(new Uint8Array(9), { timeout }),
            () => queue.leaseSync({ timeout }),
          ])
            assert.throws(use, INVALID);
          for (const use of [queue.put(2, { timeout }), queue.get({ timeout }), queue.lease({ timeout })])
            assert.equal(await rejectionCode(use), 'ERR_INVALID_OPTION');
        }
        const signal = AbortSignal.abort(new Error('given'));
        assert.throws(() => queue.getSync({ signal }), /given/);
        assert.throws(() => queue.putSync(2, { signal }), /given/);
        await assert.rejects(queue.get({ signal }), /given/);
        await assert.rejects(queue.put(2, { signal }), /given/);
        assert.equal(queue.getSync(), 1);
        await works(queue);
      }
    });
  });
}
