/**
 * Native code in tasks: a shared library by koffi, loaded where the function runs.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkerDiedError } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { withPool } from '../contract/with-pool.ts';
import { crash, lengthOf } from './native-calls.ts';

const skip = process.platform === 'linux' ? false : 'koffi is there on Linux only';

for (const kind of ['thread', 'process', 'hybrid'] as const) {
  describe(`native code in a pool of kind ${kind}`, { skip }, () => {
    test('a shared library is loaded in each worker', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        assert.deepEqual(
          await pool.map(
            lengthOf,
            range(8).map((n) => 'x'.repeat(n)),
            { chunkSize: 1 },
          ),
          range(8),
        );
      }));
  });
}

describe('a crash in native code', { skip }, () => {
  test('fails its task, with the signal, and no other', () =>
    withPool({ kind: 'process', workers: 2 }, async (pool) => {
      await assert.rejects(
        pool.submit(crash),
        (error) => error instanceof WorkerDiedError && error.signal === 'SIGSEGV',
      );
      assert.equal(await pool.submit(lengthOf, 'four'), 4);
    }));
});
