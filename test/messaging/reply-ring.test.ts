/**
 * The ring of answers: order, fillers, refusals, wrapping counters, and a sender in a thread of its own.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { createReplyRing, ReplyReceiver, ReplySender } from '../../src/messaging/reply-ring.ts';
import { NO_ROOM, NOT_COMPACT } from '../../src/messaging/value-codec.ts';
import type { AnswererData } from './fixtures/answerer.ts';
import { valuesOf } from './task-contents.ts';

function newRing(capacity: number) {
  const memory = createReplyRing(capacity);
  return { memory, sender: new ReplySender(memory), receiver: new ReplyReceiver(memory) };
}

/** Everything that lies in a ring. */
function drain(receiver: ReplyReceiver): unknown[][] {
  const records: unknown[][] = [];
  while (receiver.receive()) records.push([receiver.id, receiver.status, receiver.extra, receiver.value]);
  return records;
}

describe('the reply ring', () => {
  test('gives nothing while it is empty', () => {
    const { receiver } = newRing(1024);
    assert.deepEqual([receiver.peek(), receiver.receive()], [false, false]);
  });

  test('gives records in order, with ids, statuses and extras of every size', () => {
    const { sender, receiver } = newRing(1024);
    const records = [
      [0, 0, 0, undefined],
      [2 ** 31 - 1, 4, -(2 ** 31), { a: [1.5, 'x'] }],
      [-1, -2, -3, null],
      [7, 1, 2, 'ü'],
    ] as const;
    for (const [id, status, extra, value] of records) assert.equal(sender.send(id, status, extra, value), 0);
    assert.equal(receiver.peek(), true);
    assert.deepEqual(drain(receiver), records);
    assert.equal(receiver.peek(), false);
  });

  test('refuses what has no compact form, and what does not fit now, without a trace', () => {
    const { sender, receiver } = newRing(1024);
    assert.equal(
      sender.send(1, 0, 0, () => 1),
      NOT_COMPACT,
    );
    assert.equal(sender.send(2, 0, 0, 'x'.repeat(2000)), NO_ROOM);
    assert.equal(receiver.receive(), false);
    assert.equal(sender.send(3, 0, 0, 'x'.repeat(900)), 0);
    assert.equal(sender.send(4, 0, 0, 'x'.repeat(200)), NO_ROOM);
    assert.equal(sender.send(5, 0, 0, Symbol('s')), NOT_COMPACT);
    assert.equal(sender.send(6, 0, 0, 6), 0);
    assert.deepEqual(drain(receiver), [
      [3, 0, 0, 'x'.repeat(900)],
      [6, 0, 0, 6],
    ]);
  });

  test('can be filled to the last byte, and again', () => {
    const { sender, receiver } = newRing(1024);
    for (let round = 0; round < 50; round++) {
      let sent = 0;
      while (sender.send(sent, 0, 0, 1.5) === 0) sent += 1;
      // Each record takes 16 + 9 bytes, rounded up to 32.
      assert.equal(sent, 32);
      assert.equal(sender.send(99, 0, 0, undefined), NO_ROOM);
      assert.deepEqual(
        drain(receiver).map(([id]) => id),
        Array.from({ length: 32 }, (_, index) => index),
      );
    }
  });

  test('does what a list would do, whatever the sizes and the order', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ size: fc.nat({ max: 300 }) }) },
      { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 4 }) }) },
    );
    fc.assert(
      fc.property(fc.constantFrom(128, 512), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
        const { sender, receiver } = newRing(capacity);
        const model: { readonly id: number; readonly text: string }[] = [];
        let bytes = 0;
        const lengthOf = (text: string): number => (16 + (text.length < 40 ? 2 : 5) + text.length + 7) & ~7;
        for (const [id, each] of steps.entries()) {
          assert.equal(receiver.peek(), model.length > 0);
          if ('size' in each) {
            const text = 'x'.repeat(each.size);
            const outcome = sender.send(id, id & 7, id * 3, text);
            if (outcome === 0) {
              model.push({ id, text });
              bytes += lengthOf(text);
              assert.ok(bytes <= capacity, 'more than it can hold');
            } else {
              assert.equal(outcome, NO_ROOM);
              // At most half of it is lost to a filler, and a record asks for 8 bytes more than it may need.
              if (model.length === 0) assert.ok(lengthOf(text) + 16 > capacity / 2, 'refused by an empty ring');
            }
            continue;
          }
          for (let i = 0; i < each.take; i++) {
            const next = model.shift();
            assert.equal(receiver.receive(), next !== undefined);
            if (next === undefined) break;
            bytes -= lengthOf(next.text);
            assert.deepEqual([receiver.id, receiver.status, receiver.extra], [next.id, next.id & 7, next.id * 3]);
            assert.equal(receiver.value, next.text);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('goes on where its counters wrap, after 2^31 and 2^32 bytes', () => {
    const { sender, receiver } = newRing(1024 * 1024);
    const block = new Uint8Array(64 * 1024).fill(7);
    const each = 16 + 5 + block.length + 3;
    let bytes = 0;
    for (let id = 0; bytes < 2 ** 32 + 2 ** 22; id++) {
      assert.equal(sender.send(id, 1, 2, block), 0);
      bytes += each;
      assert.equal(receiver.receive(), true);
      assert.equal(receiver.id, id);
      // Around the borders the contents are looked at, and a few records lie in the ring at once.
      const border = Math.abs(bytes - 2 ** 31) < 2 ** 21 || Math.abs(bytes - 2 ** 32) < 2 ** 21;
      if (!border) continue;
      assert.deepEqual(receiver.value, block);
      for (let i = 0; i < 5; i++) assert.equal(sender.send(i, 1, 2, [i, 'small']), 0);
      assert.deepEqual(
        drain(receiver),
        Array.from({ length: 5 }, (_, i) => [i, 1, 2, [i, 'small']]),
      );
    }
    assert.equal(receiver.peek(), false);
  });

  test('waitForRoom ends when the receiver has taken something, or after its time, and does not wait for nothing', async () => {
    const { sender, receiver } = newRing(1024);
    assert.equal(sender.waitForRoom(60_000), false, 'there is nothing to take');
    sender.send(1, 0, 0, 1);
    const start = performance.now();
    assert.equal(sender.waitForRoom(20), true);
    assert.ok(performance.now() - start >= 20);
    assert.equal(receiver.receive(), true);
    assert.equal(sender.waitForRoom(60_000), false);
  });

  for (const [capacity, most, answers] of [
    [1024, 200, 5000],
    [16 * 1024, 3000, 10_000],
    [1024 * 1024, 20_000, 5000],
  ] as const) {
    test(`a sender in a thread: ${answers} answers of up to ${most} bytes through ${capacity}`, async () => {
      const memory = createReplyRing(capacity);
      const receiver = new ReplyReceiver(memory);
      const data: AnswererData = { memory, answers, most };
      const worker = new Worker(new URL('./fixtures/answerer.ts', import.meta.url), { workerData: data });
      const ended = Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      let failed: unknown;
      worker.once('error', (error) => (failed = error));
      let heard = performance.now();
      for (let id = 0; id < answers; ) {
        while (receiver.receive()) {
          assert.deepEqual([receiver.id, receiver.status, receiver.extra], [id, id % 5, id * 3]);
          assert.deepEqual(receiver.value, valuesOf(id, most));
          id += 1;
          heard = performance.now();
        }
        assert.equal(failed, undefined);
        assert.ok(performance.now() - heard < 60_000, `stuck at answer ${id}`);
        await new Promise(setImmediate);
      }
      const [[refused]] = await ended;
      assert.equal(refused, 0, 'an empty ring refused an answer that fits');
      assert.equal(receiver.receive(), false);
    });
  }
});
