/**
 * What queues promise, whatever their scope. A test that begins with an id is a row of the table of behaviours.
 *
 * queuefamily-05 (the type is generic) is for the compiler: `test/types/queues.types.ts`.
 * mpqueue-06 (a hook for items that cannot be serialized) has nothing to test: there is no feeder, so whoever puts such an item gets
 * the error; that is mpqueue-05.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  Empty,
  Event,
  Full,
  LifoQueue,
  PriorityQueue,
  Queue,
  type ScopeOptions,
  SimpleQueue,
} from '../../src/index.ts';
import { workerOf } from './in-scope.ts';
import { range } from './inputs.ts';
import { rejection, rejectionCode } from './with-pool.ts';

/** For waits that are to end by themselves. */
const PATIENCE = { timeout: 30_000 } as const;
const EMPTY = { code: 'ERR_QUEUE_EMPTY' };
const FULL = { code: 'ERR_QUEUE_FULL' };
const INVALID = { code: 'ERR_INVALID_OPTION' };
const TOO_OFTEN = { code: 'ERR_INVALID_STATE', message: /taskDone/ };

/** The contract of queues. */
export function queuesContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);
  /** Those that have a bound. */
  const bounded = [Queue, LifoQueue, PriorityQueue] as const;
  const all = [...bounded, SimpleQueue] as const;

  /** Has a worker get so many items while this thread is blocked: what they make room for is granted, and not yet taken. */
  function takeElsewhere(queue: Queue, items: number): Promise<unknown> {
    const taken = new Event({ scope });
    const worker = new Worker(
      (from: Queue, count: number, done: Event) => {
        for (let i = 0; i < count; i++) from.getSync();
        done.set();
      },
      [queue, items, taken],
    );
    worker.start();
    assert.equal(taken.waitSync(PATIENCE), true);
    return worker.join();
  }

  /** Has a worker put items while this thread is blocked. */
  function putElsewhere(queue: Queue<number>, items: readonly number[]): Promise<unknown> {
    const done = new Event({ scope });
    const worker = new Worker(
      (into: Queue<number>, each: readonly number[], over: Event) => {
        for (const item of each) into.putSync(item);
        over.set();
      },
      [queue, items, done],
    );
    worker.start();
    assert.equal(done.waitSync(PATIENCE), true);
    return worker.join();
  }

  describe(`queues, scope ${scope}`, () => {
    test('queuefamily-10 queuefamily-11: tryGet gives an item, or undefined; a get without time fails', async () => {
      for (const Kind of all) {
        const queue = new Kind<number>({ scope });
        assert.equal(queue.scope, scope);
        queue.putSync(7);
        assert.equal(queue.tryGet(), 7);
        assert.equal(queue.tryGet(), undefined);
        assert.throws(() => queue.getSync({ timeout: 0 }), EMPTY);
        assert.ok((await rejection(queue.get({ timeout: 0 }))) instanceof Empty);
      }
    });

    test('queuefamily-06 queuefamily-21: full at the limit, never without one', async () => {
      for (const Kind of bounded) {
        const queue = new Kind<number>({ scope, maxSize: 2 });
        assert.equal(queue.maxSize, 2);
        assert.equal(queue.tryPut(1), true);
        assert.equal(queue.full, false);
        await queue.put(2);
        assert.equal(queue.full, true);
        assert.equal(queue.tryPut(3), false);
        assert.throws(() => queue.putSync(3, { timeout: 0 }), FULL);
        const full = await rejection(queue.put(3, { timeout: 0 }));
        assert.ok(full instanceof Full);
        assert.equal(full.value, 3);
        assert.equal(queue.size, 2);
        const endless = new Kind<number>({ scope });
        for (const item of range(100)) endless.putSync(item);
        assert.equal(endless.full, false);
        assert.equal(new Kind({ scope, maxSize: -1 }).maxSize, 0, 'as in Python: no bound');
      }
    });

    test('queuefamily-03: a limit below the size means full; a higher one lets those in who wait', async () => {
      for (const Kind of bounded) {
        const queue = new Kind<number>({ scope });
        for (const item of range(3)) queue.putSync(item);
        queue.maxSize = 2;
        assert.equal(queue.full, true);
        assert.equal(queue.size, 3);
        assert.equal(queue.tryPut(9), false);
        queue.getSync();
        assert.equal(queue.tryPut(9), false);
        const waiting = [queue.put(7), queue.put(8), queue.put(9)];
        queue.maxSize = 4;
        await Promise.all(waiting.slice(0, 2));
        assert.equal(queue.size, 4);
        queue.maxSize = 0;
        await waiting[2];
        assert.equal(queue.size, 5);
        for (const maxSize of [Number.NaN, 1.5, 'x', 2 ** 31, Infinity, {}]) {
          assert.throws(() => new Kind({ scope, maxSize: maxSize as number }), INVALID);
          assert.throws(() => (queue.maxSize = maxSize as number), INVALID);
        }
        assert.equal(queue.maxSize, 0);
      }
    });

    test('queuefamily-07 queuefamily-13 queuefamily-17: puts beyond the limit wait, and come in order', async () => {
      const queue = new Queue<number>({ scope, maxSize: 1 });
      const order: number[] = [];
      const puts = range(5).map((item) => queue.put(item).then(() => order.push(item)));
      await puts[0];
      assert.deepEqual(order, [0]);
      assert.equal(queue.size, 1);
      for (const item of range(5)) assert.equal(await queue.get(PATIENCE), item);
      await Promise.all(puts);
      assert.deepEqual(order, range(5));
    });

    test('queuefamily-08: taking an item wakes one who puts', async () => {
      const queue = new Queue<number>({ scope, maxSize: 1 });
      queue.putSync(0);
      const first = queue.put(1);
      let second = false;
      const last = queue.put(2).then(() => (second = true));
      assert.equal(queue.getSync(), 0);
      await first;
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(second, false);
      assert.equal(queue.getSync(), 1);
      await last;
      assert.equal(queue.getSync(), 2);
    });

    test('queuefamily-09 queuefamily-23: a get waits for an item, and is handed it', async () => {
      for (const Kind of all) {
        const queue = new Kind<readonly [number, string]>({ scope });
        const waiting = queue.get(PATIENCE);
        await queue.put([1, 'a']);
        assert.equal(queue.size, 0);
        assert.deepEqual(await waiting, [1, 'a']);
      }
      const queue = new Queue<number>({ scope });
      const gets = range(3).map(() => queue.get(PATIENCE));
      await putElsewhere(queue, [1, 2, 3]);
      assert.deepEqual(await Promise.all(gets), [1, 2, 3]);
    });

    test('queuefamily-12 queuefamily-18 queuefamily-19: a get that is cancelled loses no item', async () => {
      const queue = new Queue<number>({ scope });
      const gone = new AbortController();
      const first = queue.get({ signal: gone.signal });
      const second = queue.get(PATIENCE);
      gone.abort(new Error('enough'));
      await assert.rejects(first, /enough/);
      queue.putSync(1);
      assert.equal(await second, 1);
      // One that was given an item, and is cancelled before it takes it.
      const late = new AbortController();
      const gets = [queue.get({ signal: late.signal }), queue.get(PATIENCE), queue.get(PATIENCE)];
      const ended = putElsewhere(queue, [2, 3]);
      late.abort(new Error('too late'));
      await assert.rejects(gets[0] as Promise<number>, /too late/);
      assert.deepEqual(await Promise.all(gets.slice(1)), [2, 3]);
      await ended;
      // The same one alone: its item stays.
      const alone = new AbortController();
      const only = queue.get({ signal: alone.signal });
      const over = putElsewhere(queue, [4]);
      alone.abort(new Error('alone'));
      await assert.rejects(only, /alone/);
      assert.equal(queue.getSync(PATIENCE), 4);
      await over;
      assert.equal(queue.empty, true);
    });

    test('queuefamily-15: gets that were given up leave nothing behind', async () => {
      const queue = new Queue<number>({ scope });
      for (let i = 0; i < 1500; i++) {
        assert.throws(() => queue.getSync({ timeout: 0.001 }), EMPTY);
        const aborter = new AbortController();
        const waits = [queue.get({ timeout: 0.001 }), queue.get({ signal: aborter.signal })];
        aborter.abort(new Error('enough'));
        for (const wait of waits) wait.catch(() => {});
        if (i % 100 === 99) await Promise.allSettled(waits);
      }
      queue.putSync(1);
      const ends = await Promise.allSettled(range(2).map(() => queue.get({ timeout: 5 })));
      assert.equal(ends[0]?.status, 'fulfilled');
      assert.equal(ends[1]?.status, 'rejected');
    });

    test('queuefamily-20 queuefamily-22 queuefamily-25: a put that is cancelled puts nothing, and the others stay in order', async () => {
      const queue = new Queue<number>({ scope, maxSize: 1 });
      queue.putSync(0);
      const aborters = range(3).map(() => new AbortController());
      const puts = aborters.map(({ signal }, i) => queue.put(i + 1, { signal }));
      (aborters[1] as AbortController).abort(new Error('second'));
      await assert.rejects(puts[1] as Promise<void>, /second/);
      // One that was given room, and is cancelled before it takes it.
      const ended = takeElsewhere(queue, 1);
      (aborters[0] as AbortController).abort(new Error('first'));
      await assert.rejects(puts[0] as Promise<void>, /first/);
      await puts[2];
      assert.equal(queue.getSync(), 3);
      assert.equal(queue.tryGet(), undefined);
      await ended;
      // The same one alone: its room is free.
      queue.putSync(4);
      const alone = new AbortController();
      const only = queue.put(5, { signal: alone.signal });
      const over = takeElsewhere(queue, 1);
      alone.abort(new Error('alone'));
      await assert.rejects(only, /alone/);
      assert.equal(queue.tryPut(6), true);
      assert.equal(queue.getSync(), 6);
      assert.equal(queue.empty, true);
      await over;
    });

    test('queuefamily-24: puts that were given up leave nothing behind', async () => {
      const queue = new Queue<number>({ scope, maxSize: 1 });
      queue.putSync(0);
      for (let i = 0; i < 1500; i++) {
        assert.throws(() => queue.putSync(1, { timeout: 0.001 }), FULL);
        const aborter = new AbortController();
        const waits = [queue.put(1, { timeout: 0.001 }), queue.put(1, { signal: aborter.signal })];
        aborter.abort(new Error('enough'));
        for (const wait of waits) wait.catch(() => {});
        if (i % 100 === 99) await Promise.allSettled(waits);
      }
      assert.equal(queue.getSync(), 0);
      await queue.put(2, PATIENCE);
      assert.equal(queue.getSync(), 2);
      assert.equal(queue.empty, true);
    });

    test('queuefamily-14: one who puts and one who gets never stall over a queue of one', async () => {
      const queue = new Queue<number>({ scope, maxSize: 1 });
      const count = 500;
      const putting = (async () => {
        for (let i = 0; i < count; i++) await queue.put(i, PATIENCE);
      })();
      for (let i = 0; i < count; i++) assert.equal(await queue.get(PATIENCE), i);
      await putting;
      const worker = new Worker(
        async (into: Queue<number>, items: number) => {
          for (let i = 0; i < items; i++) await (i % 3 === 0 ? into.put(i) : into.putSync(i));
        },
        [queue, count],
      );
      worker.start();
      for (let i = 0; i < count; i++)
        assert.equal(i % 2 === 0 ? queue.getSync(PATIENCE) : await queue.get(PATIENCE), i);
      await worker.join();
    });

    test('queuefamily-16: without a limit a put never waits', async () => {
      for (const Kind of all) {
        const queue = new Kind<number>({ scope });
        for (let i = 0; i < 2000; i++) assert.equal(queue.tryPut(i), true);
        for (let i = 0; i < 100; i++) await queue.put(i, { timeout: 0 });
        assert.equal(queue.size, 2100);
      }
    });

    test('queuefamily-26: each kind has its order', () => {
      const numbers = [5, 3, 8, 3, -1, Infinity, 0, -Infinity, 1.5];
      const take = (queue: SimpleQueue<number> | Queue<number>): unknown[] => numbers.map(() => queue.getSync());
      const filled = <Q extends SimpleQueue<number> | Queue<number>>(queue: Q): Q => {
        for (const number of numbers) queue.putSync(number);
        return queue;
      };
      assert.deepEqual(take(filled(new Queue<number>({ scope }))), numbers);
      assert.deepEqual(take(filled(new SimpleQueue<number>({ scope }))), numbers);
      assert.deepEqual(take(filled(new LifoQueue<number>({ scope }))), numbers.toReversed());
      assert.deepEqual(
        take(filled(new PriorityQueue<number>({ scope }))),
        numbers.toSorted((a, b) => a - b),
      );
    });

    test('queuefamily-26: a priority is the item, its first element, its property, or what is said', async () => {
      const pairs = new PriorityQueue<readonly [number, string]>({ scope });
      for (const pair of [[2, 'c'], [1, 'a'], [1, 'b'], [-0, 'z']] as const) pairs.putSync(pair); // biome-ignore format: short
      assert.equal(range(4).map(() => pairs.getSync()[1]).join(''), 'zabc'); // biome-ignore format: short
      const jobs = new PriorityQueue<{ readonly priority: number }>({ scope });
      for (const priority of [3, 1, 2]) jobs.putSync({ priority });
      assert.deepEqual(range(3).map(() => jobs.getSync().priority), [1, 2, 3]); // biome-ignore format: short
      const longest = new PriorityQueue<string>({ scope, priority: (text) => -text.length });
      for (const text of ['a', 'ccc', 'bb']) longest.putSync(text);
      const worker = new Worker((queue: PriorityQueue<string>) => queue.putSync('dddd'), [longest]);
      worker.start();
      await worker.join();
      assert.deepEqual(range(4).map(() => longest.getSync()), ['dddd', 'ccc', 'bb', 'a']); // biome-ignore format: short
      const any = new PriorityQueue({ scope });
      for (const item of ['text', Number.NaN, { priority: '1' }, {}, null, undefined, [], ['a'], 1n]) {
        assert.throws(() => any.putSync(item), { code: 'ERR_INVALID_VALUE' });
        assert.throws(() => any.tryPut(item), { code: 'ERR_INVALID_VALUE' });
        assert.equal(await rejectionCode(any.put(item)), 'ERR_INVALID_VALUE');
      }
      assert.equal(any.size, 0);
      const failing = new PriorityQueue<number>({
        scope,
        priority: () => {
          throw new RangeError('no priority');
        },
      });
      assert.throws(() => failing.putSync(1), /no priority/);
      assert.equal(failing.size, 0);
    });

    test('queuefamily-01 queuefamily-27: taskDone too often is an error', () => {
      for (const Kind of bounded) {
        const queue = new Kind<number>({ scope });
        assert.throws(() => queue.taskDone(), TOO_OFTEN);
        queue.putSync(1);
        queue.taskDone();
        assert.throws(() => queue.taskDone(), TOO_OFTEN);
        assert.equal(queue.unfinished, 0);
      }
    });

    test('queuefamily-02 queuefamily-28 queuefamily-29 mpqueue-02: join waits until all is done, again and again', async () => {
      const queues = bounded.map((Kind) => new Kind<number>({ scope }));
      const work = async (each: readonly Queue<number>[]): Promise<number> => {
        let items = 0;
        for (const from of each) {
          for await (const _ of from) {
            items += 1;
            from.taskDone();
          }
        }
        return items;
      };
      const workers = range(4).map(() => new Worker(work, [queues]));
      for (const worker of workers) worker.start();
      for (const queue of queues) {
        assert.equal(queue.joinSync(), true);
        assert.equal(await queue.join(), true);
        for (let round = 0; round < 3; round++) {
          for (const item of range(10)) await queue.put(item);
          assert.equal(round === 1 ? queue.joinSync(PATIENCE) : await queue.join(PATIENCE), true);
          assert.equal(queue.unfinished, 0);
          assert.throws(() => queue.taskDone(), TOO_OFTEN);
        }
        queue.putSync(1);
        assert.equal(await queue.join(PATIENCE), true);
        queue.shutdown();
      }
      const items = await Promise.all(workers.map((worker) => worker.join()));
      assert.equal(
        items.reduce((sum, each) => sum + each),
        3 * 31,
      );
      const open = new Queue<number>({ scope });
      open.putSync(1);
      open.getSync();
      assert.equal(open.joinSync({ timeout: 5 }), false);
      assert.equal(await open.join({ timeout: 5 }), false);
      await assert.rejects(open.join({ signal: AbortSignal.abort(new Error('given')) }), /given/);
    });

    test('queuefamily-04 queuefamily-30: what is printed says size, limit, what is unfinished, and who waits', async () => {
      const queue = new Queue<number>({ scope, maxSize: 3 });
      assert.equal(inspect(queue), 'Queue { 0 of 3 items }');
      queue.putSync(1);
      queue.putSync(2);
      assert.equal(inspect(queue), 'Queue { 2 of 3 items, 2 unfinished }');
      queue.getSync();
      assert.equal(inspect(queue), 'Queue { 1 of 3 items, 2 unfinished }');
      const simple = new SimpleQueue({ scope });
      simple.putSync(1);
      assert.equal(inspect(simple), 'SimpleQueue { 1 item }');
      assert.equal(inspect(new LifoQueue({ scope })), 'LifoQueue { 0 items }');
      assert.equal(inspect(new PriorityQueue({ scope })), 'PriorityQueue { 0 items }');
      const awaited = new Queue({ scope });
      const gets = [awaited.get(), awaited.get()];
      assert.equal(inspect(awaited), 'Queue { 0 items, 2 waiting to get }');
      awaited.putSync(1);
      awaited.putSync(2);
      await Promise.all(gets);
    });
  });
}
