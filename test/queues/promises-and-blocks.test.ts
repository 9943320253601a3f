/**
 * Threads that have promises under way at a queue and block at it, or look at it while others go on.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event, Queue, type ScopeOptions, Thread } from '../../src/index.ts';

const PATIENCE = { timeout: 30_000 } as const;

for (const scope of ['thread', 'process'] as const satisfies readonly ScopeOptions['scope'][]) {
  describe(`queues, scope ${scope}: promises and blocking calls`, {
    skip: scope === 'process' && process.platform !== 'linux',
  }, () => {
    test('what a promise put is got while its thread blocks, and comes first', async () => {
      const queue = new Queue<string>({ scope, maxSize: 1 });
      const [ready, go] = [new Event({ scope }), new Event({ scope })];
      const worker = new Thread(
        async (from: Queue<string>, here: Event, begin: Event) => {
          here.set();
          begin.waitSync();
          return [await from.get(), await from.get(), await from.get()];
        },
        [queue, ready, go],
      );
      worker.start();
      assert.equal(await ready.wait(PATIENCE), true);
      queue.putSync('first');
      const promised = queue.put('second');
      go.set();
      queue.putSync('third', PATIENCE);
      await promised;
      assert.deepEqual(await worker.join(), ['first', 'second', 'third']);
    });

    test('room that a promise has made is used while its thread blocks', async () => {
      const queue = new Queue<number>({ scope, maxSize: 1 });
      const [ready, go] = [new Event({ scope }), new Event({ scope })];
      const worker = new Thread(
        async (into: Queue<number>, here: Event, begin: Event) => {
          here.set();
          begin.waitSync();
          for (const item of [1, 2, 3]) await into.put(item);
        },
        [queue, ready, go],
      );
      worker.start();
      assert.equal(await ready.wait(PATIENCE), true);
      const promised = queue.get();
      go.set();
      assert.equal(queue.getSync(PATIENCE), 2);
      assert.equal(await promised, 1);
      assert.equal(await queue.get(PATIENCE), 3);
      await worker.join();
    });

    test('memory that was moved away while it was waited for is that call’s matter alone', async () => {
      const queue = new Queue({ scope });
      const target = new Uint8Array(8);
      const into = queue.getInto(target);
      structuredClone(target.buffer, { transfer: [target.buffer] });
      queue.putSync(new Uint8Array(0));
      await assert.rejects(into, TypeError);
      queue.putSync('next');
      assert.deepEqual(await queue.get(), new Uint8Array(0));
      assert.equal(queue.getSync(PATIENCE), 'next');
    });

    test('an item is encoded before options are looked at once more', async () => {
      const queue = new Queue<string>({ scope, maxSize: 1 });
      const other = new Queue<string>({ scope });
      queue.putSync('first');
      const put = queue.put('second', {
        get timeout() {
          other.putSync('another');
          return 30_000;
        },
      });
      assert.equal(await queue.get(), 'first');
      await put;
      assert.equal(await queue.get(), 'second');
    });

    test('queuefamily-02: join waits while each item is put before the one before it is done', async () => {
      const queue = new Queue<number>({ scope });
      const stop = new Event({ scope });
      queue.putSync(0);
      const crawler = new Thread(
        (items: Queue<number>, end: Event) => {
          while (!end.isSet) {
            items.putSync(items.getSync() + 1);
            items.taskDone();
          }
        },
        [queue, stop],
      );
      crawler.start();
      let early = 0;
      for (let i = 0; i < 300_000; i++) if (queue.joinSync({ timeout: 0 })) early += 1;
      stop.set();
      await crawler.join();
      assert.equal(early, 0);
      queue.taskDone();
      assert.equal(queue.joinSync({ timeout: 0 }), true);
    });
  });
}
