/**
 * Waiting for shared words and waking those who wait, between real threads.
 * @module
 */
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { allocateShared, load, store, type Words, waitAsync, waitSync, wake } from '../../src/memory/index.ts';
import type { WaitingThreadData } from './fixtures/waiting-thread.ts';
import { runProgram } from './program.ts';

const newWords = (): Words => new Int32Array(allocateShared(64));

function startThread(data: WaitingThreadData): Worker {
  return new Worker(new URL('./fixtures/waiting-thread.ts', import.meta.url), { workerData: data });
}

/** Wakes word 0 until one more waiter has been seen asleep there. */
async function untilAsleep(words: Words): Promise<void> {
  while (wake(words, 0) === 0) await new Promise(setImmediate);
}

describe('waitSync', () => {
  test('returns at once when the word has changed before', () => {
    const words = newWords();
    store(words, 0, 1);
    assert.equal(wake(words, 0), 0);
    assert.equal(waitSync(words, 0, 0), 'changed');
  });

  test('times out, not before its time', () => {
    const words = newWords();
    for (const timeout of [0, 1, 30, 150]) {
      const start = performance.now();
      assert.equal(waitSync(words, 0, 0, timeout), 'timed-out');
      assert.ok(performance.now() - start >= timeout, `${timeout} ms ended early`);
    }
    assert.equal(waitSync(words, 0, 0, -5), 'timed-out');
  });

  test('is woken by another thread, and not by a wake without a change', async () => {
    const words = newWords();
    const worker = startThread({ role: 'wait', words, rounds: 0 });
    const ended = Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    await waitAsync(words, 1, 0);
    await untilAsleep(words);
    await untilAsleep(words);
    store(words, 0, 1);
    wake(words, 0);
    assert.deepEqual(await ended, [['changed'], [0]]);
  });

  test('loses no wake in a thousand rounds between two threads', async () => {
    const words = newWords();
    const rounds = 1000;
    const worker = startThread({ role: 'echo', words, rounds });
    const exit = once(worker, 'exit');
    for (let round = 1; round <= rounds; round++) {
      store(words, 0, round);
      wake(words, 0);
      assert.equal(waitSync(words, 1, round - 1, 60_000), 'changed', `round ${round} was lost`);
      assert.equal(load(words, 1), round);
    }
    await exit;
  });

  test('does not keep the process from exiting, nor its thread from being ended', async () => {
    assert.equal((await runProgram('./fixtures/exit-while-waiting.ts')).code, 7);
    const { code, stdout } = await runProgram('./fixtures/exit-while-waiting.ts', 'terminate');
    assert.deepEqual([code, stdout], [0, '1']);
  });
});

describe('waitAsync', () => {
  test('returns at once when the word has changed before', async () => {
    const words = newWords();
    store(words, 0, 1);
    assert.equal(await waitAsync(words, 0, 0), 'changed');
  });

  test('times out, not before its time, and leaves the loop running meanwhile', async () => {
    const words = newWords();
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    const start = performance.now();
    assert.equal(await waitAsync(words, 0, 0, { timeout: 60 }), 'timed-out');
    clearInterval(ticking);
    assert.ok(performance.now() - start >= 60, 'it ended early');
    assert.ok(turns > 0, 'the loop stood still');
    assert.equal(await waitAsync(words, 0, 0, { timeout: 0 }), 'timed-out');
  });

  test('wakes all of many waiters, or as many as were asked for', async () => {
    const words = newWords();
    let ended = 0;
    const waits = Array.from({ length: 5 }, () => waitAsync(words, 0, 0).then(() => (ended += 1)));
    store(words, 0, 1);
    assert.equal(wake(words, 0, 2), 2);
    while (ended < 2) await new Promise(setImmediate);
    assert.equal(ended, 2);
    assert.equal(wake(words, 0), 3);
    await Promise.all(waits);
  });

  test('goes on waiting after a wake without a change', async () => {
    const words = newWords();
    const wait = waitAsync(words, 0, 0);
    assert.equal(wake(words, 0), 1);
    await untilAsleep(words);
    await untilAsleep(words);
    store(words, 0, 1);
    wake(words, 0);
    assert.equal(await wait, 'changed');
  });

  test('loses no wake in a thousand rounds between two threads', async () => {
    const words = newWords();
    const rounds = 1000;
    const worker = startThread({ role: 'echo', words, rounds });
    const exit = once(worker, 'exit');
    for (let round = 1; round <= rounds; round++) {
      store(words, 0, round);
      wake(words, 0);
      assert.equal(await waitAsync(words, 1, round - 1, { timeout: 60_000 }), 'changed', `round ${round} was lost`);
    }
    await exit;
  });

  test('ends by its signal with the reason of the signal, and leaves no listener', async () => {
    const words = newWords();
    const controller = new AbortController();
    const reason = new Error('enough');
    const wait = waitAsync(words, 0, 0, { signal: controller.signal, timeout: 60_000 });
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    controller.abort(reason);
    await assert.rejects(wait, (error) => error === reason);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    await assert.rejects(waitAsync(words, 0, 0, { signal: controller.signal }), (error) => error === reason);

    const other = new AbortController();
    const changed = waitAsync(words, 0, 0, { signal: other.signal });
    store(words, 0, 1);
    wake(words, 0);
    assert.equal(await changed, 'changed');
    assert.equal(getEventListeners(other.signal, 'abort').length, 0);
    other.abort();
  });

  test('keeps the program alive until the word changes, and no longer', async () => {
    const { code, stdout, stderr } = await runProgram('./fixtures/await-word.ts');
    assert.deepEqual([code, stdout], [0, 'changed'], stderr);
  });
});
