/** Who dies in a hybrid pool, and what it costs: a thread what it held, a process what its threads held. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { float64, type Pool, SharedArray, WorkerDiedError } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { add, double } from '../contract/tasks.ts';
import { rejection, withPool } from '../contract/with-pool.ts';
import { fillHeap, killOwnProcess, meetInProcess, meetThenExit, whereIsIt } from './hybrid-tasks.ts';

const kind = 'hybrid';

async function death(promise: PromiseLike<unknown>): Promise<WorkerDiedError> {
  const error = await rejection(promise);
  assert.ok(error instanceof WorkerDiedError, String(error));
  return error;
}

/** Process ids of the workers that live. */
const pidsOf = (pool: Pool): number[] => pool.liveWorkers.map((label) => Number(/process (\d+)/.exec(label)?.[1]));

describe('the death of a thread', () => {
  it('by process.exit(): fails what it held; its neighbour in the same process goes on, and so does the process', () =>
    withRendezvous((meeting) =>
      withPool({ kind, workers: 2, threadsPerProcess: 2 }, async (pool) => {
        const kept = pool.submit(meetInProcess, meeting.path);
        const lost = pool.submit(meetThenExit, meeting.path, 'lost', 7);
        const arrived = await meeting.untilArrived(2);
        const reason = death(lost);
        meeting.letGo('lost');
        const error = await reason;
        const pid = Number(arrived.find((name) => name !== 'lost'));
        assert.equal(error.pid, pid, 'they were neighbours');
        assert.equal(typeof error.threadId, 'number');
        assert.equal(error.worker, `thread ${error.threadId} of process ${pid}`);
        assert.deepEqual([error.exitCode, error.signal, error.code], [7, null, 'ERR_WORKER_DIED']);
        const replaced = pool.submit(meetInProcess, meeting.path);
        assert.deepEqual((await meeting.untilArrived(3))[2], String(pid), 'it is replaced in the same process');
        meeting.open();
        assert.deepEqual(await Promise.all([kept, replaced]), [pid, pid]);
      }),
    ));

  it('by an error that nobody catches: the cause is attached', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      const throwAside = (): Promise<never> =>
        new Promise(() => {
          setTimeout(() => {
            throw new RangeError('aside');
          }, 1);
        });
      const error = await death(pool.submit(throwAside));
      assert.equal(error.exitCode, 1);
      assert.ok(error.cause instanceof RangeError);
      assert.equal(error.cause.message, 'aside');
      assert.equal(await pool.submit(add, 1, 2), 3);
    }));

  it('by a full heap: it alone fails, with ERR_OUT_OF_MEMORY', { timeout: 120_000 }, () =>
    withRendezvous((meeting) => {
      const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 };
      return withPool({ kind, workers: 2, threadsPerProcess: 2, resourceLimits }, async (pool) => {
        const kept = pool.submit(meetInProcess, meeting.path);
        const [arrived] = await meeting.untilArrived(1);
        const error = await death(pool.submit(fillHeap));
        assert.equal(error.code, 'ERR_OUT_OF_MEMORY');
        assert.match(error.message, /thread \d+ of process \d+ ran out of memory/);
        assert.equal(error.pid, Number(arrived));
        meeting.open();
        assert.equal(await kept, error.pid);
        assert.equal(await pool.submit(add, 1, 2), 3);
      });
    }),
  );

  it('of the only one: the next starts anew, time after time', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      const exit = (code: number): never => process.exit(code);
      for (let code = 1; code <= 3; code++) {
        assert.equal((await death(pool.submit(exit, code))).exitCode, code);
        assert.equal(await pool.submit(add, code, 1), code + 1);
      }
    }));
});

describe('the death of a process', () => {
  it('fails what its threads held; those of the other process go on, and the pool fills up again', () =>
    withRendezvous((meeting) =>
      withPool({ kind, workers: 4, threadsPerProcess: 2 }, async (pool) => {
        const futures = range(4).map(() => pool.submit(meetInProcess, meeting.path));
        const pids = (await meeting.untilArrived(4)).map(Number);
        const [doomed, other] = [...new Set(pids)] as [number, number];
        assert.deepEqual(pids.toSorted(), [doomed, doomed, other, other].toSorted(), 'two and two');
        const outcomes = Promise.allSettled(futures);
        process.kill(doomed, 'SIGKILL');
        await meeting.untilLeft(2);
        const healed = range(2).map(() => pool.submit(meetInProcess, meeting.path));
        await meeting.untilArrived(6);
        meeting.open();
        const values: number[] = [];
        for (const outcome of await outcomes) {
          if (outcome.status === 'fulfilled') {
            values.push(outcome.value);
            continue;
          }
          const error = outcome.reason as WorkerDiedError;
          assert.ok(error instanceof WorkerDiedError, String(error));
          assert.deepEqual([error.pid, error.signal, error.exitCode], [doomed, 'SIGKILL', null]);
          assert.match(
            error.message,
            /thread \d+ of process \d+ was ended by SIGKILL while it was running meetInProcess/,
          );
        }
        assert.deepEqual(values, [other, other]);
        const fresh = await Promise.all(healed);
        assert.equal(fresh[0], fresh[1]);
        assert.ok(!pids.includes(fresh[0] as number), 'in a process of their own');
        assert.equal(pool.liveWorkers.length, 4);
      }),
    ));

  it('SIGABRT is not taken for a full heap', () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      const abort = (): void => {
        process.kill(process.pid, 'SIGABRT');
        for (;;);
      };
      const error = await death(pool.submit(abort));
      assert.deepEqual([error.code, error.signal], ['ERR_WORKER_DIED', 'SIGABRT']);
    }));

  it('while other threads of it still start: they start elsewhere, and the pool does not give up', () =>
    withPool({ kind, workers: 6, threadsPerProcess: 6 }, async (pool) => {
      for (let round = 0; round < 2; round++) {
        const first = pool.submit(killOwnProcess);
        const rest = range(40).map((n) => pool.submit(add, n, 1));
        assert.equal((await death(first)).signal, 'SIGKILL');
        const outcomes = await Promise.allSettled(rest);
        const lost = outcomes.filter(({ status }) => status === 'rejected');
        assert.ok(lost.length <= 5, `${lost.length} were held by the other threads`);
        for (const outcome of lost) assert.ok((outcome as PromiseRejectedResult).reason instanceof WorkerDiedError);
      }
      assert.deepEqual(await pool.map(double, range(50)), range(50).map(double));
    }));

  it('no task runs twice, whenever it dies: what had not begun goes to others, what had begun fails', {
    timeout: 120_000,
  }, async () => {
    const tasks = 400;
    const runs = new SharedArray(float64, tasks, { scope: 'process' });
    await withPool({ kind, workers: 2, threadsPerProcess: 2 }, async (pool) => {
      const run = (n: number): number => {
        runs[n] = (runs[n] as number) + 1;
        return n;
      };
      for (let round = 0; round < 3; round++) {
        runs.fill(0);
        await pool.map(run, [0, 1], { chunkSize: 1 });
        runs.fill(0);
        const [pid] = pidsOf(pool);
        const futures = range(tasks).map((n) => pool.submit(run, n));
        const outcomes = Promise.allSettled(futures);
        await futures[30 * (round + 1)]?.catch(() => {});
        process.kill(pid as number, 'SIGKILL');
        let lost = 0;
        for (const [n, outcome] of (await outcomes).entries()) {
          if (outcome.status === 'rejected') lost += 1;
          else assert.equal(runs[n], 1, `task ${n} of round ${round}`);
          assert.ok((runs[n] as number) <= 1, `task ${n} of round ${round} ran ${runs[n]} times`);
        }
        assert.ok(lost <= 2, `${lost} were lost`);
      }
    });
  });

  it('whose flags are refused: a WorkerStartError after three tries', async () => {
    await withPool({ kind, workers: 4, threadsPerProcess: 4, execArgv: ['--no-such-flag'] }, async (pool) => {
      const error = await rejection(pool.submit(add, 1, 2));
      assert.equal((error as { code?: unknown }).code, 'ERR_WORKER_START');
    });
  });
});

describe('what a hybrid worker is', () => {
  it('threads of processes, spread evenly, named by both', () =>
    withRendezvous((meeting) =>
      withPool({ kind, workers: 6, threadsPerProcess: 4 }, async (pool) => {
        const futures = range(6).map(() => pool.submit(meetInProcess, meeting.path));
        const pids = (await meeting.untilArrived(6)).map(Number);
        const count = (pid: number): number => pids.filter((each) => each === pid).length;
        assert.deepEqual([...new Set(pids)].map(count), [3, 3]);
        for (const label of pool.liveWorkers) assert.match(label, /^thread \d+ of process \d+$/);
        assert.ok(!pids.includes(process.pid));
        meeting.open();
        await Promise.all(futures);
        const { pid, threadId } = await pool.submit(whereIsIt);
        assert.ok(pool.liveWorkers.includes(`thread ${threadId} of process ${pid}`));
        assert.ok(threadId > 0, 'not the main thread');
      }),
    ));
});
