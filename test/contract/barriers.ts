/**
 * What barriers promise, whatever their scope. A test that begins with an id is a row of the table of behaviours.
 *
 * barrier-20, scoped entry that gives the number of arrival, is not there: a barrier holds nothing that would have to be given
 * back at the end of a scope, and `wait` gives the number. Of barrier-18, there is no state of resetting: `reset` is done at once.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Barrier, Event, int32, Lock, type ScopeOptions, SharedArray, Value } from '../../src/index.ts';
import { range } from './inputs.ts';
import { workerOf } from './in-scope.ts';
import { rejectionCode } from './with-pool.ts';

const code = (expected: string) => (error: unknown) => (error as { readonly code?: unknown }).code === expected;

/** The contract of barriers. */
export function barriersContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`Barrier, scope ${scope}`, () => {
    test('barrier-01 barrier-19: parties below 1 are an error', () => {
      for (const parties of [0, -1, 1.5]) {
        assert.throws(() => new Barrier(parties, { scope }), code('ERR_INVALID_OPTION'));
      }
    });

    test('an action that is none, and options that are none, are refused', async () => {
      for (const action of [5, null, 'go', {}]) {
        const told = { code: 'ERR_INVALID_OPTION', message: /^action must be a function; it is / };
        assert.throws(() => new Barrier(1, { scope, action: action as never }), told);
      }
      const barrier = new Barrier(1, { scope });
      for (const wrong of [null, 5]) {
        assert.throws(() => barrier.waitSync(wrong as never), code('ERR_INVALID_OPTION'));
        assert.equal(await rejectionCode(barrier.wait(wrong as never)), 'ERR_INVALID_OPTION');
      }
      assert.equal(barrier.waiting, 0);
    });

    test('barrier-06 barrier-15 barrier-21: one party never blocks', async () => {
      const barrier = new Barrier(1, { scope });
      assert.equal(barrier.waitSync(), 0);
      assert.equal(await barrier.wait(), 0);
    });

    test('barrier-02 barrier-09 barrier-10 barrier-11 barrier-24: rounds among workers', async () => {
      const barrier = new Barrier(3, { scope, timeout: 60_000 });
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
      const barrier = new Barrier(2, { scope, timeout: 60_000, action: () => Promise.resolve() });
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

    test('an action that fails after a reset is no business of the round that began with it', async () => {
      const ended = Promise.withResolvers<void>();
      const barrier = new Barrier(1, { scope, action: () => ended.promise });
      const acting = barrier.wait();
      barrier.reset();
      ended.reject(new Error('too late'));
      await assert.rejects(acting, /too late/);
      assert.equal(barrier.broken, false);
    });

    test('who gives up while the action runs leaves it to the others', async () => {
      const aborter = new AbortController();
      const action = async (): Promise<void> => {
        aborter.abort(new Error('enough'));
        // Whoever waits looks whether it was a party that has ended; it has done so when the second one has.
        for (let i = 0; i < 2; i++) {
          const other = new Worker((shared: Barrier) => shared.waiting, [barrier]);
          other.start();
          await other.join();
        }
      };
      const barrier = new Barrier(3, { scope, action });
      const leaving = barrier.wait({ signal: aborter.signal });
      const staying = [barrier.wait(), barrier.wait()];
      await assert.rejects(leaving, /enough/);
      assert.deepEqual((await Promise.all(staying)).sort(), [0, 1]);
    });

    test('barrier-14 barrier-26: time that is up breaks it; a signal only takes the party out', async () => {
      const barrier = new Barrier(2, { scope, timeout: 5 });
      assert.throws(() => barrier.waitSync(), code('ERR_BROKEN_BARRIER'));
      barrier.reset();
      const aborter = new AbortController();
      const first = barrier.wait({ timeout: 60_000, signal: aborter.signal });
      aborter.abort(new Error('enough'));
      await assert.rejects(first, /enough/);
      assert.equal(barrier.waiting, 0);
      const both = [barrier.wait({ timeout: 60_000 }), barrier.wait({ timeout: 60_000 })];
      assert.deepEqual((await Promise.all(both)).sort(), [0, 1]);
    });

    test('time that is up while the round before is still being left breaks nothing', async () => {
      const barrier = new Barrier(2, { scope });
      const [arrived, free] = [new Event({ scope }), new Event({ scope })];
      const busy = async (shared: Barrier, waits: Event, goes: Event): Promise<number> => {
        const number = shared.wait();
        waits.set();
        goes.waitSync(); // nor does its promise leave
        return number;
      };
      const worker = new Worker(busy, [barrier, arrived, free]);
      worker.start();
      await arrived.wait();
      const numbers = [await barrier.wait()];
      assert.equal(await rejectionCode(barrier.wait({ timeout: 1 })), 'ERR_TIMEOUT');
      assert.throws(() => barrier.waitSync({ timeout: 1 }), code('ERR_TIMEOUT'));
      assert.equal(barrier.broken, false);
      free.set();
      numbers.push((await worker.join()) as number);
      assert.deepEqual(numbers.sort(), [0, 1]);
      assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
    });

    test('a thread that blocks for the next round lets its own promise leave this one', {
      timeout: 60_000,
    }, async () => {
      for (const when of ['while the action runs', 'once it is open']) {
        const [arrived, acting, opened] = [new Event({ scope }), new Event({ scope }), new Event({ scope })];
        const action = async (): Promise<void> => {
          acting.set();
          for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
        };
        const barrier = new Barrier(2, { scope, action });
        const both = async (shared: Barrier, waits: Event, follows: Event): Promise<number[]> => {
          const first = shared.wait();
          waits.set();
          follows.waitSync();
          const second = shared.waitSync();
          return [await first, second];
        };
        const next = when === 'once it is open' ? opened : acting;
        const worker = new Worker(both, [barrier, arrived, next]);
        worker.start();
        await arrived.wait();
        const numbers = [await barrier.wait()];
        opened.set();
        numbers.push(await barrier.wait());
        for (const [round, number] of (await worker.join()).entries())
          assert.equal(number, 1 - (numbers[round] as number));
      }
    });

    test('barrier-08: one that is made of two plain locks, which others release, passes three rounds', async () => {
      const [comeIn, goOut] = [new Lock({ scope }), new Lock({ scope })];
      const inside = new Value(int32, 0, { scope });
      const most = new Value(int32, 0, { scope });
      goOut.acquireSync();
      const party = (enter: Lock, leave: Lock, waiting: typeof inside, seen: typeof most, parties: number): number => {
        const timeout = 60_000;
        for (let round = 0; round < 3; round++) {
          if (enter.acquireSync({ timeout }) === false) return round;
          waiting.value += 1;
          seen.value = Math.max(seen.value, waiting.value);
          if (waiting.value === parties) leave.release();
          else enter.release();
          if (leave.acquireSync({ timeout }) === false) return round;
          waiting.value -= 1;
          if (waiting.value === 0) enter.release();
          else leave.release();
        }
        return 3;
      };
      const workers = range(3).map(() => new Worker(party, [comeIn, goOut, inside, most, 3]));
      for (const worker of workers) worker.start();
      assert.deepEqual(await Promise.all(workers.map((worker) => worker.join())), [3, 3, 3]);
      assert.deepEqual([inside.value, most.value], [0, 3]);
      assert.deepEqual([comeIn.locked, goOut.locked], [false, true]);
    });

    test('barrier-16: five workers pass a thousand rounds in step', { timeout: 230_000 }, async () => {
      const [parties, rounds] = [5, 1000];
      const barrier = new Barrier(parties, { scope, timeout: 60_000 });
      const said = new SharedArray(int32, parties * rounds, { scope });
      const next = new Value(int32, 0, { scope });
      const party = (shared: Barrier, messages: typeof said, place: typeof next, count: number): void => {
        for (let round = 0; round < count; round++) {
          messages[place.add(1)] = round;
          shared.waitSync();
        }
      };
      const workers = range(parties).map(() => new Worker(party, [barrier, said, next, rounds]));
      for (const worker of workers) worker.start();
      await Promise.all(workers.map((worker) => worker.join()));
      const inStep = range(parties * rounds).map((place) => Math.floor(place / parties));
      assert.deepEqual([...said], inStep);
    });

    test('barrier-17: it is no promise', async () => {
      const barrier = new Barrier(2, { scope });
      assert.equal('then' in barrier, false);
      assert.equal(await barrier, barrier);
      assert.equal(barrier.waiting, 0);
    });

    test('barrier-18 barrier-25: what is printed says whether it fills, drains or is broken', async () => {
      const barrier = new Barrier(3, { scope });
      assert.equal(inspect(barrier), 'Barrier { filling, waiters=0/3 }');
      const slow = await drainSlowly(Worker, barrier);
      assert.equal(inspect(barrier), 'Barrier { filling, waiters=1/3 }');
      const first = barrier.wait();
      const last = barrier.wait();
      assert.deepEqual((await Promise.all([first, last])).sort(), [0, 2]);
      assert.equal(inspect(barrier), 'Barrier { draining }', 'one has not left yet');
      assert.equal(barrier.waiting, 0);
      slow.letGo();
      assert.equal(await slow.end, 1);
      assert.equal(inspect(barrier), 'Barrier { filling, waiters=0/3 }');
      barrier.abort();
      assert.equal(inspect(barrier), 'Barrier { broken }');
      barrier.reset();
      assert.equal(inspect(barrier), 'Barrier { filling, waiters=0/3 }');
    });

    test('barrier-30: an abort breaks it for those who are leaving and for those who wait outside', async () => {
      const barrier = new Barrier(2, { scope });
      const slow = await drainSlowly(Worker, barrier);
      assert.equal(await barrier.wait(), 1);
      const outside = barrier.wait();
      assert.equal(inspect(barrier), 'Barrier { draining }');
      barrier.abort();
      assert.equal(await rejectionCode(outside), 'ERR_BROKEN_BARRIER');
      slow.letGo();
      assert.equal(await slow.end, 'ERR_BROKEN_BARRIER');
      barrier.reset();
      assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
    });
  });
}

/** A party in a worker that has arrived, and cannot leave before it is let go: its thread is blocked. */
async function drainSlowly(
  Worker: ReturnType<typeof workerOf>,
  barrier: Barrier,
): Promise<{ readonly end: Promise<number | string>; letGo(): void }> {
  const { scope } = barrier;
  const [arrived, go] = [new Event({ scope }), new Event({ scope })];
  const worker = new Worker(
    async (shared: Barrier, here: Event, leave: Event): Promise<number | string> => {
      const number = shared.wait();
      here.set();
      leave.waitSync({ timeout: 60_000 });
      return number.catch((error: unknown) => (error as { readonly code: string }).code);
    },
    [barrier, arrived, go],
  );
  worker.start();
  const end = worker.join();
  await arrived.wait();
  return { end, letGo: () => go.set() };
}
