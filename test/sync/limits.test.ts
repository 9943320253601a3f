/**
 * The most waits there can be at once, and several objects of one thread over the same lock.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lock, Pool } from '../../src/index.ts';
import { rejectionCode } from '../contract/with-pool.ts';

describe('limits of waiting', () => {
  test('one wait too many fails, and leaves its lock and all others as they were', async () => {
    const most = 16_384;
    const locks = Array.from({ length: most }, () => new Lock());
    const holds = locks.map((lock) => lock.acquireSync());
    const waits = locks.map((lock) => lock.acquire());
    const last = new Lock();
    const hold = last.acquireSync();
    assert.equal(await rejectionCode(last.acquire()), 'ERR_TOO_MANY_WAITERS');
    assert.throws(() => last.acquireSync({ timeout: 5 }), { code: 'ERR_TOO_MANY_WAITERS' });
    hold.release();
    last.acquireSync().release();
    for (const each of holds) each.release();
    for (const each of await Promise.all(waits)) each.release();
    assert.equal(
      locks.some((lock) => lock.locked),
      false,
    );
  });

  test('two objects of one thread for one lock serve one line', async () => {
    const lock = new Lock();
    const pool = new Pool({ kind: 'thread', workers: 1 });
    try {
      const inOrder = async (first: Lock, second: Lock): Promise<readonly number[]> => {
        const order: number[] = [];
        const turn = async (by: Lock, number: number): Promise<void> => {
          const hold = await by.acquire();
          order.push(number);
          await null;
          hold.release();
        };
        await Promise.all([turn(first, 0), turn(second, 1), turn(first, 2), turn(second, 3)]);
        return order;
      };
      const copies = [lock, lock] as const;
      const both = await pool.submit(
        async (pair: readonly [Lock, Lock], run: typeof inOrder) => run(...pair),
        copies,
        inOrder,
      );
      assert.deepEqual(both, [0, 1, 2, 3]);
      assert.deepEqual(await pool.submit((held: Lock) => inOrder(held, lock), lock), [0, 1, 2, 3]);
    } finally {
      await pool.close();
    }
  });
});
