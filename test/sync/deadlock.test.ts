/**
 * The deadlock watch: cycles over threads, processes and async functions are found, each once, and nothing else is.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Barrier, DeadlockError, Lock, Process, RLock, RwLock, Semaphore, sleep, Thread } from '../../src/index.ts';

const kinds = { thread: Thread, process: Process } as const;
const scopes = ['thread', 'process'] as const;

/** Holds one lock, waits for the other; what came of it, and after how many milliseconds. */
interface Outcome {
  readonly ms: number;
  readonly waits: readonly { readonly waiter: string; readonly object: string; readonly stack: string }[];
  readonly code: unknown;
}

function holdAndWait(held: Lock, wanted: Lock, ready: Barrier): Outcome {
  const hold = held.acquireSync();
  ready.waitSync();
  const from = performance.now();
  try {
    wanted.acquireSync().release();
    return { ms: performance.now() - from, waits: [], code: undefined };
  } catch (error) {
    const { waits, code } = error as DeadlockError;
    return { ms: performance.now() - from, waits, code };
  } finally {
    hold.release();
  }
}

async function holdAndAwait(held: Lock, wanted: Lock, ready: Barrier): Promise<Outcome> {
  return held.run(async () => {
    await ready.wait();
    const from = performance.now();
    try {
      await wanted.run(() => undefined);
      return { ms: performance.now() - from, waits: [], code: undefined };
    } catch (error) {
      const { waits, code } = error as DeadlockError;
      return { ms: performance.now() - from, waits, code };
    }
  });
}

/** Of some outcomes one is an error that names all waits with their stacks; the others went on after it. */
function assertOneReport(outcomes: readonly Outcome[], size: number, where: RegExp): void {
  const reports = outcomes.filter(({ code }) => code !== undefined);
  assert.equal(reports.length, 1, JSON.stringify(outcomes));
  const [{ code, waits, ms }] = reports as [Outcome];
  assert.equal(code, 'ERR_DEADLOCK');
  assert.equal(waits.length, size);
  for (const { waiter, object, stack } of waits) {
    assert.match(waiter, /thread|process/);
    assert.match(object, /^Lock #\d+$/);
    assert.match(stack, where);
  }
  assert.equal(new Set(waits.map(({ object }) => object)).size, size, 'each wait is for another lock');
  assert.ok(ms < 60_000, `found after ${ms} ms`); // how soon is measured in bench/locks
}

for (const scope of scopes) {
  const Kind = kinds[scope];

  describe(`deadlocks, scope ${scope}`, () => {
    for (const size of [2, 5]) {
      it(`finds ${size} locks in a ring of ${size}`, async () => {
        const locks = Array.from({ length: size }, () => new Lock({ scope }));
        const ready = new Barrier(size, { scope });
        const workers = locks.map((lock, i) => new Kind(holdAndWait, [lock, locks[(i + 1) % size] as Lock, ready]));
        for (const worker of workers) worker.start();
        const outcomes = await Promise.all(workers.map((worker) => worker.join()));
        assertOneReport(outcomes, size, /deadlock\.test/);
      });
    }

    it('finds a thread that blocks and an async function', async () => {
      const [one, other] = [new Lock({ scope }), new Lock({ scope })];
      const ready = new Barrier(2, { scope });
      const worker = new Kind(holdAndWait, [one, other, ready]);
      worker.start();
      const outcomes = await Promise.all([holdAndAwait(other, one, ready), worker.join()]);
      assertOneReport(outcomes, 2, /deadlock\.test/);
    });

    it('finds two async functions of one thread', async () => {
      const [one, other] = [new Lock({ scope }), new Lock({ scope })];
      const ready = new Barrier(2, { scope });
      const outcomes = await Promise.all([holdAndAwait(one, other, ready), holdAndAwait(other, one, ready)]);
      assertOneReport(outcomes, 2, /deadlock\.test/);
    });

    it('finds two async functions side by side within a run', async () => {
      const [one, other] = [new Lock({ scope }), new Lock({ scope })];
      const ready = new Barrier(2, { scope });
      const seats = new Semaphore(1, { scope });
      const outcomes = await seats.run(() =>
        Promise.all([holdAndAwait(one, other, ready), holdAndAwait(other, one, ready)]),
      );
      assertOneReport(outcomes, 2, /deadlock\.test/);
    });

    it('finds what an async function waits for whose caller holds a lock', async () => {
      const [one, other] = [new Lock({ scope }), new Lock({ scope })];
      const ready = new Barrier(2, { scope });
      const seats = new Semaphore(2, { scope });
      const worker = new Kind(holdAndWait, [one, other, ready]);
      worker.start();
      const outcomes: Outcome[] = [];
      const deep = other.run(() =>
        Promise.all([seats.run(() => holdAndAwait(new Lock({ scope }), one, ready)), seats.run(() => null)]),
      );
      const [[outcome]] = await Promise.all([deep, worker.join().then((blocked) => outcomes.push(blocked))]);
      outcomes.push(outcome);
      assertOneReport(outcomes, 2, /deadlock\.test/);
    });

    it('finds a reader and a writer of one thread who wait for each other with a lock', async () => {
      const table = new RwLock({ scope });
      const lock = new Lock({ scope });
      const ready = new Barrier(2, { scope });
      const outcomes = await Promise.allSettled([
        table.read(() => ready.wait().then(() => lock.run(() => 'went on'))),
        lock.run(() => ready.wait().then(() => table.write(() => 'went on'))),
      ]);
      const came = outcomes.map((each) =>
        each.status === 'fulfilled' ? each.value : (each.reason as DeadlockError).code,
      );
      assert.deepEqual(came.sort(), ['ERR_DEADLOCK', 'went on']);
    });

    it('reports none where functions within a run wait for each other for long', async () => {
      const seats = new Semaphore(1, { scope });
      const lock = new Lock({ scope });
      const table = new RwLock({ scope });
      const outer = new RLock({ scope });
      const long = (): Promise<number> => sleep(60).then(() => 1);
      const all = await outer.run(() =>
        seats.run(() =>
          Promise.all([lock.run(long), lock.run(long), table.read(long), table.write(long), table.read(long)]),
        ),
      );
      assert.deepEqual(all, [1, 1, 1, 1, 1]);
    });

    it('refuses at once when an async function would wait for itself', async () => {
      const lock = new Lock({ scope });
      await assert.rejects(
        lock.run(() => lock.run(() => undefined)),
        { code: 'ERR_DEADLOCK', message: /async function holds this Lock already/ },
      );
      assert.equal(lock.locked, false);
    });

    it('lets a blocked thread have what a promise of its own was granted', async () => {
      const semaphore = new Semaphore(0, { scope });
      const lock = new Lock({ scope });
      lock.acquireSync();
      const ready = new Barrier(2, { scope });
      const order: string[] = [];
      const waits = [
        semaphore.acquire().then(() => order.push('promise')),
        lock.acquire().then((hold) => hold.release()),
      ];
      const giver = new Kind(
        (from: Semaphore, mutex: Lock, barrier: Barrier) => {
          barrier.waitSync();
          mutex.release();
          from.release(2);
        },
        [semaphore, lock, ready],
      );
      giver.start();
      ready.waitSync();
      semaphore.acquireSync();
      order.push('blocked');
      lock.acquireSync().release();
      await Promise.all(waits);
      assert.deepEqual(order, ['blocked', 'promise']);
      await giver.join();
    });

    it('finds a reader and a writer who wait for each other with a lock', async () => {
      const table = new RwLock({ scope });
      const lock = new Lock({ scope });
      const ready = new Barrier(2, { scope });
      const wait = (take: () => { release(): void }, wanted: () => { release(): void }): string => {
        const hold = take();
        ready.waitSync();
        try {
          wanted().release();
          return 'went on';
        } catch (error) {
          return (error as DeadlockError).code;
        } finally {
          hold.release();
        }
      };
      const worker = new Kind(() =>
        wait(
          () => lock.acquireSync(),
          () => table.acquireWriteSync(),
        ),
      );
      const reader = new Kind(() =>
        wait(
          () => table.acquireReadSync(),
          () => lock.acquireSync(),
        ),
      );
      worker.start();
      reader.start();
      const outcomes = await Promise.all([worker.join(), reader.join()]);
      assert.deepEqual(outcomes.sort(), ['ERR_DEADLOCK', 'went on']);
    });

    it('reports none where waits have timeouts or signals, or end by themselves', async () => {
      const [one, other] = [new Lock({ scope }), new Lock({ scope })];
      const ready = new Barrier(2, { scope });
      const careful = (held: Lock, wanted: Lock, barrier: Barrier): boolean => {
        const hold = held.acquireSync();
        barrier.waitSync();
        const got = wanted.acquireSync({ timeout: 150 });
        if (got !== false) got.release();
        hold.release();
        return got !== false;
      };
      const workers = [new Kind(careful, [one, other, ready]), new Kind(careful, [other, one, ready])];
      for (const worker of workers) worker.start();
      const outcomes = await Promise.all(workers.map((worker) => worker.join()));
      assert.ok(outcomes.includes(false), 'at least one ran into its timeout');
      const ended = one.run(() => other.acquire({ signal: AbortSignal.timeout(80) }));
      const hold = await other.acquire();
      const late = other.run(() => 'late');
      await assert.rejects(ended, { name: 'TimeoutError' });
      hold.release();
      assert.equal(await late, 'late');
    });

    it('reports none in a run of long waits in one order', async () => {
      const locks = [new RLock({ scope }), new RLock({ scope }), new RLock({ scope })];
      const work = async (all: readonly RLock[], blocking: boolean): Promise<number> => {
        let done = 0;
        for (let round = 0; round < 6; round++) {
          for (let from = 0; from < all.length; from++) {
            const [outer, inner] = [all[from] as RLock, all.at(-1) as RLock];
            if (blocking) {
              const hold = outer.acquireSync();
              inner.runSync(() => sleepSyncFor(12));
              hold.release();
            } else await outer.run(() => inner.run(() => sleep(12)));
            done += 1;
          }
        }
        return done;
      };
      const sleepSyncFor = (ms: number): void => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      };
      const workers = [new Kind(work, [locks, true]), new Kind(work, [locks, true])];
      for (const worker of workers) worker.start();
      const results = await Promise.all([
        work(locks, false),
        work(locks, false),
        ...workers.map((each) => each.join()),
      ]);
      assert.deepEqual(results, [18, 18, 18, 18]);
    });
  });
}
