/**
 * One iterator that several threads and processes draw from: a managed one.
 *
 * threadsafeiter-03 (branches that each see all) is not there: nothing is shared but what has not been drawn yet, and a queue for each reader
 * holds that, bounds it and says what happens to one that is too slow. Within a thread `ReadableStream.from(source).tee()` does it.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manage, Managed, Process, Thread } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';

function* count(most: number): Generator<number> {
  for (let n = 0; n < most; n++) yield n;
}

/** What has been drawn by one of them while others drew as well. */
async function draw(source: { next(): PromiseLike<IteratorResult<number>> }): Promise<number[]> {
  const drawn: number[] = [];
  for (;;) {
    const { value, done } = await source.next();
    if (done === true) return drawn;
    drawn.push(value);
  }
}

/** Every iterator that the generator function makes can be drawn from by all. */
const shared =
  <A extends readonly unknown[], T>(make: (...args: A) => Generator<T> | AsyncGenerator<T>) =>
  (...args: A) =>
    manage(make(...args));

for (const Activity of [Thread, Process as unknown as typeof Thread]) {
  describe(`one iterator, several of ${Activity.name}`, () => {
    it('threadsafeiter-01: each item goes to one of them, none is lost, and only one is made at a time', async () => {
      let inside = 0;
      let most = 0;
      async function* careful(): AsyncGenerator<number> {
        for (let n = 0; n < 300; n++) {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
          yield n;
        }
      }
      for (const iterator of [careful(), count(300)]) {
        const source = await manage(iterator);
        const readers = range(3).map(() => new Activity(draw as never, [source] as never));
        for (const reader of readers) reader.start();
        const drawn = (await Promise.all([
          ...readers.map((reader) => reader.join()),
          draw(source as never),
        ])) as number[][];
        assert.deepEqual(
          drawn.flat().toSorted((one, other) => one - other),
          range(300),
        );
        for (const each of drawn)
          assert.deepEqual(
            each,
            each.toSorted((one, other) => one - other),
          );
        await Managed.release(source);
      }
      assert.equal(most, 1);
    });

    it('threadsafeiter-02: a generator function all of whose iterators are shared; for await draws as well', async () => {
      const counter = shared(count);
      const [one, other] = [await counter(100), await counter(3)];
      const loop = async (source: AsyncIterable<number>): Promise<number[]> => {
        const drawn: number[] = [];
        for await (const item of source) drawn.push(item);
        return drawn;
      };
      const readers = range(2).map(() => new Activity(loop as never, [one] as never));
      for (const reader of readers) reader.start();
      const drawn = (await Promise.all(readers.map((reader) => reader.join()))) as number[][];
      assert.deepEqual(
        drawn.flat().toSorted((a, b) => a - b),
        range(100),
      );
      assert.deepEqual(await draw(other as never), [0, 1, 2]);
      await Managed.release(one);
      await Managed.release(other);
    });
  });
}
