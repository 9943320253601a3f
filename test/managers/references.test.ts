/**
 * Who keeps an object, and when it goes.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { manage, Managed, Manager, Process, Thread } from '../../src/index.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { pidOfWorker, Stock } from './fixtures/stock.ts';

const TIMEOUT = { timeout: 180_000 } as const;

/** Resolves once an object was collected; the test's time is the bound. */
async function untilCollected(...references: readonly WeakRef<object>[]): Promise<void> {
  while (references.some((each) => each.deref() !== undefined)) await collectGarbage();
}

/** Lets all that may be collected be. */
async function collect(): Promise<void> {
  for (let i = 0; i < 10; i++) await collectGarbage();
}

/** Resolves once a process is no more. */
async function untilEnded(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** An object, and how it is told that it is gone; in a function of its own, so that nothing holds it. */
async function made(): Promise<{ readonly proxy: Managed<Stock>; readonly reference: WeakRef<object> }> {
  const stock = new Stock();
  return { proxy: await manage(stock), reference: new WeakRef(stock) };
}

describe('an object', TIMEOUT, () => {
  test('is there for as long as a proxy is, and no longer', async () => {
    const reference = await (async () => {
      const { proxy, reference: ref } = await made();
      await collect();
      assert.equal(await proxy.put(1), 1);
      return ref;
    })();
    await untilCollected(reference);
  });

  test('goes when the proxy is released, which is then of no use', async () => {
    const { proxy, reference } = await made();
    await Managed.release(proxy);
    await Managed.release(proxy);
    await untilCollected(reference);
    assert.equal(await rejectionCode(proxy.put(1)), 'ERR_OBJECT_GONE');
    const thread = new Thread(async (each: typeof proxy) => each.count, [proxy]);
    assert.throws(() => thread.start(), { code: 'ERR_OBJECT_GONE', message: /argument 1/ });
  });

  test('does not go while it is on its way, and goes when whoever got it has ended', async () => {
    for (const Worker of [Thread, Process]) {
      const { proxy, reference } = await made();
      const worker = new Worker(async (each: typeof proxy) => each.put(3), [proxy]);
      worker.start();
      await Managed.release(proxy); // before it has arrived
      assert.equal(await worker.join(), 3);
      await untilCollected(reference);
    }
  });

  test('goes when its last client is killed', async () => {
    const { proxy, reference } = await made();
    const told = await manage({ resolve: (): void => {} });
    const { promise, resolve } = Promise.withResolvers<void>();
    const bell = await manage({ ring: () => resolve() });
    const child = new Process(
      async (each: typeof proxy, ready: typeof bell, forever: typeof told) => {
        await each.put(1);
        await ready.ring();
        setInterval(() => void forever, 1000);
        await new Promise(() => {});
      },
      [proxy, bell, told],
    );
    child.start();
    await promise;
    await Managed.release(proxy);
    await collect();
    assert.notEqual(reference.deref(), undefined); // the child has it
    await child.kill();
    await untilCollected(reference);
  });

  test('of a method that gives proxies goes when they do; a thousand leave nothing', async () => {
    const references: WeakRef<object>[] = [];
    class Maker {
      make(): object {
        const stock = new Stock();
        references.push(new WeakRef(stock));
        return stock;
      }
    }
    const maker = await manage(new Maker(), { proxies: ['make'] });
    await (async () => {
      const proxies = (await Promise.all(
        Array.from({ length: 1000 }, () => maker.make()),
      )) as unknown as Managed<Stock>[];
      assert.equal(await proxies[999]?.put(1), 1);
      for (const each of proxies.slice(0, 500)) await Managed.release(each);
    })();
    assert.equal(references.length, 1000);
    await untilCollected(...references);
  });

  test('that was to travel with what cannot goes when it is released', async () => {
    const { proxy, reference } = await made();
    const both = [proxy, new WeakMap()] as const;
    for (const Worker of [Thread, Process]) {
      const worker = new Worker((() => {}) as (...given: readonly unknown[]) => void, both as never);
      assert.throws(() => worker.start(), { code: 'ERR_NOT_CLONEABLE' });
    }
    await Managed.release(proxy);
    await untilCollected(reference);
  });

  test('whose iterator cannot be told is left like any other', async () => {
    const manager = new Manager({ kind: 'thread' });
    await manager.start();
    try {
      const all = [await manager.dict([['a', 1]]), await manager.set(['a', 'b']), await manage(['a', 'b'])];
      for (const each of all) for await (const _ of each as AsyncIterable<unknown>) break;
      for (const each of all) assert.ok(await Array.fromAsync(each as AsyncIterable<unknown>));
    } finally {
      await manager.shutdown();
    }
  });

  test('that iterates goes when the loop is left, and is told', async () => {
    const ended: string[] = [];
    const letters = await manage({
      *[Symbol.iterator]() {
        try {
          yield* ['a', 'b', 'c'];
        } finally {
          ended.push('ended');
        }
      },
      get ended() {
        return ended;
      },
    });
    for await (const letter of letters) if (letter === 'b') break;
    assert.deepEqual(await letters.ended, ['ended']);
    await assert.rejects(async () => {
      for await (const letter of letters) throw new Error(letter);
    }, /a/);
    assert.deepEqual(await letters.ended, ['ended', 'ended']);
  });
});

test('an iterator that has come to its end is not told to end', TIMEOUT, async () => {
  const told: string[] = [];
  const countdown = await manage({
    told: () => told,
    from(start: number): IterableIterator<number> {
      let left = start;
      return {
        next: () => (left > 0 ? { done: false, value: left-- } : { done: true, value: undefined }),
        return: () => {
          told.push('return');
          return { done: true, value: undefined };
        },
        [Symbol.iterator]() {
          return this;
        },
      };
    },
  });
  const all = await countdown.from(3);
  assert.deepEqual(await Array.fromAsync(all), [3, 2, 1]);
  await all[Symbol.asyncDispose]();
  assert.deepEqual(await countdown.told(), []);
  const some = await countdown.from(3);
  assert.deepEqual(await some.next(), { done: false, value: 3 });
  await some[Symbol.asyncDispose]();
  assert.deepEqual(await countdown.told(), ['return']);
});

test(
  'a managed pool to which nobody refers has no workers any more, once its calls are answered',
  TIMEOUT,
  async () => {
    const manager = new Manager();
    await manager.start();
    try {
      const pool = await manager.pool({ kind: 'process', workers: 1 });
      const pid = await pool.submit(pidOfWorker);
      const later = Promise.all(Array.from({ length: 5 }, () => pool.submit(pidOfWorker)));
      await Managed.release(pool);
      assert.deepEqual(new Set(await later), new Set([pid]));
      await untilEnded(pid);
      const pools = await Promise.all([1, 2].map(() => manager.pool({ kind: 'process', workers: 1 })));
      const child = new Process(
        async (each: typeof pool, run: typeof pidOfWorker) => each.submit(run),
        [pools[0] as typeof pool, pidOfWorker],
      );
      child.start();
      await Managed.release(pools[0] as typeof pool); // the child alone has it, and ends
      await untilEnded(await child.join());
      assert.equal(typeof (await pools[1]?.submit(pidOfWorker)), 'number');
    } finally {
      await manager.shutdown();
    }
  },
);

describe('errors', TIMEOUT, () => {
  test('managerproxies-10, -11: one that was thrown again leaves nothing behind', async () => {
    const manager = new Manager({ kind: 'thread' });
    await manager.start();
    const queue = await manager.queue();
    const reference = await (async () => {
      const error = (await rejection(queue.get({ timeout: 0 }))) as Error;
      assert.equal((error as Error & { code: string }).code, 'ERR_QUEUE_EMPTY');
      return new WeakRef(error);
    })();
    await untilCollected(reference);
    const thrown: WeakRef<object>[] = [];
    const failing = await manage({
      fail() {
        const error = new RangeError('no');
        thrown.push(new WeakRef(error));
        throw error;
      },
    });
    assert.ok((await rejection(failing.fail())) instanceof RangeError);
    await untilCollected(...thrown); // and nothing of it is left at the server
    await manager.shutdown();
  });
});
