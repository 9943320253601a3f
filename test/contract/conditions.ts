/**
 * What conditions promise, whatever their scope. A test that begins with an id is a row of the table of behaviours.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Condition, Event, Latch, Lock, RLock, RwLock, type ScopeOptions, Semaphore } from '../../src/index.ts';
import { range } from './inputs.ts';
import { untilWaiting, workerOf } from './in-scope.ts';
import { rejectionCode } from './with-pool.ts';

const code = (expected: string) => (error: unknown) => (error as { readonly code?: unknown }).code === expected;

/** The contract of conditions. */
export function conditionsContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`Condition, scope ${scope}`, () => {
    test('condition-02 condition-03 condition-16 condition-20: without the lock it is an error', async () => {
      const condition = new Condition({ scope });
      assert.throws(() => condition.notify(), code('ERR_NOT_HELD'));
      assert.throws(() => condition.waitSync(), code('ERR_NOT_HELD'));
      assert.equal(await rejectionCode(condition.wait()), 'ERR_NOT_HELD');
    });

    for (const Class of [RLock, Lock]) {
      test(`condition-02 condition-03 rlock-05: not by who holds no ${Class.name} while another function does`, async () => {
        const condition = new Condition(new Class({ scope }));
        const leave = Promise.withResolvers<void>();
        const held = condition.run(async () => {
          await leave.promise;
          return condition.lock.locked;
        });
        const outside = (): void => {
          assert.throws(() => condition.notify(), { code: 'ERR_NOT_HELD', message: /the async function/ });
          assert.throws(() => condition.notifyAll(), code('ERR_NOT_HELD'));
          assert.throws(() => condition.waitSync({ timeout: 1 }), code('ERR_NOT_HELD'));
        };
        outside();
        assert.equal(await rejectionCode(condition.wait({ timeout: 1 })), 'ERR_NOT_HELD');
        await new Lock({ scope }).run(outside);
        leave.resolve();
        assert.equal(await held, true);
        assert.equal(condition.lock.locked, false);
      });

      test(`a function may wait and notify within others that hold the ${Class.name}`, async () => {
        const condition = new Condition(new Class({ scope }));
        const seats = new Semaphore(2, { scope });
        const waiting = condition.run(() => seats.run(() => condition.wait()));
        await untilWaiting(condition, 1);
        await condition.run(() => seats.run(() => condition.notify()));
        assert.equal(await waiting, true);
      });
    }

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

    test('condition-01 condition-21: its lock is a Lock or an RLock, its options are the last thing that it is given', () => {
      assert.equal(new Condition(new Lock({ scope }), {}).scope, scope);
      for (const made of [new Condition(undefined, { scope }), new Condition({ scope })]) {
        assert.deepEqual([made.scope, made.lock.scope, made.lock.constructor], [scope, scope, RLock]);
      }
      const told = { code: 'ERR_INVALID_OPTION', message: /^The lock of a Condition is a Lock or an RLock; this is / };
      for (const wrong of [new Semaphore(1, { scope }), new RwLock({ scope }), new Condition({ scope }), null, 1, 'x'])
        assert.throws(() => new Condition(wrong as never), told);
      assert.throws(() => new Condition({ scope } as never, { scope }), told);
      for (const wrong of ['everywhere', null, 1n]) {
        assert.throws(() => new Condition({ scope: wrong as never }), code('ERR_INVALID_OPTION'));
        assert.throws(() => new Condition(undefined, { scope: wrong as never }), code('ERR_INVALID_OPTION'));
        assert.throws(() => new Condition(new Lock({ scope }), { scope: wrong as never }), code('ERR_INVALID_OPTION'));
        assert.throws(() => new Condition(undefined, wrong as never), code('ERR_INVALID_OPTION'));
      }
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
            return shared.waitSync({ timeout: 60_000 });
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

    test('condition-08: who timed out eats no notification', async () => {
      const condition = new Condition({ scope });
      const late = await Promise.all(range(6).map(() => condition.run(() => condition.wait({ timeout: 2 }))));
      assert.deepEqual(late, Array(6).fill(false));
      const blocked = range(3).map(() => {
        const worker = new Worker(
          (shared: Condition) => shared.runSync(() => shared.waitSync({ timeout: 60_000 })),
          [condition],
        );
        worker.start();
        return worker.join();
      });
      const here = range(3).map(() => condition.run(() => condition.wait({ timeout: 60_000 })));
      await untilWaiting(condition, 6);
      await condition.run(() => condition.notifyAll());
      assert.deepEqual(await Promise.all([...blocked, ...here]), Array(6).fill(true));
      assert.equal(inspect(condition), 'Condition { RLock { unlocked } }');
    });

    test('condition-12: false when time is up, at once with 0; true when notified; a signal ends a long wait', async () => {
      const condition = new Condition({ scope });
      await condition.run(async () => {
        assert.equal(condition.waitSync({ timeout: 0 }), false);
        assert.equal(await condition.wait({ timeout: 0 }), false);
        assert.equal(await condition.wait({ timeout: 2 }), false);
      });
      const notified = condition.run(() => condition.wait());
      const aborter = new AbortController();
      const long = condition.run(() => condition.wait({ timeout: 1e9, signal: aborter.signal }));
      await condition.run(() => condition.notify());
      assert.equal(await notified, true);
      aborter.abort(new Error('enough'));
      await assert.rejects(long, /enough/);
      assert.equal(condition.lock.locked, false);
    });

    test('condition-15: who gives up while another holds the lock hears of it once it has the lock', async () => {
      const condition = new Condition({ scope });
      const aborter = new AbortController();
      let ended = false;
      const waiting = condition
        .run(() => condition.wait({ signal: aborter.signal }))
        .finally(() => {
          ended = true;
        });
      await untilWaiting(condition, 1);
      const [held, go] = [new Latch(1, { scope }), new Event({ scope })];
      const other = new Worker(
        (shared: Condition, here: Latch, leave: Event) =>
          shared.run(async () => {
            here.countDown();
            await leave.wait();
          }),
        [condition, held, go],
      );
      other.start();
      await held.wait();
      aborter.abort(new Error('enough'));
      await untilWaiting(condition.lock, 1);
      assert.equal(ended, false, 'it has to take the lock back first');
      go.set();
      await assert.rejects(waiting, /enough/);
      await other.join();
      assert.equal(condition.lock.locked, false);
    });

    test('condition-17: waitFor looks again at each notification', async () => {
      const condition = new Condition({ scope });
      const seen: number[] = [];
      let state = 0;
      const waiting = condition.run(() =>
        condition.waitFor(() => {
          seen.push(state);
          return state === 3 && 'three';
        }),
      );
      for (let i = 1; i <= 3; i++) {
        await untilWaiting(condition, 1);
        await condition.run(() => {
          state = i;
          condition.notify();
        });
      }
      assert.equal(await waiting, 'three');
      assert.deepEqual(seen, [0, 1, 2, 3]);
    });

    test('condition-18: waitFor of what holds already needs no lock; of what does not, it does', async () => {
      const condition = new Condition({ scope });
      assert.equal(
        condition.waitForSync(() => 7),
        7,
      );
      assert.equal(await condition.waitFor(() => Promise.resolve(8)), 8);
      assert.throws(() => condition.waitForSync(() => false), code('ERR_NOT_HELD'));
      assert.equal(await rejectionCode(condition.waitFor(() => 0)), 'ERR_NOT_HELD');
      assert.throws(() => condition.waitForSync(() => false, { timeout: 0 }), code('ERR_NOT_HELD'));
      assert.equal(await rejectionCode(condition.waitFor(() => 0, { timeout: 0 })), 'ERR_NOT_HELD');
      assert.equal(await condition.run(() => condition.waitFor(() => 0, { timeout: 0 })), 0);
      assert.equal(condition.lock.locked, false);
    });

    test('rlock-04: a wait gives up all levels of the lock, and holds as many afterwards', async () => {
      const condition = new Condition({ scope });
      const lock = condition.lock as RLock;
      lock.acquireSync();
      lock.release();
      assert.throws(() => condition.waitSync(), code('ERR_NOT_HELD'));
      assert.equal(lock.locked, false, 'nothing was given up, and nothing taken');
      const other = new Worker((shared: Condition) => shared.runSync(() => shared.notify()), [condition]);
      for (let level = 0; level < 3; level++) lock.acquireSync();
      other.start();
      await untilWaiting(lock, 1);
      assert.equal(condition.waitSync({ timeout: 60_000 }), true);
      assert.equal(lock.level, 3);
      for (let level = 0; level < 3; level++) lock.release();
      assert.equal(lock.locked, false);
      await other.join();
    });
  });
}
