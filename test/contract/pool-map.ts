/**
 * Contract of every pool: the maps.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pool, PoolKind } from '../../src/index.ts';
import { collect, range, WatchedInput } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, block, double, doubleLater, failAt, meet, meetForever } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

type Mapper = (
  pool: Pool,
  fn: (x: number) => number,
  input: Iterable<number> | AsyncIterable<number>,
) => Promise<number[]>;

const mappers: readonly (readonly [string, Mapper])[] = [
  ['map', (pool, fn, input) => pool.map(fn, input)],
  ['imap', (pool, fn, input) => collect(pool.imap(fn, input))],
  ['imapUnordered', async (pool, fn, input) => sorted(await collect(pool.imapUnordered(fn, input)))],
  ['map in chunks of 3', (pool, fn, input) => pool.map(fn, input, { chunkSize: 3 })],
  ['imap in chunks of 3', (pool, fn, input) => collect(pool.imap(fn, input, { chunkSize: 3 }))],
  ['imap in automatic chunks', (pool, fn, input) => collect(pool.imap(fn, input, { chunkSize: 'auto', ahead: 50 }))],
];

/** What every pool does with many inputs. */
export function poolMapContract(kind: PoolKind): void {
  describe('maps', () => {
    it('executorcommon-03: results come in the order of the input, whatever the chunk', () =>
      withPool({ kind, workers: 3 }, async (pool) => {
        const input = range(101);
        const wanted = input.map(double);
        for (const chunkSize of [1, 2, 7, 100, 101, 102, 1e6, 'auto'] as const) {
          assert.deepEqual(await pool.map(double, input, { chunkSize }), wanted, `chunkSize ${chunkSize}`);
          assert.deepEqual(await collect(pool.imap(double, input, { chunkSize })), wanted, `imap, ${chunkSize}`);
          const any = await collect(pool.imapUnordered(double, input, { chunkSize }));
          assert.deepEqual(sorted(any), wanted, `imapUnordered, ${chunkSize}`);
        }
        assert.deepEqual(await pool.map(doubleLater, input, { chunkSize: 10 }), wanted);
      }));

    it('order is kept when later items are done first', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 2, tasksPerWorker: 2 }, async (pool) => {
          const { path } = meeting;
          const results = collect(pool.imap((name: string) => meet(path, name), ['a', 'b', 'c']));
          await meeting.untilArrived(3);
          meeting.letGo('c');
          await meeting.untilLeft(1);
          meeting.letGo('b');
          await meeting.untilLeft(2);
          meeting.letGo('a');
          assert.deepEqual(await results, ['a', 'b', 'c']);
        }),
      ));

    it('imapUnordered hands out what is done first', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 2, tasksPerWorker: 2 }, async (pool) => {
          const { path } = meeting;
          const results = pool.imapUnordered((name: string) => meet(path, name), ['a', 'b', 'c']);
          const first = results.next();
          await meeting.untilArrived(3);
          meeting.letGo('c');
          assert.equal((await first).value, 'c');
          meeting.letGo('a');
          assert.equal((await results.next()).value, 'a');
          meeting.letGo('b');
          assert.equal((await results.next()).value, 'b');
          assert.equal((await results.next()).done, true);
        }),
      ));

    it('pool-01: starmap spreads arrays of arguments', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const pairs = range(50).map((n) => [n, n * 10] as const);
        for (const chunkSize of [1, 7, 'auto'] as const) {
          assert.deepEqual(
            await pool.starmap(add, pairs, { chunkSize }),
            pairs.map(([a, b]) => a + b),
          );
        }
        assert.deepEqual(await pool.starmap(() => 'none', [[], []]), ['none', 'none']);
      }));

    it('the function gets the item alone', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const count = (...all: unknown[]): number => all.length;
        assert.deepEqual(await pool.map(count, ['a', 'b', 'c'], { chunkSize: 2 }), [1, 1, 1]);
      }));

    it('items and results of every kind', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const items = [1, 'two', null, undefined, new Map([['k', 1]]), new Uint8Array([1, 2]), { deep: [new Date(1)] }];
        for (const chunkSize of [1, 2, 100]) {
          assert.deepEqual(
            await pool.map((item: unknown) => [item], items, { chunkSize }),
            items.map((item) => [item]),
          );
        }
      }));

    it('any iterable will do: set, map, string, generator, typed array, async generator', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        function* generate(): Generator<number> {
          yield* [1, 2, 3];
        }
        async function* later(): AsyncGenerator<number> {
          yield* [1, 2, 3];
        }
        for (const input of [new Set([1, 2, 3]), generate(), new Int8Array([1, 2, 3]), later(), [1, 2, 3].values()]) {
          assert.deepEqual(await pool.map(double, input), [2, 4, 6]);
        }
        assert.deepEqual(await pool.map((c: string) => c.toUpperCase(), 'köl'), ['K', 'Ö', 'L']);
        const entries = new Map([['a', 1]]);
        assert.deepEqual(await pool.map((entry: [string, number]) => entry.join(), entries), ['a,1']);
      }));

    it('what is no iterable is refused', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        for (const bad of [undefined, null, 5, {}, () => 1]) {
          assert.equal(await rejectionCode(pool.map(double, bad as never)), 'ERR_INVALID_OPTION');
          assert.equal(await rejectionCode(collect(pool.imap(double, bad as never))), 'ERR_INVALID_OPTION');
        }
      }));

    it('a hole in an array is an item that is undefined', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const holes = [1, , 3] as (number | undefined)[]; // biome-ignore lint/suspicious/noSparseArray: that is the point
        const isUndefined = (x: unknown): boolean => x === undefined;
        for (const chunkSize of [1, 2, 3]) {
          assert.deepEqual(
            await pool.map(isUndefined, holes, { chunkSize }),
            [false, true, false],
            `chunkSize ${chunkSize}`,
          );
          assert.deepEqual(await collect(pool.imap(isUndefined, holes, { chunkSize })), [false, true, false]);
        }
        assert.deepEqual(await pool.map(isUndefined, new Array<number>(5)), new Array(5).fill(true));
      }));

    for (const [name, mapper] of mappers) {
      it(`pool-04, pool-10: ${name} over nothing gives nothing, again and again`, () =>
        withPool({ kind, workers: 2 }, async (pool) => {
          for (let i = 0; i < 5; i++) {
            assert.deepEqual(await mapper(pool, double, []), []);
            assert.deepEqual(await mapper(pool, double, new WatchedInput(0).sync), []);
            assert.deepEqual(await mapper(pool, double, new WatchedInput(0).async), []);
          }
          assert.deepEqual(await mapper(pool, double, [1]), [2]);
        }));

      it(`pool-05, pool-07: ${name}: an input that throws passes its error on, and the pool stays usable`, () =>
        withPool({ kind, workers: 2 }, async (pool) => {
          for (const at of [0, 1, 2, 3, 50, 99, 100]) {
            for (const form of ['sync', 'async', 'bare'] as const) {
              const input = new WatchedInput(100, at);
              const error = await rejection(mapper(pool, double, input[form]));
              assert.ok(error instanceof RangeError, `at ${at}, ${form}`);
              assert.equal(error.message, `input broke at ${at}`);
              assert.equal(input.closed, 0, 'an iterator that threw is not closed as well');
            }
          }
          assert.deepEqual(await mapper(pool, double, range(10)), range(10).map(double));
        }));

      it(`${name}: the first error rejects, gives the rest up and closes the input`, () =>
        withPool({ kind, workers: 2 }, async (pool) => {
          const bad = 7;
          for (const form of ['sync', 'async'] as const) {
            const input = new WatchedInput();
            const error = await rejection(mapper(pool, (x: number) => failAt(x, 7), input[form]));
            assert.ok(error instanceof RangeError);
            assert.equal(error.message, `no ${bad} here`);
            assert.equal(input.closed, 1);
          }
          const bare = new WatchedInput();
          await assert.rejects(
            mapper(pool, (x: number) => failAt(x, 7), bare.bare),
            RangeError,
          );
          const before = bare.read;
          assert.deepEqual(await mapper(pool, double, range(10)), range(10).map(double));
          assert.equal(bare.read, before, 'it is not read any further');
        }));
    }

    it('executorcommon-12: no more than `ahead` items are read before a result is taken', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        for (const form of ['sync', 'async'] as const) {
          for (const ahead of [1, 2, 5, 16]) {
            for (const method of ['imap', 'imapUnordered'] as const) {
              const input = new WatchedInput();
              const results = pool[method](double, input[form], { ahead });
              assert.equal(input.read, 0, 'nothing is read before the first result is asked for');
              for (let taken = 1; taken <= 20; taken++) {
                await results.next();
                assert.ok(
                  input.read <= taken + ahead,
                  `${method} ${form}: ${input.read} read, ${taken} taken, ${ahead} ahead`,
                );
                if (taken === 10) {
                  await new Promise((resolve) => setImmediate(resolve));
                  await pool.submit(double, 1); // time in which a greedy map would read on
                  assert.ok(input.read <= taken + ahead);
                }
              }
              await results.return(undefined);
              assert.equal(input.closed, 1);
            }
          }
        }
      }));

    it('chunks do not read further ahead either', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const input = new WatchedInput();
        const results = pool.imap(double, input.sync, { ahead: 6, chunkSize: 4 });
        for (let taken = 1; taken <= 20; taken++) {
          assert.equal((await results.next()).value, (taken - 1) * 2);
          assert.ok(input.read <= taken + 6 + 3, `${input.read} read, ${taken} taken`);
        }
        await results.return(undefined);
        const few = new WatchedInput();
        const chunkLargerThanAhead = pool.imap(double, few.sync, { ahead: 2, chunkSize: 100 });
        await chunkLargerThanAhead.next();
        assert.ok(few.read <= 3);
        await chunkLargerThanAhead.return(undefined);
      }));

    it('executorcommon-08: any `ahead` gives every result in order', () =>
      withPool({ kind, workers: 3 }, async (pool) => {
        for (const ahead of [1, 2, 3, 10, 1000]) {
          for (const chunkSize of [1, 5]) {
            assert.deepEqual(await collect(pool.imap(double, range(57), { ahead, chunkSize })), range(57).map(double));
          }
        }
      }));

    it('map reads a long input no further than its workers need', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 2 }, async (pool) => {
          const { path } = meeting;
          const input = new WatchedInput(1000);
          const stop = new AbortController();
          const results = pool
            .with({ signal: stop.signal })
            .map((n: number) => meetForever(path, String(n)), input.sync, { chunkSize: 1 });
          await meeting.untilArrived(2);
          assert.ok(input.read <= 2 * 4, `${input.read} of 1000 read while two are worked on`);
          stop.abort(new Error('enough'));
          await assert.rejects(results, /enough/);
          assert.equal(input.closed, 1);
        }),
      ));

    it('executorcommon-05: leaving an endless input early closes it, once, and leaves nothing running', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        for (const form of ['sync', 'async'] as const) {
          for (const method of ['imap', 'imapUnordered'] as const) {
            const input = new WatchedInput();
            let taken = 0;
            for await (const result of pool[method](doubleLater, input[form], { ahead: 8 })) {
              assert.equal(typeof result, 'number');
              taken += 1;
              if (taken === 5) break;
            }
            assert.equal(input.closed, 1, `${method} ${form}`);
            const { read } = input;
            assert.equal(await pool.submit(double, 1), 2);
            assert.ok(input.read <= read + (form === 'async' ? 1 : 0), 'and it is not read any further');
          }
        }
        await pool.close();
      }));

    it('an item that comes after everybody has left is not worked on, and nothing more is read', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        let asked = 0;
        let give: (result: IteratorResult<number>) => void = () => {};
        const slow: AsyncIterable<number> = {
          [Symbol.asyncIterator]: () => ({
            next: () => {
              asked += 1;
              return asked === 1
                ? Promise.resolve({ done: false, value: 1 })
                : new Promise((resolve) => {
                    give = resolve;
                  });
            },
          }),
        };
        for (const chunkSize of [1, 3]) {
          asked = 0;
          const stop = new AbortController();
          const results = rejection(pool.with({ signal: stop.signal }).map(double, slow, { chunkSize }));
          await pool.submit(double, 1);
          while (asked < 2) await new Promise((resolve) => setImmediate(resolve));
          stop.abort(new Error('left'));
          assert.equal(((await results) as Error).message, 'left');
          await pool.submit(double, 1);
          const { pending } = pool;
          give({ done: false, value: 5 });
          await new Promise((resolve) => setImmediate(resolve));
          assert.equal(asked, 2);
          assert.ok(pool.pending <= pending, 'no task was made of it');
        }
      }));

    it('a consumer that throws closes the input', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const input = new WatchedInput();
        await assert.rejects(async () => {
          for await (const result of pool.imap(double, input.sync)) if (result === 6) throw new Error('consumer');
        }, /consumer/);
        assert.equal(input.closed, 1);
      }));

    it('an input whose `return` throws or rejects disturbs nobody', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const throwing: Iterable<number> = {
          [Symbol.iterator]: () => ({
            next: () => ({ done: false, value: 1 }),
            return: () => {
              throw new Error('return');
            },
          }),
        };
        for await (const result of pool.imap(double, throwing)) if (result === 2) break;
        const rejecting: AsyncIterable<number> = {
          [Symbol.asyncIterator]: () => ({
            next: async () => ({ done: false, value: 1 }),
            return: async () => {
              throw new Error('return');
            },
          }),
        };
        for await (const result of pool.imap(double, rejecting)) if (result === 2) break;
        assert.equal(await pool.submit(double, 4), 8);
      }));

    it('an async input that never answers does not keep an error back', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        let asked = 0;
        const stalling: AsyncIterable<number> = {
          [Symbol.asyncIterator]: () => ({
            next: () => {
              asked += 1;
              return asked === 1 ? Promise.resolve({ done: false, value: 7 }) : new Promise(() => {});
            },
          }),
        };
        await assert.rejects(
          pool.map((x: number) => failAt(x, 7), stalling, { chunkSize: 1 }),
          /no 7 here/,
        );
      }));

    it('two maps and single tasks at once do not mix', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const [a, b, c] = await Promise.all([
          pool.map(double, range(300)),
          pool.map((x: number) => x + 1, range(300)),
          Promise.all(range(100).map((n) => pool.submit(add, n, 1000))),
        ]);
        assert.deepEqual(a, range(300).map(double));
        assert.deepEqual(
          b,
          range(300).map((x) => x + 1),
        );
        assert.deepEqual(
          c,
          range(100).map((n) => n + 1000),
        );
      }));

    it('an unsendable item or result fails its map alone', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const items = [1, 2, new WeakMap(), 4] as const;
        for (const chunkSize of [1, 3]) {
          assert.match(String(await rejectionCode(pool.map((x: unknown) => typeof x, items, { chunkSize }))), /^ERR_/);
          const bad = (x: number): unknown => (x === 2 ? new WeakMap() : x);
          assert.match(String(await rejectionCode(pool.map(bad, [1, 2, 3], { chunkSize }))), /^ERR_/);
        }
        assert.deepEqual(await pool.map(double, [1, 2]), [2, 4]);
      }));

    it('work is shared: no item waits behind a long one while a worker is free', async () => {
      if (kind === 'inline') return; // one thread
      await withRendezvous((meeting) =>
        withPool({ kind, workers: 2 }, async (pool) => {
          const { path } = meeting;
          const long = pool.submit(meet, path, 'long');
          await meeting.untilArrived(1);
          assert.deepEqual(await pool.map(double, range(200)), range(200).map(double));
          assert.deepEqual(await Promise.all(range(50).map(() => pool.submit(block, 1))), new Array(50).fill(1));
          meeting.open();
          assert.equal(await long, 'long');
        }),
      );
    });

    it('with({ signal }): aborting a map rejects with the reason and closes the input', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 2, tasksPerWorker: 4 }, async (pool) => {
          const { path } = meeting;
          const stop = new AbortController();
          const input = new WatchedInput();
          const results = pool
            .with({ signal: stop.signal })
            .imap((n: number) => meet(path, String(n)), input.sync, { ahead: 4 });
          const first = results.next();
          await meeting.untilArrived(2);
          const reason = new Error('stop it');
          stop.abort(reason);
          assert.equal(await rejection(first), reason);
          assert.equal(input.closed, 1);
          assert.equal((await results.next()).done, true);
          const again = rejection(pool.with({ signal: stop.signal }).map(double, [1]));
          assert.equal(await again, reason, 'aborted before it began');
          meeting.open();
          assert.equal(await pool.submit(double, 1), 2);
        }),
      ));
  });
}
