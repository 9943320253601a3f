/**
 * The task ring with real threads as receivers: each task is taken exactly once, whatever happens around it.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load } from '../../src/memory/index.ts';
import { readHeld } from '../../src/workers/held-tasks.ts';
import { type CrewOptions, ReceiverCrew } from './receiver-crew.ts';
import { scramble } from './task-contents.ts';

/** Ids whose count differs from what it should be. */
function miscounted(crew: ReceiverCrew, tasks: number, expected: (id: number) => number): string[] {
  const wrong: string[] = [];
  for (let id = 0; id < tasks && wrong.length < 10; id++) {
    const runs = load(crew.runs, id);
    if (runs !== expected(id)) wrong.push(`task ${id} ran ${runs} times`);
  }
  return wrong;
}

async function sendAll(options: CrewOptions): Promise<void> {
  const crew = new ReceiverCrew(options);
  await crew.start();
  for (let id = 0; id < options.tasks; id++) await crew.send(id);
  await crew.finish();
  assert.deepEqual(
    miscounted(crew, options.tasks, () => 1),
    [],
  );
  assert.equal(crew.sender.depth, 0);
}

describe('each task is taken exactly once', () => {
  for (const receivers of [1, 2, 4]) {
    test(`small tasks, ${receivers} receivers`, () =>
      sendAll({ receivers, tasks: 100_000, slots: 1024, arenaBytes: 4096, most: 0 }));

    test(`a ring of two slots, ${receivers} receivers`, () =>
      sendAll({ receivers, tasks: 3000, slots: 2, arenaBytes: 4096, most: 0 }));

    test(`payloads of any size in an arena that goes round many times, ${receivers} receivers`, () =>
      sendAll({ receivers, tasks: 20_000, slots: 256, arenaBytes: 16 * 1024, most: 2000 }));
  }

  test('an arena in which two of the largest payloads hardly fit', () =>
    sendAll({ receivers: 2, tasks: 5000, slots: 64, arenaBytes: 4096, most: 2000 }));

  test('receivers that fall asleep between the tasks', async () => {
    const crew = new ReceiverCrew({ receivers: 2, tasks: 2000, slots: 64, arenaBytes: 4096, most: 0 });
    await crew.start();
    for (let id = 0; id < 2000; id++) {
      await crew.send(id);
      const started = performance.now();
      while (id % 20 === 0 && load(crew.runs, id) === 0) {
        assert.ok(performance.now() - started < 30_000, `nobody woke for task ${id}`);
        await new Promise(setImmediate);
      }
    }
    await crew.finish();
    assert.deepEqual(
      miscounted(crew, 2000, () => 1),
      [],
    );
  });
});

describe('withdrawal', () => {
  for (const receivers of [1, 2, 4]) {
    test(`racing with ${receivers} receivers: what was withdrawn never runs, the rest exactly once`, async () => {
      const tasks = 40_000;
      const crew = new ReceiverCrew({ receivers, tasks, slots: 64, arenaBytes: 16 * 1024, most: 400 });
      await crew.start();
      const withdrawn = new Set<number>();
      for (let id = 0; id < tasks; id++) {
        await crew.send(id);
        const random = scramble(id);
        if ((random & 3) !== 0) continue;
        const target = id - ((random >>> 8) % 8);
        if (target >= 0 && !withdrawn.has(target) && crew.sender.withdraw(target)) withdrawn.add(target);
        if ((random & 15) === 0 && withdrawn.has(target)) {
          assert.equal(crew.sender.withdraw(target), false, 'a task was withdrawn twice');
        }
      }
      await crew.finish();
      assert.deepEqual(
        miscounted(crew, tasks, (id) => (withdrawn.has(id) ? 0 : 1)),
        [],
      );
      assert.ok(withdrawn.size > 0, 'not one withdrawal won its race');
    });
  }
});

describe('a receiver that is terminated', () => {
  test('at random points: every task is done, or told of by its held record or by repair', async () => {
    const tasks = 30_000;
    const deaths = 12;
    const crew = new ReceiverCrew({ receivers: 2, tasks, slots: 64, arenaBytes: 16 * 1024, most: 2000 });
    await crew.start();
    const orphans = new Set<number>();
    for (let id = 0; id < tasks; id++) {
      await crew.send(id);
      if (id % (tasks / deaths) !== scramble(id - (id % (tasks / deaths))) % (tasks / deaths)) continue;
      const number = id & 1;
      const held = await crew.terminate(number);
      for (const task of [...readHeld(held), ...crew.sender.repair(number)]) orphans.add(task.id);
      assert.deepEqual(crew.sender.repair(number), [], 'what was repaired is told of again');
      await crew.replace(number);
    }
    await crew.finish();
    // A task that was held may have been counted in the last instant; none may be both untold of and uncounted.
    const wrong: string[] = [];
    for (let id = 0; id < tasks; id++) {
      const runs = load(crew.runs, id);
      if (runs > 1 || (runs === 0 && !orphans.has(id))) wrong.push(`task ${id} ran ${runs} times`);
    }
    assert.deepEqual(wrong.slice(0, 10), []);
    assert.ok(orphans.size <= 2 * deaths, `${orphans.size} tasks were given back after ${deaths} deaths`);
    assert.equal(crew.sender.depth, 0);
  });
});
