/**
 * What single shared values promise, whatever their scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  array,
  bigint64,
  biguint64,
  boolean,
  float32,
  float64,
  int16,
  int32,
  int8,
  RLock,
  type ScopeOptions,
  SharedArray,
  sharedStruct,
  string,
  uint16,
  uint32,
  uint8,
  Value,
} from '../../src/index.ts';
import { workerOf } from './in-scope.ts';

const refused = { code: 'ERR_INVALID_VALUE' };
const wholes = { int8, uint8, int16, uint16, int32, uint32 };
const longs = { bigint64, biguint64 };
const fractions = { float32, float64 };

/** A value of some number type, with the types of it forgotten. */
type AnyValue = Value<typeof float64>;
type AnyLong = Value<typeof bigint64>;

/** A value whose constructor takes what it likes. */
class Counter extends Value<typeof int32> {
  readonly step: number;

  constructor(scope: NonNullable<ScopeOptions['scope']>, step: number) {
    super(int32, 0, { scope });
    this.step = step;
  }

  next(): number {
    return this.add(this.step);
  }
}

/** The contract of values. */
export function valueContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`Value, scope ${scope}`, () => {
    test('valuearray-01 valuearray-02 valuearray-03: each width starts right and shows what a worker writes, with the lock and without', async () => {
      const numbers = [
        new Value(int8, 1, { scope }),
        new Value(uint8, 2, { scope }),
        new Value(int16, 3, { scope }),
        new Value(uint16, 4, { scope }),
        new Value(int32, 5, { scope }),
        new Value(uint32, 6, { scope }),
        new Value(float32, 7.5, { scope }),
        new Value(float64, 8.25, { scope }),
      ] as unknown as readonly AnyValue[];
      const large = [new Value(bigint64, -(2n ** 62n), { scope }), new Value(biguint64, 2n ** 62n, { scope })];
      assert.deepEqual(
        numbers.map(({ value }) => value),
        [1, 2, 3, 4, 5, 6, 7.5, 8.25],
      );
      assert.deepEqual(
        large.map(({ value }) => value),
        [-(2n ** 62n), 2n ** 62n],
      );
      const flag = new Value(boolean, true, { scope });
      const text = new Value(string(5), 'abc', { scope });
      const worker = new Worker(
        (some: readonly AnyValue[], others: readonly AnyLong[], one: typeof flag, other: typeof text) => {
          for (const each of some) each.value *= 2;
          for (const each of others) each.lock.runSync(() => (each.value += 1n));
          one.value = !one.value;
          other.value += 'de';
        },
        [numbers, large as unknown as readonly AnyLong[], flag, text],
      );
      worker.start();
      await worker.join();
      assert.deepEqual(
        numbers.map(({ value }) => value),
        [2, 4, 6, 8, 10, 12, 15, 16.5],
      );
      assert.deepEqual(
        large.map(({ value }) => value),
        [-(2n ** 62n) + 1n, 2n ** 62n + 1n],
      );
      assert.deepEqual([flag.value, text.value], [false, 'abcde']);
    });

    test('valuearray-06 valuearray-07: a worker doubles values, a struct, an array and a text, plainly and under their locks', async () => {
      class Pair extends sharedStruct({ x: int32, y: float64, lock: RLock }) {}
      for (const locked of [false, true]) {
        const count = new Value(int32, 7, { scope });
        const ratio = new Value(float64, 1 / 3, { scope });
        const pair = new Pair({ scope, values: { x: 3, y: 2 } });
        const items = new SharedArray(float64, [0, 1, 2, 3], { scope });
        const text = new Value(string(20), 'hello', { scope });
        const double = (
          [a, b, c, d, e]: readonly [typeof count, typeof ratio, Pair, typeof items, typeof text],
          lockedToo: boolean,
        ): void => {
          const under = (lock: RLock, change: () => void): void => (lockedToo ? lock.runSync(change) : change());
          under(a.lock, () => (a.value *= 2));
          under(b.lock, () => (b.value *= 2));
          under(c.lock, () => {
            c.x *= 2;
            c.y *= 2;
          });
          under(d.lock, () => {
            for (let i = 0; i < d.length; i++) d[i] = (d[i] as number) * 2;
          });
          under(e.lock, () => (e.value += e.value));
        };
        const worker = new Worker(double, [[count, ratio, pair, items, text], locked]);
        worker.start();
        await worker.join();
        assert.deepEqual(
          [count.value, ratio.value, pair.x, pair.y, [...items], text.value],
          [14, 2 / 3, 6, 4, [0, 2, 4, 6], 'hellohello'],
        );
      }
    });

    test('it is 0, false or empty when nothing is given', () => {
      assert.deepEqual(
        [new Value(int32, undefined, { scope }).value, new Value(boolean, undefined, { scope }).value],
        [0, false],
      );
      assert.deepEqual(
        [new Value(string(3), undefined, { scope }).value, new Value(bigint64, undefined, { scope }).value],
        ['', 0n],
      );
      const value = new Value(int32, 3, { scope });
      assert.equal(value.scope, scope);
      assert.equal(inspect(value), 'Value { int32: 3 }');
      assert.equal(JSON.stringify({ value }), '{"value":3}');
    });

    for (const [name, type] of Object.entries({ ...wholes, ...fractions })) {
      test(`${name}: add, exchange, compareExchange, update`, () => {
        const value = new Value(type as typeof float64, 5, { scope });
        assert.equal(value.add(3), 5);
        assert.equal(value.exchange(20), 8);
        assert.equal(value.compareExchange(19, 1), 20);
        assert.equal(value.value, 20);
        assert.equal(value.compareExchange(20, 1), 20);
        assert.equal(
          value.update((old) => old + 41),
          42,
        );
        assert.equal(value.add(-2), 42);
        assert.equal(value.value, 40);
      });
    }

    for (const [name, type] of Object.entries(longs)) {
      test(`${name}: add, exchange, compareExchange, update`, () => {
        const value = new Value(type as typeof bigint64, 5n, { scope });
        assert.equal(value.add(2n ** 60n), 5n);
        assert.equal(value.exchange(20n), 2n ** 60n + 5n);
        assert.equal(value.compareExchange(19n, 1n), 20n);
        assert.equal(value.compareExchange(20n, 1n), 20n);
        assert.equal(
          value.update((old) => old + 41n),
          42n,
        );
        assert.throws(() => value.add(1 as never), refused, 'a number is no bigint');
        assert.equal(value.value, 42n);
      });
    }

    test('what would overflow is refused and changes nothing', () => {
      for (const type of Object.values(wholes)) {
        const value = new Value(type as typeof int32, 0, { scope });
        const most = 2 ** (Number(/\d+$/u.exec(type.kind)?.[0]) - (type.kind.startsWith('u') ? 0 : 1)) - 1;
        value.value = most;
        assert.throws(() => value.add(1), refused);
        assert.throws(() => value.update((old) => old + 1), refused);
        assert.throws(() => value.exchange(most + 1), refused);
        assert.throws(() => value.compareExchange(most, most + 1), refused);
        for (const none of [0.5, Number.NaN, '1', 1n, undefined])
          assert.throws(() => value.add(none as never), refused);
        assert.throws(() => (value.value = -most - 2), refused);
        assert.equal(value.value, most);
      }
      assert.throws(() => new Value(uint8, 256, { scope }), refused);
      assert.throws(() => new Value(string(2), 'abc', { scope }), refused);
    });

    test('fractions: NaN, zeros of both signs, infinities', () => {
      const value = new Value(float64, Number.NaN, { scope });
      assert.ok(Number.isNaN(value.exchange(1)));
      assert.equal(value.value, 1);
      value.value = Number.POSITIVE_INFINITY - Number.POSITIVE_INFINITY;
      assert.ok(Number.isNaN(value.update((old) => (Number.isNaN(old) ? -0 : 7))) === false);
      assert.ok(Object.is(value.value, -0));
      assert.ok(Object.is(value.compareExchange(0, 5), -0), 'bit by bit: -0 is not 0');
      assert.ok(Object.is(value.compareExchange(-0, 5), -0));
      assert.equal(value.add(Number.POSITIVE_INFINITY), 5);
      assert.equal(value.value, Number.POSITIVE_INFINITY);
      const short = new Value(float32, 0, { scope });
      assert.equal(
        short.update(() => 0.1),
        Math.fround(0.1),
        'what it is then, not what was wanted',
      );
      assert.equal(short.compareExchange(0.1, 2), Math.fround(0.1));
      assert.equal(short.value, 2);
      short.value = 3e38;
      assert.throws(() => short.add(3e38), refused);
      assert.equal(short.value, Math.fround(3e38));
    });

    test('what is no number has a lock and no arithmetic', () => {
      for (const value of [new Value(boolean, true, { scope }), new Value(string(4), 'a', { scope })]) {
        const some = value as unknown as AnyValue;
        for (const call of [
          () => some.add(1),
          () => some.exchange(1),
          () => some.compareExchange(1, 1),
          () => some.update(Number),
        ]) {
          assert.throws(call, { code: 'ERR_INVALID_STATE', message: /hold its lock and set its value/ });
        }
        value.lock.runSync(() => assert.equal(value.lock.locked, true));
      }
    });

    test('a type that is none is refused', () => {
      for (const type of [undefined, null, 'int32', { kind: 'int9' }, RLock, array(int32, 2), { kind: 'toString' }]) {
        assert.throws(() => new Value(type as never, undefined, { scope }), {
          code: 'ERR_INVALID_OPTION',
          message: /^A Value is of one of the types int8 … float64/,
        });
      }
      assert.throws(() => new Value(string(0), '', { scope }), { code: 'ERR_INVALID_OPTION' });
      assert.throws(() => new Value(int32, 0, { scope: 'here' as never }), { code: 'ERR_INVALID_OPTION' });
    });

    test('one of a subclass is the same where it arrives, with its methods and fields; its constructor is not called again', async () => {
      const counter = new Counter(scope, 5);
      const worker = new Worker(
        (given: Counter) => [given.next(), given.step, given instanceof Counter, given.lock.runSync(() => given.value)],
        [counter],
      );
      worker.start();
      assert.deepEqual(await worker.join(), [0, 5, true, 5]);
      assert.equal(counter.value, 5);
    });

    test('many workers add to one value: nothing is lost, with fractions neither', async () => {
      const counter = new Value(int32, 0, { scope });
      const byte = new Value(uint8, 0, { scope });
      const sum = new Value(float64, 0, { scope });
      const half = new Value(float32, 0, { scope });
      const long = new Value(biguint64, 0n, { scope });
      const under = new Value(int32, 0, { scope });
      const work = ([a, b, c, d, e, f]: readonly [
        typeof counter,
        typeof byte,
        typeof sum,
        typeof half,
        typeof long,
        typeof under,
      ]): void => {
        for (let i = 0; i < 3000; i++) {
          a.add(1);
          b.update((old) => (old + 1) % 256);
          c.add(0.5);
          d.add(0.5);
          e.add(2n ** 40n);
          if (i % 10 === 0) f.lock.runSync(() => (f.value += 1));
        }
      };
      const workers = [1, 2, 3, 4].map(() => new Worker(work, [[counter, byte, sum, half, long, under]]));
      for (const worker of workers) worker.start();
      await Promise.all(workers.map((worker) => worker.join()));
      assert.deepEqual(
        [counter.value, byte.value, sum.value, half.value, long.value, under.value],
        [12_000, 12_000 % 256, 6000, 6000, 12_000n * 2n ** 40n, 1200],
      );
    });
  });
}
