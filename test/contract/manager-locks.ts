/**
 * What locks, queues and pools of managers promise, and what holds for all calls. A test that begins with an id is a row of the table of
 * behaviours.
 * @module
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Manager, Process, Thread } from '../../src/index.ts';
import { square, stockWith } from '../managers/fixtures/stock.ts';
import { rejection, rejectionCode } from './with-pool.ts';

/** For waits that are to end by themselves. */
const PATIENCE = { timeout: 60_000 } as const;
const TIMEOUT = { timeout: 120_000 } as const;

/** The contract of what is waited for in managers. */
export function managerLocksContract(kind: 'thread' | 'process'): void {
  const Worker = kind === 'thread' ? Thread : Process;
  /** For all tests that need none of their own. */
  const manager = new Manager({ kind, register: { square } });

  /** Runs a function elsewhere, to its end. */
  async function elsewhere<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    const worker = new Worker(fn as never, args as never);
    worker.start();
    return (await worker.join()) as Awaited<R>;
  }

  describe(`waiting in a manager: ${kind}`, TIMEOUT, () => {
    before(() => manager.start());
    after(() => manager.shutdown());

    test('managerproxies-12: a lock that was acquired elsewhere can be released here; once too often is an error', async () => {
      const lock = await manager.lock();
      await elsewhere(async (each: typeof lock) => each.acquire(), lock);
      assert.equal(await lock.locked, true);
      assert.equal(await rejectionCode(lock.acquire()), 'ERR_OWNER_DIED'); // who had it is gone
      await lock.release();
      assert.equal(await lock.acquire(), true);
      assert.equal(await lock.acquire({ timeout: 1 }), false);
      assert.equal(await lock.tryAcquire(), false);
      await lock.release();
      assert.equal(await rejectionCode(lock.release()), 'ERR_NOT_HELD');
    });

    test('one release too many, while the lock is handed on, gives it to nobody besides', async () => {
      const [lock, waits, ends] = [await manager.lock(), await manager.event(), await manager.event()];
      await lock.acquire();
      const worker = new Worker(
        async (each: typeof lock, tells: typeof waits, hears: typeof ends) => {
          const turn = each.acquire();
          await tells.set();
          await turn;
          await hears.wait();
        },
        [lock, waits, ends],
      );
      worker.start();
      await waits.wait();
      const here = lock.acquire().catch((error: { code: string }) => error.code);
      const [, again] = await Promise.allSettled([lock.release(), lock.release()]);
      await ends.set();
      await worker.join();
      if (again?.status === 'fulfilled') {
        assert.equal(await here, true); // the worker had it by then, and has lost it by that
        assert.equal(await lock.tryAcquire(), false);
      } else {
        assert.equal((again as PromiseRejectedResult).reason.code, 'ERR_NOT_HELD');
        assert.equal(await here, 'ERR_OWNER_DIED');
      }
      await lock.release();
    });

    test('managerproxies-13: a re-entrant lock works elsewhere', async () => {
      const lock = await manager.rlock();
      await elsewhere(async (each: typeof lock) => {
        await each.acquire();
        await each.acquire();
        await each.release();
        await each.release();
      }, lock);
      assert.equal(await lock.acquire(), true);
      assert.equal(await lock.tryAcquire(), true);
      const code = await elsewhere(async (each: typeof lock) => {
        const tried = [await each.tryAcquire(), await each.acquire({ timeout: 1 })];
        return [...tried, await each.release().catch((error: { code: string }) => error.code)];
      }, lock);
      assert.deepEqual(code, [false, false, 'ERR_NOT_HELD']);
      await lock.release();
      assert.equal(await lock.locked, true);
      await lock.release();
      assert.equal(await lock.locked, false);
      assert.equal(await rejectionCode(lock.release()), 'ERR_NOT_HELD');
    });

    test('a re-entrant lock for which one thread waits several times is had by all of it at once, each by a level', async () => {
      const lock = await manager.rlock();
      const [free, told] = [await manager.event(), await manager.queue<string>()];
      const worker = elsewhere(
        async (each: typeof lock, go: typeof free, tell: typeof told) => {
          await each.acquire();
          await tell.put('has it');
          await go.wait();
          await each.release();
        },
        lock,
        free,
        told,
      );
      assert.equal(await told.get(PATIENCE), 'has it');
      const giveUp = new AbortController();
      const lost = rejection(lock.acquire({ signal: giveUp.signal }));
      const both = Promise.all([
        lock.acquire(PATIENCE),
        lock.acquire({ signal: AbortSignal.timeout(60_000) }),
        lock.acquire(),
      ]);
      giveUp.abort();
      await lost;
      assert.equal(await lock.acquire({ timeout: 1 }), false);
      await free.set();
      assert.deepEqual(await both, [true, true, true]);
      for (let i = 0; i < 3; i++) {
        assert.equal(await lock.locked, true);
        await lock.release();
      }
      assert.equal(await lock.locked, false);
      await worker;
    });

    test('managerproxies-14: a permit that was acquired elsewhere can be released here', async () => {
      const semaphore = await manager.semaphore();
      await elsewhere(async (each: typeof semaphore) => each.acquire(), semaphore);
      assert.equal(await semaphore.value, 0);
      assert.equal(await semaphore.acquire({ timeout: 1 }), false);
      await semaphore.release();
      await semaphore.release(2);
      assert.equal(await semaphore.value, 3);
    });

    test('managerproxies-15: and of a bounded one, while whoever acquired it is there; not too many', async () => {
      const semaphore = await manager.boundedSemaphore(2);
      const [acquired, go] = [await manager.event(), await manager.event()];
      const worker = elsewhere(
        async (each: typeof semaphore, told: typeof acquired, wait: typeof go) => {
          await each.acquire();
          await told.set();
          await wait.wait();
        },
        semaphore,
        acquired,
        go,
      );
      assert.equal(await acquired.wait(PATIENCE), true);
      assert.equal(await semaphore.value, 1);
      await semaphore.release();
      assert.equal(await semaphore.value, 2);
      assert.equal(await rejectionCode(semaphore.release()), 'ERR_NOT_HELD');
      await go.set();
      await worker;
      assert.equal(await semaphore.value, 2);
      await elsewhere(async (each: typeof semaphore) => each.acquire(), semaphore);
      while ((await semaphore.value) < 2); // it comes back when whoever had it is gone
    });

    test('managerproxies-16: a condition can be acquired, waited for and notified elsewhere', async () => {
      const condition = await manager.condition();
      const state = await manager.value('start');
      const worker = elsewhere(
        async (each: typeof condition, shared: typeof state) => {
          await each.acquire();
          await shared.set('waiting');
          while ((await shared.get()) === 'waiting') await each.wait();
          await each.release();
          return shared.get();
        },
        condition,
        state,
      );
      for (;;) {
        await condition.acquire();
        if ((await state.get()) === 'waiting') break; // and it waits, for we have the lock
        await condition.release();
      }
      assert.equal(await condition.waiting, 1);
      await state.set('told');
      await condition.notify();
      await condition.release();
      assert.equal(await worker, 'told');
      assert.equal(await rejectionCode(condition.notifyAll()), 'ERR_NOT_HELD');
      await condition.acquire();
      assert.equal(await condition.wait({ timeout: 1 }), false);
      await condition.release();
    });

    test('managerproxies-17: a barrier tells its parties and can be reset elsewhere', async () => {
      const barrier = await manager.barrier(2);
      assert.equal(await elsewhere(async (each: typeof barrier) => each.parties, barrier), 2);
      const waiting = barrier.wait();
      while ((await barrier.waiting) === 0);
      await Promise.all([
        assert.rejects(waiting, { code: 'ERR_BROKEN_BARRIER' }),
        elsewhere(async (each: typeof barrier) => each.reset(), barrier),
      ]);
      assert.equal(await barrier.broken, false);
      const both = await Promise.all([barrier.wait(), elsewhere(async (each: typeof barrier) => each.wait(), barrier)]);
      assert.deepEqual(both.toSorted(), [0, 1]);
      assert.equal(await rejectionCode(barrier.wait({ timeout: 1 })), 'ERR_TIMEOUT');
      assert.equal(await barrier.broken, true);
    });

    test('managerproxies-18: a pool can be used elsewhere', async () => {
      const pool = await manager.pool({ kind: 'thread', workers: 1 });
      assert.equal(await pool.submit(square, 7), 49);
      assert.deepEqual(await elsewhere(async (each: typeof pool) => each.map(square, [1, 2, 3]), pool), [1, 4, 9]);
      await pool.close();
      const inline = await manager.pool({ kind: 'inline' });
      assert.equal((await inline.submit(stockWith, 2)).count, 2);
    });

    test('managerproxies-19: a queue can be worked off and joined', async () => {
      const queue = await manager.queue<number>({ maxSize: 2 });
      await queue.put(0);
      assert.equal(await queue.join({ timeout: 1 }), false, 'as of any queue');
      const worker = elsewhere(async (each: typeof queue) => {
        let sum = 0;
        for await (const item of each) {
          sum += item;
          await each.taskDone();
        }
        return sum;
      }, queue);
      for (let i = 1; i <= 20; i++) await queue.put(i);
      assert.equal(await queue.join(PATIENCE), true);
      assert.equal(await queue.unfinished, 0);
      assert.equal(await rejectionCode(queue.taskDone()), 'ERR_INVALID_STATE');
      await queue.shutdown();
      assert.equal(await worker, 210);
      assert.equal(await rejectionCode(queue.get()), 'ERR_QUEUE_SHUT_DOWN');
      assert.equal(await rejectionCode(queue.put(1)), 'ERR_QUEUE_SHUT_DOWN');
    });

    test('a thousand calls at once, of which some wait', async () => {
      const dict = await manager.dict<string, number>();
      const queue = await manager.queue<number>();
      const waiting = Array.from({ length: 100 }, async () => queue.get(PATIENCE));
      const sums = await Promise.all(Array.from({ length: 1000 }, () => dict.increment('n')));
      assert.deepEqual(
        sums,
        Array.from({ length: 1000 }, (_, i) => i + 1),
      ); // in order
      await Promise.all(Array.from({ length: 100 }, (_, i) => queue.put(i)));
      assert.deepEqual(
        await Promise.all(waiting),
        Array.from({ length: 100 }, (_, i) => i),
      );
    });

    test('a signal ends the wait in the manager, and a timeout does; nothing is lost', async () => {
      const queue = await manager.queue<string>();
      const giveUp = new AbortController();
      const waiting = queue.get({ signal: giveUp.signal });
      const reason = new Error('enough');
      giveUp.abort(reason);
      assert.equal(await rejection(waiting), reason);
      assert.equal(await rejectionCode(queue.get({ timeout: 5 })), 'ERR_QUEUE_EMPTY');
      await queue.put('kept');
      assert.equal(await queue.size, 1);
      assert.equal(await queue.get({ signal: AbortSignal.timeout(60_000) }), 'kept');
      const aborted = await rejection(queue.get({ signal: AbortSignal.abort() }));
      assert.equal((aborted as Error).name, 'AbortError');
      const lock = await manager.lock();
      await lock.acquire();
      const late = await rejection(lock.acquire({ signal: AbortSignal.timeout(5) }));
      assert.equal((late as Error).name, 'TimeoutError');
    });

    test('a signal that was aborted before the call takes nothing, whatever there is; long reasons harm nobody', async () => {
      const queue = await manager.queue<string>();
      await queue.put('kept');
      const reason = Object.assign(new Error('x'.repeat(70 * 2 ** 20)), { name: Symbol('odd') }) as unknown as Error;
      const signal = AbortSignal.abort(reason);
      const [lock, semaphore, event] = [await manager.lock(), await manager.semaphore(1), await manager.event()];
      const [barrier, rlock] = [await manager.barrier(1), await manager.rlock()];
      await event.set();
      const calls = [queue.get, queue.join, lock.acquire, semaphore.acquire, event.wait, barrier.wait, rlock.acquire];
      const owners = [queue, queue, lock, semaphore, event, barrier, rlock];
      for (const [index, call] of calls.entries())
        assert.equal(
          await rejection((call as (options: object) => Promise<unknown>).call(owners[index], { signal })),
          reason,
        );
      assert.equal(await rejection(queue.put('not put', { signal })), reason);
      assert.deepEqual([await queue.get(), await queue.size, await semaphore.value], ['kept', 0, 1]);
      assert.deepEqual([await lock.locked, await barrier.broken], [false, false]);
      const giveUp = new AbortController();
      const waiting = rejection(queue.get({ signal: giveUp.signal }));
      giveUp.abort(reason);
      assert.equal(await waiting, reason);
      assert.equal(await queue.size, 0); // the connection is none the worse for it
    });

    test('a full queue gives the item back as it is, whatever it is', async () => {
      const { Full } = await import('../../src/index.ts');
      const queue = await manager.queue({ maxSize: 1 });
      await queue.put(1);
      let shared: unknown = 1;
      for (let i = 0; i < 9; i++) shared = new Array(40).fill(shared);
      for (const item of [new Map([['a', 1]]), new Date(0), queue, { plain: 1 }, shared, undefined]) {
        const full = await rejection(queue.put(item, { timeout: 0 }));
        assert.ok(full instanceof Full);
        assert.equal(full.value, item);
      }
    });

    test('errors of the library arrive as what they are', async () => {
      const { Empty, Full, ManagerError, NotHeldError, OwnerDiedError } = await import('../../src/index.ts');
      const queue = await manager.queue<{ id: number }>({ maxSize: 1 });
      const empty = await rejection(queue.get({ timeout: 0 }));
      assert.ok(empty instanceof Empty);
      assert.equal(empty.constructor, Empty);
      assert.equal(empty.name, 'Empty');
      assert.ok(!Object.keys(empty).includes('name'));
      await queue.put({ id: 1 });
      const full = await rejection(queue.put({ id: 2 }, { timeout: 1 }));
      assert.ok(full instanceof Full);
      assert.deepEqual(full.value, { id: 2 });
      const lock = await manager.lock();
      assert.ok((await rejection(lock.release())) instanceof NotHeldError);
      await elsewhere(async (each: typeof lock) => each.acquire(), lock);
      const died = await rejection(lock.acquire({ timeout: 60_000 }));
      assert.ok(died instanceof OwnerDiedError);
      assert.equal(await lock.acquire({ recover: true }), true);
      assert.ok((await rejection(manager.find('nothing'))) instanceof ManagerError);
    });
  });
}
