/** Threads: the common contract, and what only threads do. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Thread } from '../../src/index.ts';
import { activityContract } from '../contract/activity.ts';
import { lifecycleContract } from '../contract/lifecycle.ts';
import { add } from '../contract/tasks.ts';
import { rejection } from '../contract/with-pool.ts';

activityContract('thread');
lifecycleContract('thread');

describe('Thread', () => {
  it('shares memory', async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const count = (shared: Int32Array): void => {
      for (let i = 0; i < 1000; i++) Atomics.add(shared, 0, 1);
    };
    const threads = [1, 2, 3].map(() => new Thread(count, [words]));
    for (const thread of threads) thread.start();
    for (const thread of threads) await thread.join();
    assert.equal(words[0], 3000);
  });

  it('shares memory that a closure captures', async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const thread = new Thread(() => Atomics.add(words, 0, 5));
    thread.start();
    await thread.join();
    assert.equal(words[0], 5);
  });

  it('runs in this process, with a number of its own', async () => {
    const where = (): number[] => [process.pid, process.getBuiltinModule('node:worker_threads').threadId];
    const thread = new Thread(where);
    assert.equal(thread.threadId, undefined);
    thread.start();
    const { threadId } = thread;
    assert.deepEqual(await thread.join(), [process.pid, threadId]);
  });

  it('terminate: exit code 1', async () => {
    const thread = new Thread(() => new Promise(() => {}));
    thread.start();
    await thread.terminate();
    await rejection(thread.join());
    assert.equal(thread.exitCode, 1);
  });

  it('a full heap is an ERR_OUT_OF_MEMORY that names the thread and the function', { timeout: 60_000 }, async () => {
    function hoard(): number {
      const all: number[][] = [];
      for (;;) all.push(new Array<number>(100_000).fill(all.length));
    }
    const thread = new Thread(hoard, [], {
      resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
    });
    thread.start();
    const error = (await rejection(thread.join())) as Error & { code?: string; threadId?: number };
    assert.equal(error.code, 'ERR_OUT_OF_MEMORY');
    assert.match(error.message, /thread \d+ ran out of memory.*hoard|thread \d+ ran out of memory.*Thread-/);
    const next = new Thread(add, [1, 2]);
    next.start();
    assert.equal(await next.join(), 3);
  });

  it('the user’s own parentPort and workerData are left alone', async () => {
    const look = (): string[] => {
      const { parentPort, isMainThread } = process.getBuiltinModule('node:worker_threads');
      return [String(isMainThread), String(parentPort === null), String(parentPort?.listenerCount('message'))];
    };
    const thread = new Thread(look);
    thread.start();
    assert.deepEqual(await thread.join(), ['false', 'false', '0']);
  });
});
