/**
 * How locks travel, and where they may not.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BoundedSemaphore, Condition, EncodeError, Lock, Pool, Process, Thread } from '../../src/index.ts';

describe('a lock travels', () => {
  test('not to a process when it is for threads: refused at submit, with the way to it and what to do', async () => {
    const state = { lock: new Lock() };
    const refused = (error: unknown): boolean =>
      error instanceof EncodeError &&
      error.code === 'ERR_NOT_SHAREABLE' &&
      /\.lock.*new Lock\(\{ scope: 'process' \}\)/.test(error.message);
    const worker = new Process((given: { readonly lock: Lock }) => given.lock.locked, [state]);
    assert.throws(() => worker.start(), refused);
    assert.equal(state.lock.locked, false);
  });

  for (const scope of ['thread', 'process'] as const) {
    const Worker = scope === 'thread' ? Thread : Process;

    test(`as a captured variable and as a field, scope ${scope}`, async () => {
      const lock = new Lock({ scope });
      const fields = { condition: new Condition(lock), seats: new BoundedSemaphore(1, { scope }) };
      const hold = lock.acquireSync();
      const worker = new Worker(() => [
        lock.tryAcquire(),
        fields.condition.lock.locked,
        fields.seats.tryAcquire() !== false,
      ]);
      worker.start();
      assert.deepEqual(await worker.join(), [false, true, true]);
      hold.release();
    });

    test(`to a pool and back, scope ${scope}`, async () => {
      const lock = new Lock({ scope });
      const pool = new Pool({ kind: scope, workers: 1 });
      try {
        lock.acquireSync();
        const same = await pool.submit((given: Lock) => given, lock);
        assert.equal(same.locked, true);
        same.release();
        assert.equal(lock.locked, false);
      } finally {
        await pool.close();
      }
    });
  }
});
