/**
 * Contract of every pool: what tasks throw, and what cannot be sent.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EncodeError, type PoolKind } from '../../src/index.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, meet, StockError, throwStockError } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

/** Repetitions after which a worker that is lost each time would show. */
const TIMES = 20;

/** Arrives nowhere. */
class Unreadable {
  static [Symbol.for('manyhands.pack')](): string {
    return '';
  }

  static [Symbol.for('manyhands.unpack')](): never {
    throw new RangeError('cannot be read here');
  }
}

/** What every pool does with failures. */
export function poolErrorsContract(kind: PoolKind): void {
  describe('errors', () => {
    it('processpoolexe-05: an ordinary error rejects, with its name, message and the worker’s stack', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        function breakDown(what: string): never {
          throw new TypeError(`broken: ${what}`);
        }
        const error = await rejection(pool.submit(breakDown, 'axle'));
        assert.ok(error instanceof TypeError);
        assert.equal(error.name, 'TypeError');
        assert.equal(error.message, 'broken: axle');
        assert.match(error.stack ?? '', /breakDown/);
      }));

    it('a task has no part in its own pool: that cannot be sent, and it is said why', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        for (const taken of [pool, pool.with({ timeout: 1000 })]) {
          const error = await rejection(pool.submit(() => taken.submit(add, 1, 2) as never));
          assert.ok(error instanceof EncodeError);
          assert.equal(error.code, 'ERR_NOT_CLONEABLE');
          assert.match(
            error.message,
            /captured variable 'taken': a pool belongs to the thread that made it\. Make one/,
          );
        }
        const own = pool.submit(add, 1, 2);
        assert.equal(await rejectionCode(pool.submit(() => own.cancel())), 'ERR_PROMISE');
        assert.equal(await own, 3);
      }));

    it('a pool in a task, of the same kind, closed or not', { skip: kind === 'inline' }, () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const within = async (url: string, of: PoolKind, close: boolean): Promise<number> => {
          const { Pool } = (await import(url)) as typeof import('../../src/index.ts');
          const inner = new Pool({ kind: of, workers: 1 });
          const sum = await inner.submit((a: number, b: number) => a + b, 2, 3);
          if (close) await inner.close();
          return sum;
        };
        const url = new URL('../../src/index.ts', import.meta.url).href;
        assert.equal(await pool.submit(within, url, kind, true), 5);
        assert.equal(await pool.submit(within, url, kind, false), 5);
      }),
    );

    it('an async function’s error rejects', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const error = await rejection(
          pool.submit(async () => {
            await null;
            throw new URIError('later');
          }),
        );
        assert.ok(error instanceof URIError);
        assert.equal(error.message, 'later');
      }));

    it('an error class of one’s own keeps class, fields and cause', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const error = await rejection(pool.submit(throwStockError, 'nut-m4'));
        assert.ok(error instanceof StockError, 'its class');
        assert.ok(error instanceof RangeError);
        assert.equal(error.name, 'StockError');
        assert.equal(error.message, 'out of nut-m4');
        assert.equal(error.sku, 'nut-m4');
        assert.equal(error.missing, 3);
        assert.ok(error.cause instanceof TypeError);
        assert.equal(error.cause.message, 'the reason');
        assert.match(error.stack ?? '', /throwStockError/);
      }));

    it('errors of Node keep their code, aggregate errors their errors', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const missing = await rejection(
          pool.submit(() => process.getBuiltinModule('node:fs').readFileSync('/no/such/file')),
        );
        assert.ok(missing instanceof Error);
        assert.equal((missing as NodeJS.ErrnoException).code, 'ENOENT');
        assert.equal((missing as NodeJS.ErrnoException).path, '/no/such/file');
        const many = await rejection(pool.submit(() => Promise.any([Promise.reject(new RangeError('a'))])));
        assert.ok(many instanceof AggregateError);
        assert.ok(many.errors[0] instanceof RangeError);
      }));

    it('executorcommon-15: what is thrown may be falsy, or anything', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const thrown = [undefined, null, 0, '', false, Number.NaN, 0n, 'text', 7, { code: 'X' }, [1, 2]];
        const throwIt = (value: unknown): never => {
          throw value;
        };
        const throwLater = async (value: unknown): Promise<never> => {
          await null;
          throw value;
        };
        for (const value of thrown) {
          assert.deepEqual(await rejection(pool.submit(throwIt, value)), value);
          assert.deepEqual(await rejection(pool.submit(throwLater, value)), value);
          assert.deepEqual(await rejection(pool.map(throwIt, [value])), value);
        }
      }));

    it('executorcommon-04: a task’s own TimeoutError or AbortError is just an error', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const timed = (): never => {
          throw new DOMException('mine', 'TimeoutError');
        };
        const error = await rejection(pool.with({ timeout: 60_000 }).submit(timed));
        assert.equal((error as Error).name, 'TimeoutError');
        assert.equal((error as Error).message, 'mine');
      }));

    it('pool-17: a result that cannot be sent fails its own task, time after time, and no worker is lost', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        await pool.submit(add, 1, 1);
        const before = pool.liveWorkers;
        for (let i = 0; i < TIMES; i++) {
          const error = await rejection(pool.submit(() => ({ deep: [new WeakMap()] })));
          assert.ok(error instanceof Error);
          assert.match(String((error as { code?: unknown }).code), /^ERR_/);
          assert.match(error.message, /result/, 'says what it was');
        }
        assert.equal(await pool.submit(add, 1, 2), 3);
        assert.deepEqual(pool.liveWorkers, before);
      }));

    it('an argument that cannot be sent fails its own task, time after time', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        await pool.submit(add, 1, 1);
        const before = pool.liveWorkers;
        const take = (value: unknown): unknown => typeof value;
        for (let i = 0; i < TIMES; i++) {
          for (const bad of [new WeakMap(), Promise.resolve(1), Symbol('mine'), { deep: { er: [new WeakSet()] } }]) {
            const error = await rejection(pool.submit(take, bad));
            assert.ok(error instanceof Error);
            assert.match(String((error as { code?: unknown }).code), /^ERR_/);
            assert.match(error.message, /argument/, 'says where it was');
          }
        }
        assert.equal(await pool.submit(add, 1, 2), 3);
        assert.deepEqual(pool.liveWorkers, before);
        assert.equal(pool.pending, 0);
      }));

    it('an error that cannot be sent arrives as what can be', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        await pool.submit(add, 1, 1);
        const before = pool.liveWorkers;
        for (let i = 0; i < TIMES; i++) {
          const error = await rejection(
            pool.submit(() => {
              throw Object.assign(new RangeError('heavy'), { cache: new WeakMap(), code: 'E_HEAVY' });
            }),
          );
          assert.ok(error instanceof RangeError);
          assert.equal(error.message, 'heavy');
          assert.equal((error as { code?: unknown }).code, 'E_HEAVY');
          await assert.rejects(
            async () =>
              pool.submit(() => {
                throw new WeakMap();
              }),
            (thrown) => thrown !== undefined,
          );
        }
        assert.equal(await pool.submit(add, 1, 2), 3);
        assert.deepEqual(pool.liveWorkers, before);
      }));

    it('a function that cannot be sent fails its own task', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const held = new WeakMap();
        const error = await rejection(pool.submit(() => held.has({})));
        assert.match(String((error as { code?: unknown }).code), /^ERR_/);
        assert.match((error as Error).message, /held/, 'names the variable');
        assert.match(String(await rejectionCode(pool.map(() => held.has({}), [1, 2]))), /^ERR_/);
        assert.equal(await pool.submit(add, 1, 2), 3);
      }));

    it('a function and arguments that both cannot be read fail their task, and neither the others nor their worker', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, tasksPerWorker: 2 }, async (pool) => {
          const neighbour = pool.submit(meet, meeting.path, 'neighbour');
          await meeting.untilArrived(1);
          const captured = new Unreadable();
          const unreadable = (given: Unreadable): boolean => given === captured;
          for (let time = 0; time < 3; time++) {
            const error = await rejection(pool.submit(unreadable, new Unreadable()));
            assert.match((error as Error).message, /cannot be read here/);
          }
          meeting.open();
          assert.equal(await neighbour, 'neighbour');
          assert.equal(await pool.submit(add, 1, 2), 3);
        }),
      ));

    it('what is no function is refused by name', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        for (const bound of [pool, pool.with({ priority: 1 })]) {
          for (const [bad, what] of [
            [undefined, 'of type undefined'],
            [null, 'null'],
            [3, 'of type number'],
            ['add', 'of type string'],
            [{}, 'of type object'],
          ] as const) {
            for (const refused of [
              bound.submit(bad as never),
              bound.map(bad as never, [1]),
              bound.stream(bad as never, []).next(),
            ]) {
              const error = (await rejection(refused)) as Error & { readonly code: unknown };
              assert.equal(error.code, 'ERR_INVALID_OPTION');
              assert.equal(error.message, `A task needs a function to run; this is ${what}.`);
            }
          }
        }
        assert.equal(await pool.submit(add, 1, 2), 3);
      }));

    it('a throwing getter in an argument fails its own task', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const bad = {
          get value(): number {
            throw new Error('no value');
          },
        };
        const echo = (x: unknown): unknown => x;
        for (let i = 0; i < 3; i++) {
          const future = pool.submit(echo, bad); // never throws
          await assert.rejects(future, /no value/);
          assert.equal(await pool.submit(echo, 3), 3, 'a function that is known by then');
        }
        assert.equal(pool.pending, 0);
      }));

    it('a result with a throwing getter fails its own task', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const make = (): object => ({
          get value(): number {
            throw new Error('no value');
          },
        });
        const before = pool.liveWorkers;
        for (let i = 0; i < 3; i++) await assert.rejects(pool.submit(make), /no value/);
        assert.equal(await pool.submit(add, 1, 2), 3);
        if (before.length > 0) assert.deepEqual(pool.liveWorkers, before);
      }));
  });
}
