/**
 * Contract of every pool: how tasks flow through its workers.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool, type PoolKind } from '../../src/index.ts';
import { range, WatchedInput } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, block, double, doubleLater, meet, whereAmI } from './tasks.ts';
import { withPool } from './with-pool.ts';

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

/** How work flows through every pool. */
export function poolFlowContract(kind: PoolKind): void {
  describe('flow', () => {
    it('tasksPerWorker: that many async tasks are in flight on one worker, and no more', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 5 }, async (pool) => {
          const { path } = meeting;
          const futures = range(7).map((n) => pool.submit(meet, path, `task ${n}`));
          await meeting.untilArrived(5); // none has been let go: they overlap
          meeting.letGo('task 2');
          assert.equal(await futures[2], 'task 2');
          await meeting.untilArrived(6);
          assert.equal(meeting.arrived.length, 6, 'one place became free, one task took it');
          meeting.open();
          assert.deepEqual(
            await Promise.all(futures),
            range(7).map((n) => `task ${n}`),
          );
          assert.equal(pool.liveWorkers.length, 1);
        }),
      ));

    for (const [how, start] of [
      ['map', (pool: Pool, fn: (name: string) => Promise<string>, names: string[]) => pool.map(fn, names)],
      ['imap', (pool: Pool, fn: (name: string) => Promise<string>, names: string[]) => all(pool.imap(fn, names))],
    ] as const) {
      it(`${how} has as many under way as there are places`, () =>
        withRendezvous((meeting) =>
          withPool({ kind, workers: 2, tasksPerWorker: 12 }, async (pool) => {
            const { path } = meeting;
            const names = range(40).map((n) => `task ${n}`);
            const results = start(pool, (name) => meet(path, name), names);
            await meeting.untilArrived(24); // none has been let go
            meeting.open();
            assert.deepEqual(await results, names);
          }),
        ));
    }

    it('quick chunks wait for a worker in greater number than long ones', async () => {
      if (kind === 'inline') return; // the thread that supplies is the one that works
      await withPool({ kind, workers: 1 }, async (pool) => {
        const mostAhead = async (fn: (n: number) => number, items: number): Promise<number> => {
          const input = new WatchedInput(items);
          let most = 0;
          let taken = 0;
          for await (const _ of pool.imapUnordered(fn, input.sync, { ahead: items, chunkSize: 1 })) {
            most = Math.max(most, input.read - taken);
            taken += 1;
          }
          assert.equal(taken, items);
          return most;
        };
        const long = await mostAhead(() => block(20), 12);
        assert.ok(long <= 6, `${long} ahead of long ones: three in flight, and three that had just been done`);
        const quick = await mostAhead(double, 1000);
        assert.ok(quick >= 9, `${quick} ahead of quick ones: one under way and eight that wait`);
      });
    });

    for (const overflow of ['reject', 'drop-oldest'] as const) {
      it(`a map alone does not overflow the backlog, overflow ${overflow}`, () =>
        withPool({ kind, workers: 2, backlog: 10, overflow }, async (pool) => {
          const input = range(2000);
          assert.deepEqual(await pool.map(double, input, { chunkSize: 1 }), input.map(double));
        }));
    }

    it('tasks in flight on one worker can wait for each other', () =>
      withPool({ kind, workers: 1, tasksPerWorker: 3 }, async (pool) => {
        // A barrier of promises, kept in the worker: none goes on before all three are there.
        const barrier = async (name: number): Promise<number> => {
          const shared = globalThis as { waiting?: (() => void)[] };
          shared.waiting ??= [];
          const { waiting } = shared;
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
            if (waiting.length === 3) for (const go of waiting.splice(0)) go();
          });
          return name;
        };
        assert.deepEqual(await Promise.all(range(6).map((n) => pool.submit(barrier, n))), range(6));
      }));

    it('one task per worker: the next does not start before the last has ended', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const overlap = async (): Promise<number> => {
          const shared = globalThis as { inFlight?: number };
          shared.inFlight = (shared.inFlight ?? 0) + 1;
          const seen = shared.inFlight;
          await new Promise((resolve) => setImmediate(resolve));
          await new Promise((resolve) => setImmediate(resolve));
          shared.inFlight -= 1;
          return seen;
        };
        assert.deepEqual(await Promise.all(range(30).map(() => pool.submit(overlap))), new Array(30).fill(1));
      }));

    it('one worker takes tasks in the order in which they were submitted, whatever their arguments are made of', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const order = (n: number, ..._rest: unknown[]): number => {
          const shared = globalThis as { turn?: number };
          shared.turn = (shared.turn ?? 0) + 1;
          return shared.turn - n;
        };
        await pool.submit(order, 1); // known from now on
        const futures = range(200).map((n) =>
          n % 3 === 0 ? pool.submit(order, n + 2, new Map()) : pool.submit(order, n + 2, 'x'),
        );
        assert.deepEqual(await Promise.all(futures), new Array(200).fill(0));
      }));

    it('a task’s un-awaited timers go on while its worker idles', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const startTicking = (path: string): string => {
            const { connect } = process.getBuiltinModule('node:net');
            let ticks = 0;
            const timer = setInterval(() => {
              ticks += 1;
              if (ticks < 3) return;
              clearInterval(timer);
              const socket = connect(path, () => socket.end('ticked\n'));
            }, 5);
            return 'started';
          };
          assert.equal(await pool.submit(startTicking, meeting.path), 'started');
          assert.deepEqual(await meeting.untilArrived(1), ['ticked']);
        }),
      ));

    it('results of 100,000 tasks are right', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const futures = range(100_000).map((n) => pool.submit(add, n, 1));
        let wrong = 0;
        for (let n = 0; n < futures.length; n++) if ((await futures[n]) !== n + 1) wrong += 1;
        assert.equal(wrong, 0);
        assert.equal(pool.pending, 0);
      }));

    it('results of 20,000 tasks with strings and objects are right', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const greet = (who: { name: string; n: number }): { text: string; n: number } => ({
          text: `hello ${who.name}`,
          n: who.n,
        });
        const answers = await Promise.all(range(20_000).map((n) => pool.submit(greet, { name: `köln ${n}`, n })));
        const wrong = answers.filter((answer, n) => answer.n !== n || answer.text !== `hello köln ${n}`);
        assert.deepEqual(wrong, []);
      }));

    it('results of 2,000 tasks of mixed kinds, sizes and errors are right', () =>
      withPool({ kind, workers: 2, tasksPerWorker: 3 }, async (pool) => {
        const mixed = (n: number, bytes: Uint8Array, map: Map<string, number>): unknown => {
          if (n % 7 === 0) throw new RangeError(`no ${n}`);
          if (n % 5 === 0) return Promise.resolve([n, bytes.length, map.get('n')]);
          if (n % 3 === 0) return new Map([['n', n + bytes.length]]);
          return n + bytes.length;
        };
        const plain = (n: number): number => n;
        const futures = range(2000).flatMap((n) => [
          pool.submit(mixed, n, new Uint8Array(n % 997), new Map([['n', n]])),
          pool.submit(plain, n),
        ]);
        const outcomes = await Promise.allSettled(futures);
        for (let n = 0; n < 2000; n++) {
          const [first, second] = [outcomes[2 * n], outcomes[2 * n + 1]];
          const size = n % 997;
          if (n % 7 === 0) assert.ok(first?.status === 'rejected' && (first.reason as Error).message === `no ${n}`);
          else {
            const wanted = n % 5 === 0 ? [n, size, n] : n % 3 === 0 ? new Map([['n', n + size]]) : n + size;
            assert.deepEqual(first, { status: 'fulfilled', value: wanted });
          }
          assert.deepEqual(second, { status: 'fulfilled', value: n });
        }
      }));

    it('large arguments and results: 1 MiB each way, many at once', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const invert = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => 255 - byte);
        const answers = await Promise.all(range(24).map((n) => pool.submit(invert, new Uint8Array(2 ** 20).fill(n))));
        for (const [n, answer] of answers.entries()) {
          assert.equal(answer.length, 2 ** 20);
          assert.equal(answer[0], 255 - n);
          assert.equal(answer.at(-1), 255 - n);
        }
        const long = 'x'.repeat(3_000_000);
        const lengths = await Promise.all(range(8).map((n) => pool.submit((text: string) => text.length, long + n)));
        assert.deepEqual(lengths, new Array(8).fill(3_000_001));
      }));

    it('submitting from within an answer, deep and wide', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const sum = async (depth: number): Promise<number> => {
          if (depth === 0) return pool.submit(add, 1, 0);
          const [a, b] = await Promise.all([sum(depth - 1), sum(depth - 1)]);
          return pool.submit(add, a, b);
        };
        assert.equal(await sum(8), 256);
      }));

    it('one after the other: every round trip comes back', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        for (let n = 0; n < 2000; n++) assert.equal(await pool.submit(double, n), 2 * n);
        for (let n = 0; n < 200; n++) assert.equal(await pool.submit(doubleLater, n), 2 * n);
      }));

    it('a pause between tasks: a sleeping pool and sleeping workers wake up', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        for (let n = 0; n < 20; n++) {
          assert.equal(await pool.submit(double, n), 2 * n);
          await new Promise((resolve) => setTimeout(resolve, n % 5)); // long enough to fall asleep, that is the point
        }
      }));

    if (kind !== 'inline') {
      it('a busy worker still turns to its event loop', () =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const startClock = (): void => {
            const shared = globalThis as { ticks?: number };
            shared.ticks = 0;
            const timer = setInterval(() => {
              shared.ticks = (shared.ticks ?? 0) + 1;
            }, 1);
            timer.unref();
          };
          const ticks = (): number => (globalThis as { ticks?: number }).ticks ?? -1;
          await pool.submit(startClock);
          const seen = await Promise.all(range(20_000).map(() => pool.submit(ticks)));
          assert.ok((seen.at(-1) ?? 0) > 0, 'timers fired between tasks that follow each other without a pause');
        }));

      it('the work is spread over all workers', () =>
        withRendezvous((meeting) =>
          withPool({ kind, workers: 3 }, async (pool) => {
            const { path } = meeting;
            const futures = range(3).map((n) => pool.submit(meet, path, `${n}`));
            await meeting.untilArrived(3); // all three run at once
            const where = range(3).map(() => pool.submit(whereAmI));
            meeting.open();
            await Promise.all(futures);
            assert.ok(new Set(await Promise.all(where)).size >= 1);
            assert.equal(pool.liveWorkers.length, 3);
          }),
        ));

      it('a pool within a worker of a pool', () =>
        withPool({ kind, workers: 1 }, async (pool) => {
          for (const inner of ['thread', 'process', 'inline'] as const) {
            const nested = async (innerKind: PoolKind, n: number): Promise<number[]> => {
              const own = new Pool({ kind: innerKind, workers: 1 });
              try {
                return await own.map((x: number) => x * n, [1, 2, 3]);
              } finally {
                await own.close();
              }
            };
            assert.deepEqual(await pool.submit(nested, inner, 10), [10, 20, 30], `${inner} within ${kind}`);
          }
        }));
    }
  });
}
