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

    for (const [how, options] of [
      ['', {}],
      [', ordered', { priority: 1 }],
    ] as const) {
      it(`what cannot be sent fails alone, on the way there and on the way back${how}`, () =>
        withPool({ kind, workers: 2, backlog: 2, overflow: 'reject' }, async (pool) => {
          const broken = {
            get value(): never {
              throw new RangeError('five');
            },
          };
          const bound = pool.with(options);
          const items = [1, 2, new WeakMap(), new Map([[4, 4]]), 4, broken, 6, 7];
          const settle = { errors: 'settle', chunkSize: 5 } as const;
          const there = await bound.map((item: unknown) => (typeof item === 'number' ? item : 0), items, settle);
          assert.deepEqual(shown(there.toSpliced(2, 1)), [1, 2, 0, 4, 'five', 6, 7]);
          assert.equal(((there[2] as PromiseRejectedResult).reason as { code: unknown }).code, 'ERR_NOT_CLONEABLE');
          const make = (n: number): unknown => {
            if (n === 0) return transfer(new Uint8Array(3), []);
            if (n === 1) throw new RangeError('one');
            if (n === 2) return new WeakMap();
            if (n === 3)
              return {
                get value(): never {
                  throw new RangeError('three');
                },
              };
            return n;
          };
          const back = await bound.map(make, range(6), { errors: 'settle', chunkSize: 6 });
          assert.deepEqual(shown(back.toSpliced(2, 1)), [
            new Uint8Array(3),
            'one',
            'result > .value: reading it threw RangeError: three',
            4,
            5,
          ]);
          assert.equal(((back[2] as PromiseRejectedResult).reason as { code: unknown }).code, 'ERR_NOT_CLONEABLE');
          const error = await rejection(
            bound.map(double, [1, new WeakMap() as never, 3], { errors: 'continue', chunkSize: 3 }),
          );
          assert.deepEqual(
            (error as AggregateError).errors.map((each: { code: unknown }) => each.code),
            ['ERR_NOT_CLONEABLE'],
          );
          const yielded = await collect(
            bound.imap(double, [1, new WeakMap() as never, 3], { errors: 'settle', chunkSize: 3 }),
          );
          assert.deepEqual(
            yielded.map(({ status }) => status),
            ['fulfilled', 'rejected', 'fulfilled'],
          );
        }));
    }

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

    it(
      'results of which it shows only on the way that they cannot be sent all fail, and the pool goes on',
      { skip: kind !== 'thread' },
      () =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const make = (n: number): unknown => {
            if (n === 0) throw new RangeError('zero');
            return n === 1 ? transfer(n, [{} as ArrayBuffer]) : n;
          };
          const outcomes = await pool.map(make, range(3), { errors: 'settle', chunkSize: 3 });
          const [zero, one, two] = shown(outcomes);
          assert.equal(zero, 'zero');
          assert.match(String(one), /transfer/);
          assert.equal(two, one);
          assert.equal(await pool.submit(double, 2), 4);
        }),
    );

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
