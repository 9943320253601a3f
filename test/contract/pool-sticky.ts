/**
 * Contract of every pool: tasks that stick to a worker.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CancelledError,
  type Future,
  type Pool,
  type PoolKind,
  type PoolOptions,
  sleep,
  WorkerDiedError,
  workerState,
} from '../../src/index.ts';
import { range } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { double, meet } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

/** Tells one worker from another, also where all share a thread. */
const marked: Pick<PoolOptions, 'init'> = { init: () => ({ mark: Math.random() }) };
const mark = (): number => workerState<{ mark: number }>().mark;
const at = (pool: Pool, key: string | number): Future<number> => pool.with({ sticky: key }).submit(mark);

/** A key for each worker. */
async function keysOf(pool: Pool): Promise<[string, string]> {
  const first = await at(pool, 'key 0');
  for (let n = 1; ; n++) if ((await at(pool, `key ${n}`)) !== first) return ['key 0', `key ${n}`];
}

const die = (): never => process.exit(3);

/** What every pool does with tasks that stick. */
export function poolStickyContract(kind: PoolKind): void {
  const dies = kind !== 'inline';

  describe('sticky tasks', () => {
    it('those of one key run on one worker, and the keys are spread over all', () =>
      withPool({ kind, workers: 4, ...marked }, async (pool) => {
        const keys = range(40);
        const first = await Promise.all(keys.map((key) => at(pool, key)));
        const others = Promise.all(range(200).map((n) => pool.submit(double, n)));
        const again = await Promise.all(range(5).flatMap(() => keys.map((key) => at(pool, key))));
        assert.deepEqual(
          again,
          range(5).flatMap(() => first),
        );
        assert.equal(new Set(first).size, 4);
        assert.equal((await others)[199], 398);
        assert.notEqual(await at(pool, 1), undefined);
      }));

    it('what is not small sticks as well, and what is tried again, and the tasks of a map', () =>
      withPool({ kind, workers: 3, ...marked }, async (pool) => {
        const stuck = pool.with({ sticky: 'one', retries: 2, backoff: 1 });
        const large = (value: Map<string, number>): number => {
          const state = workerState<{ mark: number; failed?: true }>();
          if (state.failed !== true && value.has('fails')) {
            state.failed = true;
            throw new RangeError('once');
          }
          return state.mark;
        };
        const marks = new Set([
          ...(await Promise.all(range(9).map((n) => stuck.submit(large, new Map([[n === 4 ? 'fails' : 'a', n]]))))),
          ...(await stuck.map(() => workerState<{ mark: number }>().mark, range(20), { chunkSize: 2 })),
        ]);
        assert.equal(marks.size, 1);
      }));

    it('one waits for its worker although others are free, and stands in nobody else’s way', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 2, aging: Infinity, ...marked }, async (pool) => {
          const [one, two] = await keysOf(pool);
          const holder = pool.with({ sticky: one }).submit(meet, meeting.path, 'holder');
          await meeting.untilArrived(1);
          const order: string[] = [];
          const waiting = ['low', 'high', 'given up'].map((name) => {
            const controller = new AbortController();
            const { signal } = controller;
            const future = pool.with({ sticky: one, priority: name === 'high' ? 1 : 0, signal }).submit(mark);
            if (name === 'given up') controller.abort(new CancelledError('enough'));
            return future.then(
              () => order.push(name),
              (error: unknown) => order.push(String(error)),
            );
          });
          assert.ok((await at(pool, two)) > 0);
          assert.equal(await pool.submit(double, 4), 8);
          assert.deepEqual(order, ['CancelledError: enough']);
          meeting.letGo('holder');
          await Promise.all([holder, ...waiting]);
          assert.deepEqual(order, ['CancelledError: enough', 'high', 'low']);
        }),
      ));

    it('one that waits at a worker can be given up there', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 2, grace: 60_000, ...marked }, async (pool) => {
          const [one] = await keysOf(pool);
          const here = await at(pool, one);
          // Tasks that may go anywhere hold both workers.
          const holders = [1, 2].map((n) => pool.submit(meet, meeting.path, `${n}`));
          await meeting.untilArrived(2);
          const [first, second] = [at(pool, one), at(pool, one)];
          assert.equal(first.cancel(), true);
          assert.ok((await rejection(first)) instanceof CancelledError);
          meeting.open();
          await Promise.all(holders);
          assert.equal(await second, here);
        }),
      ));

    it('one that is given up before its worker is ready does not end that', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 1, init: meet, initArgs: [meeting.path, 'init'] }, async (pool) => {
          const [first, next] = [1, 2].map((n) => pool.with({ sticky: 'key' }).submit(double, n)) as [
            Future<number>,
            Future<number>,
          ];
          await meeting.untilArrived(1);
          first.cancel();
          assert.ok((await rejection(first)) instanceof CancelledError);
          await sleep(50); // its grace is over
          meeting.open();
          assert.equal(await next, 4);
          assert.deepEqual(meeting.arrived, ['init']);
        }),
      ));

    it('when the worker dies another one has them; what it had not begun has not failed', { skip: !dies }, () =>
      withRendezvous((meeting) =>
        withPool(
          { kind, workers: 2, ...(kind === 'hybrid' ? { threadsPerProcess: 1 } : {}), ...marked },
          async (pool) => {
            const [one, two] = await keysOf(pool);
            const [before, other] = [await at(pool, one), await at(pool, two)];
            const stuck = pool.with({ sticky: one });
            const dying = stuck.submit(
              async (go: typeof meet, path: string) => {
                await go(path, 'dies');
                process.exit(3);
              },
              meet,
              meeting.path,
            );
            await meeting.untilArrived(1);
            const waiting = range(6).map((n) =>
              n % 2 === 0
                ? at(pool, one)
                : stuck.submit((map) => map.get('mark')?.() as number, new Map([['mark', mark]])),
            );
            meeting.open();
            const error = await rejection(dying);
            assert.ok(error instanceof WorkerDiedError);
            assert.equal(error.attempt, 1);
            const after = new Set(await Promise.all(waiting));
            assert.equal(after.size, 1);
            assert.ok(!after.has(before));
            assert.equal(await at(pool, two), other);
            assert.ok((await rejection(stuck.submit(die))) instanceof WorkerDiedError);
            assert.equal(await pool.with({ sticky: one, retries: 1, backoff: 1 }).submit(double, 2), 4);
          },
        ),
      ),
    );

    it('one with a large buffer is sent again when its worker dies before it', { skip: !dies }, () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 2, ...(kind === 'hybrid' ? { threadsPerProcess: 1 } : {}) }, async (pool) => {
          const dying = pool.submit(
            async (go: typeof meet, path: string) => {
              await go(path, 'dies');
              process.exit(3);
            },
            meet,
            meeting.path,
          );
          await meeting.untilArrived(1); // the only worker by now is at it
          const large = new Uint8Array(100_000).fill(7);
          const waiting = pool.with({ sticky: 'key' }).submit((bytes: Uint8Array) => bytes[99_999], large);
          await new Promise((resolve) => setImmediate(resolve)); // it has been sent there
          meeting.open();
          assert.ok((await rejection(dying)) instanceof WorkerDiedError);
          assert.equal(await waiting, 7);
        }),
      ),
    );

    it('workers that have served their time hand their keys on', { skip: !dies }, () =>
      withPool({ kind, workers: 2, maxTasksPerWorker: 3, ...marked }, async (pool) => {
        const counts = new Map<number, number>();
        const all = await Promise.all(range(24).map((n) => at(pool, n % 5)));
        for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
        assert.ok(
          [...counts.values()].every((count) => count <= 3),
          [...counts.values()].join(' '),
        );
      }),
    );

    it('the first ones stick too, while init has not been sent yet, and with fewer workers afterwards', () =>
      withPool({ kind, workers: 3, ...marked }, async (pool) => {
        assert.equal(new Set(await Promise.all(range(10).map(() => at(pool, 'early')))).size, 1);
        pool.resize(1);
        assert.equal(new Set(await Promise.all(range(30).map((n) => at(pool, n)))).size, 1);
        pool.resize(2);
        assert.equal(new Set(await Promise.all(range(30).map((n) => at(pool, n)))).size, 2);
      }));

    it('what is no key is refused, and a closing pool does what it has', async () =>
      withPool({ kind, workers: 2, ...marked }, async (pool) => {
        for (const sticky of [{}, null, true, Symbol('s')]) {
          assert.throws(() => pool.with({ sticky: sticky as never }), {
            code: 'ERR_INVALID_OPTION',
            message: /^sticky must be a string or a number, not /,
          });
        }
        const last = range(8).map((n) => at(pool, n));
        await pool.close();
        assert.ok((await Promise.all(last)).every((value) => value > 0));
        assert.equal(await rejectionCode(at(pool, 1)), 'ERR_POOL_CLOSED');
      }));
  });
}
