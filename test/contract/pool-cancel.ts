/**
 * Contract of every pool: time limits, signals and cancellation.
 * @module
 */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { CancelledError, Future, type PoolKind, sleep, TimeoutError, taskSignal } from '../../src/index.ts';
import { range } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, block, double, meet, meetForever, meetThenBlock } from './tasks.ts';
import { rejection, withPool } from './with-pool.ts';

/** Says that it runs, waits for its signal, and says what the signal said. */
async function meetUntilAborted(path: string, name: string): Promise<string> {
  const signal = taskSignal();
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  await new Promise<void>((resolve) => socket.once('connect', () => socket.write(`${name}\n`, () => resolve())));
  await aborted;
  const reason = signal.reason as Error;
  await new Promise<void>((resolve) => {
    const second = connect(path, () => second.write(`aborted by ${reason.name}: ${reason.message}\n`, () => resolve()));
  });
  return 'too late';
}

/** What every pool does with tasks that are given up. */
export function poolCancelContract(kind: PoolKind): void {
  describe('giving up', () => {
    it('a task that takes longer than its timeout rejects with a TimeoutError', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 0 }, async (pool) => {
          const error = await rejection(pool.with({ timeout: 30 }).submit(meetForever, meeting.path, 'slow'));
          assert.ok(error instanceof TimeoutError);
          assert.equal(error.code, 'ERR_TIMEOUT');
          assert.match(error.message, /30 ms/);
          assert.equal(await pool.submit(add, 1, 2), 3);
        }),
      ));

    it('a task within its timeout is not touched, and no timer is left', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const patient = pool.with({ timeout: 60_000 });
        assert.equal(await patient.submit(add, 1, 2), 3);
        assert.deepEqual(await patient.map(double, range(50)), range(50).map(double));
        const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
        const fresh = pool.with({ timeout: 60_000 });
        await Promise.all(range(20).map((n) => fresh.submit(double, n)));
        assert.deepEqual(
          process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
          timers,
        );
      }));

    it('a timeout counts from when the task starts: waiting in the queue does not count', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const first = pool.submit(meet, meeting.path, 'first');
          await meeting.untilArrived(1);
          const limit = 5_000; // more than a machine holds a task up between its start and its answer
          const queued = range(3).map((n) => pool.with({ timeout: limit }).submit(add, n, 1));
          await new Promise((resolve) => setTimeout(resolve, limit + 100)); // the time that must not count
          assert.ok(queued.every((future) => future.state === 'pending'));
          meeting.open();
          assert.deepEqual(await Promise.all(queued), [1, 2, 3]);
          assert.equal(await first, 'first');
        }),
      ));

    it('a timed-out task does not take others with it', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 4, grace: 0 }, async (pool) => {
          const { path } = meeting;
          const others = ['a', 'b'].map((name) => pool.submit(meet, path, name));
          await meeting.untilArrived(2);
          const error = await rejection(pool.with({ timeout: 20 }).submit(meetForever, path, 'slow'));
          assert.ok(error instanceof TimeoutError);
          const later = pool.submit(add, 1, 2);
          meeting.open();
          assert.deepEqual(await Promise.all(others), ['a', 'b'], 'tasks on the same worker');
          assert.equal(await later, 3);
        }),
      ));

    it('cancel() of a task that waits: it never starts', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const { path } = meeting;
          const first = pool.submit(meet, path, 'first');
          await meeting.untilArrived(1);
          const waiting = pool.submit(meet, path, 'never');
          const packed = pool.submit((map: Map<string, number>) => map.size, new Map([['a', 1]]));
          const after = pool.submit(meet, path, 'after');
          assert.equal(waiting.cancel(), true);
          assert.equal(packed.cancel(), true);
          const error = await rejection(waiting);
          assert.ok(error instanceof CancelledError);
          assert.equal(error.code, 'ERR_CANCELLED');
          assert.ok((await rejection(packed)) instanceof CancelledError);
          assert.equal(waiting.state, 'cancelled');
          assert.equal(waiting.cancel(), false, 'a second time there is nothing left to give up');
          meeting.open();
          assert.deepEqual([await first, await after], ['first', 'after']);
          assert.deepEqual(meeting.arrived, ['first', 'after']);
        }),
      ));

    it('cancel(reason) rejects with that reason; a finished future cannot be cancelled', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 0 }, async (pool) => {
          const reason = new Error('changed my mind');
          const running = pool.submit(meetForever, meeting.path, 'a');
          await meeting.untilArrived(1);
          assert.equal(running.cancel(reason), true);
          assert.equal(await rejection(running), reason);
          const done = pool.submit(add, 1, 2);
          assert.ok(done instanceof Future);
          assert.equal(await done, 3);
          assert.equal(done.cancel(), false);
          assert.equal(done.state, 'finished');
          const failed = pool.submit(() => {
            throw new Error('x');
          });
          await rejection(failed);
          assert.equal(failed.cancel(), false);
          assert.equal(failed.state, 'finished');
        }),
      ));

    it('cancelling one of many leaves the others alone', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const futures = range(600).map((n) => pool.submit(add, n, 0));
        const wanted = futures.filter((_, n) => n % 3 !== 0);
        const given = futures.filter((_, n) => n % 3 === 0);
        for (const future of given) future.cancel();
        const outcomes = await Promise.allSettled(given);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof CancelledError);
        }
        assert.deepEqual(
          await Promise.all(wanted),
          range(600).filter((n) => n % 3 !== 0),
        );
        assert.deepEqual(await pool.map(double, [1, 2, 3]), [2, 4, 6]);
      }));

    it('a running task sees its signal, with the reason', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 60_000 }, async (pool) => {
          const { path } = meeting;
          const stop = new AbortController();
          const running = pool.with({ signal: stop.signal }).submit(meetUntilAborted, path, 'here');
          await meeting.untilArrived(1);
          const reason = new RangeError('no longer wanted');
          stop.abort(reason);
          assert.equal(await rejection(running), reason);
          const seen = await meeting.untilArrived(2);
          assert.equal(seen[1], 'aborted by RangeError: no longer wanted');
          assert.equal(await pool.submit(add, 1, 2), 3, 'the worker is not replaced: the task ended in time');
        }),
      ));

    for (const [how, options] of [
      ['a map', {}],
      ['a map that is ordered', { priority: 1 }],
    ] as const) {
      it(`the tasks of ${how} see its signal`, () =>
        withRendezvous((meeting) =>
          withPool({ kind, workers: 1, grace: 60_000 }, async (pool) => {
            const { path } = meeting;
            const stop = new AbortController();
            const map = pool
              .with({ signal: stop.signal, ...options })
              .map((name: string) => meetUntilAborted(path, name), ['here']);
            const error = rejection(map);
            await meeting.untilArrived(1);
            stop.abort(new RangeError('enough'));
            assert.equal(((await error) as Error).message, 'enough');
            assert.deepEqual(await meeting.untilArrived(2), ['here', 'aborted by RangeError: enough']);
          }),
        ));
    }

    it('a task that runs out of time sees its signal, with the TimeoutError', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 60_000 }, async (pool) => {
          const error = await rejection(pool.with({ timeout: 50 }).submit(meetUntilAborted, meeting.path, 'here'));
          assert.ok(error instanceof TimeoutError);
          const seen = await meeting.untilArrived(2);
          assert.match(seen[1] ?? '', /^aborted by TimeoutError: .*50 ms/);
        }),
      ));

    it('tasks in flight on one worker have signals of their own', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 3, grace: 60_000 }, async (pool) => {
          const { path } = meeting;
          const stops = [new AbortController(), new AbortController()];
          const [first, second] = stops.map((stop, n) =>
            pool.with({ signal: stop.signal }).submit(meetUntilAborted, path, `task ${n}`),
          );
          const reasons = [first, second].map((future) => rejection(future as Future<string>));
          await meeting.untilArrived(2);
          stops[1]?.abort(new Error('second'));
          assert.equal((await meeting.untilArrived(3))[2], 'aborted by Error: second');
          assert.equal(first?.state, 'running');
          stops[0]?.abort(new Error('first'));
          assert.equal((await meeting.untilArrived(4))[3], 'aborted by Error: first');
          assert.deepEqual(
            (await Promise.all(reasons)).map((reason) => (reason as Error).message),
            ['first', 'second'],
          );
        }),
      ));

    it('without signal and timeout taskSignal() never fires', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        assert.equal(await pool.submit(() => taskSignal().aborted), false);
        assert.equal(taskSignal().aborted, false);
      }));

    it('a signal aborted before submit: the task never starts', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const reason = new Error('before');
        const signal = AbortSignal.abort(reason);
        const future = pool.with({ signal }).submit(add, 1, 2);
        assert.equal(await rejection(future), reason);
        assert.equal(pool.liveWorkers.length, 0);
        assert.equal(pool.pending, 0);
      }));

    it('a signal aborted after the answer changes nothing, and keeps nothing', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const stop = new AbortController();
        const bound = pool.with({ signal: stop.signal });
        assert.deepEqual(await Promise.all(range(20).map((n) => bound.submit(double, n))), range(20).map(double));
        await bound.map(double, [1, 2]);
        assert.equal(getEventListeners(stop.signal, 'abort').length, 0, 'no listener is left');
        stop.abort();
        assert.equal(await pool.submit(add, 1, 2), 3);
      }));

    it('a signal aborted while many wait and one runs gives up just those', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 0 }, async (pool) => {
          const { path } = meeting;
          const stop = new AbortController();
          const bound = pool.with({ signal: stop.signal });
          const running = bound.submit(meetForever, path, 'running');
          await meeting.untilArrived(1);
          const waiting = range(50).map((n) => bound.submit(add, n, 1));
          const free = range(5).map((n) => pool.submit(add, n, 100));
          const reasons = [running, ...waiting].map((future) => rejection(future));
          stop.abort(new Error('all of them'));
          for (const reason of await Promise.all(reasons)) assert.equal((reason as Error).message, 'all of them');
          assert.deepEqual(
            await Promise.all(free),
            range(5).map((n) => n + 100),
          );
        }),
      ));

    it('with() can be applied twice; the later option wins', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 0 }, async (pool) => {
          const error = await rejection(
            pool.with({ timeout: 60_000 }).with({ timeout: 20 }).submit(meetForever, meeting.path, 'x'),
          );
          assert.match((error as Error).message, /20 ms/);
        }),
      ));

    it('map with a timeout: each item has its own', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 0 }, async (pool) => {
          const { path } = meeting;
          assert.deepEqual(
            await pool.with({ timeout: 5_000 }).map(block, new Array<number>(12).fill(450)),
            new Array(12).fill(450),
          );
          const error = await rejection(
            pool.with({ timeout: 30 }).map((n: number) => meetForever(path, String(n)), [1, 2]),
          );
          assert.ok(error instanceof TimeoutError);
          assert.equal(await pool.submit(add, 1, 2), 3);
        }),
      ));

    if (kind !== 'inline') {
      for (const what of ['function', 'argument'] as const) {
        it(`a task whose ${what} is still being loaded never starts`, () =>
          withRendezvous(async (meeting) => {
            const { path } = meeting;
            const { begin, Late } = await import('./fixtures/loads-late.ts');
            process.env['MANYHANDS_MEET_AT'] = path;
            await withPool({ kind, workers: 1, tasksPerWorker: 2, grace: 60_000 }, async (pool) => {
              const loading =
                what === 'function'
                  ? pool.submit(begin, path)
                  : pool
                      .with({ timeout: 60_000 })
                      .submit(async (_late, go, at) => go(at, 'begun'), new Late(), meet, path);
              await meeting.untilArrived(1);
              loading.cancel();
              assert.ok((await rejection(loading)) instanceof CancelledError);
              // What comes by message comes after the cancellation.
              assert.equal(await pool.submit((map: Map<string, number>) => map.size, new Map([['a', 1]])), 1);
              meeting.open();
              while (pool.pending > 0) await sleep(1);
              assert.deepEqual(meeting.arrived, ['loading']);
              if (what === 'function') assert.equal(await pool.submit(begin, path), 'begun');
            }).finally(() => delete process.env['MANYHANDS_MEET_AT']);
          }));
      }

      it('a task that blocks its thread and was given up: its worker is replaced after the grace', () =>
        withPool({ kind, workers: 1, grace: 20 }, async (pool) => {
          const stuck = pool.with({ timeout: 20 }).submit(block, 3_600_000);
          assert.ok((await rejection(stuck)) instanceof TimeoutError);
          const [before] = pool.liveWorkers; // still the old one: the grace has begun in this turn of the event loop
          assert.equal(await pool.submit(add, 1, 2), 3, 'the next task is not stuck behind it');
          while (pool.liveWorkers.includes(before as string)) await new Promise((resolve) => setImmediate(resolve));
          assert.equal(pool.liveWorkers.length, 1);
        }));

      it('a worker that is replaced first finishes what others wait for', () =>
        withRendezvous((meeting) =>
          withPool({ kind, workers: 1, tasksPerWorker: 2, grace: 0 }, async (pool) => {
            const { path } = meeting;
            const kept = pool.submit(meet, path, 'kept');
            await meeting.untilArrived(1);
            const lost = pool.submit(meetForever, path, 'lost');
            await meeting.untilArrived(2);
            const reason = rejection(lost);
            lost.cancel();
            assert.ok((await reason) instanceof CancelledError);
            assert.equal(await pool.submit(add, 1, 2), 3, 'on a new worker, while the old one still works');
            meeting.letGo('kept');
            assert.equal(await kept, 'kept');
            assert.deepEqual([...(await meeting.untilLeft(2))].sort(), ['kept', 'lost'], 'then the old one is ended');
          }),
        ));

      it('grace: 0 and many given-up tasks: every one is settled and the pool heals', () =>
        withRendezvous((meeting) =>
          withPool({ kind, workers: 2, grace: 0 }, async (pool) => {
            for (let round = 1; round <= 5; round++) {
              const stuck = range(2).map((n) => pool.submit(meetThenBlock, meeting.path, `${round}.${n}`));
              await meeting.untilArrived(2 * round);
              const reasons = stuck.map((future) => rejection(future));
              for (const future of stuck) future.cancel();
              for (const reason of await Promise.all(reasons)) assert.ok(reason instanceof CancelledError);
              assert.deepEqual(await pool.map(double, range(20)), range(20).map(double));
            }
          }),
        ));
    }
  });
}
