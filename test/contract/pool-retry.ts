/**
 * Contract of every pool: tasks that are tried again.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import {
  type Future,
  int32,
  type PoolKind,
  QuarantinedError,
  TimeoutError,
  transfer,
  Value,
  WorkerDiedError,
} from '../../src/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { range } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, double, meetForever } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

/** Fails until it has been called so often. */
function failUntil(calls: Calls, enough: number): number {
  const before = calls.add(1);
  if (before + 1 < enough) throw new RangeError(`attempt ${before + 1}`);
  return before + 1;
}

/** Ends its worker until it has been called so often. */
function dieUntil(calls: Calls, enough: number): number {
  const before = calls.add(1);
  if (before + 1 < enough) process.exit(7);
  return before + 1;
}

type Calls = Value<typeof int32>;

/** Counts over all threads and processes. `add` gives what was before. */
const counter = (): Calls => new Value(int32, 0, { scope: 'process' });

/** What every pool does with tasks that fail and may be tried again. */
export function poolRetryContract(kind: PoolKind): void {
  const dies = kind !== 'inline';

  describe('retries', () => {
    it('a task is tried again as often as it may be, and its last error is its own', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const patient = pool.with({ retries: 3, backoff: 1 });
        assert.equal(await patient.submit(failUntil, counter(), 4), 4);
        const calls = counter();
        const error = await rejection(patient.submit(failUntil, calls, 9));
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, 'attempt 4');
        assert.equal(calls.value, 4);
        const once = counter();
        await rejection(pool.submit(failUntil, once, 9));
        assert.equal(once.value, 1);
      }));

    it('a function that the program has dropped is there for the next attempt', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const patient = pool.with({ retries: 5, backoff: 100 });
        // It names nothing outside, not even a global: from the second one on the worker knows it by its number.
        const once = (calls: Calls): Future<number> =>
          patient.submit((own: Calls & { missing?: () => void }): number => {
            if (own.add(1) === 0) (own.missing as () => void)();
            return own.value;
          }, calls);
        const more = [counter(), counter(), counter()].map((calls) => once(calls));
        for (let rounds = 0; rounds < 3; rounds++) {
          await collectGarbage();
          assert.equal(await pool.submit(double, rounds), 2 * rounds); // after which the pool is idle
        }
        assert.deepEqual(await Promise.all(more), [2, 2, 2]);
      }));

    it('each item of a map is tried for itself', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const calls = range(6).map(counter);
        const flaky = (n: number): number => {
          if ((calls[n] as Calls).add(1) < n % 3) throw new RangeError(`not yet ${n}`);
          return n * 2;
        };
        assert.deepEqual(await pool.with({ retries: 2, backoff: 1 }).map(flaky, range(6)), range(6).map(double));
        assert.deepEqual(
          calls.map((each) => each.value),
          range(6).map((n) => (n % 3) + 1),
        );
      }));

    it('retryIf decides, and is told how many attempts there were', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const calls = counter();
        const asked: [string, number][] = [];
        const retryIf = (error: unknown, attempts: number): boolean => {
          asked.push([(error as Error).message, attempts]);
          return attempts < 2;
        };
        const error = await rejection(pool.with({ retries: 9, backoff: 0, retryIf }).submit(failUntil, calls, 99));
        assert.equal((error as Error).message, 'attempt 2');
        assert.deepEqual(asked, [
          ['attempt 1', 1],
          ['attempt 2', 2],
        ]);
        const thrown = new TypeError('no idea');
        const throwing = pool.with({
          retries: 1,
          retryIf: () => {
            throw thrown;
          },
        });
        assert.equal(await rejection(throwing.submit(failUntil, counter(), 9)), thrown);
      }));

    it('the waits grow, up to their bound', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const begun = performance.now();
        const backoff = { initial: 20, factor: 2, max: 50, jitter: 0 };
        await rejection(pool.with({ retries: 4, backoff }).submit(failUntil, counter(), 99));
        assert.ok(performance.now() - begun >= 20 + 40 + 50 + 50 - 4);
      }));

    it('others run while a task rests, also on the only worker and with its key', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const resting = pool.with({ retries: 1, backoff: { initial: 60_000, jitter: 0 }, key: 'a' });
        const failing = resting.submit(failUntil, counter(), 2);
        const settled = rejectionCode(failing);
        assert.equal(await pool.with({ key: 'a' }).submit(add, 1, 1), 2);
        assert.equal(await pool.submit(add, 2, 2), 4);
        assert.equal(failing.done, false);
        failing.cancel();
        assert.equal(await settled, 'ERR_CANCELLED');
        assert.equal(pool.pending, 0);
      }));

    it('a task that times out is tried again when its worker is done with it', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 0 }, async (pool) => {
          const failed: unknown[] = [];
          const retryIf = (error: unknown, attempts: number): boolean =>
            failed.push([error instanceof TimeoutError, attempts]) > 0;
          const hasty = pool.with({ timeout: 300, retries: 2, backoff: 0, retryIf });
          const error = await rejection(hasty.submit(meetForever, meeting.path, 'slow'));
          assert.ok(error instanceof TimeoutError);
          // Its time counts from its start, so an attempt that has timed out has been made.
          assert.deepEqual(failed, [
            [true, 1],
            [true, 2],
          ]);
        }),
      ));

    it('arguments are those of the first attempt; what can only be moved allows one', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const patient = pool.with({ retries: 3, backoff: 1 });
        const calls = counter();
        const data = { list: [1, 2], seen: new Map([['a', new Uint8Array([7])]]) };
        const task = (shared: Calls, value: typeof data): [number[], number] => {
          value.list.push(3);
          if (shared.add(1) < 2) throw new RangeError('again');
          return [value.list, value.seen.get('a')?.[0] as number];
        };
        const future = patient.submit(task, calls, data);
        data.list.length = 0;
        assert.deepEqual(await future, [[1, 2, 3], 7]);

        const large = new Uint8Array(100_000).fill(5);
        const buffers = counter();
        const sum = patient.submit(
          (shared: Calls, bytes: Uint8Array) => {
            if (shared.add(1) < 1) throw new RangeError('again');
            return bytes[99_999];
          },
          buffers,
          transfer(large, [large.buffer]),
        );
        assert.equal(large.byteLength, 0);
        assert.equal(await sum, 5);

        if (kind !== 'thread') return;
        const { port1, port2 } = new MessageChannel();
        const ports = counter();
        const once = patient.submit(
          (shared: Calls) => {
            shared.add(1);
            throw new RangeError('never again');
          },
          ports,
          ...([transfer(port1, [port1])] as unknown as []),
        );
        assert.equal(((await rejection(once)) as Error).message, 'never again');
        assert.equal(ports.value, 1);
        port2.close();
      }));

    it('what cannot turn out otherwise is not tried again', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const calls = counter();
        const patient = pool.with({ retries: 5, backoff: 1 });
        const unsendable = patient.submit((shared: Calls) => {
          shared.add(1);
          return new WeakMap();
        }, calls);
        assert.match(String(await rejectionCode(unsendable)), /^ERR_/);
        assert.equal(calls.value, 1);
      }));

    it('a resting task does not keep close() from ending, nor the pool from being terminated', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const calls = counter();
        const future = pool.with({ retries: 1, backoff: 30 }).submit(failUntil, calls, 2);
        await pool.close();
        assert.equal(await future, 2);
      }));
  });

  describe('workers that die', { skip: !dies && 'the only thread cannot' }, () => {
    it('a task whose worker died is tried again on another', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        assert.equal(await pool.with({ retries: 2, backoff: 1 }).submit(dieUntil, counter(), 3), 3);
        assert.equal(await pool.submit(add, 1, 1), 2);
      }));

    it('a task that has ended several workers is not tried again, and says which', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const calls = counter();
        const error = await rejection(pool.with({ retries: 99, backoff: 1 }).submit(dieUntil, calls, 99));
        assert.ok(error instanceof QuarantinedError);
        assert.equal(error.code, 'ERR_TASK_QUARANTINED');
        assert.match(error.message, /^dieUntil\(.*\) has ended 3 workers/);
        assert.equal(error.deaths.length, 3);
        assert.equal(new Set(error.deaths.map(({ worker }) => worker)).size, 3);
        assert.ok(error.deaths.every((death) => death instanceof WorkerDiedError && death.exitCode === 7));
        assert.equal(error.cause, error.deaths[2]);
        assert.equal(calls.value, 3);
        assert.equal(await pool.submit(add, 1, 1), 2);
      }));

    it('how many, the pool says; errors in between do not count', () =>
      withPool({ kind, workers: 1, quarantine: 2 }, async (pool) => {
        const calls = counter();
        const task = (shared: Calls): number => {
          const before = shared.add(1);
          if (before % 2 === 0) process.exit(1);
          throw new RangeError('between');
        };
        const error = await rejection(pool.with({ retries: 99, backoff: 1 }).submit(task, calls));
        assert.equal((error as { code?: unknown }).code, 'ERR_TASK_QUARANTINED');
        assert.equal(calls.value, 3);
      }));

    it('one task that kills does not take the attempts of others', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const patient = pool.with({ retries: 4, backoff: 1 });
        const bad = rejectionCode(patient.submit(dieUntil, counter(), 99));
        const good = range(60).map((n) => patient.submit(double, n));
        assert.deepEqual(await Promise.all(good), range(60).map(double));
        assert.equal(await bad, 'ERR_TASK_QUARANTINED');
      }));
  });
}
