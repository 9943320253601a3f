/**
 * Contract of every pool: what each worker is prepared with, how long it serves, and how many there are.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CancelledError,
  Pool,
  type PoolKind,
  SharedMap,
  sleep,
  WorkerStartError,
  workerState,
} from '../../src/index.ts';
import { range } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, block, double, meet, meetAt, whereAmI } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

/** Resolves once the pool has no more live workers than so many. */
async function untilLive(pool: Pool, most: number): Promise<void> {
  while (pool.liveWorkers.length > most) await sleep(5);
}

/** What every pool does for its workers. */
export function poolWorkersContract(kind: PoolKind): void {
  const many = kind !== 'inline';

  describe('init and exit', () => {
    it('executorinitia-01 pool-22: each worker runs init with its arguments before any task', () =>
      withRendezvous((meeting) =>
        withPool(
          {
            kind,
            workers: many ? 2 : 1,
            init: async (a: number, b: { n: number }) => {
              await new Promise((resolve) => setImmediate(resolve));
              return { sum: a + b.n, tasks: 0 };
            },
            initArgs: [1, { n: 2 }],
          },
          async (pool) => {
            const task = async (path: string, name: string): Promise<[number, number, string]> => {
              const state = workerState<{ sum: number; tasks: number }>();
              state.tasks += 1;
              const { connect } = process.getBuiltinModule('node:net');
              const socket = connect(path);
              await new Promise<void>((resolve) =>
                socket.once('connect', () => socket.write(`${name}\n`)).once('data', () => resolve()),
              );
              socket.destroy();
              const again = workerState<{ sum: number; tasks: number }>();
              return [
                again.sum,
                again.tasks,
                `${process.pid}/${process.getBuiltinModule('node:worker_threads').threadId}`,
              ];
            };
            const first = range(many ? 2 : 1).map((n) => pool.submit(task, meeting.path, `${n}`));
            await meeting.untilArrived(many ? 2 : 1);
            meeting.open();
            const results = await Promise.all(first);
            for (const [sum, tasks] of results) assert.deepEqual([sum, tasks], [3, 1]);
            if (many) assert.equal(new Set(results.map(([, , where]) => where)).size, 2);
            const [, tasks] = await pool.submit(task, meeting.path, 'later');
            assert.equal(tasks, 2);
          },
        ),
      ));

    it('without init there is no state; two pools have one each', () =>
      withPool({ kind, workers: 1 }, async (plain) => {
        assert.equal(await plain.submit(() => workerState()), undefined);
        assert.equal(workerState(), undefined);
        await withPool({ kind, workers: 1, init: () => 'a' }, (one) =>
          withPool({ kind, workers: 1, init: () => 'b' }, async (two) => {
            const read = async (): Promise<unknown[]> => {
              const before = workerState();
              await new Promise((resolve) => setImmediate(resolve));
              return [before, workerState()];
            };
            assert.deepEqual(await Promise.all([one.submit(read), two.submit(read)]), [
              ['a', 'a'],
              ['b', 'b'],
            ]);
            assert.deepEqual(await one.map(() => workerState(), range(3)), ['a', 'a', 'a']);
          }),
        );
      }));

    it('exit gets what init returned, after the last task, once for each worker that ends in good order', () => {
      const log = new SharedMap<string, string>({ scope: 'process' });
      return withPool(
        {
          kind,
          workers: 1,
          init: () => 'state',
          exit: async (state: string) => {
            await new Promise((resolve) => setImmediate(resolve));
            log.set(`exit ${log.size}`, state);
          },
        },
        async (pool) => {
          await pool.map(double, range(5));
          assert.equal(log.size, 0);
          await pool.close();
          assert.deepEqual([...log.entries()], [['exit 0', 'state']]);
        },
      );
    });

    it('an exit that throws is told of and ends the worker all the same', {
      skip: kind !== 'inline' && 'printed over there',
    }, async () => {
      const pool = new Pool({
        kind,
        exit: () => {
          throw new RangeError('from exit');
        },
      });
      assert.equal(await pool.submit(add, 1, 2), 3);
      const { write } = process.stderr;
      let printed = '';
      process.stderr.write = ((text: string) => (printed += text) !== '') as never;
      try {
        await pool.close();
      } finally {
        process.stderr.write = write;
      }
      assert.match(printed, /Uncaught error in exit of Pool-\d+-1:[\s\S]*from exit/);
    });

    it('executorinitia-02: an init that throws breaks the pool: tasks fail with the reason, none is taken any more', () =>
      withPool(
        {
          kind,
          workers: 2,
          init: () => {
            throw new RangeError('no database');
          },
        },
        async (pool) => {
          const errors = await Promise.all(range(3).map((n) => rejection(pool.submit(double, n))));
          for (const error of errors) {
            assert.ok(error instanceof WorkerStartError);
            assert.match(error.message, /init function of the pool has failed/);
            assert.ok(error.cause instanceof RangeError);
            assert.equal(error.cause.message, 'no database');
          }
          assert.equal(await rejectionCode(pool.submit(add, 1, 1)), 'ERR_WORKER_START');
          assert.equal(await rejectionCode(pool.with({ retries: 3 }).submit(add, 1, 1)), 'ERR_WORKER_START');
          assert.equal(await rejectionCode(pool.map(double, [1])), 'ERR_WORKER_START');
          await untilLive(pool, 0);
        },
      ));

    it('executorinitia-03: an init that takes for ever is ended, and leaves no worker', () =>
      withPool({ kind, workers: 1, init: () => new Promise(() => {}), initTimeout: 300 }, async (pool) => {
        const error = await rejection(pool.submit(add, 1, 1));
        assert.ok(error instanceof WorkerStartError);
        assert.match((error.cause as Error).message, /within 300 ms/);
        await untilLive(pool, 0);
      }));

    it('no task runs before init is done, also when the pool is resized meanwhile', () =>
      withRendezvous((meeting) =>
        withPool(
          {
            kind,
            workers: 1,
            tasksPerWorker: 2,
            init: async (go: typeof meet, path: string) => {
              await go(path, 'init');
              for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
              return { done: true };
            },
            initArgs: [meet, meeting.path],
          },
          async (pool) => {
            const futures = range(4).map((n) => pool.submit((i) => [i, workerState<{ done: boolean }>().done], n));
            await meeting.untilArrived(1);
            pool.resize(1, kind === 'thread' ? 1 : 2);
            meeting.open();
            assert.deepEqual(
              await Promise.all(futures),
              range(4).map((n) => [n, true]),
            );
          },
        ),
      ));

    it('an init that cannot travel says so', async () => {
      const channel = new MessageChannel();
      assert.throws(() => new Pool({ kind, init: () => channel.port1 }), { code: /^ERR_/ });
      channel.port1.close();
    });

    it('pool-22: what is no function, and other bad options, are refused', () => {
      for (const [options, message] of [
        [{ init: 5 }, /init must be a function, not of type number/],
        [{ exit: null }, /exit must be a function, not null/],
        [{ initArgs: 'x' }, /initArgs must be an array/],
        [{ initTimeout: 0 }, /initTimeout/],
        [{ min: -1 }, /min must be/],
        [{ min: 3, workers: 2 }, /min may be at most workers, which is 2/],
        [{ idleTimeout: 0 }, /idleTimeout/],
        [{ maxTasksPerWorker: 0 }, /maxTasksPerWorker/],
        [{ maxWorkerAge: Number.NaN }, /maxWorkerAge/],
        [{ maxWorkerMemory: 1.5 }, /maxWorkerMemory/],
        [{ maxRestarts: 3 }, /maxRestarts must be \{ limit, interval \}/],
        [{ backlog: -1 }, /backlog/],
        [{ overflow: 'drop' }, /overflow must be 'wait', 'reject' or 'drop-oldest'/],
        [{ rate: { limit: 0, interval: 1 } }, /rate\.limit/],
        [{ perKey: { concurrency: 0 } }, /perKey\.concurrency/],
        [{ perKey: null }, /perKey/],
        [{ aging: 0 }, /aging/],
        [{ quarantine: 0 }, /quarantine/],
      ] as const) {
        assert.throws(() => new Pool({ kind, ...(options as object) }), { code: 'ERR_INVALID_OPTION', message });
      }
    });
  });

  describe('serving time', () => {
    it('pool-18 pool-20 processpoolexe-19 processpoolexe-20: a worker is replaced after exactly so many tasks', () =>
      withPool({ kind, workers: 1, maxTasksPerWorker: 3, init: () => ({ served: 0 }) }, async (pool) => {
        const serve = (n: number): [number, number, string] => {
          const state = workerState<{ served: number }>();
          state.served += 1;
          return [n, state.served, `${process.pid}/${process.getBuiltinModule('node:worker_threads').threadId}`];
        };
        const results = await Promise.all(range(7).map((n) => pool.submit(serve, n)));
        assert.deepEqual(
          results.map(([n]) => n),
          range(7),
        );
        assert.deepEqual(results.map(([, served]) => served).toSorted(), [1, 1, 1, 2, 2, 3, 3]);
        if (many) assert.equal(new Set(results.map(([, , where]) => where)).size, 3);
      }));

    it('pool-19 processpoolexe-21 processpoolexe-24: close() with one task for each worker does all that was submitted', () =>
      withPool({ kind, workers: 2, maxTasksPerWorker: 1 }, async (pool) => {
        const futures = range(5).map((n) => pool.submit(double, n));
        await pool.close();
        assert.deepEqual(await Promise.all(futures), range(5).map(double));
      }));

    it('processpoolexe-22: no worker is replaced once the pool is terminated', () =>
      withPool({ kind, workers: 2, maxTasksPerWorker: 1 }, async (pool) => {
        const futures = range(40).map((n) => rejectionOrValue(pool.submit(double, n)));
        await Promise.race(futures);
        await pool.terminate();
        const outcomes = await Promise.all(futures);
        assert.ok(outcomes.every((outcome, n) => outcome === n * 2 || outcome === 'ERR_CANCELLED'));
        assert.deepEqual(pool.liveWorkers, []);
      }));

    it('a task that fails counts like any other, also as the last one', () =>
      withPool({ kind, workers: 1, maxTasksPerWorker: 2 }, async (pool) => {
        const fail = (): never => {
          throw new RangeError('failed');
        };
        const outcomes = await Promise.allSettled(
          range(6).map((n) => (n % 2 === 0 ? pool.submit(add, n, 1) : pool.submit(fail))),
        );
        assert.deepEqual(
          outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value),
          [1, false, 3, false, 5, false],
        );
      }));

    it('a task that is given up before it starts does not count, although it was sent to its worker', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, maxTasksPerWorker: 206 }, async (pool) => {
          const quick = range(200).map((n) => pool.submit(meetAt, '', `${n}`)); // so quick that some are sent ahead from now on
          await Promise.all(quick);
          const holder = pool.submit(meetAt, meeting.path, 'holder');
          await meeting.untilArrived(1);
          const given = range(5).map((n) => pool.submit(meetAt, '', `${n}`));
          await new Promise((resolve) => setImmediate(resolve)); // they are on their way
          const reasons = given.map((future) => rejection(future));
          for (const future of given) future.cancel();
          for (const reason of await Promise.all(reasons)) assert.ok(reason instanceof CancelledError);
          meeting.open();
          assert.equal(await holder, 'holder');
          const others = range(7).map((n) => `${n}`);
          assert.deepEqual(await Promise.all(others.map((name) => pool.submit(meetAt, '', name))), others);
        }),
      ));

    it('many tasks at once, some asynchronous, over workers that are replaced all the time', () =>
      withPool({ kind, workers: 2, tasksPerWorker: 4, maxTasksPerWorker: 5 }, async (pool) => {
        const later = async (n: number): Promise<number> => {
          await new Promise((resolve) => setImmediate(resolve));
          return n * 2;
        };
        const futures = range(20).map((n) => (n % 2 === 0 ? pool.submit(later, n) : pool.submit(double, n)));
        assert.deepEqual(await Promise.all(futures), range(20).map(double));
      }));

    it('a worker is replaced when it has become old, or too large, between two tasks', () =>
      withPool({ kind, workers: 1, maxWorkerAge: 1, init: () => ({ served: 0 }) }, async (pool) => {
        const serve = (): number => {
          const state = workerState<{ served: number }>();
          state.served += 1;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
          return state.served;
        };
        assert.deepEqual(await Promise.all(range(3).map(() => pool.submit(serve))), [1, 1, 1]);
        await withPool({ kind, workers: 1, maxWorkerMemory: 1, init: () => ({ served: 0 }) }, async (large) => {
          assert.deepEqual(await Promise.all(range(3).map(() => large.submit(serve))), [1, 1, 1]);
        });
        await withPool({ kind, workers: 1, maxWorkerMemory: 2 ** 40, init: () => ({ served: 0 }) }, async (small) => {
          assert.deepEqual(await Promise.all(range(3).map(() => small.submit(serve))), [1, 2, 3]);
        });
      }));
  });

  describe('how many', { skip: !many && 'there is only this thread' }, () => {
    it('min are started at once and kept; the others end when they were not needed for a while', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 4, min: 1, idleTimeout: 50 }, async (pool) => {
          assert.equal(pool.liveWorkers.length, 1);
          const futures = range(4).map((n) => pool.submit(meet, meeting.path, `${n}`));
          await meeting.untilArrived(4);
          assert.equal(pool.liveWorkers.length, 4);
          meeting.open();
          await Promise.all(futures);
          await untilLive(pool, 1);
          assert.equal(pool.liveWorkers.length, 1);
          assert.equal(await pool.submit(add, 1, 2), 3);
        }),
      ));

    it('resize: more when they are wanted, fewer when they are done', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const futures = range(3).map((n) => pool.submit(meet, meeting.path, `${n}`));
          await meeting.untilArrived(1);
          assert.equal(pool.liveWorkers.length, 1);
          pool.resize(3);
          assert.equal(pool.workers, 3);
          await meeting.untilArrived(3);
          pool.resize(1);
          assert.equal(pool.workers, 1);
          const more = range(5).map((n) => pool.submit(double, n));
          meeting.open();
          assert.deepEqual((await Promise.all(futures)).toSorted(), ['0', '1', '2']);
          assert.deepEqual(await Promise.all(more), range(5).map(double));
          await untilLive(pool, 1);
          assert.throws(() => pool.resize(0), { code: 'ERR_INVALID_OPTION' });
          assert.throws(() => pool.resize(201), { code: 'ERR_INVALID_OPTION', message: /at most 200/ });
        }),
      ));

    it('resize: more tasks on each thread at once, no more than the pool was made for', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 3 }, async (pool) => {
          if (kind !== 'thread') {
            assert.throws(() => pool.resize(1, 1), { code: 'ERR_INVALID_OPTION', message: /of pools of threads/ });
            pool.resize(1, 3);
            return;
          }
          pool.resize(1, 1);
          const futures = range(3).map((n) => pool.submit(meet, meeting.path, `${n}`));
          await meeting.untilArrived(1);
          pool.resize(1, 3);
          await meeting.untilArrived(3);
          meeting.open();
          assert.deepEqual(await Promise.all(futures), ['0', '1', '2']);
          for (const wrong of [0, 4, 1.5]) assert.throws(() => pool.resize(1, wrong), { code: 'ERR_INVALID_OPTION' });
          assert.throws(() => pool.resize(1, 4), { message: /made for 3 tasks/ });
          assert.equal(await pool.submit(double, 2), 4);
        }),
      ));

    it('more deaths than maxRestarts allows, and the pool has failed', () =>
      withPool({ kind, workers: 1, maxRestarts: { limit: 2, interval: 60_000 } }, async (pool) => {
        const die = (): never => process.exit(3);
        const codes = [];
        for (let n = 0; n < 3; n++) codes.push(await rejectionCode(pool.submit(die)));
        assert.deepEqual(codes, ['ERR_WORKER_DIED', 'ERR_WORKER_DIED', 'ERR_WORKER_DIED']);
        const error = await rejection(pool.submit(add, 1, 1));
        assert.ok(error instanceof WorkerStartError);
        assert.match(error.message, /maxRestarts/);
      }));

    it('a worker that ends while its answer waits for a module has not answered', { skip: !many }, () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const task = async (url: string, turns: number): Promise<(x: number) => number> => {
          const { given } = (await import(url)) as typeof import('./fixtures/asked-first-user.ts');
          const step = (left: number): void => {
            if (left === 0) process.exit(5);
            queueMicrotask(() => step(left - 1));
          };
          if (turns >= 0) step(turns);
          return given();
        };
        const url = new URL('./fixtures/asked-first-user.ts', import.meta.url).href;
        // Of its end some come before the answer has been sent, and some afterwards; each task ends one way or the other.
        const ends = new Set<unknown>();
        for (const turns of range(24)) {
          const end = await pool.submit(task, url, turns).then(
            (fn) => fn(1),
            (error: { readonly code: unknown }) => error.code,
          );
          assert.ok(end === 2 || end === 'ERR_WORKER_DIED', String(end));
          ends.add(end);
        }
        assert.ok(ends.has('ERR_WORKER_DIED'));
        // The worker may still be about to end of what it has answered last.
        const again = pool.with({ retries: 3, backoff: 1 });
        assert.equal((await again.submit(task, url, -1))(1), 2);
      }),
    );

    it('pool-24: of tasks that are all quick not more than the maximum of workers are made', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const where = await Promise.all(range(50).map(() => pool.submit(whereAmI)));
        assert.ok(new Set(where).size <= 2);
        await pool.submit(block, 1);
      }));
  });
}

async function rejectionOrValue(promise: PromiseLike<number>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
