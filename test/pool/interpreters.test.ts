/**
 * Threads as interpreters of their own: each has its modules and globals, and gets what is sent to it. What Python's
 * `InterpreterPoolExecutor` does, `new Pool({ kind: 'thread' })` does.
 *
 * interpreterpoo-02, -04 and -05 are the other way round here: a closure or a local class is no reason to refuse, it travels with what it
 * captures. What is refused is what it captures and cannot travel.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentThread, EncodeError, Pool, WorkerStartError } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { add, meet, StockError, throwStockError, whereAmI } from '../contract/tasks.ts';
import { rejection, withPool } from '../contract/with-pool.ts';
import { bump, bumped } from './fixtures/counter.ts';

const kind = 'thread';
const seen = globalThis as { interpreterValue?: number };

describe('a pool of interpreters', () => {
  it('interpreterpoo-01: what init does to globals is seen by the tasks of the worker, and not here', () =>
    withPool(
      {
        kind,
        workers: 1,
        init: (value: number) => {
          (globalThis as typeof seen).interpreterValue = value;
        },
        initArgs: [42],
      },
      async (pool) => {
        assert.equal(await pool.submit(() => (globalThis as typeof seen).interpreterValue), 42);
        assert.equal(seen.interpreterValue, undefined);
      },
    ));

  it('interpreterpoo-02: an init that captures what cannot travel is refused', async () => {
    const held = new WeakMap();
    let error: unknown;
    try {
      const pool = new Pool({ kind, workers: 1, init: () => held.has({}) });
      error = await rejection(pool.submit(add, 1, 2));
      await pool.terminate();
    } catch (thrown) {
      error = thrown;
    }
    assert.match(`${String(error)} ${String((error as Error).cause)}`, /held|WeakMap/);
  });

  it('interpreterpoo-03: an init that fails breaks the pool, and says why', async () => {
    const pool = new Pool({ kind, workers: 1, init: throwStockError, initArgs: ['nut-m4'] });
    const error = await rejection(pool.submit(add, 1, 2));
    assert.ok(error instanceof WorkerStartError, String(error));
    assert.match(`${error.message} ${String(error.cause)}`, /out of nut-m4/);
    assert.ok((await rejection(pool.submit(add, 1, 2))) instanceof WorkerStartError);
    await pool.terminate();
  });

  it('interpreterpoo-04 interpreterpoo-05: closures and local classes travel; what they hold and cannot travel fails its task alone', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      const factor = 3;
      class Local {
        readonly n = factor;
      }
      assert.equal(await pool.submit((x: number) => x * factor + new Local().n, 2), 9);
      const held = new WeakMap();
      const error = await rejection(pool.submit(() => held.has({})));
      assert.ok(error instanceof EncodeError);
      assert.match(error.path, /held/);
      assert.equal(await pool.submit(add, 1, 2), 3);
    }));

  it('interpreterpoo-06: a function of a module runs with the variables that its module has there', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      assert.deepEqual([bump(), bump()], [1, 2]);
      assert.equal(await pool.submit(bump), 1);
      assert.equal(await pool.submit(bump), 2);
      assert.equal(await pool.submit(bumped), 2);
      bump();
      assert.equal(await pool.submit(bumped), 2);
      assert.equal(bumped(), 3);
    }));

  // Python wraps what was thrown there as a cause; here it is the error itself, with its stack from there.
  it('interpreterpoo-07: an error comes back with its class, message, fields and cause', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      const error = await rejection(pool.submit(throwStockError, 'nut-m4'));
      assert.ok(error instanceof StockError);
      assert.deepEqual(
        [error.message, error.sku, (error.cause as Error).message],
        ['out of nut-m4', 'nut-m4', 'the reason'],
      );
      assert.match(String(error.stack), /throwStockError/);
    }));

  it('interpreterpoo-08: tasks that wait do not keep the next ones from workers that are free', () =>
    withRendezvous((meeting) =>
      withPool({ kind, workers: 3 }, async (pool) => {
        const waiting = range(2).map((n) => pool.submit(meet, meeting.path, `${n}`));
        await meeting.untilArrived(2);
        assert.deepEqual(
          await Promise.all(range(20).map((n) => pool.submit(add, n, 1))),
          range(20).map((n) => n + 1),
        );
        assert.ok(waiting.every(({ state }) => state === 'running'));
        meeting.open();
        await Promise.all(waiting);
      }),
    ));

  it('interpreterpoo-09: with fewer workers than tasks each is run as a worker comes free', () =>
    withRendezvous((meeting) =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const tasks = range(5).map((n) => pool.submit(meet, meeting.path, `${n}`));
        for (let n = 0; n < 5; n++) {
          await meeting.untilArrived(Math.min(5, n + 2));
          meeting.letGo(`${n}`);
        }
        assert.deepEqual(await Promise.all(tasks), range(5).map(String));
        assert.equal(pool.liveWorkers.length, 2);
      }),
    ));

  it('interpreterpoo-10: tasks one after the other use one worker', () =>
    withPool({ kind, workers: 4 }, async (pool) => {
      const where = new Set<string>();
      for (let n = 0; n < 10; n++) where.add(await pool.submit(whereAmI));
      assert.equal(where.size, 1);
      assert.equal(pool.liveWorkers.length, 1);
    }));

  it('interpreterpoo-11: a task that cannot be made anew there fails, and does not wait for ever', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      class Bad {
        static [Symbol.for('manyhands.pack')](): number {
          return 1;
        }
        static [Symbol.for('manyhands.unpack')](): never {
          throw new RangeError('not here');
        }
      }
      assert.match(String(await rejection(pool.submit((bad: Bad) => bad instanceof Bad, new Bad()))), /not here/);
      assert.equal(await pool.submit(add, 1, 2), 3);
    }));

  it('interpreterpoo-12: workers are called after the pool, or as it is told', async () => {
    const nameOf = (): string => currentThread().name;
    await withPool({ kind, workers: 1 }, async (pool) => assert.match(await pool.submit(nameOf), /^Pool-\d+/));
    await withPool({ kind, workers: 1, name: 'clerks' }, async (pool) =>
      assert.match(await pool.submit(nameOf), /^clerks/),
    );
  });

  it('interpreterpoo-13: whoever has stopped waiting hears no more of it', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    await withRendezvous((meeting) =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const future = pool.submit(meet, meeting.path, 'here');
        await meeting.untilArrived(1);
        const stop = new AbortController();
        const waited = rejection(future.result({ signal: stop.signal }));
        stop.abort(new Error('stopped waiting'));
        assert.match(String(await waited), /stopped waiting/);
        assert.equal(future.state, 'running');
        meeting.open();
        assert.equal(await future, 'here');
        const given = pool.submit(add, 1, 2);
        const error = rejection(given);
        given.cancel();
        await error;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(rejections, []);
  });
});
