/**
 * Pools of kind `'auto'`, with real threads: what tasks want more of, they get.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cpuCount, InvalidOptionError, Pool, type PoolTuning } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { add, block } from '../contract/tasks.ts';
import { withPool } from '../contract/with-pool.ts';

const rest = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms));

/** Keeps a pool busy until it runs as wanted, or for a long time; tells how it ran then. */
async function busyUntil(
  pool: Pool,
  task: (pool: Pool) => PromiseLike<unknown>,
  wanted: (tuning: PoolTuning) => boolean,
): Promise<PoolTuning> {
  const tuning = (): PoolTuning => pool.tuning as PoolTuning;
  const end = performance.now() + 100_000;
  const keepOne = async (): Promise<void> => {
    while (!wanted(tuning()) && performance.now() < end) await task(pool);
  };
  await Promise.all(range(600).map(keepOne));
  return tuning();
}

describe("a pool of kind 'auto'", () => {
  test('gives tasks that await more places on each worker', { timeout: 200_000 }, () =>
    withPool({ kind: 'auto' }, async (pool) => {
      assert.deepEqual(
        { ...pool.tuning, steps: 0 },
        { workers: cpuCount(), tasksPerWorker: 1, settled: false, steps: 0 },
      );
      const { workers, steps } = await busyUntil(
        pool,
        (each) => each.submit(rest, 20),
        ({ tasksPerWorker }) => tasksPerWorker >= 8,
      );
      assert.equal(workers, cpuCount());
      assert.ok((pool.tuning?.tasksPerWorker ?? 0) >= 8, JSON.stringify(steps));
      assert.ok(steps.some(({ why }) => why.includes('await')));
    }),
  );

  test('gives tasks that block more workers', { timeout: 200_000 }, () =>
    withPool({ kind: 'auto' }, async (pool) => {
      const many = cpuCount() * 2;
      const { steps } = await busyUntil(
        pool,
        (each) => each.submit(block, 20),
        ({ workers }) => workers >= many,
      );
      assert.ok(pool.workers >= many, JSON.stringify(steps));
      assert.ok(steps.some(({ why }) => why.includes('block')));
    }),
  );

  test('maps, orders, retries and ends like any other', () =>
    withPool({ kind: 'auto' }, async (pool) => {
      assert.equal(pool.kind, 'auto');
      assert.deepEqual(
        await pool.map((x: number) => x * 2, range(100)),
        range(100).map((x) => x * 2),
      );
      assert.equal(await pool.with({ retries: 1, priority: 3 }).submit(add, 1, 2), 3);
      assert.throws(() => pool.insights(), InvalidOptionError, 'it measures for itself, and not all of them');
    }));

  test('has insights too', () =>
    withPool({ kind: 'auto', insights: true }, async (pool) => {
      await Promise.all(range(50).map((n) => pool.submit(add, n, 1)));
      assert.deepEqual(pool.insights().tasks, { done: 50, failed: 0 });
    }));

  test('measures little of what is very short and notices when tasks change', { timeout: 200_000 }, () =>
    withPool({ kind: 'auto' }, async (pool) => {
      const until = performance.now() + 1500;
      await busyUntil(
        pool,
        (each) => each.submit(add, 1, 2),
        () => performance.now() > until,
      );
      assert.equal(pool.tuning?.tasksPerWorker, 1);
      const { tasksPerWorker } = await busyUntil(
        pool,
        (each) => each.submit(rest, 20),
        (tuning) => tuning.tasksPerWorker >= 8,
      );
      assert.ok(tasksPerWorker >= 8, JSON.stringify(pool.tuning?.steps));
    }),
  );

  test('takes workers and tasksPerWorker for the most that it may try', () =>
    withPool({ kind: 'auto', workers: 1, tasksPerWorker: 2 }, async (pool) => {
      const end = performance.now() + 1500;
      await busyUntil(
        pool,
        (each) => each.submit(rest, 5),
        () => performance.now() > end,
      );
      assert.equal(pool.workers, 1);
      assert.ok((pool.tuning?.tasksPerWorker ?? 0) <= 2);
    }));

  test('is not resized, and other pools have no tuning', () =>
    withPool({ kind: 'auto' }, async (pool) => {
      assert.throws(() => pool.resize(3), InvalidOptionError);
      await withPool({}, async (plain) => assert.equal(plain.tuning, undefined));
      for (const wrong of [
        { workers: 0 },
        { workers: 201 },
        { workers: 2.5 },
        { tasksPerWorker: 0 },
        { workers: 2, min: 3 },
        { min: -1 },
      ]) {
        assert.throws(() => new Pool({ kind: 'auto', ...wrong }), InvalidOptionError, JSON.stringify(wrong));
      }
      await withPool({ kind: 'auto', min: cpuCount() + 1 }, async (more) => assert.equal(more.workers, cpuCount() + 1));
    }));
});
