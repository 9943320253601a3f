/**
 * `pool.insights()`: where the time of a pool goes, on workers of every kind.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier, InvalidOptionError, insightsText, Lock, Pool, type PoolKind } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { add, block, double, failAt } from '../contract/tasks.ts';
import { withPool } from '../contract/with-pool.ts';

const compute = (ms: number): number => {
  const { user, system } = process.threadCpuUsage();
  const end = user + system + ms * 1000;
  for (;;) {
    const now = process.threadCpuUsage();
    if (now.user + now.system >= end) return ms;
  }
};
const rest = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
const MEBIBYTE = 2 ** 20;
/** Allocates so many mebibytes. */
const fill = (mebibytes: number): number => new Uint8Array(mebibytes * 2 ** 20).fill(1).length;
/** The same, and is in flight for a while. */
const fillAndRest = async (mebibytes: number): Promise<number> => {
  await rest(20);
  const { length } = new Uint8Array(mebibytes * 2 ** 20).fill(1);
  await rest(20);
  return length;
};
const sizeOf = (bytes: Uint8Array): number => bytes.length;

for (const kind of ['thread', 'process', 'hybrid', 'inline'] as const satisfies PoolKind[]) {
  const workers = 2;
  const isInline = kind === 'inline';

  describe(`insights of a pool of kind ${kind}`, () => {
    test('count tasks, those that failed, and chunks as one', () =>
      withPool({ kind, workers, insights: true }, async (pool) => {
        await Promise.all(range(10).map((n) => pool.submit(add, n, 1)));
        await assert.rejects(pool.submit(failAt, 7, 7), RangeError);
        await pool.map(double, range(40), { chunkSize: 20 });
        const { tasks, ran, waited } = pool.insights();
        assert.deepEqual(tasks, { done: 12, failed: 1 });
        assert.equal(ran.count, 13);
        assert.equal(waited.count, 13);
      }));

    test('tell computing from awaiting and from blocking', () =>
      withPool({ kind, workers: 1, insights: true }, async (pool) => {
        await pool.submit(compute, 40);
        const first = pool.insights().times;
        assert.ok(first.cpu >= 39, `computed for ${first.cpu} ms`);
        await pool.submit(rest, 40);
        const second = pool.insights().times;
        if (!isInline) assert.ok(second.awaiting - first.awaiting >= 35, `awaited for ${second.awaiting} ms`);
        await pool.submit(block, 40);
        const { running, cpu, awaiting } = pool.insights().times;
        assert.ok(running >= 39 + 39 + 39);
        assert.ok(running - cpu - awaiting >= 30, `${running} - ${cpu} - ${awaiting}`);
      }));

    test('tell what tasks allocate', () =>
      withPool({ kind, workers: 1, insights: true }, async (pool) => {
        const grown: number[] = [];
        for (let n = 0; n < 10; n++) {
          const before = pool.insights().allocated;
          assert.equal(await pool.submit(fill, 3), 3 * MEBIBYTE);
          grown.push(pool.insights().allocated - before);
        }
        // Less, where memory was collected meanwhile; never more than a little.
        assert.ok(Math.max(...grown) > 2.5 * MEBIBYTE && Math.max(...grown) < 4 * MEBIBYTE, grown.join(', '));
        assert.match(insightsText(pool.insights()), /They have allocated [\d.]+ \wiB/);
      }));

    test('count once what tasks allocate that are in flight together', () =>
      withPool({ kind, workers: 1, tasksPerWorker: 4, insights: true }, async (pool) => {
        await Promise.all(range(4).map(() => pool.submit(fillAndRest, 3)));
        const { allocated } = pool.insights();
        assert.ok(allocated < 4 * 4 * MEBIBYTE, `${allocated} bytes`);
      }));

    test('name the slowest tasks with what they were called with, the slowest first', () =>
      withPool({ kind, workers: 1, insights: true }, async (pool) => {
        for (const ms of [1, 30, 2, 60]) await pool.submit(block, ms);
        const { slowest } = pool.insights();
        // How long each really took is the machine's business.
        assert.deepEqual(slowest.map(({ task }) => task).sort(), ['block(1)', 'block(2)', 'block(30)', 'block(60)']);
        const times = slowest.map(({ ran }) => ran);
        assert.deepEqual(
          times,
          times.toSorted((x, y) => y - x),
        );
        assert.ok((times[0] ?? 0) >= 59);
      }));

    test('see what waits, also before the scheduler hands it on', () =>
      withPool({ kind, workers: 1, insights: true }, async (pool) => {
        await Promise.all([pool.submit(block, 50), pool.submit(add, 1, 1)]);
        assert.ok(pool.insights().waited.max >= 45);
        const ranked = pool.with({ priority: 1 });
        await Promise.all([ranked.submit(block, 120), ranked.submit(block, 1), ranked.submit(add, 1, 1)]);
        assert.ok(pool.insights().waited.max >= 115);
      }));

    test('see what it takes to ship large arguments', () =>
      withPool({ kind, workers: 1, insights: true }, async (pool) => {
        await pool.submit(sizeOf, new Uint8Array(1));
        const before = pool.insights().times;
        await pool.submit(sizeOf, new Uint8Array(20_000_000));
        const { placing } = pool.insights().times;
        assert.ok(placing - before.placing > 0.5, `${placing - before.placing} ms for 20 MB`);
      }));

    test('account for the whole life of each worker, init and start-up among it', () =>
      withPool({ kind, workers, insights: true, init: block, initArgs: [30] }, async (pool) => {
        await Promise.all(range(4).map(() => pool.submit(block, 20)));
        const insights = pool.insights();
        const busy = insights.workers.filter(({ tasks }) => tasks > 0);
        assert.equal(
          busy.reduce((sum, each) => sum + each.tasks, 0),
          4,
        );
        for (const { name, alive, life, startUp, init, decoding, working, encoding, idle, tasks } of busy) {
          assert.ok(alive);
          if (!isInline) assert.match(name, /^(thread|process) /);
          assert.ok(init >= 29, `init took ${init} ms`);
          assert.ok(working >= tasks * 19);
          const parts = startUp + init + decoding + working + encoding + idle;
          assert.ok(Math.abs(parts - life) < 5, `${parts} of ${life} ms`);
        }
      }));

    test('take no harm from tasks that nobody answers', {
      skip: isInline && 'what runs here cannot be killed',
    }, async () => {
      const pool = new Pool({ kind, workers: 1, insights: true });
      await pool.submit(add, 1, 1);
      const lost = pool.submit(block, 60_000);
      lost.catch(() => {});
      await pool.kill();
      const { tasks, span } = pool.insights();
      assert.equal(tasks.done, 1);
      await rest(20);
      assert.equal(pool.insights().span, span, 'nothing is outstanding any more');
      assert.ok(pool.insights().workers.every(({ alive }) => !alive));
    });

    test('are of pools that measure', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        await pool.submit(add, 1, 1);
        assert.throws(() => pool.insights(), {
          name: 'InvalidOptionError',
          code: 'ERR_INVALID_OPTION',
          message: /insights: true/,
        });
      }));
  });
}

describe('insights', () => {
  test('count what tasks in flight together on one worker take once', () =>
    withPool({ workers: 1, tasksPerWorker: 8, insights: true }, async (pool) => {
      await Promise.all(range(8).map(() => pool.submit(rest, 50)));
      const { times, workers } = pool.insights();
      assert.ok(times.running >= 8 * 49);
      assert.ok((workers[0]?.working ?? Infinity) <= (workers[0]?.life ?? 0));
    }));

  test('see what tasks wait for locks', async () => {
    const lock = new Lock();
    const locked = (ms: number): void => {
      const hold = lock.acquireSync();
      block(ms);
      hold.release();
    };
    const both = new Barrier(2);
    await withPool({ workers: 2, insights: true }, async (pool) => {
      await Promise.all(range(2).map(() => pool.submit(() => void both.waitSync())));
      const before = pool.insights().times.locks;
      await Promise.all(range(12).map(() => pool.submit(locked, 20)));
      const { times, lints } = pool.insights();
      assert.ok(times.locks - before >= 50, `${times.locks - before} ms`);
      assert.ok(lints.some(({ code }) => code === 'locks'));
    });
  });

  test('advise: many tiny tasks, blocked loops', async () => {
    await withPool({ workers: 1, insights: true }, async (pool) => {
      await Promise.all(range(300).map((n) => pool.submit(add, n, 1)));
      assert.deepEqual(
        pool.insights().lints.map(({ code }) => code),
        ['tiny-tasks'],
      );
    });
    await withPool({ workers: 1, tasksPerWorker: 4, insights: true }, async (pool) => {
      await Promise.all(range(20).map(() => pool.submit(block, 5)));
      assert.ok(pool.insights().lints.some(({ code }) => code === 'blocked-loop'));
    });
  });

  test('are text for people', () =>
    withPool({ workers: 1, insights: true }, async (pool) => {
      await pool.submit(block, 12);
      await assert.rejects(pool.submit(failAt, 1, 1));
      const text = insightsText(pool.insights());
      assert.match(text, /^2 tasks, 1 failed, \d/);
      assert.match(text, /\n {2}worker .*start-up.*working.*idle/);
      assert.match(text, /\nLongest:\n +\S+ ms {2}thread \d+ {2}block\(12\)\n/);
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch(text, /NaN|undefined|[^\x00-\x7f]/);
    }));

  test('are text also when nothing has happened', () =>
    withPool({ workers: 1, insights: true }, async (pool) => {
      assert.match(insightsText(pool.insights()), /^0 tasks/);
    }));

  test('are asked for by true or false', () => {
    assert.throws(() => new Pool({ insights: 'yes' as never }), InvalidOptionError);
  });
});
