/**
 * What semaphores, events and latches promise, whatever their scope. A test that begins with an id is a row of
 * the table of behaviours.
 *
 * connectionwait-01 to -05 are about connections, and there are none yet.
 * Of event-06 the proxy of a managed event is not tested: there are no managers.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Barrier, BoundedSemaphore, Event, Latch, type ScopeOptions, Semaphore } from '../../src/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { untilWaiting, workerOf } from './in-scope.ts';

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

    test('what is no number is refused when it is made, and whoever forgot one is told what to write', () => {
      for (const Class of [Semaphore, BoundedSemaphore, Latch, Barrier]) {
        for (const wrong of [null, '1', 1n, Symbol('one'), [1]])
          assert.throws(() => new Class(wrong as never, { scope }), code('ERR_INVALID_OPTION'));
        const message = new RegExp(`; it is \\{ scope: '${scope}' \\}\\. Write new ${Class.name}\\(\\d, \\{ scope: `);
        assert.throws(() => new Class({ scope } as never), { code: 'ERR_INVALID_OPTION', message });
        assert.throws(() => new Class({ words: [1] } as never), code('ERR_INVALID_OPTION'));
        assert.throws(() => new Class(1, null as never), code('ERR_INVALID_OPTION'));
      }
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

    test('a signal that is none is refused before anybody waits', async () => {
      const semaphore = new Semaphore(0, { scope });
      for (const signal of [null, {}, 'stop', new AbortController()])
        await assert.rejects(async () => semaphore.acquire({ signal: signal as never }), code('ERR_INVALID_OPTION'));
      semaphore.release();
      assert.ok(semaphore.tryAcquire());
    });

    test('those who gave up are forgotten, also behind one who waits on', async () => {
      const semaphore = new Semaphore(0, { scope });
      const first = semaphore.acquire();
      const count = 2000;
      const signals: WeakRef<AbortSignal>[] = [];
      for (let i = 0; i < count; i++) {
        const aborter = new AbortController();
        const waiting = semaphore.acquire({ signal: aborter.signal });
        signals.push(new WeakRef(aborter.signal));
        aborter.abort();
        await assert.rejects(waiting);
      }
      let held = count;
      for (let i = 0; i < 10 && held > count / 2; i++) {
        await collectGarbage();
        held = signals.filter((signal) => signal.deref() !== undefined).length;
      }
      assert.ok(held <= count / 2, `${held} of ${count} are held`);
      semaphore.release();
      await first;
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

    test('semaphore-04 semaphore-06: none is lost or found where some find it free and others wait', async () => {
      const semaphore = new Semaphore(2, { scope });
      const work = async (permits: Semaphore, first: number): Promise<number> => {
        let had = 0;
        for (let i = first; i < first + 2000; i++) {
          const way = i % 7;
          const permit =
            way === 0
              ? await permits.acquire()
              : way === 1
                ? permits.tryAcquire()
                : way === 2
                  ? permits.acquireSync({ timeout: 1 })
                  : permits.acquireSync();
          if (permit === false) continue;
          had += 1;
          permit.release();
        }
        return had;
      };
      const workers = [1, 2, 3].map((number) => new Worker(work, [semaphore, number]));
      for (const worker of workers) worker.start();
      for (const had of await Promise.all(workers.map((worker) => worker.join()))) assert.ok(had > 1000);
      assert.equal(semaphore.value, 2);
      assert.equal(inspect(semaphore), 'Semaphore { value: 2 }');
    });

    test('semaphore-03: one that is dropped while it is held and waited for is harmless', async () => {
      const dropped = (() => {
        const semaphore = new Semaphore(1, { scope });
        semaphore.acquireSync();
        return new WeakRef(semaphore);
      })();
      await collectGarbage();
      assert.equal(dropped.deref(), undefined, 'nobody but its holder knows it');
      const waited = (() => {
        const semaphore = new Semaphore(1, { scope });
        semaphore.acquireSync();
        return semaphore.acquire({ timeout: 20 });
      })();
      await collectGarbage();
      assert.equal(await waited, false, 'its time is up all the same');
    });

    test('semaphore-13: what is printed says its value, and how many wait', async () => {
      const semaphore = new Semaphore(2, { scope });
      assert.equal(inspect(semaphore), 'Semaphore { value: 2 }');
      semaphore.acquireSync();
      semaphore.acquireSync();
      const waits = [semaphore.acquire(), semaphore.acquire()];
      const other = new Worker((permits: Semaphore) => permits.acquireSync({ timeout: 60_000 }) !== false, [semaphore]);
      other.start();
      await untilWaiting(semaphore, 3);
      assert.equal(inspect(semaphore), 'Semaphore { value: 0, 3 waiting }');
      semaphore.release(3);
      await Promise.all(waits);
      assert.equal(await other.join(), true);
      assert.equal(inspect(semaphore), 'Semaphore { value: 0 }');
      assert.equal(inspect(new BoundedSemaphore(3, { scope })), 'BoundedSemaphore { value: 3 of 3 }');
    });

    test('semaphore-17: a release while nobody waits raises the value', async () => {
      const semaphore = new Semaphore(0, { scope });
      semaphore.release();
      assert.equal(semaphore.value, 1);
      const other = new Worker((permits: Semaphore) => permits.release(2), [semaphore]);
      other.start();
      await other.join();
      assert.equal(semaphore.value, 3);
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
      const waiting = seats.acquire({ timeout: 60_000 });
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
      assert.ok(semaphore.acquireSync({ timeout: 60_000 }));
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

    test('event-06: a worker prints what this thread does', async () => {
      const event = new Event({ scope });
      const waiting = event.wait();
      const print = async (shared: Event): Promise<string> => {
        const { inspect: show } = process.getBuiltinModule('node:util');
        await null;
        return show(shared);
      };
      const unset = new Worker(print, [event]);
      unset.start();
      assert.equal(await unset.join(), 'Event { unset, 1 waiting }');
      event.set();
      const set = new Worker(print, [event]);
      set.start();
      assert.equal(await set.join(), 'Event { set }');
      assert.equal(await waiting, true);
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
}
