/**
 * What a SharedMap does, in either scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { int32, Lock, Pool, Process, SharedArray, SharedMap, sharedStruct, Thread, Value } from '../../src/index.ts';

const FULL = { code: 'ERR_MAP_FULL', name: 'SharedMemoryError' };

/** A map whose constructor takes what it likes. */
class Tally extends SharedMap<string, number> {
  by: number;

  constructor(by: number, scope: 'thread' | 'process') {
    super({ scope });
    this.by = by;
  }

  count(key: string): number {
    return this.update(key, (old = 0) => old + this.by);
  }
}

export function sharedMapContract(scope: 'thread' | 'process'): void {
  const Worker = scope === 'thread' ? Thread : Process;

  describe(`SharedMap, scope ${scope}`, () => {
    it('does as a Map does', () => {
      const map = new SharedMap({ scope });
      assert.equal(map.scope, scope);
      assert.equal(map.get('a'), undefined);
      assert.equal(map.set('a', 1), map);
      assert.equal(map.get('a'), 1);
      assert.equal(map.set('a', 2).get('a'), 2);
      assert.equal(map.size, 1);
      assert.equal(map.has('a'), true);
      assert.equal(map.has('b'), false);
      assert.equal(map.delete('a'), true);
      assert.equal(map.delete('a'), false);
      map.set(1, 'one').set('1', 'text').clear();
      assert.deepEqual([map.size, [...map]], [0, []]);
      map.set(1, 'one').set('1', 'text');
      assert.deepEqual(new Map(map), new Map<unknown, string>([[1, 'one'], ['1', 'text']])); // biome-ignore format: short
      assert.deepEqual(new Set(map.keys()), new Set([1, '1']));
      assert.deepEqual(new Set(map.values()), new Set(['one', 'text']));
      const seen: unknown[] = [];
      for (const key of [1, '1']) map.set(key, 0);
      map.forEach((value, key, all) => seen.push([key, value, all === map]));
      assert.equal(seen.length, 2);
      assert.match(inspect(map), /^SharedMap\(2\) \{/);
      assert.deepEqual(new Map(JSON.parse(JSON.stringify(map)) as [unknown, unknown][]), new Map(map));
    });

    it('takes any data as key and value, and gives copies', () => {
      const map = new SharedMap({ scope });
      const values = [
        undefined, null, true, false, 0, -1, 2 ** 40, 0.5, NaN, Infinity, 7n, 2n ** 100n, '', 'é€😀', 'x'.repeat(100_000),
        { a: 1, b: { c: [1, 2] } }, [1, 'two', null], new Date(5), new Uint8Array([1, 2, 3]), new Map([[1, new Set([2])]]), /x/g,
      ]; // biome-ignore format: a list
      for (const [i, value] of values.entries()) map.set(value, i).set(i + 0.25, value);
      assert.equal(map.size, 2 * values.length);
      for (const [i, value] of values.entries()) {
        assert.equal(map.get(value), i, inspect(value));
        assert.deepEqual(map.get(i + 0.25), value);
      }
      assert.equal(map.get(-0), map.get(0), 'there is one zero');
      assert.equal(
        map.get({ a: 1, b: { c: [1, 2] } }),
        values.findIndex((each) => inspect(each).startsWith('{ a')),
      );
      const got = map.get(15.25) as { a: number };
      got.a = 99;
      assert.notDeepEqual(map.get(15.25), got);
    });

    it('finds a key that is equal, whatever it was made of', () => {
      const map = new SharedMap({ scope });
      const computed = [Number.POSITIVE_INFINITY, 0].reduce((a, b) => a * b);
      const long = 'a'.repeat(70_000);
      const sliced = `\u1234${long}`.slice(1);
      const bytes = new Uint8Array([1, 2, 3]);
      const shared = new Uint8Array(new SharedArrayBuffer(2));
      shared.set([1, 2]);
      for (const [key, same] of [
        [computed, Number.NaN],
        [
          [computed, 0.5],
          [Number.NaN, 0.5],
        ],
        [long, sliced],
        [{ long }, { long: sliced }],
        [bytes.slice(0, 2), bytes.subarray(0, 2)],
        [{ bytes: bytes.slice(1) }, { bytes: bytes.subarray(1) }],
        [bytes.slice(0, 2), shared],
      ]) {
        map.set(key, 1);
        assert.equal(map.get(same), 1, inspect(same).slice(0, 50));
        map.set(same, 2);
        assert.equal(map.get(key), 2);
        assert.deepEqual([...map], [[key, 2]]);
        map.clear();
      }
    });

    it('grows, and everybody sees what is new', async () => {
      const map = new SharedMap<number, string>({ scope, size: 8192 });
      const fill = (into: SharedMap<number, string>, from: number, to: number): number => {
        for (let i = from; i < to; i++) into.set(i, `value ${i}`.repeat(1 + (i % 7)));
        return into.size;
      };
      assert.equal(fill(map, 0, 500), 500);
      const worker = new Worker(fill, [map, 500, 3000]);
      worker.start();
      assert.equal(await worker.join(), 3000);
      fill(map, 3000, 4000);
      const reader = new Worker((from: SharedMap<number, string>) => [...from.keys()].length, [map]);
      reader.start();
      assert.equal(await reader.join(), 4000);
      for (let i = 0; i < 4000; i++) assert.equal(map.get(i), `value ${i}`.repeat(1 + (i % 7)));
      const { bytes } = map;
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 4000; i++) map.delete(i);
        fill(map, 0, 4000);
      }
      assert.ok(map.bytes < 1.5 * bytes, `room is used again: ${map.bytes} of ${bytes} bytes`);
    });

    it('is full when it may not grow, says so, and works on', () => {
      const map = new SharedMap<number, string>({ scope, size: 16_384, most: 16_384 });
      let n = 0;
      assert.throws(() => {
        for (; ; n++) map.set(n, 'x'.repeat(50));
      }, FULL);
      assert.ok(n > 30, `${n} entries`);
      assert.equal(map.size, n);
      assert.equal(map.has(n), false);
      assert.throws(() => map.set(0, 'y'.repeat(20_000)), FULL);
      assert.throws(() => map.update(0, () => 'y'.repeat(20_000)), FULL);
      assert.throws(() => map.getOrInsert(-1, 'y'.repeat(20_000)), FULL);
      assert.equal(map.get(0), 'x'.repeat(50));
      for (let i = 0; i < n; i++) assert.equal(map.delete(i), true);
      let again = 0;
      for (let i = 0; i < n; i++) {
        try {
          map.set(i, 'z'.repeat(50));
          again += 1;
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'ERR_MAP_FULL');
        }
      }
      assert.ok(again > 0.75 * n, `${again} of ${n}`); // a table may have become larger meanwhile
      assert.equal(map.size, again);
    });

    it('that was full of small entries has room for large ones once they are gone', () => {
      const map = new SharedMap<number, string>({ scope, size: 16_384, most: 16_384 });
      const fill = (length: number): number => {
        for (let n = 0; ; n++) {
          try {
            map.set(n, 'x'.repeat(length));
          } catch (error) {
            assert.equal((error as { code?: unknown }).code, 'ERR_MAP_FULL');
            return n;
          }
        }
      };
      for (let round = 0; round < 3; round++) {
        assert.ok(fill(1) > 50);
        map.clear();
        assert.equal(map.set(0, 'y'.repeat(8000)).get(0), 'y'.repeat(8000));
        map.clear();
      }
      for (let n = fill(1) - 1; n >= 0; n--) map.delete(n);
      assert.equal(map.set(0, 'y'.repeat(8000)).size, 1, 'also when they were removed one by one');
    });

    it('that grows no more takes large entries in place of small ones of the same part', () => {
      const map = new SharedMap<number, string>({ scope, size: 2 ** 17, most: 2 ** 17 });
      const fill = (length: number): number => {
        let failed = 0;
        for (let n = 0; failed < 20; n++) {
          try {
            map.set(n, 'x'.repeat(length));
          } catch {
            failed += 1;
          }
        }
        return map.size;
      };
      const few = fill(200);
      map.clear();
      assert.ok(fill(1) > 3 * few);
      for (const key of [...map.keys()].slice(1)) map.delete(key);
      const again = fill(200);
      assert.ok(again > few / 2, `${again} instead of ${few} entries`);
      assert.ok([...map.values()].every((value) => /^x{1}$|^x{200}$/.test(value)));
    });

    it('counts on when it is full, and takes shorter values', () => {
      const map = new SharedMap<number>({ scope, size: 16_384, most: 16_384 });
      const first = { text: 'x'.repeat(100), count: 1 };
      let n = 0;
      assert.throws(() => {
        for (; ; n++) map.set(n, first);
      }, FULL);
      for (let count = 2; count < 100; count++) map.update(0, () => ({ ...first, count }));
      map.set(1, { ...first, text: `y${'x'.repeat(99)}` }).set(2, 'short');
      assert.throws(() => map.set(3, { ...first, text: 'z'.repeat(100) }), FULL);
      assert.deepEqual([0, 1, 2, 3].map((key) => map.get(key)), [{ ...first, count: 99 }, { ...first, text: `y${'x'.repeat(99)}` }, 'short', first]); // biome-ignore format: short
      for (let key = 4; key < n; key++) assert.deepEqual(map.get(key), first);
      for (let key = 0; key < n; key++) map.delete(key);
      assert.equal(map.size, 0);
    });

    it('refuses what it cannot keep, and changes nothing', () => {
      const map = new SharedMap({ scope }).set('a', 1);
      const refused = { code: 'ERR_INVALID_VALUE' };
      assert.throws(() => map.set('a', () => 0), refused);
      assert.throws(() => map.set(Symbol('s'), 0), refused);
      assert.throws(() => map.get(() => 0), refused);
      assert.throws(() => map.set('b', { deep: [() => 0] }), refused);
      const value = new Value(int32, 7, { scope });
      const struct = new (sharedStruct({ x: int32 }))({ scope });
      const objects = [value, struct, map, new Lock({ scope }), new SharedArray(int32, 2, { scope })];
      for (const object of [...objects, [value], { deep: { struct } }, new Map([[{ map }, 1]]), new Set([[value]])]) {
        assert.throws(() => map.set('a', object), { ...refused, message: /^This value .* is no data/ });
        assert.throws(() => map.set(object, 1), { ...refused, message: /^This key .* is no data/ });
      }
      assert.deepEqual([...map], [['a', 1]]);
      for (const options of [
        { size: 4160 },
        { size: 4200, most: 4200 },
        { size: 0 },
        { size: -1 },
        { size: NaN },
        { size: 1e6, most: 1e5 },
        { most: 2 ** 40 },
      ]) {
        assert.throws(() => new SharedMap({ scope, ...options }), { code: 'ERR_INVALID_OPTION' });
      }
    });

    it('changes a value as one step', async () => {
      const counts = new SharedMap<string, number>({ scope });
      const pool = new Pool({ kind: scope, workers: 3 });
      try {
        await pool.map(
          (worker: number) => {
            for (let i = 0; i < 400; i++) counts.update(`key ${i % 10}`, (count = 0) => count + 1);
            return counts.getOrInsert('first', worker);
          },
          [0, 1, 2, 3, 4, 5],
        );
      } finally {
        await pool.close();
      }
      const first = counts.get('first') as number;
      assert.ok(first >= 0 && first <= 5);
      counts.delete('first');
      assert.deepEqual(new Map([...counts].sort()), new Map(Array.from({ length: 10 }, (_, i) => [`key ${i}`, 240])));
      assert.equal(
        counts.getOrInsertComputed('made', (key) => key.length),
        4,
      );
      assert.equal(
        counts.getOrInsertComputed('made', () => 99),
        4,
      );
      assert.throws(
        () =>
          counts.update('made', () => {
            throw new Error('no');
          }),
        /no/,
      );
      assert.equal(counts.get('made'), 4);
    });

    it('lets the function of an update use the map', () => {
      const map = new SharedMap<string, number>({ scope });
      const result = map.update('a', (old = 0) => {
        map.set('b', 5);
        if (old < 3) map.set('a', old + 1); // as if somebody else had been faster
        return old + 10;
      });
      assert.equal(result, 13);
      assert.equal(map.get('a'), 13);
      assert.equal(map.get('b'), 5);
    });

    it('is iterated while others write: what stays is seen once, and pairs belong together', async () => {
      const map = new SharedMap<string, readonly [string, number]>({ scope });
      const stay = 500;
      for (let i = 0; i < stay; i++) map.set(`stays ${i}`, [`stays ${i}`, 0]);
      const writer = new Worker(
        (into: SharedMap<string, readonly [string, number]>, count: number) => {
          for (let round = 1; !into.has('stop'); round++) {
            for (let i = 0; i < count; i++) into.set(`stays ${i}`, [`stays ${i}`, round]);
            for (let i = 0; i < 200; i++) into.set(`comes ${round * 200 + i}`, [`comes ${round * 200 + i}`, round]);
            for (let i = 0; i < 200; i++) into.delete(`comes ${round * 200 + i}`);
            into.set('round', ['round', round]);
          }
          return into.get('round')?.[1] ?? 0;
        },
        [map, stay],
      );
      writer.start();
      for (let round = 0; round < 40; round++) {
        const seen = new Map<string, number>();
        for (const [key, value] of map) {
          assert.equal(value[0], key);
          seen.set(key, (seen.get(key) ?? 0) + 1);
        }
        for (let i = 0; i < stay; i++) assert.equal(seen.get(`stays ${i}`), 1);
        for (const [key, times] of seen) assert.equal(times, 1, key);
        await new Promise((resolve) => setImmediate(resolve));
      }
      map.set('stop', ['stop', 0]);
      assert.ok((await writer.join()) >= 0);
    });

    it('of a subclass is the same where it arrives, with its methods and fields', async () => {
      const tally = new Tally(2, scope);
      const worker = new Worker((given: Tally) => [given.count('a'), given instanceof Tally], [tally]);
      worker.start();
      assert.deepEqual(await worker.join(), [2, true]);
      assert.equal(tally.count('a'), 4);
    });

    it('travels in place, as an argument, a capture and a result', async () => {
      const map = new SharedMap<string, number>({ scope });
      const pool = new Pool({ kind: scope, workers: 1 });
      try {
        await pool.submit(() => map.set('captured', 1));
        const back = await pool.submit((given: SharedMap<string, number>) => given.set('given', 2), map);
        back.set('back', 3);
        assert.deepEqual(new Map([...map].sort()), new Map([['back', 3], ['captured', 1], ['given', 2]])); // biome-ignore format: short
      } finally {
        await pool.close();
      }
    });
  });
}
