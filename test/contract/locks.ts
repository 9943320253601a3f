/**
 * What Lock promises, and RLock with it, whatever their scope; what RLock promises besides is in `rlocks.ts`. A test that begins with an id is a row of the table of behaviours.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Worker as ForeignThread } from 'node:worker_threads';
import {
  Event,
  type Hold,
  Latch,
  Lock,
  RLock,
  RwLock,
  type ScopeOptions,
  SharedMemory,
  sharedStruct,
} from '../../src/index.ts';
import { freshName } from '../shared/names.ts';
import { collectGarbage } from './collect-garbage.ts';
import { untilWaiting, workerOf } from './in-scope.ts';
import { rejectionCode } from './with-pool.ts';

const code = (expected: string) => (error: unknown) => (error as { readonly code?: unknown }).code === expected;

/** The contract of locks. */
export function locksContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`Lock, scope ${scope}`, () => {
    test('lock-01 lock-04 lock-05 lock-15 lock-22: acquire, try, release', async () => {
      const lock = new Lock({ scope });
      assert.equal(lock.locked, false);
      const hold = lock.acquireSync();
      assert.equal(lock.locked, true);
      assert.equal(lock.tryAcquire(), false);
      hold.release();
      assert.equal(lock.locked, false);
      const tried = lock.tryAcquire();
      assert.ok(tried);
      tried.release();
      (await lock.acquire()).release();
      assert.equal(lock.owner, undefined);
    });

    test('lock-02 lock-03 lock-17: what is printed says whether it is locked, and by whom', () => {
      const lock = new Lock({ scope });
      assert.equal(inspect(lock), 'Lock { unlocked }');
      lock.acquireSync();
      assert.equal(inspect(lock), 'Lock { locked by the main thread }');
      assert.deepEqual(lock.owner, { pid: process.pid, threadId: 0 });
      lock.release();
    });

    test('lock-08: threads that this library did not start leave nothing behind in it', async () => {
      const name = freshName('lock');
      const Shared = sharedStruct({ lock: Lock });
      const shared = scope === 'process' ? new Shared({ name }) : undefined;
      const use = async (): Promise<void> => {
        await useInForeignThread(scope, name);
        if (shared === undefined) return;
        assert.throws(() => shared.lock.acquireSync({ timeout: 60_000 }), code('ERR_OWNER_DIED'));
        shared.lock.acquireSync({ recover: true }).release();
      };
      await use();
      const before = leftovers();
      for (let i = 0; i < 6; i++) await use();
      assert.deepEqual(leftovers(), before);
      SharedMemory.unlink(name);
    });

    test('lock-10: a weak reference can be taken, and a lock that nobody knows is collected, held or not', async () => {
      const kept = new Lock({ scope });
      const [keptRef, droppedRef] = [kept, new Lock({ scope })].map((lock) => {
        lock.acquireSync();
        return new WeakRef(lock);
      });
      await collectGarbage();
      assert.equal(keptRef?.deref(), kept);
      assert.equal(droppedRef?.deref(), undefined);
      kept.release();
    });

    test('lock-14 rlock-07: nothing but options is taken, and what is wrong is named', async () => {
      for (const Class of [Lock, RLock, RwLock, Event]) {
        for (const wrong of [1, 'name', null, Symbol('scope')]) {
          const told = { code: 'ERR_INVALID_OPTION', message: /an object, such as \{ scope: 'process' \}; these are / };
          assert.throws(() => new Class(wrong as never), told);
        }
        for (const wrong of ['everywhere', 1n, null, {}])
          assert.throws(() => new Class({ scope: wrong as never }), code('ERR_INVALID_OPTION'));
        assert.throws(() => new Class({ words: [], scope: 'everywhere' } as never), code('ERR_INVALID_OPTION'));
      }
      const lock = new Lock({ scope });
      for (const wrong of [1, 'name', null]) {
        const told = { code: 'ERR_INVALID_OPTION', message: /an object, such as \{ timeout: 1000 \}; these are / };
        await assert.rejects(lock.acquire(wrong as never), told);
        await assert.rejects(
          lock.run(() => 1, wrong as never),
          told,
        );
        assert.throws(() => lock.acquireSync(wrong as never), told);
        const nested = new RLock({ scope });
        await assert.rejects(nested.acquire(wrong as never), told);
        await nested.run(() => assert.throws(() => nested.acquireSync(wrong as never), told));
        await nested.acquire();
        assert.throws(() => nested.acquireSync(wrong as never), told);
      }
      assert.equal(lock.locked, false);
    });

    test('lock-21: releasing a free lock is an error and leaves it free', () => {
      const lock = new Lock({ scope });
      assert.throws(() => lock.release(), code('ERR_NOT_HELD'));
      const hold = lock.acquireSync();
      hold.release();
      assert.throws(() => hold.release(), code('ERR_NOT_HELD'));
      assert.ok(lock.tryAcquire());
    });

    test('lock-07 lock-16: scoped use releases after success and after an error', async () => {
      const lock = new Lock({ scope });
      assert.equal(await lock.run(() => lock.locked), true);
      assert.equal(lock.locked, false);
      await assert.rejects(
        lock.run(() => Promise.reject(new Error('no'))),
        /no/,
      );
      assert.throws(() => lock.runSync(() => assert.fail('never')), /never/);
      assert.equal(lock.locked, false);
      const hold = lock.acquireSync();
      hold[Symbol.dispose]();
      hold[Symbol.dispose]();
      assert.equal(lock.locked, false);
    });

    test('lock-09: timeouts are checked, and waited for', async () => {
      const lock = new Lock({ scope });
      for (const timeout of [-1, Number.NaN, '1' as never]) {
        assert.throws(() => lock.acquireSync({ timeout }), code('ERR_INVALID_OPTION'));
        assert.equal(await rejectionCode(lock.acquire({ timeout })), 'ERR_INVALID_OPTION');
      }
      assert.equal(lock.locked, false);
      const hold = lock.acquireSync({ timeout: Number.POSITIVE_INFINITY }) as Hold;
      const start = performance.now();
      assert.equal(lock.acquireSync({ timeout: 30 }), false);
      assert.equal(await lock.acquire({ timeout: 30 }), false);
      assert.ok(performance.now() - start >= 55);
      hold.release();
      assert.ok(await lock.acquire({ timeout: 1000 }));
    });

    test('lock-13: a waiter whose time was up leaves nothing behind', async () => {
      const lock = new Lock({ scope });
      lock.acquireSync();
      assert.equal(await lock.acquire({ timeout: 5 }), false);
      assert.equal(lock.acquireSync({ timeout: 5 }), false);
      lock.release();
      assert.equal(inspect(lock), 'Lock { unlocked }');
      assert.ok(lock.tryAcquire());
    });

    test('lock-11: a second acquire by the holder waits until another thread releases; without an end it is refused', async () => {
      const lock = new Lock({ scope });
      lock.acquireSync();
      assert.throws(() => lock.acquireSync(), code('ERR_DEADLOCK'));
      const other = new Worker((held: Lock) => held.release(), [lock]);
      const second = lock.acquire();
      other.start();
      await other.join();
      (await second).release();
      assert.equal(lock.locked, false);
    });

    test('lock-12: any thread may release', async () => {
      const lock = new Lock({ scope });
      const latch = new Latch(1, { scope });
      const keeper = new Worker(
        (free: Lock, held: Latch) => {
          free.acquireSync();
          held.countDown();
          return free.acquireSync({ timeout: 60_000 }) !== false;
        },
        [lock, latch],
      );
      keeper.start();
      await latch.wait();
      lock.release();
      assert.equal(await keeper.join(), true);
    });

    test('a hold that another thread has ended cannot end what a third one has', async () => {
      const lock = new Lock({ scope });
      const hold = lock.acquireSync();
      const ended = new Event({ scope });
      const other = new Worker(
        async (held: Lock, go: Event) => {
          held.release();
          const mine = held.acquireSync();
          await go.wait();
          mine.release();
        },
        [lock, ended],
      );
      other.start();
      // Nobody's for a moment, between the other's release and its acquire.
      const isOthers = (owner = lock.owner): boolean =>
        owner !== undefined && (owner.pid !== process.pid || owner.threadId !== 0);
      while (!isOthers()) await new Promise((resolve) => setImmediate(resolve));
      assert.throws(() => hold.release(), code('ERR_NOT_HELD'));
      assert.equal(lock.locked, true);
      ended.set();
      await other.join();
      assert.equal(lock.locked, false);
    });

    test('a promise whose lock is released before it is told holds nothing', async () => {
      const lock = new Lock({ scope });
      const first = lock.acquireSync();
      const second = lock.acquire();
      first.release();
      lock.release();
      const third = lock.acquireSync();
      const late = await second;
      assert.throws(() => late.release(), code('ERR_NOT_HELD'));
      assert.equal(lock.locked, true);
      third.release();
      assert.equal(lock.locked, false);
    });

    test('lock-06: all who wait get it in turn', async () => {
      const lock = new Lock({ scope });
      const arrived = new Latch(3, { scope });
      const hold = lock.acquireSync();
      const workers = [1, 2, 3].map(
        () =>
          new Worker(
            (held: Lock, here: Latch) => {
              here.countDown();
              const mine = held.acquireSync();
              mine.release();
              return true;
            },
            [lock, arrived],
          ),
      );
      for (const worker of workers) worker.start();
      await arrived.wait();
      hold.release();
      assert.deepEqual(await Promise.all(workers.map((worker) => worker.join())), [true, true, true]);
      assert.equal(lock.locked, false);
    });

    test('lock-18 lock-19 lock-20: who gives up in line leaves no trace', async () => {
      const lock = new Lock({ scope });
      const hold = lock.acquireSync();
      const aborter = new AbortController();
      const first = lock.acquire({ signal: aborter.signal });
      const second = lock.acquire();
      aborter.abort(new Error('enough'));
      hold.release();
      await assert.rejects(first, /enough/);
      (await second).release();
      assert.equal(inspect(lock), 'Lock { unlocked }');
    });

    test('10,000 promises get it in the order of arrival', async () => {
      const lock = new Lock({ scope });
      const order: number[] = [];
      const turn = async (number: number): Promise<void> => {
        const hold = await lock.acquire();
        order.push(number);
        hold.release();
      };
      await Promise.all(Array.from({ length: 10_000 }, (_, number) => turn(number)));
      assert.deepEqual(
        order,
        Array.from({ length: 10_000 }, (_, number) => number),
      );
    });

    test('a holder that is gone is told of, until somebody recovers', async () => {
      const lock = new Lock({ scope });
      const dying = new Worker((held: Lock) => void held.acquireSync(), [lock]);
      dying.start();
      await dying.join();
      assert.throws(() => lock.acquireSync({ timeout: 60_000 }), code('ERR_OWNER_DIED'));
      assert.equal(await rejectionCode(lock.acquire()), 'ERR_OWNER_DIED');
      const hold = await lock.acquire({ recover: true });
      assert.equal(hold.recovered, true);
      hold.release();
      const next = lock.acquireSync();
      assert.equal(next.recovered, false);
      next.release();
    });
  });

  for (const Class of [Lock, RLock]) {
    test(`${Class.name}: what a promise has got, and has not been told of, nobody else has, scope ${scope}`, async () => {
      const lock = new Class({ scope });
      const first = lock.acquireSync();
      const second = lock.acquire();
      first.release();
      assert.equal(lock.tryAcquire(), false, 'not even the thread that released it');
      assert.throws(() => lock.acquireSync(), code('ERR_DEADLOCK'));
      assert.throws(() => first.release(), code('ERR_NOT_HELD'));
      (await second).release();
      assert.equal(lock.locked, false);
    });

    for (const form of ['acquireSync', 'acquire'] as const) {
      test(`${Class.name}.release passes over who died in ${form}, scope ${scope}`, async () => {
        const lock = new Class({ scope });
        const hold = await lock.acquire();
        const dying = new Worker(
          async (held: Lock | RLock, how: typeof form) => void (await held[how]({ timeout: 60_000 })),
          [lock, form],
        );
        dying.start();
        await untilWaiting(lock, 1);
        let passed = false;
        const waiting = lock.acquire().then((mine) => {
          passed = true;
          mine.release();
        });
        await dying.kill();
        await dying.join().catch(() => undefined);
        hold.release();
        await new Promise((resolve) => setImmediate(resolve));
        assert.ok(passed, inspect(lock));
        await waiting;
        assert.equal(lock.locked, false);
      });
    }
  }
}

/** A thread that only Node knows of takes a lock, waits for it as well, and ends holding it. */
function useInForeignThread(scope: string, name: string): Promise<void> {
  const front = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href);
  const code = `import(${front}).then(async ({ Lock, sharedStruct }) => {
    const lock = ${scope === 'thread' ? 'new Lock()' : `sharedStruct({ lock: Lock }).open(${JSON.stringify(name)}).lock`};
    lock.acquireSync();
    if ((await lock.acquire({ timeout: 1 })) !== false) process.exit(1);
  });`;
  return new Promise((resolve, reject) => {
    const thread = new ForeignThread(code, { eval: true });
    thread.once('error', reject);
    thread.once('exit', (exitCode) => (exitCode === 0 ? resolve() : reject(new Error(`It ended with ${exitCode}.`))));
  });
}

/** What this process has open and mapped, where the system tells. */
function leftovers(): { readonly open: number; readonly mapped: number } {
  if (process.platform !== 'linux') return { open: 0, mapped: 0 };
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return {
    open: readdirSync('/proc/self/fd').length,
    mapped: maps.filter((line) => /manyhands|\/dev\/shm/.test(line)).length,
  };
}
