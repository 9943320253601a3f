/** Workers of a pool are killed at random moments: every promise settles, nothing is left behind, the pool works on. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool, WorkerDiedError } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { RunningProcess } from '../contract/running-process.ts';

const KILLS = 200;

const processesOf = (pool: Pool): RunningProcess[] =>
  pool.liveWorkers.flatMap((label) => {
    const pid = /^process (\d+)$/.exec(label)?.[1];
    return pid === undefined ? [] : [new RunningProcess(Number(pid))];
  });

/** A sequence that looks random and is the same each time. */
function* dice(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Work of several kinds: tiny, with a payload, async, and long enough to be hit. */
function someWork(pool: Pool, n: number): Promise<unknown> {
  switch (n % 4) {
    case 0:
      return pool.submit((x: number) => x + 1, n);
    case 1:
      return pool.submit((map: Map<string, number>) => map.get('n'), new Map([['n', n]]));
    case 2:
      return pool.submit(async (x: number) => {
        await new Promise((resolve) => setImmediate(resolve));
        return x + 1;
      }, n);
    default:
      return pool.submit((x: number) => {
        const end = performance.now() + 0.3;
        while (performance.now() < end);
        return x + 1;
      }, n);
  }
}

const wanted = (n: number): number => (n % 4 === 1 ? n : n + 1);

/** Every task has its right answer or the error of a worker that was killed. */
function checkOutcomes(outcomes: readonly PromiseSettledResult<unknown>[]): number {
  let died = 0;
  for (const [n, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') assert.equal(outcome.value, wanted(n));
    else {
      assert.ok(outcome.reason instanceof WorkerDiedError, String(outcome.reason));
      died += 1;
    }
  }
  return died;
}

describe('killing workers', () => {
  it('kill -9 of a worker process, 200 times at random moments', { timeout: 220_000 }, async () => {
    const pool = new Pool({ kind: 'process', workers: 2, tasksPerWorker: 2 });
    const random = dice(7);
    const seen = new Map<number, RunningProcess>();
    const killed = new Map<number, RunningProcess>();
    let kills = 0;
    let died = 0;
    await pool.submit(() => 0);
    while (kills < KILLS) {
      const tasks = range(60).map((n) => someWork(pool, n));
      const settled = Promise.allSettled(tasks);
      for (let i = 0; i < 2 && kills < KILLS; i++) {
        const moments = Math.floor(random.next().value * 12);
        for (let turn = 0; turn < moments; turn++) await new Promise((resolve) => setImmediate(resolve));
        const there = processesOf(pool);
        for (const one of there) seen.set(one.pid, one);
        const victim = there[Math.floor(random.next().value * there.length)];
        if (victim?.killChild() !== true) {
          await new Promise((resolve) => setTimeout(resolve, 2)); // nobody is there yet
          continue;
        }
        killed.set(victim.pid, victim);
        kills += 1;
      }
      died += checkOutcomes(await settled);
    }
    // Who was killed with nothing in hand is given tasks until the pool hears of it.
    const isUnheard = (one: RunningProcess): boolean => {
      const victim = killed.get(one.pid);
      return victim !== undefined && (victim.runs || !one.runs); // else its number was given to a new one
    };
    while (processesOf(pool).some(isUnheard)) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(kills, KILLS);
    assert.ok(died > 0, 'some tasks were hit');
    assert.deepEqual(
      await pool.map((x: number) => x * 2, range(100)),
      range(100).map((x) => x * 2),
      'the pool works after',
    );
    for (const one of processesOf(pool)) seen.set(one.pid, one);
    await pool.close();
    assert.deepEqual(
      [...seen.values()].filter((one) => one.runs),
      [],
      'no process is left',
    );
  });

  it('a worker thread ends itself in the middle of things, 200 times', { timeout: 220_000 }, async () => {
    const pool = new Pool({ kind: 'thread', workers: 2, tasksPerWorker: 2 });
    const random = dice(11);
    let died = 0;
    for (let kills = 0; kills < KILLS; ) {
      const size = 40;
      const at = Math.floor(random.next().value * size);
      const soon = Math.floor(random.next().value * 3);
      const suicides: Promise<unknown>[] = [];
      const tasks = range(size).map((n) => {
        if (n === at) {
          suicides.push(
            soon === 0
              ? pool.submit(() => process.exit(9))
              : pool.submit(async (turns: number) => {
                  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
                  process.exit(9);
                }, soon),
          );
        }
        return someWork(pool, n);
      });
      const settled = Promise.allSettled(tasks);
      for (const outcome of await Promise.allSettled(suicides)) {
        assert.ok(outcome.status === 'rejected' && outcome.reason instanceof WorkerDiedError);
        kills += 1;
      }
      died += checkOutcomes(await settled);
    }
    assert.ok(died >= 0);
    assert.deepEqual(
      await pool.map((x: number) => x * 2, range(100)),
      range(100).map((x) => x * 2),
      'the pool works after',
    );
    assert.ok(pool.liveWorkers.length <= 2);
    await pool.close();
  });

  it('every worker of a map is killed again and again: it rejects, and the next map is right', {
    timeout: 120_000,
  }, async () => {
    const pool = new Pool({ kind: 'process', workers: 2 });
    const slow = (x: number): number => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      return x * 2;
    };
    for (let round = 0; round < 5; round++) {
      const map = Promise.allSettled([pool.map(slow, range(2000), { chunkSize: 5 })]);
      await pool.submit(() => 0); // somebody is there
      for (const one of processesOf(pool)) one.killChild();
      const [outcome] = await map;
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof WorkerDiedError);
      assert.deepEqual(
        await pool.map((x: number) => x * 2, range(50)),
        range(50).map((x) => x * 2),
      );
    }
    await pool.close();
  });
});
