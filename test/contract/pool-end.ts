/**
 * Contract of every pool: closing and terminating.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledError, Pool, PoolClosedError, type PoolKind } from '../../src/index.ts';
import { collect, range, WatchedInput } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, block, double, meet, meetForever, meetThenBlock } from './tasks.ts';
import { rejection } from './with-pool.ts';

/** How every pool ends. */
export function poolEndContract(kind: PoolKind): void {
  describe('the end', () => {
    it('executorshutdo-01: a closed pool refuses all tasks, by name', async () => {
      const pool = new Pool({ kind, workers: 1 });
      assert.equal(pool.state, 'open');
      assert.equal(await pool.submit(add, 1, 2), 3);
      await pool.close();
      assert.equal(pool.state, 'closed');
      for (const attempt of [
        pool.submit(add, 1, 2),
        pool.map(double, [1]),
        pool.starmap(add, [[1, 2]]),
        collect(pool.imap(double, [1])),
        collect(pool.imapUnordered(double, [1])),
        pool.with({ timeout: 5 }).submit(add, 1, 2),
      ]) {
        const error = await rejection(attempt);
        assert.ok(error instanceof PoolClosedError);
        assert.equal(error.code, 'ERR_POOL_CLOSED');
      }
      assert.equal(pool.liveWorkers.length, 0);
      assert.equal(pool.pending, 0);
    });

    it('a closed pool does not touch the input of a map', async () => {
      const pool = new Pool({ kind, workers: 1 });
      await pool.close();
      const input = new WatchedInput(5);
      assert.ok((await rejection(pool.map(double, input.sync))) instanceof PoolClosedError);
      assert.equal(input.read, 0);
    });

    it('executorshutdo-03: close lets all queued tasks finish', async () => {
      const pool = new Pool({ kind, workers: 2 });
      const futures = range(50).map((n) => pool.submit(add, n, 1));
      const packed = range(50).map((n) => pool.submit((map: Map<string, number>) => map.get('n'), new Map([['n', n]])));
      await pool.close();
      assert.ok([...futures, ...packed].every((future) => future.state === 'finished'));
      assert.deepEqual(
        await Promise.all(futures),
        range(50).map((n) => n + 1),
      );
      assert.deepEqual(await Promise.all(packed), range(50));
    });

    it('close waits for tasks that run, and refuses new ones meanwhile', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ kind, workers: 1 });
        const running = pool.submit(meet, meeting.path, 'running');
        const queued = pool.submit(meet, meeting.path, 'queued');
        await meeting.untilArrived(1);
        let closed = false;
        const closing = pool.close().then(() => {
          closed = true;
        });
        assert.equal(pool.state, 'closing');
        assert.ok((await rejection(pool.submit(add, 1, 2))) instanceof PoolClosedError);
        assert.equal(closed, false);
        meeting.open();
        assert.deepEqual(await Promise.all([running, queued]), ['running', 'queued']);
        await closing;
        assert.equal(pool.liveWorkers.length, 0);
      }));

    it('close of a pool that was never used, and twice, and at once, and after terminate', async () => {
      const unused = new Pool({ kind, workers: 2 });
      await unused.close();
      await unused.close();
      await unused.terminate();
      const used = new Pool({ kind, workers: 2 });
      const answer = used.submit(add, 1, 2);
      await Promise.all([used.close(), used.close(), used.close()]);
      assert.equal(await answer, 3);
      const killed = new Pool({ kind, workers: 2 });
      await killed.terminate();
      await killed.close();
      await killed.terminate();
      assert.equal(killed.state, 'closed');
    });

    it('pool-09: terminate with thousands of queued tasks settles them all', async () => {
      const pool = new Pool({ kind, workers: 2 });
      const futures = range(5000).map((n) =>
        n % 10 === 0 ? pool.submit((m: Set<number>) => m.size, new Set([n])) : pool.submit(block, 1),
      );
      const settled = Promise.allSettled(futures);
      await pool.terminate();
      for (const outcome of await settled) {
        if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof CancelledError);
      }
      assert.equal(pool.pending, 0);
      assert.equal(pool.liveWorkers.length, 0);
    });

    it('processpoolexe-27: terminate ends tasks that run; what they would have done never happens', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ kind, workers: 2 });
        const task = kind === 'inline' ? meetForever : meetThenBlock;
        const running = range(2).map((n) => pool.submit(task, meeting.path, `task ${n}`));
        await meeting.untilArrived(2);
        const settled = Promise.allSettled(running);
        await pool.terminate();
        for (const outcome of await settled) {
          assert.equal(outcome.status, 'rejected');
          assert.ok(outcome.status === 'rejected' && outcome.reason instanceof CancelledError);
        }
        if (kind !== 'inline') await meeting.untilLeft(2);
      }));

    it('terminate while closing settles everything, and both resolve', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ kind, workers: 1 });
        const running = pool.submit(meetForever, meeting.path, 'stuck');
        await meeting.untilArrived(1);
        const reason = rejection(running);
        const closing = pool.close();
        await pool.terminate();
        assert.ok((await reason) instanceof CancelledError);
        await closing;
      }));

    it('terminate fails a map that runs, and closes its input', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ kind, workers: 2 });
        const { path } = meeting;
        const input = new WatchedInput();
        const reason = rejection(pool.map((n: number) => meetForever(path, String(n)), input.sync));
        await meeting.untilArrived(2);
        await pool.terminate();
        assert.ok((await reason) instanceof CancelledError);
        assert.equal(input.closed, 1);
      }));

    it('executorshutdo-03: close with a map in progress lets what it has submitted finish', async () => {
      const pool = new Pool({ kind, workers: 2 });
      const results = Promise.allSettled([pool.map(double, range(2000), { chunkSize: 10 })]);
      await pool.close();
      const outcome = await results;
      if (outcome[0].status === 'fulfilled') assert.deepEqual(outcome[0].value, range(2000).map(double));
      else assert.ok(outcome[0].reason instanceof PoolClosedError);
    });

    it('Symbol.asyncDispose closes', async () => {
      const pool = new Pool({ kind, workers: 1 });
      const answer = pool.submit(add, 1, 2);
      await pool[Symbol.asyncDispose]();
      assert.equal(await answer, 3);
      assert.equal(pool.state, 'closed');
    });

    it('many pools, one after the other and side by side', async () => {
      for (let i = 0; i < 5; i++) {
        const pools = range(3).map(() => new Pool({ kind, workers: 2 }));
        const answers = await Promise.all(pools.map((pool, n) => pool.map((x: number) => x + 1, [n, n])));
        assert.deepEqual(answers, [
          [1, 1],
          [2, 2],
          [3, 3],
        ]);
        await Promise.all(pools.map((pool) => pool.close()));
      }
    });
  });
}
