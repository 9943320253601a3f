/**
 * What arrays in shared memory promise, whatever their scope, and views of them.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bigint64,
  biguint64,
  float32,
  float64,
  int16,
  int32,
  int8,
  Latch,
  type ScopeOptions,
  SharedArray,
  string,
  uint16,
  uint32,
  uint8,
} from '../../src/index.ts';
import { workerOf } from './in-scope.ts';
import { withPool } from './with-pool.ts';

/** The contract of shared arrays. */
export function sharedArrayContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`SharedArray, scope ${scope}`, () => {
    test('it is a typed array of its width, whose neighbours are left alone', () => {
      const classes = [
        [int8, Int8Array],
        [uint8, Uint8Array],
        [int16, Int16Array],
        [uint16, Uint16Array],
        [int32, Int32Array],
        [uint32, Uint32Array],
        [float32, Float32Array],
        [float64, Float64Array],
      ] as const;
      for (const [type, Class] of classes) {
        const numbers = new SharedArray(type, [3, 1, 2], { scope });
        const next = new SharedArray(type, 3, { scope });
        assert.ok(numbers instanceof Class);
        assert.ok(numbers instanceof SharedArray);
        assert.ok(ArrayBuffer.isView(numbers));
        assert.ok(numbers.buffer instanceof SharedArrayBuffer);
        assert.deepEqual(
          [numbers.length, numbers.scope, numbers.BYTES_PER_ELEMENT],
          [3, scope, Class.BYTES_PER_ELEMENT],
        );
        numbers.sort();
        assert.deepEqual([...numbers], [1, 2, 3]);
        numbers.fill(7);
        assert.deepEqual([...next], [0, 0, 0]);
      }
      for (const type of [bigint64, biguint64]) {
        const numbers = new SharedArray(type, [3n, 1n, 2n], { scope });
        numbers.sort();
        assert.deepEqual([...numbers], [1n, 2n, 3n]);
      }
      assert.equal(new Int32Array(2) instanceof SharedArray, false);
    });

    test('what map, filter, slice and subarray give are ordinary arrays; the last is a view of the same memory', () => {
      const numbers = new SharedArray(int32, [1, 2, 3, 4], { scope });
      for (const made of [
        numbers.map((x) => x * 2),
        numbers.filter((x) => x > 1),
        numbers.slice(1),
        numbers.toSorted(),
      ]) {
        assert.equal(Object.getPrototypeOf(made), Int32Array.prototype);
        assert.notEqual(made.buffer, numbers.buffer);
      }
      const part = numbers.subarray(1, 3);
      assert.equal(Object.getPrototypeOf(part), Int32Array.prototype);
      part[0] = 20;
      assert.deepEqual([...numbers], [1, 20, 3, 4]);
    });

    test('its items may be any iterable; those that do not fit are refused at first', () => {
      assert.deepEqual([...new SharedArray(int32, new Set([1, 2]), { scope })], [1, 2]);
      assert.deepEqual([...new SharedArray(int32, new Float64Array([1, 2]), { scope })], [1, 2]);
      assert.equal(new SharedArray(int32, 0, { scope }).length, 0);
      assert.equal(new SharedArray(int32, [], { scope }).length, 0);
      assert.throws(() => new SharedArray(uint8, [1, 256], { scope }), {
        code: 'ERR_INVALID_VALUE',
        message: /^item 1 is of type uint8, from 0 to 255/,
      });
      const cut = new SharedArray(uint8, 1, { scope });
      cut[0] = 257;
      assert.equal(cut[0], 1, 'later it does as typed arrays do');
    });

    test('a length or a type that is none is refused', () => {
      for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, {}]) {
        assert.throws(() => new SharedArray(int32, length as never, { scope }), { code: 'ERR_INVALID_OPTION' });
      }
      for (const type of [undefined, string(3), 'int32', int32.kind]) {
        assert.throws(() => new SharedArray(type as never, 1, { scope }), { code: 'ERR_INVALID_OPTION' });
      }
    });

    test('more than there is memory or addresses for is an error that says how much was asked for', () => {
      assert.throws(() => new SharedArray(float64, 2 ** 50, { scope }), {
        code: 'ERR_INVALID_OPTION',
        message: /at most 1099511627776 bytes; 1125899906842624 items of 8/,
      });
      // A machine with a tebibyte of memory could have it.
      assert.throws(() => new SharedArray(float64, 2 ** 37, { scope }), /There is no room for 10995116\d{5} bytes/);
      assert.equal(new SharedArray(float64, 4, { scope }).length, 4);
    });

    test('it travels in place, with its lock, and back', async () => {
      const numbers = new SharedArray(float64, [1, 2, 3], { scope });
      await withPool({ kind: scope, workers: 1 }, async (pool) => {
        const same = await pool.submit((given: SharedArray<'float64'>) => {
          given[0] = 10;
          return given;
        }, numbers);
        assert.ok(same instanceof SharedArray);
        same[1] = 20;
        const hold = numbers.lock.acquireSync();
        assert.equal(same.lock.locked, true);
        assert.equal(await pool.submit((given: { readonly a: SharedArray }) => given.a.lock.locked, { a: same }), true);
        hold.release();
        assert.equal(await pool.submit(() => numbers.reduce((sum, each) => sum + each, 0)), 33);
      });
      assert.deepEqual([...numbers], [10, 20, 3]);
    });

    test('parts of it and other views of its memory travel in place', async () => {
      const numbers = new SharedArray(int32, [1, 2, 3, 4], { scope });
      const part = numbers.subarray(1, 3);
      const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset + 12, 4);
      const view = new DataView(numbers.buffer, numbers.byteOffset, 4);
      const worker = new Worker(
        (a: Int32Array, b: Uint8Array, c: DataView, d: { readonly same: Int32Array }) => {
          a[0] = 20;
          b[0] = 40;
          c.setInt32(0, 10, true);
          d.same[1] = 30;
          return [a.length, b.length, c.byteLength, a.buffer === d.same.buffer];
        },
        [part, bytes, view, { same: part }],
      );
      worker.start();
      assert.deepEqual(await worker.join(), [2, 4, 4, true]);
      assert.deepEqual([...numbers], [10, 20, 30, 40]);
    });

    test('a large one is not copied: workers fill it side by side and see what the others have written', async () => {
      const length = 300_000;
      const numbers = new SharedArray(float64, length, { scope });
      const filled = new Latch(3, { scope });
      const workers = [0, 1, 2].map(
        (part) =>
          new Worker(
            (given: SharedArray<'float64'>, done: Latch, mine: number) => {
              for (let i = mine; i < given.length; i += 3) given[i] = i;
              done.countDown();
              done.waitSync();
              return given.reduce((sum, each) => sum + each, 0);
            },
            [numbers, filled, part],
          ),
      );
      for (const worker of workers) worker.start();
      const sum = (length * (length - 1)) / 2;
      assert.deepEqual(await Promise.all(workers.map((worker) => worker.join())), [sum, sum, sum]);
      assert.equal(numbers[length - 1], length - 1);
    });

    test('items that are changed under its lock, or with Atomics, are all counted', async () => {
      const numbers = new SharedArray(int32, 2, { scope });
      const workers = [1, 2, 3].map(
        () =>
          new Worker(
            (given: SharedArray<'int32'>) => {
              for (let i = 0; i < 1000; i++) {
                given.lock.runSync(() => (given[0] = (given[0] as number) + 1));
                Atomics.add(given, 1, 1);
              }
            },
            [numbers],
          ),
      );
      for (const worker of workers) worker.start();
      await Promise.all(workers.map((worker) => worker.join()));
      assert.deepEqual([...numbers], [3000, 3000]);
    });
  });
}
