/** Workers that cannot start, modules that cannot be loaded, and workers that end in the middle. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool, WorkerDiedError, WorkerStartError } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { add, double, meet, meetForever } from '../contract/tasks.ts';
import { rejection, rejectionCode, withPool } from '../contract/with-pool.ts';

const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).href;
const importAndCall = async (url: string, name: string, ...args: unknown[]): Promise<unknown> => {
  const module = (await import(url)) as Record<string, (...all: unknown[]) => unknown>;
  return module[name]?.(...args);
};

for (const kind of ['thread', 'process', 'hybrid'] as const) {
  describe(`starting and ending workers of kind ${kind}`, () => {
    it('processpoolexe-23: flags that Node refuses: all tasks fail with the reason after three tries, and no more are made', async () => {
      const seen = new Set<string>();
      const pool = new Pool({ kind, workers: 4, execArgv: ['--no-such-flag'] });
      const watch = setInterval(() => {
        for (const label of pool.liveWorkers) seen.add(label);
      }, 1);
      const futures = range(50).map((n) => pool.submit(add, n, 1));
      for (const label of pool.liveWorkers) seen.add(label);
      for (const outcome of await Promise.allSettled(futures)) {
        assert.ok(outcome.status === 'rejected');
        assert.ok(outcome.reason instanceof WorkerStartError, String(outcome.reason));
        assert.equal(outcome.reason.code, 'ERR_WORKER_START');
      }
      const map = await rejection(pool.map(double, [1, 2, 3]));
      assert.ok(map instanceof WorkerStartError, 'it does not begin anew with each task');
      clearInterval(watch);
      assert.ok(seen.size <= 4 + 3, `${seen.size} workers were started`);
      assert.equal(await rejectionCode(pool.submit(add, 1, 2)), 'ERR_WORKER_START');
      await pool.close();
      assert.equal(pool.liveWorkers.length, 0);
    });

    it('a preloaded module that throws: a WorkerStartError, no respawn storm', async () => {
      const bad = `data:text/javascript,throw new Error('preload failed')`;
      const pool = new Pool({ kind, workers: 2, execArgv: [`--import=${bad}`] });
      const error = await rejection(pool.submit(add, 1, 2));
      assert.ok(error instanceof WorkerStartError);
      assert.match(error.message, /three in a row/);
      if (kind === 'thread') assert.match((error.cause as Error).message, /preload failed/);
      await pool.terminate();
    });

    it('a module with a syntax error fails the task that imports it', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const url = fixture('broken/syntax-error.mjs');
        for (let i = 0; i < 3; i++) {
          const error = await rejection(pool.submit(importAndCall, url, 'broken'));
          assert.ok(error instanceof SyntaxError);
        }
        assert.equal(await pool.submit(add, 1, 2), 3);
        assert.equal(pool.liveWorkers.length, 1);
      }));

    it('a function of a module that starts workers when it is imported: a clear error, no endless chain', async () => {
      const { triple, answers } = await import('./fixtures/starts-on-import.ts');
      assert.deepEqual(answers, [2], 'here it may');
      await withPool({ kind, workers: 1 }, async (pool) => {
        for (let i = 0; i < 3; i++) {
          const error = await rejection(pool.submit(triple, 4));
          assert.ok(error instanceof Error);
          assert.equal((error as { code?: unknown }).code, 'ERR_SPAWN_WHILE_IMPORTING');
          assert.match(error.message, /import/);
        }
        assert.equal(await pool.submit(add, 1, 2), 3);
        assert.equal(pool.liveWorkers.length, 1);
      });
    });

    it('processpoolexe-04: process.exit(n) in a task fails that task, with the code, and no other', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        for (const code of [0, 1, 7]) {
          const exit = (n: number): never => process.exit(n);
          const error = await rejection(pool.submit(exit, code));
          assert.ok(error instanceof WorkerDiedError);
          assert.equal(error.code, 'ERR_WORKER_DIED');
          assert.equal(error.exitCode, code);
          assert.equal(error.signal, null);
          assert.match(
            error.message,
            new RegExp(
              `${kind === 'thread' ? kind : 'process'} \\d+ ended with exit code ${code} while it was running exit\\(${code}\\)`,
            ),
          );
          if (kind !== 'thread') assert.equal(typeof error.pid, 'number');
          if (kind !== 'process') assert.equal(typeof error.threadId, 'number');
          assert.deepEqual(await pool.map(double, range(20)), range(20).map(double));
        }
      }));

    it('a task named in the error: function, and arguments in short', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        function vanish(..._args: unknown[]): never {
          process.exit(3);
        }
        const compact = await rejection(pool.submit(vanish, 1, 'two', { three: [4] }));
        assert.ok(compact instanceof WorkerDiedError);
        assert.match(compact.message, /vanish\(1, 'two', \{ three: \[ ?4 ?\] \}\)/);
        assert.equal(compact.task, 'vanish');
        const packed = await rejection(pool.submit(vanish, new Map([['k', 1]])));
        assert.ok(packed instanceof WorkerDiedError);
        assert.match(packed.message, /vanish\(/);
        const long = await rejection(pool.submit(vanish, 'x'.repeat(100_000)));
        assert.ok(long instanceof WorkerDiedError);
        assert.ok(long.message.length < 500, 'in short');
      }));

    it('an error thrown outside the task’s promise ends the worker: that task fails, the cause is attached, the pool heals', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const throwAside = (): Promise<never> =>
          new Promise(() => {
            setTimeout(() => {
              throw new RangeError('aside');
            }, 1);
          });
        const error = await rejection(pool.submit(throwAside));
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(error.exitCode, 1);
        if (kind !== 'process') assert.equal((error.cause as Error).message, 'aside');
        assert.equal(await pool.submit(add, 1, 2), 3);
      }));

    it('an unhandled rejection in a worker ends it, as it ends a program', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const rejectAside = (): Promise<never> => {
          void Promise.reject(new RangeError('aside'));
          return new Promise(() => {});
        };
        assert.ok((await rejection(pool.submit(rejectAside))) instanceof WorkerDiedError);
        assert.equal(await pool.submit(add, 1, 2), 3);
      }));

    it('a worker that ends while it idles is replaced when there is work', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const exitLater = (): void => {
          setTimeout(() => process.exit(0), 1);
        };
        for (let i = 0; i < 5; i++) {
          await pool.submit(exitLater);
          while (pool.liveWorkers.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
          assert.equal(await pool.submit(add, i, 1), i + 1);
        }
      }));

    it('executorshutdo-13, processpoolexe-09: a worker’s death while the pool closes does not hang close', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ kind, workers: 2 });
        const { path } = meeting;
        const dying = async (where: string): Promise<never> => {
          const { connect } = process.getBuiltinModule('node:net');
          const socket = connect(where);
          await new Promise<void>((resolve) => {
            socket.once('connect', () => socket.write('dying\n'));
            socket.once('data', () => resolve());
          });
          return process.exit(4);
        };
        const reason = rejection(pool.submit(dying, path));
        const other = pool.submit(meet, path, 'other');
        const queued = range(10).map((n) => pool.submit(add, n, 1));
        await meeting.untilArrived(2);
        const closing = pool.close();
        meeting.open();
        assert.ok((await reason) instanceof WorkerDiedError);
        assert.equal(await other, 'other');
        assert.deepEqual(
          await Promise.all(queued),
          range(10).map((n) => n + 1),
        );
        await closing;
        assert.equal(pool.liveWorkers.length, 0);
      }));

    it('64 workers', { timeout: 120_000 }, () =>
      withPool({ kind, workers: kind === 'thread' ? 64 : 16 }, async (pool) => {
        assert.deepEqual(await pool.map(double, range(5000)), range(5000).map(double));
        assert.deepEqual(
          await Promise.all(range(3000).map((n) => pool.submit(add, n, 1))),
          range(3000).map((n) => n + 1),
        );
        assert.ok(pool.liveWorkers.length <= pool.workers);
      }),
    );

    it('processpoolexe-17, threadpoolexec-03: tasks one after the other use one worker; many never more than the limit', () =>
      withPool({ kind, workers: 3 }, async (pool) => {
        for (let i = 0; i < 10; i++) await pool.submit(add, i, 1);
        assert.equal(pool.liveWorkers.length, 1);
        const futures = range(100).map((n) => pool.submit(add, n, 1));
        assert.ok(pool.liveWorkers.length <= 3);
        await Promise.all(futures);
        assert.ok(pool.liveWorkers.length <= 3);
      }));
  });
}

describe('threads that run out of memory', () => {
  it('fail their task with ERR_OUT_OF_MEMORY, and the pool heals', { timeout: 60_000 }, () =>
    withPool(
      { kind: 'thread', workers: 1, resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } },
      async (pool) => {
        const hoard = (): number => {
          const all: number[][] = [];
          for (;;) all.push(new Array<number>(100_000).fill(all.length));
        };
        const error = await rejection(pool.submit(hoard));
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(error.code, 'ERR_OUT_OF_MEMORY');
        assert.match(error.message, /ran out of memory while it was running hoard\(\)/);
        assert.equal(await pool.submit(add, 1, 2), 3);
      },
    ),
  );
});

describe('processes that are ended from outside', () => {
  it('kill -9 fails the task that ran, by name and signal; the next one runs', () =>
    withRendezvous((meeting) =>
      withPool({ kind: 'process', workers: 1 }, async (pool) => {
        const running = rejection(pool.submit(meetForever, meeting.path, 'victim'));
        await meeting.untilArrived(1);
        const pid = Number(/\d+/.exec(pool.liveWorkers[0] ?? '')?.[0]);
        process.kill(pid, 'SIGKILL');
        const error = await running;
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(error.signal, 'SIGKILL');
        assert.equal(error.exitCode, null);
        assert.equal(error.pid, pid);
        assert.match(error.message, /was ended by SIGKILL while it was running meetForever/);
        assert.equal(await pool.submit(add, 1, 2), 3);
      }),
    ));

  it('processpoolexe-13: each failed task has an error of its own', () =>
    withRendezvous((meeting) =>
      withPool({ kind: 'process', workers: 1, tasksPerWorker: 3 }, async (pool) => {
        const reasons = range(3).map((n) => rejection(pool.submit(meetForever, meeting.path, `${n}`)));
        await meeting.untilArrived(3);
        process.kill(Number(/\d+/.exec(pool.liveWorkers[0] ?? '')?.[0]), 'SIGKILL');
        const errors = await Promise.all(reasons);
        assert.equal(new Set(errors).size, 3);
        assert.ok(errors.every((error) => error instanceof WorkerDiedError));
      }),
    ));
});
