/**
 * What a thread was granted and did not take before it ended, while nobody could hear of its end: whoever started it is blocked.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event, LifoQueue, PriorityQueue, Queue, Thread } from '../../src/index.ts';

const PATIENCE = { timeout: 30_000 } as const;

/** Enough of them for a thread to be told to end; its end is heard of in a later turn. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 100; i++) await null;
}

describe('threads that end', () => {
  test('use queues up to their last exit handler, as those who live do at the same time', async () => {
    const count = 10_000;
    const queue = new Queue<string>();
    const worker = new Thread(
      async (into: Queue<string>, items: number) => {
        into.putSync('begins');
        process.on('exit', () => {
          for (let i = 0; i < items; i++) into.putSync(`theirs ${i}`);
        });
      },
      [queue, count],
    );
    worker.start();
    assert.equal(await queue.get(PATIENCE), 'begins');
    for (let i = 0; i < count; i++) queue.putSync(`mine ${i}`);
    await worker.join();
    const got: string[] = [];
    for (let i = 0; i < count * 2; i++) got.push(await queue.get(PATIENCE));
    for (const whose of ['mine', 'theirs']) {
      const numbers = got.filter((item) => item.startsWith(whose)).map((item) => Number(item.slice(whose.length)));
      assert.deepEqual(
        numbers,
        Array.from({ length: count }, (_, i) => i),
      );
    }
  });
});

describe('threads that end with something granted', { skip: process.platform !== 'linux' }, () => {
  for (const Kind of [Queue, LifoQueue, PriorityQueue] as const) {
    for (const isShut of [false, true]) {
      test(`${Kind.name}: an item is for the next one, ${isShut ? 'also after shutdown' : 'who blocks'}`, async () => {
        const queue = new Kind<number>();
        const [asked, granted] = [new Event(), new Event()];
        const worker = new Thread(
          async (from: Queue<number>, here: Event, go: Event) => {
            void from.get();
            await null;
            here.set();
            go.waitSync(); // granted meanwhile, which this thread has not heard
            for (;;);
          },
          [queue, asked, granted],
        );
        worker.start();
        assert.equal(await asked.wait(PATIENCE), true);
        queue.putSync(1);
        if (isShut) queue.shutdown();
        granted.set();
        const joined = worker.join().catch((error: unknown) => error);
        const ended = worker.terminate();
        await microtasks();
        assert.equal(queue.getSync(PATIENCE), 1);
        if (isShut) assert.throws(() => queue.getSync(), { code: 'ERR_QUEUE_SHUT_DOWN' });
        await ended;
        await joined;
      });
    }
  }

  test('room is for the next one', async () => {
    const queue = new Queue<number>({ maxSize: 1 });
    queue.putSync(0);
    const asked = new Event();
    const worker = new Thread(
      async (into: Queue<number>, here: Event) => {
        void into.put(1);
        await null;
        here.set();
        for (;;);
      },
      [queue, asked],
    );
    worker.start();
    assert.equal(await asked.wait(PATIENCE), true);
    assert.equal(queue.getSync(), 0);
    const joined = worker.join().catch((error: unknown) => error);
    const ended = worker.terminate();
    await microtasks();
    queue.putSync(2, PATIENCE);
    assert.equal(queue.getSync(), 2);
    await ended;
    await joined;
  });
});
