/**
 * What structs in shared memory promise, whatever their scope: their fields, first values, copies.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  array,
  Barrier,
  bigint64,
  biguint64,
  boolean,
  BoundedSemaphore,
  Condition,
  Event,
  field,
  float32,
  float64,
  int16,
  int32,
  int8,
  Latch,
  Lock,
  padded,
  RLock,
  RwLock,
  type ScopeOptions,
  Semaphore,
  sharedStruct,
  string,
  uint16,
  uint32,
  uint8,
} from '../../src/index.ts';

const refused = { code: 'ERR_INVALID_VALUE' };

class Numbers extends sharedStruct({
  a: int8,
  b: uint8,
  c: int16,
  d: uint16,
  e: int32,
  f: uint32,
  g: float32,
  h: float64,
  i: bigint64,
  j: biguint64,
}) {}

class Point extends sharedStruct({ x: float64, y: float64 }) {
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

const Scene = sharedStruct({
  title: string(12),
  shown: boolean,
  center: Point,
  corners: array(Point, 3),
  tags: array(string(4), 2),
  flags: array(boolean, 2),
  heights: array(float32, 4),
  grid: array(array(int8, 3), 2),
  hits: padded(uint32),
});

/** Least and greatest of each kind of whole number. */
const ranges = {
  a: [-128, 127],
  b: [0, 255],
  c: [-32_768, 32_767],
  d: [0, 65_535],
  e: [-(2 ** 31), 2 ** 31 - 1],
  f: [0, 2 ** 32 - 1],
  i: [-(2n ** 63n), 2n ** 63n - 1n],
  j: [0n, 2n ** 64n - 1n],
} as const;

/** The contract of structs. */
export function sharedStructContract(scope: NonNullable<ScopeOptions['scope']>): void {
  describe(`sharedStruct, scope ${scope}`, () => {
    test('numbers of all widths are 0 at first, and hold their least and greatest', () => {
      const numbers = new Numbers({ scope });
      assert.deepEqual(Numbers.values(numbers), { a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: 0, h: 0, i: 0n, j: 0n });
      const fields = numbers as unknown as Record<string, number | bigint>;
      for (const [name, [least, most]] of Object.entries(ranges)) {
        for (const value of [least, most]) {
          fields[name] = value;
          assert.equal(fields[name], value, `${name} holds ${value}`);
        }
      }
      numbers.g = 1.1;
      numbers.h = -1e300;
      assert.equal(numbers.g, Math.fround(1.1));
      assert.equal(numbers.h, -1e300);
      numbers.h = Number.NaN;
      assert.ok(Number.isNaN(numbers.h));
      numbers.h = -0;
      assert.ok(Object.is(numbers.h, -0));
      for (const value of [3.4028234663852886e38, Number.POSITIVE_INFINITY, Number.NaN, 1e-300]) {
        numbers.g = value;
        assert.equal(numbers.g, Math.fround(value));
      }
      assert.equal(numbers.f, 2 ** 32 - 1, 'its neighbours stay as they are');
    });

    test('a number that does not fit is refused and nothing is written', () => {
      const numbers = new Numbers({ scope, values: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1n, j: 1n } });
      const before = Numbers.values(numbers);
      const fields = numbers as unknown as Record<string, unknown>;
      for (const [name, [least, most]] of Object.entries(ranges)) {
        const beyond =
          typeof least === 'bigint' ? [least - 1n, (most as bigint) + 1n] : [least - 1, (most as number) + 1];
        const others = typeof least === 'bigint' ? [1, '1', null] : [1.5, Number.NaN, 1n, '1', null];
        for (const value of [...beyond, ...others, Number.POSITIVE_INFINITY, undefined, {}, true]) {
          assert.throws(() => (fields[name] = value), refused, `${name} refuses ${inspect(value)}`);
        }
      }
      for (const name of ['g', 'h']) assert.throws(() => (fields[name] = '1'), refused);
      for (const value of [1e300, -1e300, 3.4028236e38]) assert.throws(() => (numbers.g = value), refused);
      assert.deepEqual(Numbers.values(numbers), before);
    });

    test('what is refused is told with the name of the field, what it takes, and the value', () => {
      const fields = new Scene({ scope }) as unknown as Record<string, unknown>;
      assert.throws(() => (fields['hits'] = -1), {
        message: 'hits is of type uint32, from 0 to 4294967295; it cannot be -1.',
      });
      assert.throws(() => (fields['title'] = 'thirteen char'), {
        message: 'title holds texts of at most 12 bytes; this one has 13.',
      });
      assert.throws(() => (fields['shown'] = 1), { message: 'shown is a boolean; it cannot be 1.' });
      assert.throws(() => (fields['center'] = { x: 'left' }), /^InvalidValueError: center\.x is of type float64/);
      assert.throws(
        () =>
          (fields['grid'] = [
            [1, 2, 3],
            [4, 5, 600],
          ]),
        /^InvalidValueError: grid\[1\]\[2\] is of type int8/,
      );
    });

    test('texts of several bytes a character, empty ones, and ones that fill their field', () => {
      const scene = new Scene({ scope });
      for (const text of ['', 'abc', 'twelve bytes', 'äöüäöü', '日本語日', '🙂🙂🙂', 'a\0b', 'abc']) {
        scene.title = text;
        assert.equal(scene.title, text);
      }
      for (const text of ['thirteen char', 'äöüäöüx', '🙂🙂🙂🙂']) {
        assert.throws(() => (scene.title = text), refused);
        assert.equal(scene.title, 'abc');
      }
      for (const half of ['\ud83d', 'a\ude00', '\ude00\ud83d']) assert.throws(() => (scene.title = half), refused);
      assert.equal(scene.title, 'abc', 'half a pair is nothing in UTF-8');
    });

    test('an array of numbers is a typed array over the very memory', () => {
      const scene = new Scene({ scope, values: { heights: [1, 2, 3, 4] } });
      assert.ok(scene.heights instanceof Float32Array);
      assert.ok(scene.heights.buffer instanceof SharedArrayBuffer);
      scene.heights[1] = 9;
      scene.heights.fill(7, 2);
      assert.deepEqual([...scene.heights], [1, 9, 7, 7]);
      assert.equal(scene.heights, scene.heights, 'one view an instance');
    });

    test('an array of anything else gives its items by index', () => {
      const scene = new Scene({ scope });
      assert.equal(scene.tags.length, 2);
      scene.tags.set(0, 'left');
      scene.tags.set(-1, 'end');
      assert.deepEqual([...scene.tags], ['left', 'end']);
      assert.equal(scene.tags.at(-2), 'left');
      scene.flags.set(1, true);
      assert.deepEqual([...scene.flags], [false, true]);
      for (const index of [2, -3, 0.5, Number.NaN]) {
        assert.throws(() => scene.tags.at(index), RangeError);
        assert.throws(() => scene.tags.set(index, 'x'), RangeError);
      }
      assert.throws(() => scene.tags.set(0, 'longer'), {
        ...refused,
        message: /^\[0\] holds texts of at most 4 bytes/,
      });
      assert.equal(scene.tags.at(0), 'left');
      const rows = [...scene.grid];
      assert.equal(rows.length, 2);
      (rows[1] as Int8Array)[2] = -5;
      assert.deepEqual(Scene.values(scene).grid, [
        [0, 0, 0],
        [0, 0, -5],
      ]);
    });

    test('a struct within a struct, alone and in an array, has its methods and shows the same memory', () => {
      const scene = new Scene({ scope, values: { center: { x: 3, y: 4 } } });
      assert.ok(scene.center instanceof Point);
      assert.equal(scene.center.length, 5);
      assert.equal(scene.center, scene.center);
      scene.corners.at(1).x = 6;
      assert.equal(scene.corners.at(1).length, 6);
      assert.equal(scene.corners.at(1), scene.corners.at(-2));
      scene.corners.set(2, new Point({ values: { x: 1, y: 2 } }));
      assert.deepEqual(
        [...Scene.values(scene).corners],
        [
          { x: 0, y: 0 },
          { x: 6, y: 0 },
          { x: 1, y: 2 },
        ],
      );
      const other = new (sharedStruct({ x: float64 }))();
      assert.throws(() => scene.corners.set(0, other as never), refused);
      assert.equal(scene.corners.at(0).x, 0);
    });

    test('first values of all kinds of fields, among them instances and generators', () => {
      const values = {
        title: 'all',
        shown: true,
        center: new Point({ scope, values: { x: 1, y: 1 } }),
        corners: [{ x: 1, y: 2 }, { x: 3, y: 4 }, { y: 6 }],
        tags: new Set(['a', 'b']),
        flags: [true, false],
        heights: new Float32Array([1, 2, 3, 4]),
        grid: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        hits: 7,
      };
      const scene = new Scene({ scope, values: values as never });
      assert.deepEqual(Scene.values(scene), {
        ...values,
        center: { x: 1, y: 1 },
        corners: [
          { x: 1, y: 2 },
          { x: 3, y: 4 },
          { x: 0, y: 6 },
        ],
        tags: ['a', 'b'],
        heights: [1, 2, 3, 4],
      });
      assert.equal(new Scene({ scope, values: { title: undefined } as never }).title, '');
    });

    test('of several values all are written or none', () => {
      const scene = new Scene({ scope, values: { heights: [1, 2, 3, 4], center: { x: 1, y: 1 } } });
      const before = Scene.values(scene);
      const fields = scene as unknown as Record<string, unknown>;
      const bad: readonly [string, unknown][] = [
        ['heights', [9, 9, 9, 'x']],
        ['heights', [9, 9, 9]],
        ['heights', 9],
        ['tags', ['new', 'too long']],
        ['center', { x: 9, y: 'x' }],
        ['center', null],
        ['corners', [{ x: 9 }, { x: 9 }, { x: 'x' }]],
        [
          'grid',
          [
            [9, 9, 9],
            [9, 9, 999],
          ],
        ],
      ];
      for (const [name, value] of bad) assert.throws(() => (fields[name] = value), refused, name);
      assert.throws(() => (fields['center'] = { x: 9, z: 1 }), {
        code: 'ERR_INVALID_OPTION',
        message: "There is no field 'center.z'; there are x, y.",
      });
      assert.throws(() => scene.corners.set(0, { x: 9, y: 'x' } as never), refused);
      assert.deepEqual(Scene.values(scene), before);
      fields['center'] = { y: 5 };
      assert.deepEqual(Scene.values(scene).center, { x: 1, y: 5 });
    });

    test('locks and all their kin as fields, made with their arguments', async () => {
      const Room = sharedStruct({
        lock: Lock,
        again: RLock,
        table: RwLock,
        seats: field(Semaphore, 3),
        chairs: field(BoundedSemaphore, 2),
        one: Semaphore,
        free: field(Condition, 'lock'),
        own: Condition,
        open: Event,
        gone: field(Latch, 2),
        all: field(Barrier, 1),
        doors: array(Lock, 2),
      });
      const room = new Room({ scope });
      assert.equal(room.lock, room.lock);
      room.lock.acquireSync();
      assert.equal(room.free.lock, room.lock, 'a condition has the field that it names as its lock');
      assert.equal(room.free.lock.locked, true);
      assert.equal(room.again.locked, false);
      room.lock.release();
      room.again.acquireSync();
      room.again.acquireSync();
      assert.equal(room.again.level, 2);
      (await room.table.acquireRead()).release();
      assert.deepEqual([room.seats.value, room.chairs.value, room.one.value], [3, 2, 1]);
      assert.throws(() => room.chairs.release(), { code: 'ERR_NOT_HELD' });
      room.own.lock.acquireSync();
      assert.equal(await room.own.wait({ timeout: 1 }), false);
      room.own.lock.release();
      assert.equal(room.open.isSet, false);
      room.open.set();
      assert.equal(await room.open.wait(), true);
      room.gone.countDown(2);
      await room.gone.wait();
      assert.equal(room.all.parties, 1);
      await room.all.wait();
      room.doors.at(0).acquireSync();
      assert.deepEqual(
        [...room.doors].map((door) => door.locked),
        [true, false],
      );
      assert.throws(() => ((room as { lock: unknown }).lock = new Lock({ scope })), refused);
      assert.deepEqual(Room.values(room), {});
      assert.equal(new Room({ scope, values: Room.values(room) }).doors.length, 2, 'they go back into a new one');
    });

    test('what is printed shows the fields, shared and own', () => {
      class Account extends sharedStruct({ balance: int32, name: string(8), lock: Lock, at: Point }) {
        note = 'own';
      }
      const account = new Account({ scope, values: { balance: 3, name: 'Ada' } });
      assert.equal(
        inspect(account, { breakLength: Number.POSITIVE_INFINITY }),
        "Account { balance: 3, name: 'Ada', lock: Lock { unlocked }, at: Point { x: 0, y: 0 }, note: 'own' }",
      );
      assert.equal(
        inspect({ deep: { deeper: { account } } }, { depth: 2 }),
        '{ deep: { deeper: { account: [Account] } } }',
      );
    });

    test('valuearray-08: a copy has the data, and locks and memory of its own', () => {
      class Account extends sharedStruct({ balance: int32, name: string(8), lock: Lock, path: array(Point, 2) }) {
        double(): number {
          return this.balance * 2;
        }
      }
      const account = new Account({ scope, values: { balance: 3, name: 'Ada', path: [{ x: 1 }, { x: 2 }] as never } });
      account.lock.acquireSync();
      const copy = Account.copy(account, { scope, values: { name: 'Bob' } });
      assert.ok(copy instanceof Account);
      assert.equal(copy.lock.locked, false);
      account.balance = 100;
      account.path.at(0).x = 100;
      assert.deepEqual(
        [copy.balance, copy.name, copy.double(), copy.path.at(0).x, copy.path.at(1).x],
        [3, 'Bob', 6, 1, 2],
      );
      copy.balance = 5;
      assert.equal(account.balance, 100);
      const threads = Account.copy(account);
      assert.equal(threads.balance, 100, 'from any scope to any other');
      for (const none of [undefined, {}, new Point()]) {
        assert.throws(() => Account.copy(none as never), { code: 'ERR_INVALID_OPTION' });
        assert.throws(() => Account.values(none as never), { code: 'ERR_INVALID_OPTION' });
      }
    });
  });
}
