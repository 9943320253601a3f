/** Classes made by `sharedStruct`: they travel as the call that made them, nested, extended, and by reference. @module */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { array, field, int32, Lock, padded, Semaphore, sharedStruct, string } from '../../src/index.ts';
import { Link } from './fixtures/link.ts';
import { makeCounter, SharedPoint } from './fixtures/shared-shapes.ts';

const K = 10;
const Plain = sharedStruct({ x: int32, lock: Lock });
class Point extends sharedStruct({ x: int32, y: int32 }) {
  static readonly origin = 'here';
  get sum(): number {
    return this.x + this.y + K;
  }
}
class Deep extends Point {
  override get sum(): number {
    return super.sum * 2;
  }
}
class Scene extends sharedStruct({
  first: Point,
  rest: array(Deep, 2),
  seats: field(Semaphore, 3),
  title: string(8),
  hot: padded(int32),
}) {
  total(): number {
    return this.first.sum + [...this.rest].reduce((sum, each) => sum + each.sum, 0);
  }
}
/** Made when it is called: each has a class of its own. */
const countOf = (start: number): object => {
  class Counter extends sharedStruct({ count: int32 }) {
    next(): number {
      this.count += start;
      return this.count;
    }
  }
  return new Counter({ scope: 'process' });
};

for (const destination of ['thread', 'process'] as const) {
  describe(`to a ${destination}`, () => {
    const link = new Link({ destination });
    after(() => link.end());

    test('the class that sharedStruct returns, and one that extends it', async () => {
      assert.deepEqual(await link.run(() => [Plain.byteLength, Object.keys(Plain.fields)]), [192, ['x', 'lock']]);
      const there = await link.run(() => [new Point({ values: { x: 1, y: 2 } }).sum, Point.origin, Point.byteLength]);
      assert.deepEqual(there, [13, 'here', 8]);
    });

    test('a subclass of a subclass, with super', async () => {
      const deep = new Deep({ scope: 'process', values: { x: 1, y: 2 } });
      assert.deepEqual(
        await link.run(
          (given: Deep) => [given.sum, given instanceof Deep, given instanceof Point, given.constructor.name],
          deep,
        ),
        [26, true, true, 'Deep'],
      );
    });

    test('structs within structs are instances of their classes there', async () => {
      const scene = new Scene({ scope: 'process', values: { title: 'all', first: { x: 1, y: 0 } } });
      const there = await link.run((given: Scene) => {
        given.rest.at(1).x = 5;
        given.hot += 1;
        return [
          given.total(),
          given.first instanceof Point,
          given.rest.at(0) instanceof Deep,
          given.seats.value,
          given.title,
        ];
      }, scene);
      assert.deepEqual(there, [11 + 20 + 30, true, true, 3, 'all']);
      assert.deepEqual([scene.rest.at(1).x, scene.hot], [5, 1]);
    });

    test('an instance that is made there and comes back is one of the class here', async () => {
      const back = await link.run(() => new Deep({ scope: 'process', values: { x: 7 } }));
      assert.ok(back instanceof Deep);
      assert.equal(back.sum, 34);
    });

    test('classes that are made in a call keep what they capture', async () => {
      const five = countOf(5) as { next(): number };
      const seven = countOf(7) as { next(): number };
      assert.deepEqual(
        await link.run(
          (a: typeof five, b: typeof five) => [a.next(), b.next(), a.next(), a.constructor === b.constructor],
          five,
          seven,
        ),
        [5, 7, 10, false],
      );
      assert.deepEqual([five.next(), seven.next()], [15, 14]);
    });

    test('the class itself is a value: as an argument it is the same as that of an instance', async () => {
      const point = new Point({ scope: 'process' });
      assert.equal(await link.run((given: Point, Class: typeof Point) => given instanceof Class, point, Point), true);
      const Made = await link.run((Class: typeof Point) => Class, Point);
      assert.equal(Made, Point);
    });

    test('a class of another module travels by reference, and one that is made there too', async () => {
      const point = new SharedPoint({ scope: 'process', values: { x: 3, y: 4 } });
      assert.equal(await link.run((given: SharedPoint) => given.length, point), 5);
      const counter = makeCounter('process');
      assert.equal(await link.run((given: ReturnType<typeof makeCounter>) => given.next(), counter), 1);
      assert.equal(counter.next(), 2);
    });

    test('a method that is sent without its class works on an instance', async () => {
      const total = (scene: Scene): number => scene.total() + K;
      assert.equal(await link.run(total, new Scene({ scope: 'process' })), 60);
    });
  });
}
