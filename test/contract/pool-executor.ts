/**
 * Contract of every pool with workers of its own: what those count on who come from `multiprocessing.Pool` and `concurrent.futures`.
 *
 * Rows without a test, and why:
 * pool-14, executorshutdo-05, executorshutdo-11: a pool that is dropped unclosed is not collected while it has workers, which hold it; they
 *   keep no program alive and use no processor time, so there is nothing to warn of.
 * threadpoolexec-01: `map` reads ahead as `ahead` allows whether or not its results are taken, `imap` is lazy by intention (executorcommon-12).
 * processpoolexe-07: JavaScript has no exit exception; `process.exit` is processpoolexe-06.
 * processpoolexe-26: `terminate` takes no operation by name.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  currentThread,
  Pool,
  type PoolKind,
  PoolClosedError,
  Process,
  sleep,
  Thread,
  WorkerDiedError,
  WorkerStartError,
} from '../../src/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { collect, range } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, double, meet, meetThenBlock, StockError, throwStockError, whereAmI } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

const pack = Symbol.for('manyhands.pack');
const unpack = Symbol.for('manyhands.unpack');

/** Does something odd when it is made anew. */
class OddArrival {
  static [pack](): unknown {
    return process.pid;
  }
  static [unpack](home: unknown): OddArrival {
    if (process.pid !== home || !process.getBuiltinModule('node:worker_threads').isMainThread) process.exit(9);
    return new OddArrival();
  }
}

class BadArrival {
  static [pack](): unknown {
    return 1;
  }
  static [unpack](): BadArrival {
    throw new RangeError('cannot be made here');
  }
}

class DeadlyResult {
  static [pack](): unknown {
    process.exit(11);
  }
}

/** The rows of both, for one kind. */
export function poolExecutorContract(kind: PoolKind): void {
  describe('as executors do', () => {
    it('pool-02, pool-03, pool-06, pool-16: a map is a promise of the whole list, and who is told of an end is told once', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const told: unknown[] = [];
        const map: Promise<number[]> = pool.map(double, range(10));
        void map.then((list) => told.push(list));
        assert.deepEqual(await map, range(10).map(double));
        assert.deepEqual(told[0], range(10).map(double));
        assert.equal(told.length, 1);
        const future = pool.submit(add, 1, 2);
        future.addDoneCallback((done) => told.push(done.state));
        assert.equal(await future, 3);
        const failed = pool.submit(throwStockError, 'x');
        const errors: unknown[] = [];
        failed.addDoneCallback(async (done) => errors.push(await done.exception()));
        const error = await rejection(failed);
        while (errors.length === 0) await sleep(1);
        assert.deepEqual(errors, [error]);
        assert.deepEqual(told.slice(1), ['finished']);
      }));

    it('pool-11, pool-12: an error of a task is the error itself, with the stack from there; one of the input is not touched', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const error = (await rejection(pool.submit(throwStockError, 'x'))) as StockError;
        assert.equal(error.constructor.name, 'StockError');
        assert.match(error.stack ?? '', /throwStockError/);
        const own = new RangeError('mine');
        const broken = (function* (): Generator<number> {
          yield 1;
          throw own;
        })();
        assert.equal(await rejection(pool.map(double, broken)), own);
        assert.equal(own.cause, undefined);
      }));

    it('pool-13: a pool that was terminated can be disposed of, and refuses tasks', async () => {
      const pool = new Pool({ kind, workers: 1 });
      await pool.submit(add, 1, 1);
      await pool.terminate();
      await pool[Symbol.asyncDispose]();
      assert.ok((await rejection(pool.submit(add, 1, 1))) instanceof PoolClosedError);
    });

    it('pool-15, executorcommon-09, executorcommon-10, executorcommon-11: a bound on what is read, several inputs, none', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const pairs = range(20).map((n) => [n, n * 10] as const);
        assert.deepEqual(
          await pool.starmap(add, pairs),
          range(20).map((n) => n * 11),
        );
        let read = 0;
        const counted = (function* (): Generator<number> {
          for (let n = 0; ; n++) {
            read += 1;
            yield n;
          }
        })();
        const results = pool.imap(double, counted, { ahead: 3 });
        assert.equal((await results.next()).value, 0);
        await pool.submit(add, 1, 1);
        assert.ok(read <= 4, `${read} were read`);
        await results.return();
        assert.deepEqual(await collect(pool.imap(double, [], { ahead: 1 })), []);
        assert.deepEqual(await pool.starmap(add, []), []);
      }));

    it('pool-23, threadpoolexec-04: a pool can be made in a process, in a thread, and in a task', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const nested = async (inner: PoolKind): Promise<number[]> => {
          const own = new Pool({ kind: inner, workers: 1 });
          try {
            return await own.map((n: number) => n + 1, [1, 2]);
          } finally {
            await own.close();
          }
        };
        assert.deepEqual(await pool.submit(nested, 'process'), [2, 3]);
        const child = new Process(nested, [kind]);
        child.start();
        assert.deepEqual(await child.join(), [2, 3]);
        const thread = new Thread(nested, [kind]);
        thread.start();
        assert.deepEqual(await thread.join(), [2, 3]);
      }));

    it('pool-25, threadpoolexec-03, processpoolexe-16: many workers, and never more than the most', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 12 }, async (pool) => {
          const futures = range(12).map((n) => pool.submit(meet, meeting.path, `${n}`));
          await meeting.untilArrived(12);
          const more = range(40).map((n) => pool.submit(double, n));
          assert.equal(pool.liveWorkers.length, 12);
          meeting.open();
          await Promise.all(futures);
          assert.deepEqual(await Promise.all(more), range(40).map(double));
        }),
      ));

    it('processpoolexe-18: workers are made only when none is idle', () =>
      withPool({ kind, workers: 4 }, async (pool) => {
        for (const n of range(10)) assert.equal(await pool.submit(double, n), n * 2);
        assert.equal(pool.liveWorkers.length, 1);
      }));

    it('executorcommon-14: the results that were taken are held by nobody', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const taken: WeakRef<object>[] = [];
        const results = pool.imap((n: number) => ({ n }), range(5));
        for await (const result of results) taken.push(new WeakRef(result));
        for (let tries = 0; tries < 20 && taken.some((ref) => ref.deref() !== undefined); tries++)
          await collectGarbage();
        assert.ok(taken.slice(0, 4).every((ref) => ref.deref() === undefined));
      }));

    it('processpoolexe-15: the arguments of a task are held by nobody when it is done', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const keep = (value: object): void => {
          Object.assign(globalThis, { kept: new WeakRef(value) });
        };
        const isGone = async (): Promise<boolean> => {
          const { setFlagsFromString } = process.getBuiltinModule('node:v8');
          const { runInNewContext } = process.getBuiltinModule('node:vm');
          setFlagsFromString('--expose-gc');
          const gc = runInNewContext('gc') as () => void;
          const { kept } = globalThis as unknown as { kept: WeakRef<object> };
          for (let tries = 0; tries < 20 && kept.deref() !== undefined; tries++) {
            await new Promise((resolve) => setImmediate(resolve));
            gc();
          }
          return kept.deref() === undefined;
        };
        await pool.submit(keep, new Map([['a', 1]]));
        assert.equal(await pool.submit(isGone), true);
      }));

    it('processpoolexe-01, processpoolexe-02, processpoolexe-03: what goes wrong on arrival fails the task, and only that', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const other = pool.submit(double, 1);
        const died = await rejection(pool.submit((value: OddArrival) => value, new OddArrival()));
        assert.ok(died instanceof WorkerDiedError);
        assert.equal(died.exitCode, 9);
        const bad = await rejection(pool.submit((value: BadArrival) => value, new BadArrival()));
        assert.match(String(bad) + String((bad as Error).cause), /cannot be made here/);
        assert.equal(await other, 2);
        assert.equal(await pool.submit(add, 1, 1), 2);
      }));

    it('processpoolexe-06, processpoolexe-08, processpoolexe-10: what goes wrong with a result, also while the pool closes', async () => {
      const pool = new Pool({ kind, workers: 1 });
      const deadly = rejection(pool.submit(() => new DeadlyResult()));
      const unsendable = rejectionCode(pool.submit(() => new WeakMap()));
      const fine = pool.submit(double, 2);
      await pool.close();
      const error = await deadly;
      assert.ok(error instanceof WorkerDiedError);
      assert.equal(error.exitCode, 11);
      assert.match(String(await unsendable), /^ERR_/);
      assert.equal(await fine, 4);
    });

    it('processpoolexe-11: many tasks at once while nobody takes them neither block nor get lost', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const holder = pool.submit(meet, meeting.path, 'holder');
          await meeting.untilArrived(1);
          const futures = range(20_000).map((n) => pool.submit(double, n));
          meeting.open();
          assert.deepEqual(await Promise.all(futures), range(20_000).map(double));
          await holder;
        }),
      ));

    it('processpoolexe-12: a worker that is killed fails what it ran; the pool goes on', () =>
      withRendezvous((meeting) =>
        withPool({ kind: 'process', workers: 2 }, async (pool) => {
          const running = pool.submit(meetThenBlock, meeting.path, 'victim');
          await meeting.untilArrived(1);
          const [, pid] = /^process (\d+)$/.exec(pool.liveWorkers[0] as string) ?? [];
          process.kill(Number(pid), 'SIGKILL');
          const error = await rejection(running);
          assert.ok(error instanceof WorkerDiedError);
          assert.equal(error.signal, 'SIGKILL');
          assert.equal(await pool.submit(add, 1, 1), 2);
        }),
      ));

    it('processpoolexe-23: when none is left and none can be started, the pool fails instead of waiting', () =>
      withPool({ kind, workers: 1, execArgv: ['--no-such-flag-of-node'] }, async (pool) => {
        const error = await rejection(pool.submit(add, 1, 1));
        assert.ok(error instanceof WorkerStartError);
        assert.ok((await rejection(pool.submit(add, 1, 1))) instanceof WorkerStartError);
      }));

    it('processpoolexe-25, processpoolexe-27, processpoolexe-28, processpoolexe-29: terminate, with work, without, and before there is any', () =>
      withRendezvous(async (meeting) => {
        const unused = new Pool({ kind, workers: 2 });
        await unused.terminate();
        const pool = new Pool({ kind, workers: 1 });
        const running = rejectionCode(pool.submit(meetThenBlock, meeting.path, 'blocked'));
        await meeting.untilArrived(1);
        await pool.terminate();
        assert.equal(await running, 'ERR_CANCELLED');
        assert.equal(await rejectionCode(pool.submit(add, 1, 1)), 'ERR_POOL_CLOSED');
        assert.deepEqual(pool.liveWorkers, []);
      }));

    it('executorshutdo-04, executorshutdo-09: close that gives up what waits: what has begun ends, nothing stays pending', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const running = pool.submit(meet, meeting.path, 'running');
          await meeting.untilArrived(1);
          const waiting = [
            ...range(50).map((n) => rejectionCode(pool.submit(double, n))),
            rejectionCode(pool.submit((map: Map<number, number>) => map.size, new Map())),
            rejectionCode(pool.with({ priority: 1 }).submit(double, 1)),
          ];
          const closed = pool.close({ cancelWaiting: true });
          assert.deepEqual(
            await Promise.all(waiting),
            waiting.map(() => 'ERR_CANCELLED'),
          );
          meeting.open();
          assert.equal(await running, 'running');
          await closed;
          const early = new Pool({ kind, workers: 1 });
          const future = early.submit(add, 1, 1).catch((error: { code?: unknown }) => error.code);
          await early.close({ cancelWaiting: true });
          assert.ok([2, 'ERR_CANCELLED'].includes((await future) as never));
        }),
      ));

    it('executorshutdo-06, executorshutdo-12, executorshutdo-14: close that nobody awaits does all, and leaves nobody', async () => {
      const pool = new Pool({ kind, workers: 4, maxTasksPerWorker: 1 });
      const futures = range(6).map((n) =>
        pool.submit((x: number) => {
          if (x === 2) throw new RangeError('two');
          return x;
        }, n),
      );
      const settled = Promise.allSettled(futures);
      void pool.close();
      const outcomes = await settled;
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'failed')),
        [0, 1, 'failed', 3, 4, 5],
      );
      while (pool.liveWorkers.length > 0) await sleep(5);
      assert.equal(pool.state, 'closed');
    });

    it('executorshutdo-07, executorshutdo-08, executorshutdo-10: workers are made when they are needed, and called after their pool', () =>
      withPool({ kind, workers: 2, name: 'crew' }, async (pool) => {
        assert.deepEqual(pool.liveWorkers, []);
        const named = await pool.submit(() => process.env['NEVER'] ?? currentThread().name);
        await withPool({ kind, workers: 1 }, async (other) => {
          const [first, where] = await Promise.all([other.submit(() => currentThread().name), other.submit(whereAmI)]);
          if (kind !== 'process') assert.match(first, /^Pool-\d+-1$/);
          if (kind !== 'process') assert.equal(named, 'crew-1');
          assert.notEqual(where, await pool.submit(whereAmI));
        });
      }));
  });
}
