/**
 * Contract of every pool: what a task says before it has ended, and many values from one task.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Connection,
  currentTask,
  onUncaught,
  Pipe,
  type PoolKind,
  sleep,
  TimeoutError,
  WorkerDiedError,
} from '../../src/index.ts';
import { collect, range } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, meet } from './tasks.ts';
import { rejection, rejectionCode, withPool } from './with-pool.ts';

const sumUp = async (line: Connection): Promise<number> => {
  let sum = 0;
  for await (const value of line) {
    sum += value as number;
    await line.send({ soFar: sum });
  }
  return sum;
};

function* upTo(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}

async function* endless(path: string): AsyncGenerator<number> {
  const { connect } = process.getBuiltinModule('node:net');
  try {
    for (let i = 0; ; i++) yield i;
  } finally {
    const socket = connect(path);
    await new Promise<void>((resolve) => socket.once('connect', () => socket.write('closed\n', () => resolve())));
    socket.destroy();
  }
}

/** Reports what turns out too late to be unsendable. */
const tellUnsendable = async (from: string): Promise<string> => {
  const { unsendable } = (await import(from)) as typeof import('./fixtures/asked-first.ts');
  try {
    currentTask().progress(unsendable());
  } catch (error) {
    return String((error as { code?: unknown }).code); // the module of an inline worker has been asked before
  }
  await new Promise((resolve) => setImmediate(resolve));
  return 'told';
};

/** Writes to its standard error, and ends its worker. */
const lastWords = async (lines: number): Promise<never> => {
  const text = Array.from({ length: lines }, (_, n) => `line ${n}\n`).join('');
  await new Promise<void>((resolve) => process.stderr.write(`${text}the end`, () => resolve()));
  await new Promise((resolve) => setImmediate(resolve));
  process.exit(4);
};

/** What every pool does with tasks that say more than their result. */
export function poolReportsContract(kind: PoolKind): void {
  describe('progress', () => {
    it('comes while the task runs, in order, small and large', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const told: unknown[] = [];
          const task = async (n: number, path: string): Promise<string> => {
            for (let i = 0; i < n; i++) {
              currentTask().progress(i);
              await new Promise((resolve) => setImmediate(resolve));
            }
            currentTask().progress({ seen: new Map([['a', 1]]) });
            await meet(path, 'said'); // it goes by message, and the answer may overtake it
            return 'done';
          };
          const onProgress = (value: unknown): void => {
            told.push(value);
            if (typeof value === 'object') meeting.open();
          };
          assert.equal(await pool.with({ onProgress }).submit(task, 20, meeting.path), 'done');
          assert.deepEqual(told, [...range(20), { seen: new Map([['a', 1]]) }]);
          assert.equal(await pool.submit(task, 1, meeting.path), 'done'); // nobody listens
        }),
      ));

    it('a map tells of its items, a task of all its attempts', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const told: unknown[] = [];
        const telling = pool.with({ onProgress: (value) => void told.push(value) });
        const item = (n: number): number => {
          currentTask().progress(n);
          return n;
        };
        await telling.map(item, range(10));
        assert.deepEqual(told.toSorted(), range(10));
        told.length = 0;
        const attempt = (): number => {
          const { attempt: number } = currentTask();
          currentTask().progress(`attempt ${number}`);
          if (number < 3) throw new RangeError('again');
          return number;
        };
        assert.equal(await telling.with({ retries: 5, backoff: 0 }).submit(attempt), 3);
        assert.deepEqual(told, ['attempt 1', 'attempt 2', 'attempt 3']);
      }));

    it('a listener that throws harms nobody; what cannot be sent is the task’s own error', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const uncaught: unknown[] = [];
        const before = onUncaught(({ error }) => uncaught.push(error));
        try {
          const throwing = pool.with({
            onProgress: () => {
              throw new RangeError('listener');
            },
          });
          assert.equal(await throwing.submit(() => currentTask().progress(1) ?? 5), 5);
          while (uncaught.length === 0) await sleep(1);
          assert.equal((uncaught[0] as Error).message, 'listener');
        } finally {
          onUncaught(before);
        }
        const bad = pool.with({ onProgress: () => {} }).submit(() => {
          try {
            currentTask().progress(new WeakMap());
            return 'sent';
          } catch (error) {
            return (error as { code?: unknown }).code;
          }
        });
        assert.match(String(await bad), /^ERR_/);
        assert.throws(() => pool.with({ onProgress: 1 as never }), { code: 'ERR_INVALID_OPTION' });
        currentTask().progress(1); // outside of any task
        assert.equal(currentTask().attempt, 1);
      }));
  });

  describe('a conversation', () => {
    it('a task and its caller talk through a pipe while it runs', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const { left, right } = new Pipe({ scope: kind === 'process' || kind === 'hybrid' ? 'process' : 'thread' });
        const total = pool.submit(sumUp, right);
        for (const [value, soFar] of [
          [2, 2],
          [3, 5],
          [-1, 4],
        ]) {
          await left.send(value);
          assert.deepEqual(await left.recv(), { soFar });
        }
        left.close();
        assert.equal(await total, 4);
        const ended = new Pipe({ scope: kind === 'process' || kind === 'hybrid' ? 'process' : 'thread' });
        const none = pool.submit(sumUp, ended.right);
        ended.left.close();
        assert.equal(await none, 0);
      }));
  });

  describe('the end of a worker', { skip: kind === 'inline' }, () => {
    it('its error has the last lines, the attempt, and the memory that it said it used', () =>
      withPool({ kind, workers: 1, tasksPerWorker: 1 }, async (pool) => {
        const error = await rejection(pool.submit(lastWords, 100));
        assert.ok(error instanceof WorkerDiedError);
        assert.deepEqual(error.stderr?.split('\n'), [...range(19).map((n) => `line ${81 + n}`), 'the end']);
        assert.deepEqual([error.attempt, error.exitCode], [1, 4]);
        assert.ok((error.memory ?? 0) > 1_000_000 && (error.memory ?? 0) < 4_000_000_000, String(error.memory));
        const again = await rejection(pool.with({ retries: 1, backoff: 1 }).submit(lastWords, 1));
        assert.ok(again instanceof WorkerDiedError);
        assert.deepEqual([again.attempt, again.stderr], [2, 'line 0\nthe end']);
        assert.match(again.message, /was running lastWords\(1\), attempt 2\./);
        const silent = await rejection(pool.submit(() => process.exit(1)));
        assert.ok(silent instanceof WorkerDiedError);
        assert.equal(silent.stderr, '');
      }));
  });

  describe('streams', () => {
    it('yields the items of a generator, of an async one, of any iterable, in order', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        assert.deepEqual(await collect(pool.stream(upTo, [100])), range(100));
        const mixed = async function* (n: number): AsyncGenerator {
          for (let i = 0; i < n; i++) yield i % 2 === 0 ? i : { n: i, bytes: new Map([[i, new Uint8Array(100)]]) };
        };
        const items = await collect(pool.stream(mixed, [10], { ahead: 3 }));
        assert.deepEqual(
          items.map((item) => (typeof item === 'number' ? item : (item as { n: number }).n)),
          range(10),
        );
        assert.deepEqual(await collect(pool.stream((...list: number[]) => list, [3, 1, 2])), [3, 1, 2]);
        assert.deepEqual(await collect(pool.stream(async () => new Set([1, 2]), [])), [1, 2]);
        assert.deepEqual(await collect(pool.stream(upTo, [0])), []);
        assert.deepEqual(await collect(pool.with({ priority: 2 }).stream(upTo, [40])), range(40));
      }));

    it('the generator goes no further ahead than it may, and returns when the loop is left', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 60_000 }, async (pool) => {
          let seen = -1;
          for await (const n of pool.stream(endless, [meeting.path], { ahead: 4 })) {
            seen = n;
            if (n === 20) break;
          }
          assert.equal(seen, 20);
          await meeting.untilArrived(1);
          assert.equal(await pool.submit(add, 1, 1), 2);
        }),
      ));

    it('what the generator throws comes after the items before it; what is no iterable says so', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const seen: number[] = [];
        const failing = function* (): Generator<number> {
          yield 1;
          yield 2;
          throw new RangeError('three');
        };
        const error = await rejection(
          (async () => {
            for await (const n of pool.stream(failing, [])) seen.push(n);
          })(),
        );
        assert.equal((error as Error).message, 'three');
        assert.deepEqual(seen, [1, 2]);
        assert.equal(await rejectionCode(collect(pool.stream((() => 5) as never, []))), 'ERR_INVALID_OPTION');
        const unsendable = function* (): Generator {
          yield 1;
          yield new WeakMap();
        };
        assert.match(String(await rejectionCode(collect(pool.stream(unsendable, [])))), /^ERR_/);
        assert.throws(() => pool.stream(upTo, [1], { ahead: 0 }), { code: 'ERR_INVALID_OPTION', message: /ahead/ });
        assert.deepEqual(await collect(pool.stream(upTo, [3])), [0, 1, 2]);
      }));

    it('items whose module has to be asked first come, and in order; those that cannot travel fail it', () =>
      // Each task has a worker of its own, that has not asked the module yet.
      withPool({ kind, workers: 1, maxTasksPerWorker: 1 }, async (pool) => {
        const url = new URL('./fixtures/asked-first-user.ts', import.meta.url).href;
        const asked = async function* (from: string, last: unknown): AsyncGenerator {
          const { given } = (await import(from)) as typeof import('./fixtures/asked-first-user.ts');
          yield 1;
          yield [given(), last];
        };
        const [one, two, ...rest] = await collect(pool.stream(asked, [url, 'last']));
        const [increment, last] = two as [(x: number) => number, string];
        assert.deepEqual([one, increment(1), last, rest], [1, 2, 'last', []]);
        const refused = async function* (from: string): AsyncGenerator {
          const { unsendable } = (await import(from)) as typeof import('./fixtures/asked-first.ts');
          yield unsendable();
        };
        const from = new URL('./fixtures/asked-first.ts', import.meta.url).href;
        assert.equal(await rejectionCode(collect(pool.stream(refused, [from]))), 'ERR_NOT_CLONEABLE');
        const told = await pool.with({ onProgress: () => {} }).submit(tellUnsendable, from);
        assert.equal(told, kind === 'inline' ? 'ERR_NOT_CLONEABLE' : 'told');
      }));

    it('a timeout and a signal end it; so does the end of the pool', () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1, grace: 60_000 }, async (pool) => {
          const slow = pool.with({ timeout: 300 }).stream(endless, [meeting.path], { ahead: 2 });
          const late = (async () => {
            for (;;) {
              await slow.next();
              await sleep(20);
            }
          })();
          assert.ok((await rejection(late)) instanceof TimeoutError);
          const stop = new AbortController();
          const stopped = pool.with({ signal: stop.signal }).stream(endless, [meeting.path]);
          await stopped.next();
          stop.abort(new RangeError('enough'));
          const error = await rejection(collect(stopped));
          assert.equal((error as Error).message, 'enough');
          const last = pool.stream(endless, [meeting.path]);
          await last.next();
          await pool.terminate();
          assert.equal(await rejectionCode(collect(last)), 'ERR_CANCELLED');
        }),
      ));
  });
}
