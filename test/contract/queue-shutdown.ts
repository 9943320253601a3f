/**
 * What the end of a queue promises, whatever its scope: shutting down, and closing. A test that begins with an id is a row of the
 * table of behaviours.
 *
 * mpqueue-11 (closing closes both ends of the pipe) is about an attribute of CPython: there is no pipe. Its visible effect is mpqueue-07.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Event, LifoQueue, PriorityQueue, Queue, type ScopeOptions, ShutDown, SimpleQueue } from '../../src/index.ts';
import { workerOf } from './in-scope.ts';
import { range } from './inputs.ts';
import { rejection, rejectionCode } from './with-pool.ts';

const PATIENCE = { timeout: 30_000 } as const;
const SHUT = { code: 'ERR_QUEUE_SHUT_DOWN' };
const CLOSED = { code: 'ERR_INVALID_STATE', message: /is closed/ };
const TOO_OFTEN = { code: 'ERR_INVALID_STATE', message: /taskDone/ };

/** What a waiter comes to, in a word. */
const ended = (wait: Promise<unknown>): Promise<unknown> =>
  wait.then(
    (value) => value ?? 'put',
    (error: { readonly code?: unknown }) => error.code,
  );

/** The contract of their end. */
export function queueShutdownContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);
  const bounded = [Queue, LifoQueue, PriorityQueue] as const;
  const all = [...bounded, SimpleQueue] as const;

  describe(`shutdown of queues, scope ${scope}`, () => {
    test('queueshutdown-01: afterwards an empty one neither takes nor gives', async () => {
      for (const Kind of all) {
        for (const immediate of [false, true]) {
          const queue = new Kind<number>({ scope });
          assert.equal(queue.isShutDown, false);
          queue.shutdown({ immediate });
          assert.equal(queue.isShutDown, true);
          assert.throws(() => queue.putSync(1), SHUT);
          assert.throws(() => queue.tryPut(1), SHUT);
          assert.throws(() => queue.getSync(), SHUT);
          assert.throws(() => queue.getSync({ timeout: 0 }), SHUT);
          assert.throws(() => queue.tryGet(), SHUT);
          assert.ok((await rejection(queue.put(1))) instanceof ShutDown);
          assert.ok((await rejection(queue.get())) instanceof ShutDown);
          queue.shutdown();
          assert.deepEqual([...queue], []);
        }
      }
    });

    test('queueshutdown-02: what is in it can still be got, in order', async () => {
      for (const Kind of all) {
        const queue = new Kind<number>({ scope });
        for (const item of range(4)) queue.putSync(item);
        queue.shutdown();
        assert.equal(queue.size, 4);
        assert.throws(() => queue.putSync(9), SHUT);
        const items = [await queue.get(), queue.getSync(), queue.tryGet(), await queue.get({ timeout: 0 })];
        assert.deepEqual(items, Kind === LifoQueue ? [3, 2, 1, 0] : range(4));
        assert.throws(() => queue.getSync(), SHUT);
      }
    });

    test('queueshutdown-03 queueshutdown-15: at once: items are dropped and count as done', async () => {
      for (const Kind of bounded) {
        const queue = new Kind<unknown>({ scope });
        for (const item of range(5)) queue.putSync({ priority: item, text: 'x'.repeat(9000 * item) });
        const joined = queue.join(PATIENCE);
        queue.shutdown({ immediate: true });
        assert.equal(queue.size, 0);
        assert.throws(() => queue.getSync(), SHUT);
        assert.equal(await joined, true);
        assert.equal(queue.unfinished, 0);
        assert.throws(() => queue.taskDone(), TOO_OFTEN);
        queue.shutdown({ immediate: true });
        queue.shutdown();
        assert.equal(queue.joinSync(), true);
      }
    });

    test('a graceful shutdown can be followed by one at once', async () => {
      for (const Kind of bounded) {
        const queue = new Kind<number>({ scope });
        for (const item of range(3)) queue.putSync(item);
        queue.shutdown();
        queue.getSync();
        queue.taskDone();
        queue.shutdown({ immediate: true });
        assert.throws(() => queue.getSync(), SHUT);
        assert.equal(await queue.join(PATIENCE), true);
      }
    });

    test('queueshutdown-04 queueshutdown-05: many who put, get and join all stop', async () => {
      for (const immediate of [false, true]) {
        const queues = bounded.map((Kind) => new Kind<number>({ scope, maxSize: 3 }));
        const put = async (into: readonly Queue<number>[]): Promise<number[]> => {
          const counts: number[] = [];
          for (const queue of into) {
            let count = 0;
            try {
              for (; ; count++) await (count % 2 === 0 ? queue.put(count) : queue.putSync(count));
            } catch (error) {
              if ((error as { code?: unknown }).code !== 'ERR_QUEUE_SHUT_DOWN') throw error;
            }
            counts.push(count);
          }
          return counts;
        };
        const get = async (from: readonly Queue<number>[]): Promise<number[]> => {
          const counts: number[] = [];
          for (const queue of from) {
            let count = 0;
            try {
              for (; ; count++) {
                await (count % 2 === 0 ? queue.get() : queue.getSync());
                queue.taskDone();
              }
            } catch (error) {
              if ((error as { code?: unknown }).code !== 'ERR_QUEUE_SHUT_DOWN') throw error;
            }
            counts.push(count);
          }
          return counts;
        };
        const workers = [put, put, get, get].map((fn) => new Worker(fn, [queues]));
        for (const worker of workers) worker.start();
        for (const queue of queues) {
          const joins = [queue.join(PATIENCE), queue.join(PATIENCE)];
          for (let i = 0; i < 20; i++) {
            await queue.get(PATIENCE);
            queue.taskDone();
          }
          queue.shutdown({ immediate });
          assert.deepEqual(await Promise.all(joins), [true, true]);
        }
        const counts = await Promise.all(workers.map((worker) => worker.join()));
        for (const [i, queue] of queues.entries()) {
          assert.equal(queue.size, 0);
          assert.equal(queue.unfinished, 0);
          const [one = 0, two = 0, three = 0, four = 0] = counts.map((each) => each[i] as number);
          const left = one + two - three - four - 20;
          assert.ok(immediate ? left >= 0 && left <= 3 : left === 0, `${left} items were lost`);
        }
      }
    });

    test('queueshutdown-06: of three who wait for two items two get one', async () => {
      const queue = new Queue<number>({ scope });
      const waits = range(3).map(() => ended(queue.get(PATIENCE)));
      queue.putSync(1);
      queue.putSync(2);
      queue.shutdown();
      assert.deepEqual(await Promise.all(waits), [1, 2, 'ERR_QUEUE_SHUT_DOWN']);
    });

    test('queueshutdown-06: an item that was granted and not taken in time is for the next one', async () => {
      const queue = new Queue<number>({ scope });
      const [asked, given, over] = range(3).map(() => new Event({ scope })) as [Event, Event, Event];
      const worker = new Worker(
        async (from: Queue<number>, said: Event, go: Event, shut: Event) => {
          const aborter = new AbortController();
          const item = from.get({ signal: aborter.signal });
          await null;
          said.set();
          go.waitSync(); // granted meanwhile, which this thread has not heard
          shut.waitSync();
          aborter.abort('too late');
          return item.catch((reason: unknown) => reason);
        },
        [queue, asked, given, over],
      );
      worker.start();
      assert.equal(await asked.wait(PATIENCE), true);
      queue.putSync(1);
      given.set();
      queue.shutdown();
      const next = queue.get(PATIENCE);
      over.set();
      const got = [await worker.join(), await ended(next)];
      assert.deepEqual(got, ['too late', 1]);
    });

    test('queueshutdown-07 queueshutdown-12: all who wait for an item are told', async () => {
      for (const immediate of [false, true]) {
        const queue = new Queue<number>({ scope });
        const waits = range(3).map(() => ended(queue.get()));
        const began = new Event({ scope });
        const worker = new Worker(
          (from: Queue<number>, here: Event) => {
            here.set();
            try {
              return from.getSync();
            } catch (error) {
              return (error as { readonly code?: unknown }).code;
            }
          },
          [queue, began],
        );
        worker.start();
        assert.equal(await began.wait(PATIENCE), true);
        queue.shutdown({ immediate });
        assert.deepEqual(await Promise.all([...waits, worker.join()]), Array(4).fill('ERR_QUEUE_SHUT_DOWN'));
      }
    });

    test('queueshutdown-08 queueshutdown-09 queueshutdown-11: all who wait for room are told, and so are those who join', async () => {
      for (const immediate of [false, true]) {
        const queue = new Queue<number>({ scope, maxSize: 1 });
        queue.putSync(0);
        const waits = range(2).map((item) => ended(queue.put(item)));
        const began = new Event({ scope });
        const worker = new Worker(
          (into: Queue<number>, here: Event) => {
            here.set();
            try {
              into.putSync(1);
              return 'put';
            } catch (error) {
              return (error as { readonly code?: unknown }).code;
            }
          },
          [queue, began],
        );
        worker.start();
        assert.equal(await began.wait(PATIENCE), true);
        const joined = queue.join(PATIENCE);
        queue.shutdown({ immediate });
        assert.deepEqual(await Promise.all([...waits, worker.join()]), Array(3).fill('ERR_QUEUE_SHUT_DOWN'));
        if (!immediate) {
          assert.equal(queue.getSync(), 0);
          queue.taskDone();
        }
        assert.equal(await joined, true);
        assert.throws(() => queue.tryGet(), SHUT);
      }
    });

    test('queueshutdown-10 queueshutdown-14 queueshutdown-16: join waits for what is left, and for what was taken', async () => {
      const queue = new Queue<number>({ scope, maxSize: 2 });
      queue.putSync(1);
      queue.putSync(2);
      const put = ended(queue.put(3));
      assert.equal(queue.getSync(), 1);
      await put;
      const late = ended(queue.put(4));
      queue.shutdown();
      assert.equal(await late, 'ERR_QUEUE_SHUT_DOWN');
      assert.equal(queue.unfinished, 3);
      const joined = queue.join(PATIENCE);
      assert.equal(queue.joinSync({ timeout: 1 }), false);
      queue.taskDone();
      assert.equal(queue.getSync(), 2);
      queue.taskDone();
      assert.equal(queue.joinSync({ timeout: 1 }), false);
      assert.equal(queue.getSync(), 3);
      queue.taskDone();
      assert.equal(await joined, true);
      const dropped = new Queue<number>({ scope });
      dropped.putSync(1);
      dropped.putSync(2);
      dropped.getSync();
      dropped.shutdown({ immediate: true });
      assert.equal(dropped.joinSync({ timeout: 1 }), false, 'one was taken and is not done');
      dropped.taskDone();
      assert.equal(dropped.joinSync(PATIENCE), true);
    });

    test('queueshutdown-13: what is printed says so', () => {
      const queue = new Queue<number>({ scope, maxSize: 5 });
      queue.putSync(1);
      queue.shutdown();
      assert.equal(inspect(queue), 'Queue { 1 of 5 items, 1 unfinished, shut down }');
      queue.shutdown({ immediate: true });
      assert.equal(inspect(queue), 'Queue { 0 of 5 items, shut down }');
    });

    test('iteration ends there, in both forms, and can be left before', async () => {
      for (const Kind of all) {
        const queue = new Kind<number>({ scope });
        for (const item of range(6)) queue.putSync(item);
        const seen: number[] = [];
        for await (const item of queue) if (seen.push(item) === 2) break;
        for (const item of queue) if (seen.push(item) === 4) break;
        assert.equal(queue.size, 2);
        queue.shutdown();
        for await (const item of queue) seen.push(item);
        assert.deepEqual(seen.toSorted(), range(6));
        assert.deepEqual([...queue], []);
      }
    });
  });

  describe(`close of queues, scope ${scope}`, () => {
    test('mpqueue-07 mpqueue-08 mpqueue-10: one that is closed says so, used or not; closing twice is fine', async () => {
      for (const Kind of all) {
        for (const used of [false, true]) {
          const queue = new Kind<number>({ scope });
          if (used) queue.putSync(1);
          assert.equal(queue.closed, false);
          queue.close();
          queue.close();
          assert.equal(queue.closed, true);
          assert.throws(() => queue.putSync(1), CLOSED);
          assert.throws(() => queue.getSync(), CLOSED);
          assert.throws(() => queue.tryPut(1), CLOSED);
          assert.throws(() => queue.tryGet(), CLOSED);
          assert.throws(() => queue.empty, CLOSED);
          assert.throws(() => queue.size, CLOSED);
          assert.throws(() => queue.shutdown(), CLOSED);
          assert.throws(() => queue.leaseSync(), CLOSED);
          assert.throws(() => queue.getIntoSync(new Uint8Array(1)), CLOSED);
          for (const use of [queue.put(1), queue.get(), queue.lease(), queue.getInto(new Uint8Array(1))])
            assert.equal(await rejectionCode(use), 'ERR_INVALID_STATE');
          assert.throws(() => [...queue], CLOSED);
          assert.throws(() => queue.bytes, CLOSED);
          if (!(queue instanceof SimpleQueue)) {
            assert.throws(() => queue.taskDone(), CLOSED);
            assert.throws(() => queue.joinSync(), CLOSED);
            assert.throws(() => queue.unfinished, CLOSED);
            assert.throws(() => queue.maxSize, CLOSED);
            assert.equal(await rejectionCode(queue.join()), 'ERR_INVALID_STATE');
          }
          assert.match(inspect(queue), /^\w+ \{ closed \}$/);
        }
      }
    });

    test('others go on with it', async () => {
      const queue = new Queue<number>({ scope });
      queue.putSync(1);
      const got = new Event({ scope });
      const worker = new Worker(
        (from: Queue<number>, here: Event) => {
          here.set();
          return [from.getSync(), from.empty];
        },
        [queue, got],
      );
      worker.start();
      await got.wait(PATIENCE);
      queue.close();
      assert.deepEqual(await worker.join(), [1, true]);
    });
  });
}
