/**
 * The task ring where its counters wrap: a slot's turn after 2^24 tasks, positions after 2^31 and 2^32.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load } from '../../src/memory/index.ts';
import { TaskReceiver } from '../../src/messaging/task-ring.ts';
import { ReceiverCrew } from './receiver-crew.ts';
import { ringAt } from './shifted-ring.ts';
import { functionOf, kindOf, scramble, valuesOf } from './task-contents.ts';

const SLOTS = 64;

/** Counters that wrap soon: the first task has this many before it. */
const starts: readonly (readonly [name: string, position: number])[] = [
  ['2^23', 2 ** 23],
  ['2^24', 2 ** 24],
  ['2^31', 2 ** 31],
  ['2^32', 2 ** 32],
];

describe('a ring whose positions are about to reach', () => {
  for (const [name, position] of starts) {
    test(`${name}: threads take each task once, withdrawals hold, the arena goes round`, async () => {
      const tasks = 6000;
      const ring = await ringAt(position - 40 * SLOTS, SLOTS, 8192);
      const crew = new ReceiverCrew({
        receivers: 2,
        tasks,
        slots: SLOTS,
        arenaBytes: 8192,
        most: 500,
        ring: () => ring,
      });
      await crew.start();
      const withdrawn = new Set<number>();
      for (let id = 0; id < tasks; id++) {
        await crew.send(id);
        if (scramble(id) % 5 === 0 && crew.sender.withdraw(id)) withdrawn.add(id);
      }
      await crew.finish();
      assert.equal(crew.sender.depth, 0);
      for (let id = 0; id < tasks; id++) assert.equal(load(crew.runs, id), withdrawn.has(id) ? 0 : 1, `task ${id}`);
    });

    test(`${name}: in order, empty and full, at each step across it`, async () => {
      const [memory, sender] = await ringAt(position - 2 * 4, 4, 1024);
      const receiver = new TaskReceiver(memory, 0);
      let sent = 0;
      let taken = 0;
      for (let round = 0; round < 40; round++) {
        assert.equal(receiver.peek(), false);
        assert.equal(receiver.take(), false);
        for (let i = 0; i <= round % 4; i++) {
          assert.equal(sender.put(sent, functionOf(sent), kindOf(sent), valuesOf(sent, 200)), 'placed');
          sent += 1;
        }
        assert.equal(sender.depth, sent - taken);
        if (round % 4 === 3) assert.equal(sender.put(-1, 0, 0, []), 'full');
        for (; taken < sent; taken++) {
          assert.equal(receiver.peek(), true);
          assert.equal(receiver.take(), true);
          assert.deepEqual([receiver.id, receiver.fn, receiver.kind], [taken, functionOf(taken), kindOf(taken)]);
          assert.deepEqual(receiver.values(), valuesOf(taken, 200));
          receiver.letGo();
        }
      }
      assert.equal(sender.depth, 0);
    });
  }
});
