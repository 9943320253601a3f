/** What can be said about a hybrid pool. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidOptionError, Pool } from '../../src/index.ts';
import { withPool } from '../contract/with-pool.ts';

describe('threadsPerProcess', () => {
  it('must be a whole number', () => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', true, [], 3n]) {
      assert.throws(
        () => new Pool({ kind: 'hybrid', threadsPerProcess: value as number }),
        (error) => error instanceof InvalidOptionError && /threadsPerProcess/.test(error.message),
      );
    }
  });

  it('is refused where workers are not grouped', () => {
    for (const kind of ['thread', 'process', 'inline'] as const) {
      assert.throws(
        () => new Pool({ kind, threadsPerProcess: 2 }),
        (error) => error instanceof InvalidOptionError && new RegExp(`'hybrid'.*'${kind}'`).test(error.message),
      );
    }
  });

  it('may be more than there are workers', () =>
    withPool({ kind: 'hybrid', workers: 1, threadsPerProcess: 100 }, async (pool) => {
      assert.equal(await pool.submit(() => 'here'), 'here');
    }));
});

describe('flags, environment and limits', () => {
  it('reach the threads, by their process', () => {
    const options = {
      kind: 'hybrid',
      workers: 1,
      execArgv: ['--no-deprecation'],
      env: { MANYHANDS_MINE: 'hybrid' },
      resourceLimits: { maxOldGenerationSizeMb: 77 },
    } as const;
    return withPool(options, async (pool) => {
      const seen = await pool.submit(() => ({
        mine: process.env['MANYHANDS_MINE'],
        flags: process.execArgv,
        limit: process.getBuiltinModule('node:worker_threads').resourceLimits.maxOldGenerationSizeMb,
      }));
      assert.equal(seen.mine, 'hybrid');
      assert.ok(seen.flags.includes('--no-deprecation'), String(seen.flags));
      assert.equal(seen.limit, 77);
    });
  });
});
