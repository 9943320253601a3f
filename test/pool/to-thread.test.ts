/** One call in a thread. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentThread, toThread } from '../../src/index.ts';

describe('toThread', () => {
  it('tothread-01 tothread-04: calls with all arguments in a thread, and resolves to the result', async () => {
    const where = (...all: number[]): unknown[] => [currentThread().isMain, ...all];
    assert.deepEqual(await toThread(where, 1, 2, 3), [false, 1, 2, 3]);
  });

  it('tothread-02: what it throws is what it rejects with', async () => {
    await assert.rejects(
      toThread(() => {
        throw new RangeError('no');
      }),
      { name: 'RangeError', message: 'no' },
    );
  });

  it('tothread-03: ten at once', async () => {
    const all = Array.from({ length: 10 }, (_, n) => toThread((x: number) => x * 2, n));
    assert.deepEqual(
      await Promise.all(all),
      all.map((_, n) => n * 2),
    );
  });
});
