/**
 * How queues are used among workers and with bytes, whatever their scope. A test that begins with an id is a row of the table of
 * behaviours.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { type BytesLease, LifoQueue, PriorityQueue, Queue, type ScopeOptions, SimpleQueue } from '../../src/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { untilWaiting, workerOf } from './in-scope.ts';
import { range } from './inputs.ts';
import { rejection, rejectionCode } from './with-pool.ts';

const PATIENCE = { timeout: 30_000 } as const;
const EMPTY = { code: 'ERR_QUEUE_EMPTY' };
const FULL = { code: 'ERR_QUEUE_FULL' };
const STAYS = { code: 'ERR_INVALID_VALUE', message: /It stays/ };

/** The contract of their use. */
export function queueUseContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);
  const priority = (): number => 0;
  const kinds: readonly (() => SimpleQueue)[] = [
    () => new Queue({ scope }),
    () => new SimpleQueue({ scope }),
    () => new LifoQueue({ scope }),
    () => new PriorityQueue({ scope, priority }),
  ];

  describe(`queues among workers, scope ${scope}`, () => {
    test('simplequeue-02 simplequeue-03 simplequeue-04: order is kept, however one gets', async () => {
      const queues = range(4).map(() => new SimpleQueue<number>({ scope }));
      const count = 3000;
      const worker = new Worker(
        (into: readonly SimpleQueue<number>[], items: number) => {
          for (const queue of into) for (let i = 0; i < items; i++) queue.putSync(i);
        },
        [queues, count],
      );
      worker.start();
      const [blocking, trying, brief, promised] = queues as [SimpleQueue, SimpleQueue, SimpleQueue, SimpleQueue];
      for (let i = 0; i < count; i++) assert.equal(blocking.getSync(PATIENCE), i);
      for (let i = 0; i < count; ) {
        const item = trying.tryGet();
        if (item !== undefined) assert.equal(item, i++);
      }
      for (let i = 0; i < count; ) {
        try {
          assert.equal(i % 2 === 0 ? brief.getSync({ timeout: 0.01 }) : await brief.get({ timeout: 0.01 }), i);
          i += 1;
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'ERR_QUEUE_EMPTY');
        }
      }
      for (let i = 0; i < count; i++) assert.equal(await promised.get(PATIENCE), i);
      for (const queue of queues) assert.equal(queue.empty, true);
      await worker.join();
    });

    test('an iteration that is left while it waits takes nothing more', async () => {
      const queue = new Queue<string>({ scope });
      const items = queue[Symbol.asyncIterator]();
      const next = items.next();
      assert.deepEqual(await items.return?.(), { done: true, value: undefined });
      assert.deepEqual(await next, { done: true, value: undefined });
      const stream = Readable.from(queue);
      stream.resume();
      await untilWaiting(queue, 1);
      stream.destroy();
      await once(stream, 'close');
      await queue.put('precious');
      assert.equal(await queue.get({ timeout: 60_000 }), 'precious');
      assert.deepEqual(await items.next(), { done: true, value: undefined });
    });

    test('simplequeue-05: a queue keeps nothing alive', async () => {
      for (const kind of kinds) {
        const queue = kind();
        const put = await (async () => {
          const item = { some: 'item' };
          queue.putSync(item);
          await queue.put(item);
          return new WeakRef(item);
        })();
        await collectGarbage();
        assert.equal(put.deref(), undefined, 'what was put');
        const got = await (async () => {
          const items = [queue.getSync(), await queue.get()] as readonly object[];
          return items.map((item) => new WeakRef(item));
        })();
        await collectGarbage();
        assert.deepEqual(got.map((each) => each.deref()), [undefined, undefined], 'what was got'); // biome-ignore format: short
        const late = await (async () => {
          const waiting = queue.get(PATIENCE);
          queue.putSync({ other: 'item' });
          return new WeakRef((await waiting) as object);
        })();
        await collectGarbage();
        assert.equal(late.deref(), undefined, 'what was waited for');
      }
    });

    test('mpqueue-01: every form of put up to the limit, then Full in time; a worker empties it', async () => {
      const queue = new Queue<number>({ scope, maxSize: 6 });
      queue.putSync(1);
      await queue.put(2);
      queue.putSync(3, { timeout: 0 });
      await queue.put(4, PATIENCE);
      assert.equal(queue.tryPut(5), true);
      queue.putSync(6, PATIENCE);
      assert.equal(queue.full, true);
      assert.equal(queue.tryPut(7), false);
      assert.throws(() => queue.putSync(7, { timeout: 0 }), FULL);
      for (const put of [() => queue.putSync(7, { timeout: 50 }), () => queue.put(7, { timeout: 50 })]) {
        const began = performance.now();
        assert.equal(await rejectionCode((async () => put())()), 'ERR_QUEUE_FULL');
        assert.ok(performance.now() - began >= 45);
      }
      const worker = new Worker((from: Queue<number>) => [1, 2, 3, 4, 5, 6].map(() => from.getSync()), [queue]);
      worker.start();
      assert.deepEqual(await worker.join(), [1, 2, 3, 4, 5, 6]);
      assert.equal(queue.empty, true);
      assert.equal(queue.full, false);
    });

    test('mpqueue-04: a get with a timeout waits that long', async () => {
      for (const kind of kinds) {
        const queue = kind();
        for (const get of [() => queue.getSync({ timeout: 50 }), () => queue.get({ timeout: 50 })]) {
          const began = performance.now();
          assert.equal(await rejectionCode((async () => get())()), 'ERR_QUEUE_EMPTY');
          assert.ok(performance.now() - began >= 45);
        }
      }
    });

    test('mpqueue-09: empty follows what is put and got, here and there', async () => {
      const queues = [new Queue<number>({ scope }), new LifoQueue<number>({ scope })];
      for (const queue of queues) {
        assert.equal(queue.empty, true);
        queue.putSync(1);
        assert.equal(queue.empty, false);
      }
      const worker = new Worker(
        (all: readonly Queue<number>[]) =>
          all.map((queue) => {
            const seen = [queue.empty, queue.getSync(), queue.empty];
            queue.putSync(2);
            return [...seen, queue.empty];
          }),
        [queues],
      );
      worker.start();
      assert.deepEqual(await worker.join(), Array(2).fill([false, 1, true, false]));
      for (const queue of queues) {
        assert.equal(queue.empty, false);
        assert.equal(queue.getSync(), 2);
        assert.equal(queue.empty, true);
      }
    });

    test('a queue travels as an argument, by a closure, as a result, and in another queue', async () => {
      for (const [queue, box] of [
        [new Queue<number>({ scope: 'process' }), new SimpleQueue<Queue<number>>({ scope })],
        [new LifoQueue<number>({ scope: 'process' }), new LifoQueue<LifoQueue<number>>({ scope })],
        [
          new PriorityQueue<number>({ scope: 'process', priority: (n) => -n }),
          new Queue<PriorityQueue<number>>({ scope }),
        ],
      ] as const) {
        const given = box as unknown as Queue<Queue<number>>;
        const captured = queue as Queue<number>;
        await given.put(captured);
        const worker = new Worker(
          async (argument: Queue<Queue<number>>) => {
            const fromBox = await argument.get();
            fromBox.putSync(1);
            captured.putSync(2);
            return [captured, fromBox.size] as const;
          },
          [given],
        );
        worker.start();
        const [back, size] = await worker.join();
        assert.equal(size, 2);
        assert.equal(back.constructor, queue.constructor);
        assert.equal(back.size, 2);
        back.putSync(3);
        assert.deepEqual(range(3).map(() => captured.getSync()).toSorted(), [1, 2, 3]); // biome-ignore format: short
      }
      const local = new Queue({ scope: 'thread' });
      assert.throws(() => new SimpleQueue({ scope }).putSync(local), { code: 'ERR_NOT_SHAREABLE' });
    });

    test('two objects of one queue in one thread wait for it side by side', async () => {
      const one = new Queue<string>({ scope: 'process', maxSize: 1 });
      const box = new Queue<Queue<string>>({ scope });
      await box.put(one);
      const other = await box.get();
      assert.notEqual(other, one);
      const gets = [one.get(PATIENCE), other.get(PATIENCE), one.get(PATIENCE)];
      for (const text of ['a', 'bb', 'ccc']) await (text === 'bb' ? other : one).put(text);
      assert.deepEqual(await Promise.all(gets), ['a', 'bb', 'ccc']);
      const puts = [one.put('a'), one.put('bb'), other.put('ccc'), one.put('dddd')];
      for (const text of ['a', 'bb', 'ccc', 'dddd']) assert.equal(await other.get(PATIENCE), text);
      await Promise.all(puts);
    });

    test('what one worker has made it grow by, all others can use', async () => {
      for (const kind of kinds) {
        const queue = kind();
        const worker = new Worker(
          (into: SimpleQueue) => {
            for (let i = 0; i < 3; i++) into.putSync(new Uint8Array(2 ** 20).fill(i + 1));
          },
          [queue],
        );
        worker.start();
        await worker.join();
        queue.putSync('small');
        queue.putSync(new Uint8Array(50_000).fill(9));
        const items = range(5).map(() => queue.getSync(PATIENCE));
        const seen = items.map((item) => (item instanceof Uint8Array ? `${item.length} ${item.at(-1)}` : item));
        const wanted = ['1048576 1', '1048576 2', '1048576 3', 'small', '50000 9'];
        assert.deepEqual(seen, queue instanceof LifoQueue ? wanted.toReversed() : wanted);
      }
    });
  });

  describe(`bytes in queues, scope ${scope}`, () => {
    test('getInto fills what it is given, whatever the view', async () => {
      for (const kind of kinds) {
        const queue = kind();
        const memory = new Uint8Array(16).fill(7);
        queue.putSync(Buffer.from([1, 2, 3]));
        assert.equal(queue.getIntoSync(memory.subarray(4, 8)), 3);
        assert.deepEqual([...memory.subarray(2, 9)], [7, 7, 1, 2, 3, 7, 7]);
        queue.putSync(new Uint16Array([0x0101, 0x0202]));
        assert.equal(await queue.getInto(new DataView(memory.buffer, 12)), 4);
        assert.deepEqual([...memory.subarray(12)], [1, 1, 2, 2]);
        queue.putSync(new ArrayBuffer(0));
        assert.equal(await queue.getInto(Buffer.alloc(0)), 0);
        const waiting = queue.getInto(memory, PATIENCE);
        queue.putSync(new Uint8Array(16));
        assert.equal(await waiting, 16);
        assert.deepEqual(memory, new Uint8Array(16));
        const shared = new Uint8Array(new SharedArrayBuffer(70_000));
        queue.putSync(new Uint8Array(70_000).fill(3));
        assert.equal(queue.getIntoSync(shared), 70_000);
        assert.equal(shared.at(-1), 3);
        assert.throws(() => queue.getIntoSync(memory, { timeout: 1 }), EMPTY);
        assert.equal(await rejectionCode(queue.getInto(memory, { timeout: 1 })), 'ERR_QUEUE_EMPTY');
        assert.throws(() => queue.getIntoSync({} as Uint8Array), { code: 'ERR_INVALID_VALUE' });
      }
    });

    test('an item that does not fit, or is no bytes, stays, and the next one who waits can have it', async () => {
      for (const kind of kinds) {
        const queue = kind();
        queue.putSync('a text');
        assert.throws(() => queue.getIntoSync(new Uint8Array(100)), STAYS);
        assert.throws(() => queue.leaseSync(), STAYS);
        assert.equal(queue.getSync(), 'a text');
        queue.putSync(new Uint8Array(100).fill(1));
        assert.throws(() => queue.getIntoSync(new Uint8Array(99)), { ...STAYS, message: /100 bytes.*99/ });
        assert.ok(((await rejection(queue.getInto(new Uint8Array(0)))) as Error).message.includes('100 bytes'));
        assert.equal(queue.size, 1);
        assert.equal(queue.getIntoSync(new Uint8Array(100)), 100);
        const [narrow, wide] = [queue.getInto(new Uint8Array(5), PATIENCE), queue.get(PATIENCE)];
        queue.putSync(new Uint8Array(6));
        assert.equal(await rejectionCode(narrow), 'ERR_INVALID_VALUE');
        assert.equal(((await wide) as Uint8Array).length, 6);
      }
    });

    test('a lease reads in place what is large, until it is released', async () => {
      const queue = new Queue<Uint8Array>({ scope });
      queue.putSync(new Uint8Array(100_000).fill(1));
      const lease = queue.leaseSync();
      assert.equal(lease.inPlace, true);
      assert.equal(queue.size, 0);
      for (let i = 0; i < 20; i++) {
        queue.putSync(new Uint8Array(100_000).fill(2));
        const other = await queue.lease();
        assert.ok(other.bytes.every((byte) => byte === 2));
        other.release();
      }
      assert.ok(
        lease.bytes.every((byte) => byte === 1),
        'nobody has written there',
      );
      const { bytes } = queue;
      lease.release();
      lease.release();
      assert.equal(lease.inPlace, false);
      assert.throws(() => lease.bytes, { code: 'ERR_INVALID_STATE' });
      for (let i = 0; i < 20; i++) {
        queue.putSync(new Uint8Array(100_000));
        const waiting: BytesLease = await queue.lease();
        waiting[Symbol.dispose]();
      }
      assert.equal(queue.bytes, bytes, 'its memory is used again');
      assert.throws(() => queue.leaseSync({ timeout: 1 }), EMPTY);
    });

    test('a lease of what is small, empty, or not alone, is a copy', async () => {
      for (const kind of kinds) {
        const queue = kind();
        for (const length of [0, 1, 5000]) {
          const waiting = queue.lease(PATIENCE);
          queue.putSync(new Uint8Array(length).fill(5));
          queue.putSync(new Uint8Array(length).fill(5));
          for (const lease of [await waiting, queue.leaseSync()]) {
            assert.equal(lease.inPlace, false);
            assert.deepEqual(lease.bytes, Buffer.alloc(length, 5));
            lease.release();
            assert.throws(() => lease.bytes, { code: 'ERR_INVALID_STATE' });
          }
        }
      }
    });

    test('what a worker has leased is used again when it is gone', async () => {
      const queue = new Queue<Uint8Array>({ scope, most: 2 ** 20 });
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 4; i++) queue.putSync(new Uint8Array(120_000).fill(i));
        const worker = new Worker(
          (from: Queue<Uint8Array>) => [0, 0, 0, 0].map(() => from.leaseSync().bytes.at(-1)),
          [queue],
        );
        worker.start();
        assert.deepEqual(await worker.join(), [0, 1, 2, 3]);
      }
      assert.ok(queue.bytes <= 2 ** 20);
    });

    test('most: an empty one takes as many small items as it has held larger ones', () => {
      for (const Kind of [Queue, LifoQueue, PriorityQueue, SimpleQueue] as const) {
        const queue = new Kind<Uint8Array>({ scope, most: 2 ** 18, priority } as const);
        let count = 0;
        assert.throws(() => {
          for (; count < 1000; count++) queue.putSync(new Uint8Array(900));
        }, FULL);
        for (const bytes of [400, 40]) {
          while (!queue.empty) queue.getSync();
          for (let i = 0; i < count; i++) queue.putSync(new Uint8Array(bytes));
        }
      }
    });

    test('most: a put that finds no memory is full at once; what was got makes room', async () => {
      for (const Kind of [Queue, LifoQueue, PriorityQueue, SimpleQueue] as const) {
        const options = { scope, most: 2 ** 18, priority } as const;
        const queue = new Kind<Uint8Array>(options);
        for (let round = 0; round < 3; round++) {
          let count = 0;
          assert.throws(() => {
            for (; count < 1000; count++) queue.putSync(new Uint8Array(10_000).fill(count));
          }, FULL);
          assert.ok(count >= 8, `${count} items of 10 000 bytes in 256 KiB`);
          assert.equal(queue.size, count);
          assert.throws(() => queue.tryPut(new Uint8Array(2 ** 18)), FULL);
          assert.equal(await rejectionCode(queue.put(new Uint8Array(2 ** 18), PATIENCE)), 'ERR_QUEUE_FULL');
          for (let i = 0; i < count; i++) {
            const item = queue.getSync();
            assert.equal(item.length, 10_000);
            assert.equal(item.at(-1), Kind === LifoQueue ? count - 1 - i : i);
          }
        }
        assert.ok(queue.bytes <= 2 ** 18);
        for (const most of [0, -1, 1000, Number.NaN, 2 ** 33, '1', null])
          assert.throws(() => new Kind({ ...options, most: most as number }), { code: 'ERR_INVALID_OPTION' });
      }
    });
  });
}
