/**
 * Contract of every pool: order, keys, rates, deadlines, and a backlog with a bound.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledError, type Pool, PoolFullError, type PoolKind, TimeoutError } from '../../src/index.ts';
import { range } from './inputs.ts';
import { type Rendezvous, withRendezvous } from './rendezvous.ts';
import { add, block, double, meet } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

/** Runs a body while the only worker is busy; whatever is submitted waits until the body lets go. */
async function whileBusy(
  kind: PoolKind,
  options: object,
  body: (pool: Pool, meeting: Rendezvous) => Promise<void>,
): Promise<void> {
  await withRendezvous((meeting) =>
    withPool({ kind, workers: 1, ...options }, async (pool) => {
      const holder = pool.submit(meet, meeting.path, 'holder');
      const ended = holder.catch((error: unknown) => assert.ok(error instanceof CancelledError));
      await meeting.untilArrived(1);
      await body(pool, meeting);
      meeting.open();
      await ended;
    }),
  );
}

/** Notes the order in which promises settle. */
function finishOrder(futures: Readonly<Record<string, PromiseLike<unknown>>>): Promise<string[]> {
  const order: string[] = [];
  return Promise.all(
    Object.entries(futures).map(async ([name, future]) => {
      await future;
      order.push(name);
    }),
  ).then(() => order);
}

/** What every pool does with tasks that have to wait. */
export function poolScheduleContract(kind: PoolKind): void {
  describe('order', () => {
    it('the higher priority first; the same: first come, first served', () =>
      whileBusy(kind, { aging: Infinity }, async (pool, meeting) => {
        const at = (priority: number) => pool.with({ priority }).submit(add, priority, 0);
        const order = finishOrder({
          low: at(-1),
          plain: pool.submit(add, 1, 1),
          high: at(5),
          higher: at(6),
          high2: at(5),
        });
        meeting.open();
        assert.deepEqual(await order, ['higher', 'high', 'high2', 'plain', 'low']);
      }));

    it('who waits grows old: a step of priority is worth so much waiting', () =>
      whileBusy(kind, { aging: 1 }, async (pool, meeting) => {
        const old = pool.with({ priority: 0 }).submit(add, 0, 0);
        const until = performance.now() + 50;
        while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
        const order = finishOrder({ young: pool.with({ priority: 10 }).submit(add, 1, 1), old });
        meeting.open();
        assert.deepEqual(await order, ['old', 'young']);
      }));

    it('tasks that were quick up to now do not put slow ones where nobody can overtake them', () =>
      withPool({ kind, workers: 1, aging: Infinity }, async (pool) => {
        const plain = pool.with({ priority: 0, queueTimeout: 600_000 });
        await Promise.all(range(3000).map((n) => plain.submit(double, n)));
        const order: string[] = [];
        const slow = range(20).map((n) => plain.submit(block, 5).then(() => order.push(`slow ${n}`)));
        await pool.with({ priority: 1 }).submit(add, 1, 1);
        assert.ok(order.length <= 2, order.join(', '));
        await Promise.all(slow);
      }));

    it('a map is ordered like any other task', () =>
      whileBusy(kind, { aging: Infinity }, async (pool, meeting) => {
        const low = pool.with({ priority: -1 }).submit(meet, meeting.path, 'low');
        const names = ['first', 'second', 'third'];
        const { path } = meeting;
        const map = pool.with({ priority: 1 }).map((name) => meet(path, name), names);
        meeting.open();
        assert.deepEqual(await map, names);
        await low;
        assert.deepEqual(meeting.arrived, ['holder', ...names, 'low']);
      }));

    it('arguments are those of the moment of submit', () =>
      whileBusy(kind, {}, async (pool, meeting) => {
        const small = { n: 1 };
        const large = { bytes: new Uint8Array(100_000).fill(1), when: new Map([['a', 1]]) };
        const urgent = pool.with({ priority: 1 });
        const first = urgent.submit((value: { n: number }) => value.n, small);
        const second = urgent.submit((value) => value.bytes[99_999] as number, large);
        small.n = 2;
        large.bytes.fill(2);
        meeting.open();
        assert.deepEqual(await Promise.all([first, second]), [1, 1]);
      }));

    it('what cannot travel, and what is no function, fails alone', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const urgent = pool.with({ priority: 1 });
        assert.equal(await rejectionCode(urgent.submit(add, Promise.resolve() as never, 1)), 'ERR_PROMISE');
        assert.equal(await rejectionCode(urgent.submit(5 as never)), 'ERR_INVALID_OPTION');
        assert.equal(await urgent.submit(add, 1, 2), 3);
        assert.equal(pool.pending, 0);
      }));
  });

  describe('keys', () => {
    it('tasks of one key run one after the other, others pass them', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 8 }, async (pool) => {
          const { path } = meeting;
          const of = (key: string | number, name: string) => pool.with({ key }).submit(meet, path, name);
          const first = of('a', 'a1');
          await meeting.untilArrived(1);
          const rest = [of('a', 'a2'), of('a', 'a3'), of('b', 'b1'), of(7, 'c1')];
          assert.deepEqual([...(await meeting.untilArrived(3))].sort(), ['a1', 'b1', 'c1']);
          assert.equal(pool.waiting, 2);
          meeting.open();
          assert.equal(await first, 'a1');
          assert.deepEqual(await Promise.all(rest), ['a2', 'a3', 'b1', 'c1']);
          assert.deepEqual(meeting.arrived.slice(3), ['a2', 'a3']);
        }),
      ));

    it('so many of one key at once as perKey says', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 8, perKey: { concurrency: 2 } }, async (pool) => {
          const keyed = pool.with({ key: 'a' });
          const futures = range(4).map((n) => keyed.submit(meet, meeting.path, `${n}`));
          assert.deepEqual([...(await meeting.untilArrived(2))].sort(), ['0', '1']);
          assert.equal(await pool.submit(add, 1, 1), 2);
          assert.equal(meeting.arrived.length, 2);
          meeting.open();
          await Promise.all(futures);
        }),
      ));

    it('a task that was given up keeps its key for as long as it runs', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 8, grace: 60_000 }, async (pool) => {
          const keyed = pool.with({ key: 'a' });
          const first = keyed.submit(meet, meeting.path, 'first');
          await meeting.untilArrived(1);
          const second = keyed.submit(add, 1, 1);
          first.cancel();
          assert.equal(await rejectionCode(first), 'ERR_CANCELLED');
          assert.equal(await pool.submit(add, 2, 2), 4);
          assert.equal(second.state, 'pending');
          meeting.open();
          assert.equal(await second, 2);
        }),
      ));

    it('a task that fails, and one that is given up while it waits, let the next one go', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const keyed = pool.with({ key: 1 });
        const failing = keyed.submit(() => {
          throw new RangeError('no');
        });
        const waiting = keyed.submit(add, 1, 1);
        const ended = Promise.all([rejection(failing), rejectionCode(waiting)]);
        waiting.cancel();
        const [error, code] = await ended;
        assert.equal((error as Error).message, 'no');
        assert.equal(code, 'ERR_CANCELLED');
        assert.deepEqual(await keyed.map(double, range(5)), range(5).map(double));
      }));
  });

  describe('rates', () => {
    it('of the pool: no more starts in any interval', () =>
      withPool({ kind, workers: 2, rate: { limit: 3, interval: 100 } }, async (pool) => {
        const begun = performance.now();
        assert.deepEqual(await Promise.all(range(8).map((n) => pool.submit(double, n))), range(8).map(double));
        assert.ok(performance.now() - begun >= 200, 'eight starts, three in any 100 ms');
        assert.deepEqual(await pool.map(double, range(3), { chunkSize: 1 }), [0, 2, 4]);
        assert.ok(performance.now() - begun >= 300, 'the pieces of a map count');
      }));

    it('no timer is left when nobody waits for the rate any more', () =>
      withPool({ kind, workers: 1, rate: { limit: 1, interval: 600_000 } }, async (pool) => {
        await pool.submit(add, 1, 1);
        const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
        const before = timers();
        const waiting = pool.submit(add, 1, 1);
        const ended = rejectionCode(waiting);
        assert.equal(timers(), before + 1);
        waiting.cancel();
        assert.equal(await ended, 'ERR_CANCELLED');
        assert.equal(timers(), before);
      }));

    it('of a key: the others pass', () =>
      withPool({ kind, workers: 2, perKey: { rate: { limit: 1, interval: 1500 } } }, async (pool) => {
        const begun = performance.now();
        const slow = range(3).map((n) => pool.with({ key: 'a' }).submit(double, n));
        assert.equal(pool.waiting, 2);
        assert.equal(await pool.with({ key: 'b' }).submit(add, 1, 1), 2);
        assert.deepEqual(await Promise.all(slow), [0, 2, 4]);
        assert.ok(performance.now() - begun >= 3000, 'three starts, 1.5 s between each and the next');
      }));
  });

  describe('time', () => {
    it('a task that is not done by its deadline rejects, wherever it is', () =>
      whileBusy(kind, {}, async (pool) => {
        const soon = pool.with({ deadline: Date.now() + 30 });
        const error = await rejection(soon.submit(add, 1, 1));
        assert.ok(error instanceof TimeoutError);
        assert.match(error.message, /deadline/);
        assert.equal(await rejectionCode(pool.with({ deadline: new Date(0) }).submit(add, 1, 1)), 'ERR_TIMEOUT');
        assert.equal(pool.waiting, 0);
      }));

    it('a task that runs beyond its deadline is given up and its worker replaced', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 0 }, async (pool) => {
          assert.equal(await pool.submit(add, 1, 1), 2); // its worker has booted
          const late = pool.with({ deadline: Date.now() + 6000 }).submit(meet, meeting.path, 'late');
          await meeting.untilArrived(1);
          assert.equal(await rejectionCode(late), 'ERR_TIMEOUT');
          if (kind !== 'inline') assert.equal(await pool.submit(add, 1, 1), 2);
          meeting.open();
        }),
      ));

    it('a task that waits longer than its queueTimeout is never started; one that was started is not touched', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const hasty = pool.with({ queueTimeout: 2000 });
          const running = hasty.submit(meet, meeting.path, 'running');
          await meeting.untilArrived(1);
          const error = await rejection(pool.with({ queueTimeout: 20 }).submit(meet, meeting.path, 'never'));
          assert.ok(error instanceof TimeoutError);
          assert.match(error.message, /queueTimeout of 20 ms/);
          meeting.open();
          assert.equal(await running, 'running');
          assert.deepEqual(meeting.arrived, ['running']);
        }),
      ));

    it('an aborted signal gives up what waits', () =>
      whileBusy(kind, {}, async (pool) => {
        const stop = new AbortController();
        const waiting = pool.with({ priority: 1, signal: stop.signal }).submit(add, 1, 1);
        stop.abort(new RangeError('enough'));
        assert.equal(((await rejection(waiting)) as Error).message, 'enough');
        assert.equal(
          ((await rejection(pool.with({ priority: 1, signal: stop.signal }).submit(add, 1, 1))) as Error).message,
          'enough',
        );
        assert.equal(pool.waiting, 0);
      }));
  });

  describe('a backlog with a bound', () => {
    it('reject: the one too many is refused, and nothing else', () =>
      whileBusy(kind, { backlog: 2, overflow: 'reject' }, async (pool, meeting) => {
        const taken = [pool.submit(add, 1, 1), pool.submit(add, 2, 2)];
        const error = await rejection(pool.submit(add, 3, 3));
        assert.ok(error instanceof PoolFullError);
        assert.equal(error.code, 'ERR_POOL_FULL');
        assert.match(error.message, /2 tasks wait already/);
        meeting.open();
        assert.deepEqual(await Promise.all(taken), [2, 4]);
        assert.equal(await pool.submit(add, 4, 4), 8);
      }));

    it('a backlog of 0 takes what can start at once', () =>
      whileBusy(kind, { backlog: 0, overflow: 'reject', tasksPerWorker: 2 }, async (pool) => {
        assert.equal(await pool.submit(add, 1, 1), 2);
        assert.equal(await pool.submit((x: number) => x, 1), 1);
      }));

    it('drop-oldest: the newest is taken, the one that has waited longest rejects', () =>
      whileBusy(kind, { backlog: 2, overflow: 'drop-oldest' }, async (pool, meeting) => {
        const futures = range(4).map((n) => pool.submit(add, n, n));
        for (const dropped of futures.slice(0, 2)) {
          const error = await rejection(dropped);
          assert.ok(error instanceof PoolFullError);
          assert.match(error.message, /waited longest/);
        }
        meeting.open();
        assert.deepEqual(await Promise.all(futures.slice(2)), [4, 6]);
      }));

    it('wait: room() lets in as many as there are places, in order', () =>
      whileBusy(kind, { backlog: 2 }, async (pool, meeting) => {
        await pool.room();
        const futures = [pool.submit(add, 0, 0)];
        await pool.room();
        futures.push(pool.submit(add, 1, 1));
        assert.equal(await rejectionCode(pool.room({ timeout: 10 })), 'ERR_TIMEOUT');
        const stop = new AbortController();
        const aborted = rejection(pool.room({ signal: stop.signal }));
        stop.abort(new RangeError('enough'));
        assert.equal(((await aborted) as Error).message, 'enough');
        let most = 0;
        const producers = range(6).map(async (n) => {
          await pool.room();
          const future = pool.submit(add, n, n);
          most = Math.max(most, pool.waiting);
          return future;
        });
        meeting.open();
        assert.deepEqual(await Promise.all(producers), range(6).map(double));
        assert.deepEqual(await Promise.all(futures), [0, 2]);
        assert.ok(most <= 2, `${most} tasks waited at once`);
      }));

    it('without a bound there is always room', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        await pool.room();
        await pool.with({ priority: 1 }).submit(add, 1, 1);
        await pool.room();
      }));
  });

  describe('the end', () => {
    it('close waits for what waits here too; nothing is taken any more', () =>
      whileBusy(kind, {}, async (pool, meeting) => {
        const waiting = Promise.all(range(10).map((n) => pool.with({ priority: 1, retries: 1 }).submit(double, n)));
        const closed = pool.close();
        assert.equal(await rejectionCode(pool.submit(add, 1, 1)), 'ERR_POOL_CLOSED');
        meeting.open();
        assert.deepEqual(await waiting, range(10).map(double));
        await closed;
        assert.equal(pool.pending, 0);
      }));

    it('terminate rejects what waits, also before a gate or for room', () =>
      whileBusy(kind, { backlog: 2, rate: { limit: 2, interval: 60_000 } }, async (pool) => {
        const waiting = range(3).map((n) => rejectionCode(pool.with({ key: 'a' }).submit(add, n, n)));
        const room = rejectionCode(pool.room());
        await pool.terminate();
        assert.deepEqual(
          await Promise.all([...waiting, room]),
          range(4).map(() => 'ERR_CANCELLED'),
        );
        assert.equal(pool.pending, 0);
      }));
  });

  it('bad options are refused, each with its name', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      const bad: readonly (readonly [object, RegExp])[] = [
        [{ retries: -1 }, /retries must be/],
        [{ retries: 1.5 }, /retries must be/],
        [{ backoff: -1 }, /backoff\.initial/],
        [{ backoff: { jitter: 2 } }, /backoff\.jitter must be a number between 0 and 1/],
        [{ backoff: { factor: 0.5 } }, /backoff\.factor/],
        [{ backoff: null }, /backoff/],
        [{ retryIf: 1 }, /retryIf/],
        [{ priority: Number.NaN }, /priority/],
        [{ priority: '1' }, /priority/],
        [{ key: {} }, /key must be/],
        [{ deadline: new Date(Number.NaN) }, /deadline must be/],
        [{ deadline: '2026' }, /deadline must be/],
        [{ queueTimeout: 0 }, /queueTimeout/],
      ];
      for (const [options, message] of bad) {
        assert.throws(() => pool.with(options), { code: 'ERR_INVALID_OPTION', message }, JSON.stringify(options));
      }
      assert.throws(() => pool.with(null as never), { code: 'ERR_INVALID_OPTION' });
    }));
}
