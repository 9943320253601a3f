/**
 * Holders of locks are killed at random moments: nobody hangs, and what was held comes back.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { untilWaiting } from '../contract/in-scope.ts';
import { BoundedSemaphore, Event, Lock, Process, RLock, RwLock, Semaphore, Thread } from '../../src/index.ts';

const KILLS = 20;
const PATIENCE = 60_000;

/** Acquires and releases everything for ever; returns the name of what could not be had in time. */
async function hammer(
  lock: Lock,
  table: RwLock,
  seats: BoundedSemaphore,
  inner: RLock,
  began: Event,
  timeout: number,
): Promise<string> {
  const patient = { recover: true, timeout };
  for (let n = 0; ; n++) {
    const first = n % 3 === 0 ? await lock.acquire(patient) : lock.acquireSync(patient);
    if (first === false) return 'lock';
    first.release();
    const second = n % 2 === 0 ? await table.acquireWrite(patient) : table.acquireReadSync(patient);
    if (second === false) return 'table';
    second.release();
    const third = n % 2 === 0 ? await seats.acquire(patient) : seats.acquireSync(patient);
    if (third === false) return 'seats';
    const fourth = inner.acquireSync(patient);
    if (fourth === false) return 'inner';
    inner.acquireSync();
    inner.release();
    fourth.release();
    third.release();
    began.set();
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const endNow = (worker: Thread | Process): Promise<void> =>
  worker instanceof Process ? worker.kill() : worker.terminate();

for (const scope of ['thread', 'process'] as const) {
  describe(`holders that are killed, scope ${scope}`, () => {
    test(`${KILLS} at random moments`, async () => {
      const lock = new Lock({ scope });
      const table = new RwLock({ scope });
      const seats = new BoundedSemaphore(2, { scope });
      const inner = new RLock({ scope });
      const start = (): {
        readonly worker: Thread | Process;
        readonly began: Event;
        readonly end: Promise<unknown>;
      } => {
        const Worker = scope === 'thread' ? Thread : Process;
        const began = new Event({ scope });
        const worker = new Worker(hammer, [lock, table, seats, inner, began, PATIENCE]);
        worker.start();
        return { worker, began, end: worker.join().catch(() => undefined) };
      };
      const live = [start(), start(), start()];
      try {
        for (let kill = 0; kill < KILLS; kill++) {
          const index = kill % live.length;
          const { worker, began, end } = live[index] as (typeof live)[number];
          assert.equal(await began.wait({ timeout: PATIENCE }), true, 'a worker gets everything once');
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 5)); // the moment is what is random
          await endNow(worker);
          assert.equal(await end, undefined, 'what could not be had in time');
          live[index] = start();
        }
      } finally {
        await Promise.all(live.map(({ worker }) => endNow(worker)));
      }
      for (const { end } of live) assert.equal(await end, undefined, 'what could not be had in time');
      const patient = { recover: true, timeout: PATIENCE };
      for (const taken of [
        await lock.acquire(patient),
        await table.acquireWrite(patient),
        await seats.acquire(patient),
        await seats.acquire(patient),
        await inner.acquire(patient),
      ]) {
        assert.notEqual(taken, false, inspect([lock, table, seats, inner]));
      }
      assert.equal(seats.value, 0);
    });

    test('a release wakes somebody who lives, when the first in line has died meanwhile', async () => {
      for (const lock of [new Lock({ scope }), new RLock({ scope })]) {
        const hold = await lock.acquire();
        const first = new (scope === 'thread' ? Thread : Process)(
          async (wanted: typeof lock) => {
            await wanted.acquire();
          },
          [lock],
        );
        first.start();
        const end = first.join().catch(() => undefined);
        await untilWaiting(lock, 1);
        const second = lock.acquire({ timeout: PATIENCE });
        await endNow(first);
        await end;
        await new Promise((resolve) => setTimeout(resolve, 0)); // the news of the death has been heard
        hold.release();
        const got = await second;
        assert.ok(got, inspect(lock));
        got.release();
        assert.equal(inspect(lock), `${lock.constructor.name} { unlocked }`, 'nobody stands in line any more');
      }
    });
  });
}

test('a thread that is ended while it loads what process scope needs takes nobody with it', async () => {
  const lock = new Lock({ scope: 'process' });
  for (let n = 0; n < 40; n++) {
    const thread = new Thread(
      (wanted: Lock) => {
        for (;;) wanted.runSync(() => {}, { recover: true });
      },
      [lock],
    );
    thread.start();
    const end = thread.join().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60)); // the moment is what is random
    await thread.terminate();
    await end;
  }
  lock.acquireSync({ recover: true }).release();
});

test('what ends together with the thread that started it gives back what it has, and what it was granted', async () => {
  const held = new BoundedSemaphore(1);
  const table = new RwLock();
  const turns = new Semaphore(0);
  const outer = new Thread(
    async (inner: () => Promise<void>) => {
      const nested = new Thread(inner);
      nested.start();
      await nested.join();
    },
    [
      async () => {
        held.acquireSync();
        table.acquireReadSync();
        await turns.acquire();
        await new Promise((resolve) => setTimeout(resolve, PATIENCE)); // it ends before
      },
    ],
  );
  outer.start();
  const end = outer.join().catch(() => undefined);
  await untilWaiting(turns, 1);
  turns.release(); // granted; whether it is taken before the end does not matter
  const next = turns.acquire({ timeout: PATIENCE });
  await outer.terminate();
  await end;
  assert.ok(await held.acquire({ timeout: PATIENCE }), inspect(held));
  assert.ok(await table.acquireWrite({ timeout: PATIENCE }), inspect(table));
  turns.release();
  assert.ok(await next, inspect(turns));
});

test('a thread that blocks hears of the death of one that it has started itself', async () => {
  const held = new BoundedSemaphore(1);
  const outer = new Thread(async () => {
    const exhausted = (): void => {
      held.acquireSync();
      for (const kept: number[][] = []; ; ) kept.push(new Array<number>(100_000).fill(0.5)); // nothing runs at such an end
    };
    const nested = new Thread(exhausted, [], { resourceLimits: { maxOldGenerationSizeMb: 16 } });
    nested.start();
    const end = nested.join().catch(() => undefined);
    while (held.value === 1) await new Promise((resolve) => setImmediate(resolve));
    const taken = held.acquireSync({ timeout: PATIENCE }) !== false;
    await end;
    return taken;
  });
  outer.start();
  assert.equal(await outer.join(), true);
});
