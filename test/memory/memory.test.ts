/**
 * Words, layouts, buffers, holds of the loop, and sleeping.
 * @module
 */
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  add,
  allocateShared,
  CACHE_LINE,
  clearBits,
  compareExchange,
  exchange,
  LINE_WORDS,
  layout,
  load,
  pause,
  setBits,
  sleep,
  sleepSync,
  store,
  type Words,
} from '../../src/memory/index.ts';
import type { WaitingThreadData } from './fixtures/waiting-thread.ts';
import { runProgram } from './program.ts';

describe('words', () => {
  test('each verb changes the word and returns what it held before', () => {
    const words: Words = new Int32Array(allocateShared(64));
    assert.equal(store(words, 3, 5), 5);
    assert.equal(add(words, 3, -7), 5);
    assert.equal(load(words, 3), -2);
    assert.equal(exchange(words, 3, 0b1010), -2);
    assert.equal(setBits(words, 3, 0b0101), 0b1010);
    assert.equal(clearBits(words, 3, 0b0011), 0b1111);
    assert.equal(load(words, 3), 0b1100);
    assert.equal(compareExchange(words, 3, 1, 99), 0b1100);
    assert.equal(compareExchange(words, 3, 0b1100, 99), 0b1100);
    assert.equal(load(words, 3), 99);
    assert.equal(setBits(words, 4, 1 << 31), 0);
    assert.equal(clearBits(words, 4, 1 << 31), -(2 ** 31));
    assert.equal(load(words, 4), 0);
    assert.equal(pause(), undefined);
  });

  test('additions of two threads and this one are all counted', async () => {
    const words: Words = new Int32Array(allocateShared(64));
    const data: WaitingThreadData = { role: 'add', words, rounds: 100_000 };
    const url = new URL('./fixtures/waiting-thread.ts', import.meta.url);
    const workers = [1, 2].map(() => new Worker(url, { workerData: data }));
    const exits = workers.map((worker) => once(worker, 'exit'));
    for (let round = 0; round < 100_000; round++) {
      add(words, 0, 1);
      if (round % 1000 === 0) await new Promise(setImmediate);
    }
    await Promise.all(exits);
    assert.equal(load(words, 0), 300_000);
  });
});

describe('buffers and layouts', () => {
  test('shared memory is zeroed and ends on a whole cache line', () => {
    for (const [asked, got] of [
      [0, 0],
      [1, CACHE_LINE],
      [CACHE_LINE, CACHE_LINE],
      [CACHE_LINE + 1, 2 * CACHE_LINE],
    ] as const) {
      const buffer = allocateShared(asked);
      assert.equal(buffer.byteLength, got);
      assert.ok(new Uint8Array(buffer).every((byte) => byte === 0));
    }
    assert.equal(LINE_WORDS * 4, CACHE_LINE);
  });

  test('fields begin on lines of their own, in order', () => {
    assert.deepEqual(layout({ head: 4, tail: 64, records: 65, end: 1 }), {
      head: 0,
      tail: 64,
      records: 128,
      end: 256,
      byteLength: 320,
    });
    assert.deepEqual(layout({}), { byteLength: 0 });
  });
});

describe('KeepAlive', () => {
  test('the loop goes on until the last hold is released, whatever is released twice', async () => {
    assert.deepEqual(await runProgram('./fixtures/hold-loop.ts'), { code: 0, stdout: 'first second', stderr: '' });
  });

  test('a hold that is not released keeps the loop going', async () => {
    assert.equal((await runProgram('./fixtures/hold-loop.ts', 'keep')).stdout, 'first second third');
  });
});

describe('sleep', () => {
  test('resolves with nothing, not before its time', async () => {
    const start = performance.now();
    assert.equal(await sleep(20), undefined);
    // A timer's millisecond is cut off, not rounded up.
    assert.ok(performance.now() - start >= 19);
  });

  test('a signal ends it early', async () => {
    const controller = new AbortController();
    const asleep = sleep(60_000, { signal: controller.signal });
    controller.abort();
    await assert.rejects(asleep, { name: 'AbortError', code: 'ABORT_ERR' });
    await assert.rejects(sleep(60_000, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  test('a time beyond what a timer knows is not over at once, and its signal leaves nothing behind', async () => {
    for (const milliseconds of [2 ** 31, 1e15, Infinity]) {
      const controller = new AbortController();
      const { signal } = controller;
      let over = false;
      const asleep = sleep(milliseconds, { signal }).finally(() => (over = true));
      const told = assert.rejects(asleep, { name: 'AbortError' });
      await sleep(10);
      assert.equal(over, false, `${milliseconds} ms`);
      assert.equal(getEventListeners(signal, 'abort').length, 1);
      controller.abort();
      await told;
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    }
  });

  test('what is no time is refused', async () => {
    for (const none of [Number.NaN, -1, -Infinity, '5', undefined, null, 5n] as never[]) {
      assert.throws(() => sleepSync(none), { code: 'ERR_INVALID_OPTION', message: /^A sleep takes a number/ });
      await assert.rejects(sleep(none), { code: 'ERR_INVALID_OPTION' });
    }
  });

  test('sleepSync blocks for its time', () => {
    for (const milliseconds of [0, 5, 120]) {
      const start = performance.now();
      sleepSync(milliseconds);
      assert.ok(performance.now() - start >= milliseconds);
    }
  });
});
