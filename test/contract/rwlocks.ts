/**
 * What read-write locks promise, whatever their scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Event, RwLock, type ScopeOptions, Semaphore } from '../../src/index.ts';
import { untilWaiting, workerOf } from './in-scope.ts';

const code = (expected: string) => (error: unknown) => (error as { readonly code?: unknown }).code === expected;

/** The contract of read-write locks. */
export function rwlocksContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`RwLock, scope ${scope}`, () => {
    test('a grant that meets an aborted reader is no grant to the writer behind it', async () => {
      const table = new RwLock({ scope });
      const held = new Event({ scope });
      const go = new Event({ scope });
      const gone = new Event({ scope });
      const worker = new Worker(
        (table: RwLock, held: Event, go: Event, gone: Event) => {
          const hold = table.acquireWriteSync();
          held.set();
          go.waitSync();
          hold.release(); // grants the reader, whose thread is not there to hear of it
          gone.set();
        },
        [table, held, go, gone],
      );
      worker.start();
      await held.wait();
      const aborter = new AbortController();
      const reading = table.acquireRead({ signal: aborter.signal });
      const writing = table.acquireWrite();
      go.set();
      gone.waitSync();
      aborter.abort(new Error('given up'));
      await assert.rejects(reading, /given up/);
      const hold = await writing;
      assert.deepEqual([table.writing, table.readers, table.tryAcquireRead()], [true, 0, false]);
      hold.release();
      assert.equal(inspect(table), 'RwLock { unlocked }');
      await worker.join();
    });

    test('many read, one writes', async () => {
      const lock = new RwLock({ scope });
      const first = await lock.acquireRead();
      const second = lock.acquireReadSync();
      assert.equal(lock.readers, 2);
      assert.equal(lock.tryAcquireWrite(), false);
      const writing = lock.acquireWrite();
      assert.equal(lock.tryAcquireRead(), false, 'a reader goes behind a writer who waits');
      first.release();
      second.release();
      const hold = await writing;
      assert.equal(lock.writing, true);
      const readers = [lock.acquireRead(), lock.acquireRead()];
      hold.release();
      for (const reader of await Promise.all(readers)) reader.release();
      assert.equal(inspect(lock), 'RwLock { unlocked }');
      assert.throws(() => lock.releaseRead(), code('ERR_NOT_HELD'));
      assert.throws(() => lock.releaseWrite(), code('ERR_NOT_HELD'));
    });

    test('the hold of a write that has been ended cannot end a later one', () => {
      const lock = new RwLock({ scope });
      const first = lock.acquireWriteSync();
      lock.releaseWrite();
      const second = lock.acquireWriteSync();
      assert.throws(() => first.release(), code('ERR_NOT_HELD'));
      assert.equal(lock.writing, true);
      second.release();
      assert.equal(lock.writing, false);
    });

    test('a promise whose write is ended before it is told holds nothing', async () => {
      const lock = new RwLock({ scope });
      const first = lock.acquireWriteSync();
      const second = lock.acquireWrite();
      first.release();
      lock.releaseWrite();
      const third = lock.acquireWriteSync();
      const late = await second;
      assert.throws(() => late.release(), code('ERR_NOT_HELD'));
      assert.equal(lock.writing, true);
      third.release();
      assert.equal(lock.writing, false);
    });

    test('who reads or writes, and waits for itself, is told so; whoever else holds it may release it meanwhile', async () => {
      const lock = new RwLock({ scope });
      const told = { code: 'ERR_DEADLOCK', message: /This async function (reads|writes) under this RwLock already/ };
      const seats = new Semaphore(1, { scope });
      for (const outer of ['read', 'write'] as const) {
        const wait = lock[outer](() => seats.run(() => lock.write(() => 1)));
        await assert.rejects(wait, told);
      }
      await assert.rejects(
        lock.write(() => lock.read(() => 1)),
        told,
      );
      assert.equal(await lock.read(() => lock.read(() => 1)), 1);
      const hold = await lock.acquireRead();
      const writing = lock.write(() => 'written');
      await untilWaiting(lock, 1);
      hold.release();
      assert.equal(await writing, 'written');
      await seats.run(() => lock.acquireRead());
      const late = lock.write(() => 'written');
      lock.releaseRead();
      assert.equal(await late, 'written');
      assert.equal(inspect(lock), 'RwLock { unlocked }');
    });

    test('async functions side by side within a run write one after the other', async () => {
      const lock = new RwLock({ scope });
      const seats = new Semaphore(1, { scope });
      let inside = 0;
      const write = (): Promise<number> =>
        lock.write(async () => {
          inside += 1;
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
          return inside;
        });
      const read = (): Promise<number> => lock.read(() => inside);
      const all = await seats.run(() => Promise.all([write(), read(), write(), read(), write()]));
      assert.deepEqual(all, [0, 0, 0, 0, 0]);
    });

    test('what could not be had in time is named', async () => {
      const lock = new RwLock({ scope });
      const hold = lock.acquireWriteSync();
      const named = { code: 'ERR_TIMEOUT', message: /^This RwLock, for (reading|writing), could not be had in 5 ms/ };
      for (const way of ['read', 'write'] as const) {
        await assert.rejects(
          lock[way](() => 1, { timeout: 5 }),
          named,
        );
        assert.throws(() => lock[`${way}Sync`](() => 1, { timeout: 5 }), named);
      }
      hold.release();
    });

    test('a reader that is gone reads no more; a writer that is gone is told of', async () => {
      const lock = new RwLock({ scope });
      const reader = new Worker((shared: RwLock) => void shared.acquireReadSync(), [lock]);
      reader.start();
      await reader.join();
      const hold = lock.acquireWriteSync({ timeout: 60_000 });
      assert.ok(hold);
      hold.release();
      const writer = new Worker((shared: RwLock) => void shared.acquireWriteSync(), [lock]);
      writer.start();
      await writer.join();
      assert.throws(() => lock.acquireReadSync({ timeout: 60_000 }), code('ERR_OWNER_DIED'));
      const recovering = await lock.acquireWrite({ recover: true });
      assert.equal(recovering.recovered, true);
      recovering.release();
      lock.acquireReadSync().release();
    });
  });
}
