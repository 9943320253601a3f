/**
 * Contract of every pool: options that cannot be used are refused at once, with a code and the value.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidOptionError, Pool, type PoolKind, type PoolOptions } from '../../src/index.ts';
import { collect, WatchedInput } from './inputs.ts';
import { double } from './tasks.ts';
import { rejection, withPool } from './with-pool.ts';

const notCounts: readonly unknown[] = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  '2',
  '',
  null,
  true,
  [],
  {},
  3n,
];

const refused = (error: unknown, mentions: RegExp): true => {
  assert.ok(error instanceof InvalidOptionError, `an InvalidOptionError, not ${String(error)}`);
  assert.equal(error.code, 'ERR_INVALID_OPTION');
  assert.match(error.message, mentions);
  return true;
};

/** What every pool does with bad options. */
export function poolOptionsContract(kind: PoolKind): void {
  describe('options', () => {
    for (const option of ['workers', 'tasksPerWorker'] as const) {
      it(`executorcommon-13, pool-08: ${option} must be a whole number within reason`, () => {
        for (const value of [...notCounts, 1e9, 1e6]) {
          const options = { kind, workers: 1, [option]: value } as PoolOptions;
          if (value === null) continue; // as if it were not given
          assert.throws(
            () => new Pool(options),
            (error) => refused(error, new RegExp(option)),
          );
        }
      });
    }

    it('grace must be a duration', () => {
      for (const value of [-1, Number.NaN, '5', {}]) {
        assert.throws(
          () => new Pool({ kind, workers: 1, grace: value as number }),
          (error) => refused(error, /grace/),
        );
      }
    });

    it('kind must be one of those that there are', () => {
      for (const value of ['threads', 'THREAD', '', 'toString', '__proto__', 5]) {
        assert.throws(
          () => new Pool({ kind: value as PoolKind }),
          (error) => refused(error, /kind.*thread/),
        );
      }
    });

    it('pool-20, processpoolexe-14: chunkSize must be a whole number or auto', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', 'all']) {
          const input = new WatchedInput(5);
          refused(await rejection(pool.map(double, input.sync, { chunkSize: value as number })), /chunkSize/);
          refused(await rejection(collect(pool.imap(double, input.sync, { chunkSize: value as number }))), /chunkSize/);
          assert.equal(input.read, 0, 'before anything is read');
        }
      }));

    it('executorcommon-06, executorcommon-07: ahead must be a whole number', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        for (const value of [0, -1, 1.5, Number.NaN, '2']) {
          const input = new WatchedInput(5);
          for (const method of ['imap', 'imapUnordered'] as const) {
            refused(await rejection(collect(pool[method](double, input.sync, { ahead: value as number }))), /ahead/);
          }
          assert.equal(input.read, 0);
        }
      }));

    it('timeout must be a number above 0, signal an AbortSignal', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        for (const timeout of [0, -5, Number.NaN, '100', null]) {
          assert.throws(
            () => pool.with({ timeout: timeout as number }),
            (error) => refused(error, /timeout/),
          );
        }
        for (const signal of [null, {}, 'stop', new AbortController()]) {
          assert.throws(
            () => pool.with({ signal: signal as unknown as AbortSignal }),
            (error) => refused(error, /signal/),
          );
        }
      }));

    it('a very long timeout is a timeout that does not come, not one that comes at once', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        for (const timeout of [2 ** 31 - 1, 2 ** 31, 1e12, Number.POSITIVE_INFINITY]) {
          const slow = (x: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, 20, x));
          assert.equal(await pool.with({ timeout }).submit(slow, 5), 5, `timeout ${timeout}`);
        }
      }));

    it('pool-08: as many workers as asked for, and no more than there is work for', () =>
      withPool({ kind, workers: 3 }, async (pool) => {
        assert.equal(pool.workers, 3);
        assert.equal(pool.kind, kind);
        assert.equal(pool.liveWorkers.length, 0, 'none before the first task');
        await pool.submit(double, 1);
        assert.equal(pool.liveWorkers.length, 1);
        await Promise.all([1, 2, 3, 4, 5].map((n) => pool.submit(double, n)));
        assert.equal(pool.liveWorkers.length, 3);
      }));
  });
}
