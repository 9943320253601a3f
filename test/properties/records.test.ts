/**
 * The queue of waiting tasks and the batches of records against plain lists.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { BatchReader, BatchWriter, MAX_BATCH_BYTES, NO_BATCH_ROOM } from '../../src/messaging/record-batch.ts';
import { RecordQueue } from '../../src/messaging/record-queue.ts';
import { NOT_COMPACT, ValueCodec } from '../../src/messaging/value-codec.ts';

interface Waiting {
  readonly id: number;
  readonly values: readonly unknown[];
}

/** Sizes about the borders of a page, and usual ones. */
const size = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 200 }) },
  { weight: 2, arbitrary: fc.integer({ min: 10_000, max: 63_000 }) },
  { weight: 1, arbitrary: fc.constant(65_000) },
);

/** Values that take about this many bytes. */
const valuesOfSize = (bytes: number): readonly unknown[] => [bytes, 'x'.repeat(bytes)];

/** A list of numbers of about 80 kB a unit, so larger than a page, up to larger than any page. */
const large = (units: number): readonly unknown[] => [Array.from({ length: units * 10_000 }, (_, index) => index / 2)];

/** Bytes in buffers that somebody still holds. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}

function assertCurrent(queue: RecordQueue, expected: Waiting): void {
  assert.equal(queue.peek(), true);
  assert.deepEqual([queue.id, queue.fn, queue.kind], [expected.id, expected.id * 7, expected.id & 15]);
  const payload = queue.bytes.slice(queue.payloadOffset, queue.payloadOffset + queue.payloadLength);
  const codec = new ValueCodec(payload);
  assert.deepEqual(codec.readList(0), expected.values);
  assert.equal(codec.position, queue.payloadLength);
}

describe('RecordQueue', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: size }) },
    { weight: 1, arbitrary: fc.record({ large: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 4, arbitrary: fc.record({ drop: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.constant({ refuse: true } as const) },
    { weight: 1, arbitrary: fc.constant({ peek: true } as const) },
  );

  test('does what a list would do, whatever the sizes and the order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new RecordQueue();
        const model: Waiting[] = [];
        const push = (values: readonly unknown[]): boolean => {
          const id = model.length + 1000;
          const pushed = queue.push(id, id * 7, id & 15, values);
          if (pushed) model.push({ id, values });
          return pushed;
        };
        for (const each of steps) {
          if ('push' in each) assert.equal(push(valuesOfSize(each.push)), true);
          else if ('large' in each) assert.equal(push(large(each.large)), each.large <= 6, `${each.large} units`);
          else if ('refuse' in each) assert.equal(queue.push(1, 1, 0, [() => 1]), false);
          else if ('peek' in each) assert.equal(queue.peek(), model.length > 0);
          else {
            for (let i = 0; i < each.drop && model.length > 0; i++) {
              assertCurrent(queue, model[0] as Waiting);
              queue.drop();
              model.shift();
            }
          }
          assert.equal(queue.length, model.length);
        }
        for (const expected of model) {
          assertCurrent(queue, expected);
          queue.drop();
        }
        assert.deepEqual([queue.length, queue.peek()], [0, false]);
      }),
      { numRuns: 200 },
    );
  });

  test('keeps tens of thousands, in order, over many pages and bursts', () => {
    const queue = new RecordQueue();
    for (let burst = 0; burst < 3; burst++) {
      for (let id = 0; id < 30_000; id++) assert.equal(queue.push(id, 1, 2, [id, `task ${id}`]), true);
      for (let id = 0; id < 30_000; id++) {
        assert.equal(queue.peek(), true);
        assert.equal(queue.id, id);
        if (id % 1000 === 0) {
          assert.deepEqual(new ValueCodec(queue.bytes).readList(queue.payloadOffset), [id, `task ${id}`]);
        }
        queue.drop();
      }
      assert.equal(queue.length, 0);
    }
  });

  test('forgets everything at clear, and goes on', () => {
    const queue = new RecordQueue();
    for (let id = 0; id < 5000; id++) queue.push(id, 1, 0, ['x'.repeat(100)]);
    queue.peek();
    queue.clear();
    assert.deepEqual([queue.length, queue.peek()], [0, false]);
    queue.push(7, 49, 7, ['after']);
    assertCurrent(queue, { id: 7, values: ['after'] });
  });

  test('keeps no memory for what it refused', () => {
    const queue = new RecordQueue();
    const tooLarge = large(8);
    const before = memoryInUse();
    for (let id = 0; id < 200; id++) {
      assert.equal(queue.push(id, id * 7, id & 15, [id]), true);
      assert.equal(queue.push(0, 0, 0, tooLarge), false);
    }
    const grown = memoryInUse() - before;
    for (let id = 0; id < 200; id++) {
      assertCurrent(queue, { id, values: [id] });
      queue.drop();
    }
    // Pages that were kept would come to some 190 MiB; freed ones may still wait for the collector's sweeper.
    assert.ok(grown < 96 * 2 ** 20, `${Math.round(grown / 2 ** 20)} MiB for 200 small tasks`);
  });
});

describe('BatchWriter and BatchReader', () => {
  test('give back what was added, in order', () => {
    const entry = fc.oneof(
      { weight: 4, arbitrary: fc.record({ value: size.map((bytes) => valuesOfSize(bytes)) }) },
      { weight: 2, arbitrary: fc.record({ list: size.map((bytes) => valuesOfSize(bytes)) }) },
      { weight: 1, arbitrary: fc.constant({ take: true } as const) },
    );
    const scratch = new Uint8Array(128 * 1024);
    const codec = new ValueCodec(scratch);
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const writer = new BatchWriter();
        let model: { readonly id: number; readonly values: readonly unknown[]; readonly asList: boolean }[] = [];
        const check = (): void => {
          const block = writer.take();
          assert.equal(writer.length, 0);
          assert.equal(block.length % 8, 0);
          // At an odd place, as it may come out of a larger message.
          const moved = new Uint8Array(block.length + 3);
          moved.set(block, 3);
          const reader = new BatchReader(moved.subarray(3));
          for (const { id, values, asList } of model) {
            assert.equal(reader.next(), true);
            assert.deepEqual([reader.id, reader.a, reader.b], [id, id * 3, -id - 1]);
            assert.deepEqual(asList ? reader.values() : reader.value(), values);
          }
          assert.equal(reader.next(), false);
          model = [];
        };
        for (const [id, each] of entries.entries()) {
          if ('take' in each) {
            check();
          } else if ('list' in each) {
            const length = codec.writeList(each.list, 5, scratch.length) - 5;
            writer.addBytes(id, id * 3, -id - 1, scratch, 5, length);
            model.push({ id, values: each.list, asList: true });
          } else {
            let end = writer.add(id, id * 3, -id - 1, each.value);
            if (end === NO_BATCH_ROOM) {
              check();
              end = writer.add(id, id * 3, -id - 1, each.value);
            }
            assert.ok(end > 0);
            assert.equal(writer.length, end);
            model.push({ id, values: each.value, asList: false });
          }
        }
        check();
      }),
      { numRuns: 200 },
    );
  });

  test('a value without a compact form, or too large for any batch, is refused without a trace', () => {
    const writer = new BatchWriter();
    assert.ok(writer.add(1, 0, 0, 'one') > 0);
    const length = writer.length;
    assert.equal(
      writer.add(2, 0, 0, () => 1),
      NOT_COMPACT,
    );
    assert.equal(writer.add(3, 0, 0, large(8)), NO_BATCH_ROOM);
    assert.equal(writer.length, length);
    const reader = new BatchReader(writer.take());
    assert.ok(reader.next());
    assert.equal(reader.value(), 'one');
    assert.equal(reader.next(), false);
    assert.equal(writer.add(3, 0, 0, large(8)), NO_BATCH_ROOM, 'even alone');
  });

  test('a block is a copy: what is added afterwards does not change it', () => {
    const writer = new BatchWriter();
    writer.add(1, 2, 3, 'first');
    const block = writer.take();
    writer.add(4, 5, 6, 'other');
    const reader = new BatchReader(block);
    assert.ok(reader.next());
    assert.deepEqual([reader.id, reader.a, reader.b, reader.value()], [1, 2, 3, 'first']);
  });

  test('fills up to its limit before it says that there is no room', () => {
    const writer = new BatchWriter();
    let added = 0;
    while (writer.add(added, 0, 0, 'x'.repeat(1000)) !== NO_BATCH_ROOM) added += 1;
    assert.ok(writer.length > MAX_BATCH_BYTES - 1100 && writer.length <= MAX_BATCH_BYTES);
    const reader = new BatchReader(writer.take());
    for (let id = 0; id < added; id++) {
      assert.ok(reader.next());
      assert.equal(reader.id, id);
    }
    assert.equal(reader.next(), false);
  });

  test('an empty block holds no record', () => {
    assert.equal(new BatchReader(new BatchWriter().take()).next(), false);
  });
});
