/**
 * What shareable lists promise, whatever their scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { type ScopeOptions, type ShareableItem, ShareableList } from '../../src/index.ts';
import { workerOf } from './in-scope.ts';
import { withPool } from './with-pool.ts';

const refused = { code: 'ERR_INVALID_VALUE' };

/** A list whose constructor takes what it likes. */
class Stages extends ShareableList {
  title: string;

  constructor(title: string, scope: NonNullable<ScopeOptions['scope']>) {
    super(['begun'], { scope });
    this.title = title;
  }
}

/** The contract of lists. */
export function shareableListContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`ShareableList, scope ${scope}`, () => {
    const all: readonly ShareableItem[] = [
      'howdy',
      Buffer.from('HoWdY').subarray(),
      -273.154,
      100,
      null,
      true,
      false,
      2n ** 63n - 1n,
      -(2n ** 63n),
      '',
      new Uint8Array(0),
      Number.NaN,
      -0,
      '日本語',
    ].map((item) => (item instanceof Uint8Array ? new Uint8Array(item) : item));

    test('sharedmemorysh-08: items of all types come back as they were given', () => {
      const list = new ShareableList(all, { scope });
      assert.equal(list.length, all.length);
      assert.deepEqual([...list], all);
      assert.ok(Object.is(list.at(-2), -0));
      assert.equal(list.scope, scope);
    });

    test('sharedmemorysh-08: an index beyond its ends is an error', () => {
      const list = new ShareableList([1, 2, 3], { scope });
      assert.deepEqual([list.at(0), list.at(-1), list.at(-3)], [1, 3, 1]);
      for (const index of [3, -4, 1.5, Number.NaN, '0', undefined]) {
        assert.throws(() => list.at(index as never), RangeError);
        assert.throws(() => list.set(index as never, 1), RangeError);
      }
      assert.deepEqual([...list], [1, 2, 3]);
    });

    test('sharedmemorysh-08: an item changes its value and its type within its room; what is longer is refused and nothing spills', () => {
      const list = new ShareableList(['left', 'middle..', 'right'], { scope });
      const types: readonly ShareableItem[] = [
        '12345678',
        1.5,
        7n,
        null,
        true,
        new Uint8Array([1, 2, 3]),
        'ä'.repeat(4),
        '',
      ];
      for (const item of types) {
        list.set(1, item);
        assert.deepEqual([...list], ['left', item, 'right']);
      }
      list.set(1, 'inside');
      const long: readonly ShareableItem[] = ['123456789', 'ä'.repeat(5), '🙂🙂🙂', new Uint8Array(9)];
      for (const item of long) {
        assert.throws(() => list.set(1, item), {
          ...refused,
          message: /^Item 1 has room for 8 bytes; this value has (9|10|12)\.$/,
        });
        assert.deepEqual([...list], ['left', 'inside', 'right']);
      }
      for (const item of ['\ud83d', 2n ** 63n, undefined, {}, [], Symbol('x'), () => 1, new Float64Array(1)]) {
        assert.throws(() => list.set(1, item as never), refused);
        assert.throws(() => new ShareableList([1, item as never], { scope }), refused);
      }
      assert.deepEqual([...list], ['left', 'inside', 'right']);
    });

    test('sharedmemorysh-08: the room of an item is that of its first value, in steps of 8 bytes', () => {
      const list = new ShareableList(['x'.repeat(17), 'y'], { scope });
      list.set(0, 'z'.repeat(24));
      assert.throws(() => list.set(0, 'z'.repeat(25)), refused);
      list.set(0, 'short');
      list.set(0, 'w'.repeat(24));
      assert.deepEqual([...list], ['w'.repeat(24), 'y']);
    });

    test('sharedmemorysh-08: count and indexOf', () => {
      const list = new ShareableList([1, 'a', 1, 1n, new Uint8Array([1]), null, Number.NaN], { scope });
      const counts = ([1, 'a', 1n, null, Number.NaN, 2] as const).map((item) => [list.count(item), list.indexOf(item)]);
      assert.deepEqual(counts, [
        [2, 0],
        [1, 1],
        [1, 3],
        [1, 5],
        [1, 6],
        [0, -1],
      ]);
      assert.deepEqual(
        [list.count(new Uint8Array([1])), list.indexOf(Buffer.from([1])), list.count(new Uint8Array(2))],
        [1, 4, 0],
      );
    });

    test('sharedmemorysh-08: a copy of another list, and of any iterable, is on its own', () => {
      const list = new ShareableList(new Set(['a', 'b']), { scope });
      const copy = new ShareableList(list, { scope });
      copy.set(0, 'c');
      assert.deepEqual(
        [[...list], [...copy]],
        [
          ['a', 'b'],
          ['c', 'b'],
        ],
      );
      assert.deepEqual([...new ShareableList('ab', { scope })], ['a', 'b']);
      for (const none of [undefined, null, 3, {}]) {
        assert.throws(() => new ShareableList(none as never, { scope }), { code: 'ERR_INVALID_OPTION' });
      }
    });

    test('one of a subclass is the same where it arrives, with its fields', async () => {
      const stages = new Stages('build', scope);
      const worker = new Worker(
        (given: Stages) => {
          given.set(0, 'ended');
          return [given.title, given instanceof Stages];
        },
        [stages],
      );
      worker.start();
      assert.deepEqual(await worker.join(), ['build', true]);
      assert.equal(stages.at(0), 'ended');
    });

    test('sharedmemorysh-08: an empty list', () => {
      const list = new ShareableList([], { scope });
      assert.deepEqual([list.length, [...list], list.count(1), list.indexOf(1)], [0, [], 0, -1]);
      assert.throws(() => list.at(0), RangeError);
      assert.equal(inspect(list), 'ShareableList(0) []');
      assert.equal(JSON.stringify(new ShareableList([1, 'a', null], { scope })), '[1,"a",null]');
      assert.equal(inspect(new ShareableList([1, 'a'], { scope })), "ShareableList(2) [ 1, 'a' ]");
    });

    test('sharedmemorysh-05 sharedmemorysh-09: a list that is sent is the same list; a later one at its place is another', async () => {
      const list = new ShareableList([1, 'two', null], { scope });
      const worker = new Worker(
        (given: ShareableList, within: { readonly list: ShareableList }) => {
          given.set(0, 10);
          within.list.set(1, `${String(list.at(1))}!`);
          return [given.length, given.at(2)];
        },
        [list, { list }],
      );
      worker.start();
      assert.deepEqual(await worker.join(), [3, null]);
      assert.deepEqual([...list], [10, 'two!', null]);
      await withPool({ kind: scope, workers: 1 }, async (pool) => {
        const made = await pool.submit((where) => new ShareableList(['made', 'there'], { scope: where }), scope);
        assert.ok(made instanceof ShareableList);
        assert.deepEqual([...made], ['made', 'there']);
        await pool.submit((given: ShareableList) => given.set(0, 'seen'), made);
        assert.equal(made.at(0), 'seen');
      });
    });
  });
}
