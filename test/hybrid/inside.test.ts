/** What tasks of a hybrid pool can do: know who they are, share what processes share, start workers of their own. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Barrier,
  currentProcess,
  currentThread,
  DeadlockError,
  enumerateThreads,
  float64,
  Lock,
  parentProcess,
  Pool,
  Process,
  Queue,
  sleepSync,
  Thread,
  transfer,
  Value,
} from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { add } from '../contract/tasks.ts';
import { rejection, rejectionCode, withPool } from '../contract/with-pool.ts';

const kind = 'hybrid';
const two = { kind, workers: 2, threadsPerProcess: 2 } as const;

describe('identity', () => {
  it('a thread of a process of this one', () =>
    withPool({ ...two, name: 'mill' }, async (pool) => {
      const seen = await pool.submit(() => ({
        thread: { ...currentThread() },
        process: { ...currentProcess() },
        parent: parentProcess()?.pid,
        threads: enumerateThreads().map(({ name }) => name),
      }));
      assert.match(seen.thread.name, /^mill-\d+$/);
      assert.match(seen.process.name, /^mill-process-\d+$/);
      assert.notEqual(seen.process.pid, process.pid);
      assert.equal(seen.parent, process.pid);
      assert.ok(seen.threads.includes('MainThread') && seen.threads.includes(seen.thread.name), String(seen.threads));
    }));
});

describe('workers of their own', () => {
  it('threads, processes and pools', { timeout: 100_000 }, () =>
    withPool({ kind, workers: 1 }, async (pool) => {
      const started = await pool.submit(async () => {
        const thread = new Thread(add, [1, 2]);
        thread.start();
        const child = new Process(add, [3, 4]);
        child.start();
        const sums = [await thread.join(), await child.join()];
        for (const inner of ['thread', 'hybrid'] as const) {
          const own = new Pool({ kind: inner, workers: 1 });
          sums.push(await own.submit(add, 5, 6));
          await own.close();
        }
        return sums;
      });
      assert.deepEqual(started, [3, 7, 11, 11]);
    }),
  );
});

describe('what is shared', () => {
  it('locks, values and queues of scope process, between threads of one process, of two, and this thread', () =>
    withPool({ kind, workers: 4, threadsPerProcess: 2 }, async (pool) => {
      const lock = new Lock({ scope: 'process' });
      const sum = new Value(float64, 0, { scope: 'process' });
      const queue = new Queue<string>({ scope: 'process' });
      const count = async (times: number): Promise<void> => {
        for (let i = 0; i < times; i++) {
          await lock.run(() => {
            sum.value += 1;
          });
        }
        await queue.put(`${process.pid}`);
      };
      const tasks = range(8).map(() => pool.submit(count, 50));
      for (let i = 0; i < 50; i++) await lock.run(() => void (sum.value += 1));
      const pids = await Promise.all(range(8).map(() => queue.get()));
      await Promise.all(tasks);
      assert.equal(sum.value, 450);
      assert.ok(new Set(pids).size >= 1 && !pids.includes(`${process.pid}`));
    }));

  it('a holder that dies is told of: the thread, and the process', { timeout: 60_000 }, () =>
    withPool(two, async (pool) => {
      for (const end of ['exit', 'kill'] as const) {
        const lock = new Lock({ scope: 'process' });
        const held = new Barrier(2, { scope: 'process' });
        const holdAndDie = async (how: 'exit' | 'kill'): Promise<void> => {
          await lock.acquire();
          await held.wait();
          sleepSync(50);
          if (how === 'kill') process.kill(process.pid, 'SIGKILL');
          else process.exit(1);
        };
        const dying = rejection(pool.submit(holdAndDie, end));
        await held.wait();
        const error = await rejection(lock.acquire());
        assert.equal((error as { code?: unknown }).code, 'ERR_OWNER_DIED', end);
        await dying;
      }
    }),
  );

  it('a deadlock of two hybrid workers is found', { timeout: 60_000 }, () =>
    withPool(two, async (pool) => {
      const [one, other] = [new Lock({ scope: 'process' }), new Lock({ scope: 'process' })];
      const ready = new Barrier(2, { scope: 'process' });
      const cross = (held: Lock, wanted: Lock): string => {
        const hold = held.acquireSync();
        ready.waitSync();
        try {
          wanted.acquireSync().release();
          return 'got it';
        } catch (error) {
          return error instanceof DeadlockError ? 'deadlock' : String(error);
        } finally {
          hold.release();
        }
      };
      const outcomes = await Promise.all([pool.submit(cross, one, other), pool.submit(cross, other, one)]);
      assert.deepEqual(outcomes.toSorted(), ['deadlock', 'got it']);
    }),
  );

  it('what only threads can share is refused, both ways, and only that task fails', () =>
    withPool(two, async (pool) => {
      const lock = new Lock();
      assert.equal(await rejectionCode(pool.submit(() => lock.locked)), 'ERR_NOT_SHAREABLE');
      assert.equal(await rejectionCode(pool.submit(() => new SharedArrayBuffer(4))), 'ERR_NOT_SHAREABLE');
      const port = (): unknown => {
        const { port1 } = new MessageChannel();
        return transfer(port1, [port1 as never]);
      };
      assert.ok((await rejection(pool.submit(port))) instanceof Error);
      assert.equal(await pool.submit(add, 1, 2), 3);
    }));
});
