/**
 * What RLock promises, whatever its scope, and what async functions do that are started side by side. A test that begins with an id is
 * a row of the table of behaviours.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { type Hold, Lock, RLock, type ScopeOptions, Semaphore } from '../../src/index.ts';
import { untilWaiting, workerOf } from './in-scope.ts';

const code = (expected: string) => (error: unknown) => (error as { readonly code?: unknown }).code === expected;

/** The contract of re-entrant locks. */
export function rlocksContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  for (const Class of [Lock, RLock]) {
    describe(`${Class.name}, async functions side by side, scope ${scope}`, () => {
      /** Some of them, started as it says; how many were inside at once. */
      const crowd = async (start: (critical: () => Promise<void>) => Promise<unknown>): Promise<number> => {
        const lock = new Class({ scope });
        let inside = 0;
        let most = 0;
        await start(() =>
          lock.run(async () => {
            inside += 1;
            most = Math.max(most, inside);
            for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
            inside -= 1;
          }),
        );
        assert.equal(lock.locked, false);
        return most;
      };

      for (const around of [new Semaphore(3, { scope }), new Lock({ scope }), new RLock({ scope })]) {
        test(`they exclude each other within a run of a ${around.constructor.name}`, async () => {
          const most = await crowd((critical) => around.run(() => Promise.all([critical(), critical(), critical()])));
          assert.equal(most, 1);
        });
      }

      test('they exclude each other when a run that is over has left them behind', async () => {
        const seats = new Semaphore(3, { scope });
        const most = await crowd(async (critical) => {
          const over = Promise.withResolvers<void>();
          const left = await seats.run(() => ({ all: [1, 2, 3].map(() => over.promise.then(critical)) }));
          over.resolve();
          await Promise.all(left.all);
        });
        assert.equal(most, 1);
      });
    });
  }

  describe(`RLock, scope ${scope}`, () => {
    test('rlock-01 rlock-02 rlock-06: as many releases as acquires', () => {
      const lock = new RLock({ scope });
      assert.throws(() => lock.release(), code('ERR_NOT_HELD'));
      lock.acquireSync();
      const inner = lock.acquireSync();
      assert.ok(lock.tryAcquire());
      assert.equal(lock.level, 3);
      lock.release();
      inner.release();
      assert.equal(lock.locked, true);
      lock.release();
      assert.equal(lock.locked, false);
      assert.throws(() => lock.release(), code('ERR_NOT_HELD'));
    });

    test('rlock-03 rlock-05 rlock-09: another thread sees it locked and cannot release it', async () => {
      const lock = new RLock({ scope });
      lock.acquireSync();
      const other = new Worker(
        (held: RLock) => {
          try {
            held.release();
            return 'released';
          } catch (error) {
            return `${held.locked} ${held.level} ${(error as { readonly code?: string }).code}`;
          }
        },
        [lock],
      );
      other.start();
      assert.equal(await other.join(), 'true 0 ERR_NOT_HELD');
      assert.equal(lock.level, 1);
    });

    test('rlock-07: a subclass may take arguments of its own', () => {
      class Named extends RLock {
        readonly name: string;
        constructor(name: string) {
          super({ scope });
          this.name = name;
        }
      }
      const lock = new Named('a');
      lock.runSync(() => lock.runSync(() => assert.equal(lock.level, 2)));
      assert.deepEqual([lock.name, lock.scope, lock.locked], ['a', scope, false]);
    });

    test('a hold on an inner level cannot end what was acquired later', () => {
      const lock = new RLock({ scope });
      lock.acquireSync();
      const inner = lock.acquireSync();
      lock.release();
      lock.release();
      const later = lock.acquireSync();
      assert.throws(() => inner.release(), code('ERR_NOT_HELD'));
      assert.equal(lock.level, 1);
      later.release();
    });

    test('rlock-08: what is printed says who holds it and at how many levels', () => {
      const lock = new RLock({ scope });
      lock.acquireSync();
      lock.acquireSync();
      assert.equal(inspect(lock), 'RLock { locked by the main thread, 2 levels }');
    });

    test('rlock-10: within run it is re-entrant, and two runs exclude each other', async () => {
      const lock = new RLock({ scope });
      const events: string[] = [];
      const turn = (name: string): Promise<void> =>
        lock.run(async () => {
          events.push(`${name} in`);
          await lock.run(async () => {
            await null;
            events.push(`${name} deeper`);
          });
          events.push(`${name} out`);
        });
      await Promise.all([turn('a'), turn('b')]);
      assert.deepEqual(events, ['a in', 'a deeper', 'a out', 'b in', 'b deeper', 'b out']);
    });

    test('rlock-05: an async function cannot release what another one holds', async () => {
      const lock = new RLock({ scope });
      const leave = Promise.withResolvers<void>();
      const holder = lock.run(async (hold) => {
        await lock.run(() => leave.promise);
        assert.equal(lock.level, 1);
        hold.release();
      });
      assert.throws(() => lock.release(), { code: 'ERR_NOT_HELD', message: /not held by the async function/ });
      await new Lock({ scope }).run(() => assert.throws(() => lock.release(), code('ERR_NOT_HELD')));
      assert.equal(lock.level, 2);
      leave.resolve();
      await holder;
      assert.equal(lock.locked, false);
    });

    test('whoever gets the hold of another function can release it, and what is left of a run that is over', async () => {
      const lock = new RLock({ scope });
      const seats = new Semaphore(1, { scope });
      const { promise: given, resolve: give } = Promise.withResolvers<Hold>();
      const run = seats.run(async () => {
        give(await lock.acquire());
        await leave.promise;
      });
      const leave = Promise.withResolvers<void>();
      const hold = await given;
      assert.throws(() => lock.release(), code('ERR_NOT_HELD'));
      hold.release();
      assert.equal(lock.locked, false);
      leave.resolve();
      await run;
      await seats.run(() => lock.acquire());
      lock.release();
      assert.equal(lock.locked, false);
    });

    test('what a run has started, and not awaited, holds the lock until it is done', async () => {
      const lock = new RLock({ scope });
      const go = Promise.withResolvers<void>();
      let left: Promise<number> | undefined;
      await lock.run(() => {
        left = lock.run(async () => {
          await go.promise;
          return lock.run(() => lock.level);
        });
      });
      assert.equal(lock.level, 1);
      assert.throws(() => lock.release(), code('ERR_NOT_HELD'));
      let passed = false;
      const other = lock.run(() => {
        passed = true;
      });
      await untilWaiting(lock, 1);
      go.resolve();
      assert.equal(passed, false);
      assert.equal(await left, 2);
      await other;
      assert.equal(lock.locked, false);
    });

    test('rlock-10: what a thread holds outside of run, it can release while a promise waits', async () => {
      const lock = new RLock({ scope });
      for (const acquire of [() => lock.acquireSync(), () => lock.acquire()]) {
        const hold = await acquire();
        const waiting = lock.run(() => lock.level);
        await untilWaiting(lock, 1);
        hold.release();
        assert.equal(await waiting, 1);
        assert.equal(lock.locked, false);
      }
    });
  });
}
