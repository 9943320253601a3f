/**
 * The records of tasks in flight, read as their owner reads them, against a plain model.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { allocateHeld, BY_MESSAGE, BY_RING, HeldWriter, readHeld } from '../../src/workers/held-tasks.ts';

/** Bytes of a payload that a record shows. */
const SHOWN = 108;

describe('held tasks', () => {
  test('nothing is held at first', () => {
    assert.deepEqual(readHeld(allocateHeld(3)), []);
    assert.deepEqual(readHeld(allocateHeld(0)), []);
  });

  test('what is held can be read, its payload as far as there is room', () => {
    const memory = allocateHeld(4);
    const writer = new HeldWriter(memory);
    const source = Uint8Array.from({ length: 400 }, (_, index) => index & 0xff);
    for (const length of [0, 1, SHOWN - 1, SHOWN, SHOWN + 1, 300]) {
      const record = writer.hold(7, 9, source, 5, length);
      const payload = source.slice(5, 5 + Math.min(length, SHOWN));
      assert.deepEqual(readHeld(memory), [{ id: 7, fn: 9, payload, length }]);
      writer.release(record);
      assert.deepEqual(readHeld(memory), []);
    }
  });

  test('ids from the first to the last', () => {
    const memory = allocateHeld(2);
    const writer = new HeldWriter(memory);
    const none = new Uint8Array(0);
    writer.hold(0, 0, none, 0, 0);
    writer.hold(2 ** 31 - 2, 1, none, 0, 0);
    assert.deepEqual(
      readHeld(memory)
        .map((task) => task.id)
        .sort(),
      [0, 2 ** 31 - 2],
    );
  });

  test('more than there is room for is refused, and harms nothing', () => {
    const memory = allocateHeld(2);
    const writer = new HeldWriter(memory);
    const none = new Uint8Array(0);
    const first = writer.hold(1, 1, none, 0, 0);
    writer.hold(2, 1, none, 0, 0);
    assert.throws(() => writer.hold(3, 1, none, 0, 0), RangeError);
    assert.equal(readHeld(memory).length, 2);
    writer.release(first);
    writer.hold(4, 1, none, 0, 0);
    assert.deepEqual(
      readHeld(memory)
        .map((task) => task.id)
        .sort(),
      [2, 4],
    );
  });

  test('a task whose answer has come is not held any more, whether released or not', () => {
    const memory = allocateHeld(3);
    const writer = new HeldWriter(memory);
    const none = new Uint8Array(0);
    const records = [1, 2, 3].map((id) => writer.hold(id, 1, none, 0, 0));
    const ids = (byRing: number, byMessage: number): number[] =>
      readHeld(memory, { byRing, byMessage })
        .map((task) => task.id)
        .sort();
    writer.answers(records[0] as number, BY_RING, 5);
    writer.answers(records[1] as number, BY_MESSAGE, -(2 ** 31)); // one beyond the largest
    assert.deepEqual(ids(4, 2 ** 31 - 1), [1, 2, 3], 'both are on their way');
    assert.deepEqual(ids(5, 2 ** 31 - 1), [2, 3]);
    assert.deepEqual(ids(4, -(2 ** 31)), [1, 3]);
    assert.deepEqual(ids(7, -(2 ** 31) + 1), [3]);
    writer.release(records[0] as number);
    writer.hold(1, 1, none, 0, 0); // again, under the same number
    assert.deepEqual(ids(7, -(2 ** 31)), [1, 3]);
  });

  test('holding and releasing in any order', () => {
    const step = fc.record({ release: fc.boolean(), which: fc.nat(), payload: fc.uint8Array({ maxLength: 200 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (count, steps) => {
        const memory = allocateHeld(count);
        const writer = new HeldWriter(memory);
        const model = new Map<number, { readonly id: number; readonly payload: Uint8Array }>();
        for (const [id, { release, which, payload }] of steps.entries()) {
          if ((release && model.size > 0) || model.size === count) {
            const record = [...model.keys()][which % model.size] as number;
            writer.release(record);
            model.delete(record);
          } else {
            const record = writer.hold(id, id * 2, payload, 0, payload.length);
            assert.ok(!model.has(record), 'one record for two tasks');
            model.set(record, { id, payload });
          }
          const expected = [...model.values()]
            .map((task) => ({
              id: task.id,
              fn: task.id * 2,
              payload: task.payload.slice(0, SHOWN),
              length: task.payload.length,
            }))
            .sort((a, b) => a.id - b.id);
          assert.deepEqual(
            readHeld(memory).sort((a, b) => a.id - b.id),
            expected,
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
