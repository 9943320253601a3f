/**
 * What semaphores, conditions, events, barriers, latches and read-write locks promise, whatever their scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Latch,
  Lock,
  RwLock,
  type ScopeOptions,
  Semaphore,
} from '../../src/index.ts';
import { workerOf } from './locks.ts';
import { rejectionCode } from './with-pool.ts';

const code = (expected: string) => (error: unknown) => (error as { readonly code?: unknown }).code === expected;

/** The contract of what is waited for. */
export function waitingContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`Semaphore, scope ${scope}`, () => {
    test('semaphore-01: a negative value is an error', () => {
      for (const permits of [-1, 1.5, Number.NaN]) {
        assert.throws(() => new Semaphore(permits, { scope }), code('ERR_INVALID_OPTION'));
      }
      assert.throws(() => new BoundedSemaphore(0, { scope }), code('ERR_INVALID_OPTION'));
    });

    test('semaphore-02 semaphore-05 semaphore-08 semaphore-09 semaphore-10 semaphore-12: counting', () => {
      const semaphore = new Semaphore(2, { scope });
      assert.ok(semaphore.tryAcquire());
      assert.ok(semaphore.acquireSync());
      assert.equal(semaphore.tryAcquire(), false);
      assert.equal(semaphore.locked, true);
      assert.equal(inspect(semaphore), 'Semaphore { value: 0 }');
      semaphore.release(5);
      assert.equal(semaphore.value, 5);
    });

    test('semaphore-07 semaphore-11: a timed acquire', async () => {
      const semaphore = new Semaphore(0, { scope });
      assert.equal(semaphore.acquireSync({ timeout: 5 }), false);
      assert.equal(await semaphore.acquire({ timeout: 5 }), false);
      assert.throws(() => semaphore.acquireSync({ timeout: -1 }), code('ERR_INVALID_OPTION'));
      semaphore.release();
      assert.ok(semaphore.acquireSync({ timeout: 5 }));
    });

    test('semaphore-14 semaphore-18 semaphore-19: permits are granted in the order of arrival', async () => {
      const semaphore = new Semaphore(0, { scope });
      const order: string[] = [];
      const turns = async (name: string): Promise<void> => {
        for (let i = 0; i < 3; i++) {
          const permit = await semaphore.acquire();
          order.push(name);
          permit.release();
        }
      };
      const all = [turns('a'), turns('b'), turns('c')];
      semaphore.release();
      await Promise.all(all);
      assert.equal(order.join(''), 'abcabcabc');
      assert.equal(semaphore.value, 1);
    });

    test('semaphore-15 semaphore-16 semaphore-20: giving up in line loses no permit', async () => {
      const semaphore = new Semaphore(0, { scope });
      const aborter = new AbortController();
      const first = semaphore.acquire({ signal: aborter.signal });
      const second = semaphore.acquire();
      aborter.abort(new Error('enough'));
      semaphore.release();
      await assert.rejects(first, /enough/);
      (await second).release();
      assert.equal(semaphore.value, 1);
      assert.equal(inspect(semaphore), 'Semaphore { value: 1 }');
    });

    test('semaphore-04 semaphore-06: never more at once than there are permits, among workers', async () => {
      const semaphore = new Semaphore(2, { scope });
      const inside = new Semaphore(2, { scope });
      const work = async (permits: Semaphore, seats: Semaphore): Promise<number> => {
        let crowded = 0;
        for (let i = 0; i < 200; i++) {
          const permit = i % 2 === 0 ? permits.acquireSync() : await permits.acquire();
          const seat = seats.tryAcquire();
          if (seat === false) crowded += 1;
          else seat.release();
          permit.release();
        }
        return crowded;
      };
      const workers = [1, 2, 3].map(() => new Worker(work, [semaphore, inside]));
      for (const worker of workers) worker.start();
      assert.deepEqual(await Promise.all(workers.map((worker) => worker.join())), [0, 0, 0]);
      assert.equal(semaphore.value, 2);
    });

    test('boundedsemapho-01 boundedsemapho-02 boundedsemapho-03: releasing too often is an error', () => {
      const semaphore = new BoundedSemaphore(1, { scope });
      assert.throws(() => semaphore.release(), code('ERR_NOT_HELD'));
      semaphore.acquireSync().release();
      assert.throws(() => semaphore.release(), code('ERR_NOT_HELD'));
      assert.equal(semaphore.value, 1);
    });

    test('what comes back from the dead is granted once to whoever waits', async () => {
      const seats = new BoundedSemaphore(2, { scope });
      const ready = new Latch(1, { scope });
      const leave = new Event({ scope });
      const dying = new Worker(
        (both: Semaphore, here: Latch, go: Event) => {
          both.acquireSync();
          both.acquireSync();
          here.countDown();
          go.waitSync();
        },
        [seats, ready, leave],
      );
      dying.start();
      await ready.wait();
      const waiting = seats.acquire({ timeout: 20_000 });
      leave.set();
      const permit = await waiting;
      assert.ok(permit);
      assert.equal(seats.value, 1);
      permit.release();
      assert.equal(seats.value, 2);
      await dying.join();
    });

    test('permits of a bounded semaphore come back when their holder is gone', async () => {
      const semaphore = new BoundedSemaphore(1, { scope });
      const dying = new Worker((permits: Semaphore) => void permits.acquireSync(), [semaphore]);
      dying.start();
      await dying.join();
      assert.ok(semaphore.acquireSync({ timeout: 20_000 }));
    });
  });

  describe(`Event and Latch, scope ${scope}`, () => {
    test('event-01 event-03 event-05 event-09: set, clear, and a timed wait', async () => {
      const event = new Event({ scope });
      assert.equal(event.isSet, false);
      assert.equal(inspect(event), 'Event { unset }');
      assert.equal(event.waitSync({ timeout: 0 }), false);
      assert.equal(await event.wait({ timeout: 5 }), false);
      event.set();
      event.set();
      assert.equal(inspect(event), 'Event { set }');
      assert.equal(event.waitSync(), true);
      assert.equal(await event.wait(), true);
      event.clear();
      event.clear();
      assert.equal(event.isSet, false);
    });

    test('event-02 event-04 event-07 event-08: all who wait are woken, also when it is cleared at once', async () => {
      const event = new Event({ scope });
      const waits = Array.from({ length: 5 }, () => event.wait());
      assert.equal(inspect(event), 'Event { unset, 5 waiting }');
      event.set();
      event.clear();
      assert.deepEqual(await Promise.all(waits), [true, true, true, true, true]);
      assert.equal(await event.wait({ timeout: 5 }), false);
    });

    test('a latch lets pass once it is at zero, and counts no further', async () => {
      const latch = new Latch(2, { scope });
      const other = new Worker((counting: Latch) => counting.countDown(), [latch]);
      const passed = latch.wait();
      other.start();
      await other.join();
      assert.equal(latch.count, 1);
      assert.equal(latch.waitSync({ timeout: 0 }), false);
      assert.throws(() => latch.countDown(2), code('ERR_INVALID_STATE'));
      latch.countDown();
      assert.equal(await passed, true);
      assert.equal(latch.waitSync(), true);
    });
  });

  describe(`Condition, scope ${scope}`, () => {
    test('condition-02 condition-03 condition-16 condition-20: without the lock it is an error', async () => {
      const condition = new Condition({ scope });
      assert.throws(() => condition.notify(), code('ERR_NOT_HELD'));
      assert.throws(() => condition.waitSync(), code('ERR_NOT_HELD'));
      assert.equal(await rejectionCode(condition.wait()), 'ERR_NOT_HELD');
    });

    test('condition-01 condition-21: a condition over a given lock shares its state', () => {
      const lock = new Lock({ scope });
      const condition = new Condition(lock);
      const hold = condition.acquireSync();
      assert.equal(lock.locked, true);
      assert.equal(condition.tryAcquire(), false);
      hold.release();
      assert.equal(lock.locked, false);
      const other = scope === 'thread' ? 'process' : 'thread';
      assert.throws(() => new Condition(lock, { scope: other }), code('ERR_INVALID_OPTION'));
    });

    test('condition-04 condition-09 condition-13 condition-19: so many are woken, in order', async () => {
      const condition = new Condition({ scope });
      const woken: number[] = [];
      const waits = [0, 1, 2, 3, 4, 5].map((number) =>
        condition.run(async () => {
          await condition.wait();
          woken.push(number);
        }),
      );
      await condition.run(() => condition.notify(2));
      await Promise.all(waits.slice(0, 2));
      assert.deepEqual(woken, [0, 1]);
      await condition.run(() => condition.notify(4));
      await Promise.all(waits);
      assert.deepEqual(woken, [0, 1, 2, 3, 4, 5]);
      await condition.run(() => condition.notify());
      assert.equal(inspect(condition), 'Condition { RLock { unlocked } }');
    });

    test('condition-05 condition-06 condition-11 condition-22: timed waits hold the lock again', async () => {
      const condition = new Condition({ scope });
      const hold = condition.acquireSync();
      assert.equal(condition.waitSync({ timeout: 5 }), false);
      assert.equal(
        condition.waitForSync(() => false, { timeout: 5 }),
        false,
      );
      assert.equal(condition.lock.locked, true);
      hold.release();
      await condition.run(async () => {
        assert.equal(await condition.wait({ timeout: 5 }), false);
        assert.equal(await condition.waitFor(() => 0, { timeout: 5 }), 0);
        assert.equal(condition.lock.locked, true);
      });
      assert.equal(condition.lock.locked, false);
    });

    test('condition-14 condition-23 condition-24: who gives up holds the lock again, and loses no notification', async () => {
      const condition = new Condition({ scope });
      const aborter = new AbortController();
      const reason = new Error('enough');
      let lockedThen = false;
      const first = condition.run(async () => {
        try {
          await condition.wait({ signal: aborter.signal });
        } finally {
          lockedThen = condition.lock.locked;
        }
      });
      const second = condition.run(() => condition.wait());
      await condition.run(() => {});
      aborter.abort(reason);
      await condition.run(() => condition.notify());
      assert.equal(await first.catch((error: unknown) => error), reason);
      assert.equal(lockedThen, true);
      assert.equal(await second, true);
    });

    test('condition-07 condition-10: a worker and this thread wait for each other', async () => {
      const condition = new Condition({ scope });
      const turn = new Event({ scope });
      const other = new Worker(
        (shared: Condition, mine: Event) =>
          shared.runSync(() => {
            mine.set();
            shared.notify();
            return shared.waitSync({ timeout: 20_000 });
          }),
        [condition, turn],
      );
      await condition.run(async () => {
        other.start();
        await condition.waitFor(() => turn.isSet);
        condition.notify();
      });
      assert.equal(await other.join(), true);
    });
  });

  describe(`Barrier, scope ${scope}`, () => {
    test('barrier-01 barrier-19: parties below 1 are an error', () => {
      for (const parties of [0, -1, 1.5]) {
        assert.throws(() => new Barrier(parties, { scope }), code('ERR_INVALID_OPTION'));
      }
    });

    test('barrier-06 barrier-15 barrier-21: one party never blocks', async () => {
      const barrier = new Barrier(1, { scope });
      assert.equal(barrier.waitSync(), 0);
      assert.equal(await barrier.wait(), 0);
    });

    test('barrier-02 barrier-09 barrier-10 barrier-11 barrier-24: rounds among workers', async () => {
      const barrier = new Barrier(3, { scope, timeout: 20_000 });
      const party = async (shared: Barrier): Promise<number[]> => {
        const numbers: number[] = [];
        for (let i = 0; i < 50; i++) numbers.push(i % 2 === 0 ? shared.waitSync() : await shared.wait());
        return numbers;
      };
      const workers = [1, 2, 3].map(() => new Worker(party, [barrier]));
      for (const worker of workers) worker.start();
      const all = await Promise.all(workers.map((worker) => worker.join()));
      for (let round = 0; round < 50; round++) {
        assert.deepEqual(all.map((numbers) => numbers[round]).sort(), [0, 1, 2]);
      }
    });

    test('barrier-03 barrier-07 barrier-23: the action runs once a round, before anybody leaves', async () => {
      const events: string[] = [];
      const barrier = new Barrier(2, { scope, action: () => void events.push('action') });
      const first = barrier.wait().then(() => events.push('first'));
      assert.equal(barrier.waiting, 1);
      assert.equal(inspect(barrier), 'Barrier { filling, waiters=1/2 }');
      const second = barrier.wait().then(() => events.push('second'));
      await Promise.all([first, second]);
      assert.equal(events[0], 'action');
      assert.equal(events.length, 3);
      assert.equal(barrier.waiting, 0);
    });

    test('barrier-04 barrier-05 barrier-12 barrier-13 barrier-27 barrier-28 barrier-29 barrier-32: abort and reset', async () => {
      const barrier = new Barrier(2, { scope });
      const waiting = barrier.wait();
      barrier.abort();
      assert.equal(await rejectionCode(waiting), 'ERR_BROKEN_BARRIER');
      assert.equal(barrier.broken, true);
      assert.equal(inspect(barrier), 'Barrier { broken }');
      assert.throws(() => barrier.waitSync(), code('ERR_BROKEN_BARRIER'));
      barrier.reset();
      const again = barrier.wait();
      barrier.reset();
      assert.equal(await rejectionCode(again), 'ERR_BROKEN_BARRIER');
      assert.equal(barrier.broken, false);
      assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
    });

    test('barrier-22: more arrive at once than one round takes', async () => {
      const barrier = new Barrier(2, { scope, timeout: 20_000, action: () => Promise.resolve() });
      const numbers = await Promise.all(Array.from({ length: 10 }, () => barrier.wait()));
      assert.deepEqual(numbers.sort(), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
      assert.equal(inspect(barrier), 'Barrier { filling, waiters=0/2 }');
    });

    test('barrier-31: an action that throws breaks it for all', async () => {
      const fail = (): never => assert.fail('the action');
      const barrier = new Barrier(2, { scope, action: fail });
      const first = barrier.wait();
      await assert.rejects(barrier.wait(), /the action/);
      assert.equal(await rejectionCode(first), 'ERR_BROKEN_BARRIER');
      barrier.reset();
      assert.equal(barrier.broken, false);
    });

    test('barrier-14 barrier-26: time that is up breaks it; a signal only takes the party out', async () => {
      const barrier = new Barrier(2, { scope, timeout: 5 });
      assert.throws(() => barrier.waitSync(), code('ERR_BROKEN_BARRIER'));
      barrier.reset();
      const aborter = new AbortController();
      const first = barrier.wait({ timeout: 20_000, signal: aborter.signal });
      aborter.abort(new Error('enough'));
      await assert.rejects(first, /enough/);
      assert.equal(barrier.waiting, 0);
      const both = [barrier.wait({ timeout: 20_000 }), barrier.wait({ timeout: 20_000 })];
      assert.deepEqual((await Promise.all(both)).sort(), [0, 1]);
    });
  });

  describe(`RwLock, scope ${scope}`, () => {
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

    test('a reader that is gone reads no more; a writer that is gone is told of', async () => {
      const lock = new RwLock({ scope });
      const reader = new Worker((shared: RwLock) => void shared.acquireReadSync(), [lock]);
      reader.start();
      await reader.join();
      const hold = lock.acquireWriteSync({ timeout: 20_000 });
      assert.ok(hold);
      hold.release();
      const writer = new Worker((shared: RwLock) => void shared.acquireWriteSync(), [lock]);
      writer.start();
      await writer.join();
      assert.throws(() => lock.acquireReadSync({ timeout: 20_000 }), code('ERR_OWNER_DIED'));
      const recovering = await lock.acquireWrite({ recover: true });
      assert.equal(recovering.recovered, true);
      recovering.release();
      lock.acquireReadSync().release();
    });
  });
}
