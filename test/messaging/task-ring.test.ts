/**
 * The task ring case by case, in one thread.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { add, allocateShared, type Words } from '../../src/memory/index.ts';
import { createTaskRing, MAX_RECEIVERS, TaskReceiver, TaskSender } from '../../src/messaging/task-ring.ts';
import { ValueCodec } from '../../src/messaging/value-codec.ts';
import type { LightSleeperData } from './fixtures/light-sleeper.ts';

function newRing(slots = 4, arenaBytes = 1024) {
  const memory = createTaskRing(slots, arenaBytes);
  return {
    memory,
    sender: new TaskSender(memory),
    a: new TaskReceiver(memory, 0),
    b: new TaskReceiver(memory, 1),
  };
}

describe('placing and taking', () => {
  test('an empty ring gives nothing', () => {
    const { sender, a } = newRing();
    assert.deepEqual([a.peek(), a.take(), sender.depth], [false, false, 0]);
    assert.equal(sender.withdraw(0), false);
  });

  test('full says full, and goes on once a slot is let go, not when it is claimed', () => {
    const { sender, a, b } = newRing();
    for (let id = 1; id <= 4; id++) assert.equal(sender.put(id, 1, 0, [id]), 'placed');
    assert.equal(sender.put(5, 1, 0, [5]), 'full');
    assert.equal(a.take(), true);
    assert.equal(sender.put(5, 1, 0, [5]), 'full');
    assert.equal(b.take(), true);
    b.letGo();
    assert.equal(sender.put(5, 1, 0, [5]), 'full', 'the slot at the tail is still held');
    a.letGo();
    assert.equal(sender.put(5, 1, 0, [5]), 'placed');
    assert.equal(sender.put(6, 1, 0, [6]), 'placed');
    assert.equal(sender.put(7, 1, 0, [7]), 'full');
  });

  test('what has no compact form is refused, and leaves no trace', () => {
    const { sender, a } = newRing();
    assert.equal(sender.put(1, 1, 0, [() => 1]), 'not-compact');
    assert.equal(sender.put(1, 1, 0, ['x'.repeat(300), Symbol('s')]), 'not-compact');
    assert.equal(sender.put(1, 1, 0, ['x'.repeat(2000)]), 'not-compact', 'larger than the whole arena');
    assert.deepEqual([a.take(), sender.depth], [false, 0]);
    assert.equal(sender.put(2, 1, 0, ['x'.repeat(300)]), 'placed');
    assert.equal(a.take(), true);
    assert.deepEqual(a.values(), ['x'.repeat(300)]);
  });

  test('an arena without room says full until its oldest payload is let go', () => {
    const { sender, a } = newRing(16, 1024);
    const large = 'x'.repeat(450);
    assert.equal(sender.put(1, 1, 0, [large]), 'placed');
    assert.equal(sender.put(2, 1, 0, [large]), 'placed');
    assert.equal(sender.put(3, 1, 0, [large]), 'full');
    assert.equal(sender.put(4, 1, 0, [4]), 'placed', 'a small one needs no arena');
    assert.equal(sender.withdraw(1), true);
    assert.equal(sender.put(5, 1, 0, [large]), 'placed');
    for (const [id, values] of [
      [2, [large]],
      [4, [4]],
      [5, [large]],
    ] as const) {
      assert.equal(a.take(), true);
      assert.deepEqual([a.id, a.values()], [id, values]);
      a.letGo();
    }
  });

  test('ids, functions, kinds and lengths of every size', () => {
    const { sender, a } = newRing();
    for (const id of [0, 1, 2 ** 31 - 1, -1]) {
      for (const kind of [0, 7, 15]) {
        for (const text of ['', 'x'.repeat(105), 'x'.repeat(106), 'x'.repeat(600)]) {
          assert.equal(sender.put(id, 2 ** 31 - 1, kind, [text]), 'placed');
          assert.equal(a.take(), true);
          assert.deepEqual([a.id, a.fn, a.kind, a.values()], [id, 2 ** 31 - 1, kind, [text]]);
          assert.equal(a.bytes[a.payloadOffset], 1);
          assert.equal(a.payloadLength, text.length < 40 ? 3 : 1 + 5 + text.length);
          a.letGo();
        }
      }
    }
  });

  test('withdrawn tasks are passed over, all of a full ring too', () => {
    const { sender, a } = newRing();
    for (let id = 1; id <= 4; id++) sender.put(id, 1, 0, [id]);
    for (let id = 1; id <= 4; id++) assert.equal(sender.withdraw(id), true);
    assert.equal(sender.withdraw(2), false, 'withdrawn twice');
    assert.equal(sender.put(5, 1, 0, [5]), 'full', 'nobody has passed them yet');
    assert.equal(a.fallAsleep(), false, 'they have to be passed');
    assert.equal(a.take(), false);
    assert.equal(a.fallAsleep(), true);
    for (let id = 5; id <= 8; id++) assert.equal(sender.put(id, 1, 0, [id]), 'placed');
    assert.equal(a.take(), true);
    assert.equal(a.id, 5);
    assert.equal(sender.withdraw(5), false, 'it has been claimed');
    a.letGo();
    assert.equal(sender.withdraw(5), false, 'it is gone');
  });
});

describe('sleepers and seekers', () => {
  test('each sleeper is woken once, in the order of their numbers', () => {
    const memory = createTaskRing(4, 64);
    const sender = new TaskSender(memory);
    const numbers = [0, 1, 30, 31, 32, 63, 64, 200, MAX_RECEIVERS - 1];
    for (const number of numbers) sender.admit(number);
    for (const number of numbers) assert.equal(new TaskReceiver(memory, number).fallAsleep(), true);
    for (const number of numbers) assert.equal(sender.takeSleeper(), number);
    assert.equal(sender.takeSleeper(), -1);
    assert.throws(() => sender.admit(MAX_RECEIVERS), RangeError);
  });

  test('a sleeper that was picked counts as looking until it has woken', () => {
    const { sender, a, b } = newRing();
    a.fallAsleep();
    b.fallAsleep();
    assert.equal(sender.hasSeeker, false);
    assert.equal(sender.takeSleeper(), 0);
    assert.equal(sender.hasSeeker, true);
    assert.equal(b.seek(1), false, 'one that wakes up is enough');
    a.wakeUp();
    assert.equal(sender.hasSeeker, false);
    assert.equal(sender.takeSleeper(), 1);
    b.wakeUp();
    assert.equal(sender.hasSeeker, false);
  });

  test('one that wakes by itself while it is picked does not count as looking for ever', async () => {
    const memory = createTaskRing(4, 64);
    const sender = new TaskSender(memory);
    const picks: Words = new Int32Array(allocateShared(4));
    const data: LightSleeperData = { memory, picks };
    const worker = new Worker(new URL('./fixtures/light-sleeper.ts', import.meta.url), { workerData: data });
    let left: unknown;
    worker.once('message', (count) => (left = count));
    const exit = once(worker, 'exit');
    let picked = 0;
    while (left === undefined) {
      for (let i = 0; i < 1000; i++) {
        if (sender.takeSleeper() === 0) picked += 1;
        add(picks, 0, 1);
      }
      await new Promise(setImmediate);
    }
    await exit;
    assert.equal(left, 0, `${picked} times picked`);
    assert.equal(sender.hasSeeker, false);
  });

  test('nobody falls asleep beside a task', () => {
    const { sender, a, b } = newRing();
    sender.put(1, 1, 0, []);
    assert.equal(a.fallAsleep(), false);
    assert.equal(sender.takeSleeper(), -1);
    assert.equal(a.take(), true);
    assert.equal(b.fallAsleep(), true, 'it has been claimed');
    b.wakeUp();
    assert.equal(sender.takeSleeper(), -1);
  });

  test('only so many look for a task at once', () => {
    const memory = createTaskRing(4, 64);
    const sender = new TaskSender(memory);
    sender.admit(MAX_RECEIVERS - 1);
    const [a, b, last] = [0, 31, MAX_RECEIVERS - 1].map((number) => new TaskReceiver(memory, number)) as [
      TaskReceiver,
      TaskReceiver,
      TaskReceiver,
    ];
    assert.equal(sender.hasSeeker, false);
    assert.equal(a.seek(0), false);
    assert.equal(b.seek(1), true);
    assert.equal(a.seek(1), false);
    assert.equal(last.seek(2), true);
    assert.equal(a.seek(2), false);
    b.found();
    assert.equal(a.seek(2), true);
    a.found();
    assert.equal(sender.hasSeeker, true, 'the one with the highest number still looks');
    last.found();
    assert.equal(sender.hasSeeker, false);
  });
});

describe('repair', () => {
  test('gives back what a receiver had claimed, and nothing of the others', () => {
    const { sender, memory, a, b } = newRing(4, 1024);
    sender.put(1, 11, 5, ['x'.repeat(300)]);
    sender.put(2, 12, 0, [2]);
    sender.put(3, 13, 0, [3]);
    assert.ok(a.take() && b.take());
    assert.deepEqual(
      sender.repair(0).map(({ payload, ...task }) => ({ ...task, values: new ValueCodec(payload).readList(0) })),
      [{ id: 1, fn: 11, kind: 5, values: ['x'.repeat(300)] }],
    );
    assert.deepEqual(sender.repair(0), []);
    assert.deepEqual(b.values(), [2]);
    b.letGo();
    const again = new TaskReceiver(memory, 0);
    assert.equal(again.take(), true);
    assert.equal(again.id, 3);
  });

  test('a receiver that is barred sees so after its next claim; its successor is not', () => {
    const { sender, memory, a, b } = newRing();
    sender.put(1, 11, 0, [1]);
    assert.equal(a.barred, false);
    sender.bar(0);
    assert.equal(a.take(), true);
    assert.deepEqual([a.barred, b.barred], [true, false]);
    assert.deepEqual(
      sender.repair(0).map(({ id }) => id),
      [1],
      'it has left the slot as it was',
    );
    assert.equal(new TaskReceiver(memory, 0).barred, false);
  });

  test('forgets that a receiver slept or looked', () => {
    const { sender, a, b } = newRing();
    a.fallAsleep();
    a.seek(5);
    b.fallAsleep();
    assert.deepEqual(sender.repair(0), []);
    assert.equal(sender.hasSeeker, false);
    assert.equal(sender.takeSleeper(), 1);
    assert.equal(sender.takeSleeper(), -1);
  });
});
