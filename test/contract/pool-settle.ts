/**
 * Contract of every pool: maps some of whose items fail.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PoolKind, transfer, WorkerDiedError } from '../../src/index.ts';
import { collect, range, WatchedInput } from './inputs.ts';
import { double, StockError } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

/** Throws at every third. */
const thirds = (n: number): number => {
  if (n % 3 === 0) throw new RangeError(`no ${n}`);
  return n * 2;
};

const thirdsLater = async (n: number): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve));
  return thirds(n);
};

const shown = (outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).message));

const wanted = (n: number): unknown => (n % 3 === 0 ? `no ${n}` : n * 2);

/** What every pool does when items fail and the others are wanted all the same. */
export function poolSettleContract(kind: PoolKind): void {
  describe('error policies', () => {
    it('settle: an outcome for each item, in order, whatever the chunk', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        for (const chunkSize of [1, 4, 'auto'] as const) {
          for (const fn of [thirds, thirdsLater] as ((n: number) => number | Promise<number>)[]) {
            const outcomes = await pool.map(fn, range(20), { errors: 'settle', chunkSize });
            assert.deepEqual(shown(outcomes), range(20).map(wanted));
            assert.ok(outcomes.every((each) => each.status === 'fulfilled' || each.reason instanceof RangeError));
          }
        }
        const pairs = range(6).map((n) => [n, 3] as const);
        const stars = await pool.starmap(
          (n: number, limit: number) => (n > limit ? Promise.reject(new Error(`${n}`)) : n),
          pairs,
          {
            errors: 'settle',
          },
        );
        assert.deepEqual(shown(stars), [0, 1, 2, 3, '4', '5']);
        assert.deepEqual(await pool.map(thirds, [], { errors: 'settle' }), []);
      }));

    it('settle: imap yields outcomes as they come', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const ordered = await collect(pool.imap(thirds, range(10), { errors: 'settle', chunkSize: 3 }));
        assert.deepEqual(shown(ordered), range(10).map(wanted));
        const any = await collect(pool.imapUnordered(thirds, range(10), { errors: 'settle' }));
        assert.deepEqual(
          shown(any).map(String).toSorted(),
          range(10)
            .map((n) => String(wanted(n)))
            .toSorted(),
        );
      }));

    it('continue: all others are done, then an AggregateError of all errors', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const error = await rejection(pool.map(thirds, range(10), { errors: 'continue', chunkSize: 3 }));
        assert.ok(error instanceof AggregateError);
        assert.match(error.message, /4 of the items failed/);
        assert.deepEqual(
          error.errors.map((each: Error) => each.message),
          ['no 0', 'no 3', 'no 6', 'no 9'],
        );
        assert.deepEqual(await pool.map(double, range(5), { errors: 'continue' }), range(5).map(double));

        const seen: number[] = [];
        const late = await rejection(
          (async () => {
            for await (const value of pool.imap(thirds, range(10), { errors: 'continue' })) seen.push(value);
          })(),
        );
        assert.ok(late instanceof AggregateError);
        assert.deepEqual(seen, [2, 4, 8, 10, 14, 16]);
      }));

    it('errors keep their class; what cannot travel is told of as far as it can, and harms no neighbour', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const fn = (n: number): number => {
          if (n === 1) throw new StockError('out of x', 'x', 2);
          if (n === 2) throw Object.assign(new RangeError('odd'), { handle: new WeakMap(), code: 'E_ODD' });
          if (n === 3) throw 0;
          return n;
        };
        const [zero, one, two, three, four] = await pool.map(fn, range(5), { errors: 'settle', chunkSize: 5 });
        assert.deepEqual(
          [zero, four],
          [
            { status: 'fulfilled', value: 0 },
            { status: 'fulfilled', value: 4 },
          ],
        );
        const reasons = [one, two, three].map((each) => (each as PromiseRejectedResult).reason as unknown);
        assert.equal((reasons[0] as StockError).name, 'StockError');
        assert.equal((reasons[0] as StockError).missing, 2);
        assert.ok(reasons[1] instanceof RangeError);
        assert.equal((reasons[1] as unknown as { code: string }).code, 'E_ODD');
        assert.equal(reasons[2], 0);
      }));

    it('buffers among the results may be moved', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const make = (n: number): Uint8Array => {
          if (n === 1) throw new RangeError('one');
          const bytes = new Uint8Array(10).fill(n);
          return transfer(bytes, [bytes.buffer]);
        };
        const [first, second, third] = await pool.map(make, range(3), { errors: 'settle', chunkSize: 3 });
        assert.equal((first as PromiseFulfilledResult<Uint8Array>).value[9], 0);
        assert.equal(second?.status, 'rejected');
        assert.equal((third as PromiseFulfilledResult<Uint8Array>).value[9], 2);
      }));

    it('an input that throws, a pool that is closed and a bad policy fail the map in any case', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const broken = new WatchedInput(9, 4);
        const error = await rejection(pool.map(double, broken.sync, { errors: 'settle' }));
        assert.match((error as Error).message, /input broke at 4/);
        const bad = { errors: 'ignore' } as never;
        assert.equal(await rejectionCode(pool.map(double, [1], bad)), 'ERR_INVALID_OPTION');
        assert.equal(await rejectionCode(pool.imap(double, [1], bad).next()), 'ERR_INVALID_OPTION');
        const endless = pool.map(double, new WatchedInput().async, { errors: 'settle' });
        const code = rejectionCode(endless);
        await pool.submit(double, 1);
        await pool.terminate();
        assert.match(String(await code), /^ERR_(?:CANCELLED|POOL_CLOSED)$/);
      }));

    it(
      'an item that ends its worker fails its chunk, and nothing else',
      { skip: kind === 'inline' && 'the only thread' },
      () =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const fn = (n: number): number => {
            if (n === 4) process.exit(1);
            return n;
          };
          const outcomes = await pool.map(fn, range(9), { errors: 'settle', chunkSize: 3 });
          const died = outcomes.map((each) => each.status === 'rejected' && each.reason instanceof WorkerDiedError);
          assert.deepEqual(died, [false, false, false, true, true, true, false, false, false]);
        }),
    );
  });
}
