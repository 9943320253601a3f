/** Being told of a future's end, asking for it for a while, and what a future looks like. @module */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  CancelledError,
  InvalidOptionError,
  onUncaught,
  Pool,
  TimeoutError,
  type UncaughtError,
} from '../../src/index.ts';
import { createFuture, type Future, rejectFuture, resolveFuture } from '../../src/futures/future.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { add, meet } from '../contract/tasks.ts';
import { rejection, withPool } from '../contract/with-pool.ts';

const tick = (): Promise<unknown> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const fail = (): never => {
  throw new RangeError('failed');
};
const cancelled = (): CancelledError => new CancelledError('The task was cancelled.');

type End = (future: Future<number>) => void;
const ends: Readonly<Record<'value' | 'failure' | 'cancellation', End>> = {
  value: (future) => resolveFuture(future, 7),
  failure: (future) => rejectFuture(future, new RangeError('no')),
  cancellation: (future) => rejectFuture(future, cancelled(), true),
};

/** The printed form, without what the test runner puts on promises to follow them. */
const print = (value: unknown): string =>
  inspect(value, { breakLength: Infinity, compact: 3 })
    .replaceAll(/,\s+\[?Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]?: \w+/g, '')
    .replaceAll(/\s+/g, ' ');

/** What reaches the hook for uncaught errors meanwhile. */
async function uncaughtDuring(body: () => Promise<unknown>): Promise<UncaughtError[]> {
  const told: UncaughtError[] = [];
  const before = onUncaught((uncaught) => void told.push(uncaught));
  try {
    await body();
    await tick();
  } finally {
    onUncaught(before);
  }
  return told;
}

describe('addDoneCallback', () => {
  for (const [id, how, state] of [
    ['future-01', 'value', 'finished'],
    ['future-02', 'failure', 'finished'],
    ['future-03', 'cancellation', 'cancelled'],
  ] as const) {
    test(`${id}: is called with the future, which is done: ${how}`, async () => {
      const future = createFuture<number>();
      const seen: unknown[] = [];
      future.addDoneCallback(async (done) => {
        seen.push(done === future, done.done, done.state);
        seen.push(await done.exception().catch((error: unknown) => error));
      });
      await tick();
      assert.deepEqual(seen, []);
      ends[how](future);
      assert.deepEqual(seen, [], 'not on the stack of whoever gives the answer');
      await tick();
      assert.deepEqual(seen.slice(0, 3), [true, true, state]);
      assert.equal(
        (seen[3] as Error | undefined)?.name,
        { value: undefined, failure: 'RangeError', cancellation: 'CancelledError' }[how],
      );
    });
  }

  for (const [id, how] of [
    ['future-04', 'value'],
    ['future-05', 'failure'],
    ['future-06', 'cancellation'],
  ] as const) {
    test(`${id}: what one throws is told, and the next are called in their order: ${how}`, async () => {
      const order: number[] = [];
      const told = await uncaughtDuring(async () => {
        const future = createFuture<number>();
        future.addDoneCallback(() => order.push(1));
        future.addDoneCallback(function broken() {
          order.push(2);
          throw new TypeError('callback');
        });
        future.addDoneCallback(async () => {
          order.push(3);
          await tick();
          throw new TypeError('later');
        });
        future.addDoneCallback(() => order.push(4));
        ends[how](future);
        await tick();
        await tick();
      });
      assert.deepEqual(order, [1, 2, 3, 4]);
      assert.deepEqual(
        told.map(({ error, kind, name }) => [(error as Error).message, kind, name]),
        [
          ['callback', 'callback', 'done callback broken'],
          ['later', 'callback', 'done callback'],
        ],
      );
    });
  }

  test('future-07: of one that is done already: it is called soon, and what it throws does not meet the caller', async () => {
    const told = await uncaughtDuring(async () => {
      const future = createFuture<number>();
      resolveFuture(future, 7);
      await future;
      let called = false;
      future.addDoneCallback(() => {
        called = true;
        throw new TypeError('callback');
      });
      assert.equal(called, false);
      await tick();
      assert.equal(called, true);
    });
    assert.deepEqual(
      told.map(({ error }) => String(error)),
      ['TypeError: callback'],
    );
  });

  test('what is no function is refused', () => {
    for (const bad of [undefined, null, 3, {}])
      assert.throws(() => createFuture().addDoneCallback(bad as never), InvalidOptionError);
  });

  test('many on many futures of a pool: each once', () =>
    withPool({ kind: 'thread', workers: 2 }, async (pool) => {
      const counts = new Array<number>(300).fill(0);
      const futures = counts.map((_, n) => pool.submit(n % 3 === 0 ? fail : add, n, 1));
      for (const [n, future] of futures.entries()) future.addDoneCallback(() => counts[n]!++);
      for (const [n, future] of futures.entries()) future.addDoneCallback(() => counts[n]!++);
      await Promise.allSettled(futures);
      await tick();
      assert.ok(counts.every((count) => count === 2));
    }));
});

describe('result and exception', () => {
  test('future-10: result without waiting: too early, cancelled, failed, or there', async () => {
    const open = createFuture<number>();
    const early = await rejection(open.result({ timeout: 0 }));
    assert.ok(early instanceof TimeoutError && early.code === 'ERR_TIMEOUT');
    assert.equal(open.done, false, 'the wait has ended, not the task');
    const futures = Object.values(ends).map((end) => {
      const future = createFuture<number>();
      end(future);
      return future;
    }) as [Future<number>, Future<number>, Future<number>];
    assert.equal(await futures[0].result({ timeout: 0 }), 7);
    assert.ok((await rejection(futures[1].result({ timeout: 0 }))) instanceof RangeError);
    assert.ok((await rejection(futures[2].result({ timeout: 0 }))) instanceof CancelledError);
    assert.equal(await futures[0].result(), 7);
  });

  test('future-11: exception without waiting: the same, and undefined for success', async () => {
    const open = createFuture<number>();
    assert.ok((await rejection(open.exception({ timeout: 0 }))) instanceof TimeoutError);
    const [value, failure, given] = Object.values(ends).map((end) => {
      const future = createFuture<number>();
      end(future);
      return future.exception({ timeout: 0 });
    }) as [Promise<unknown>, Promise<unknown>, Promise<unknown>];
    assert.equal(await value, undefined);
    assert.ok((await failure) instanceof RangeError);
    assert.ok((await rejection(given)) instanceof CancelledError);
  });

  test('future-12: who waits for either is woken by the end', () =>
    withRendezvous((meeting) =>
      withPool({ kind: 'process', workers: 2 }, async (pool) => {
        const futures = [pool.submit(meet, meeting.path, 'one'), pool.submit(meet, meeting.path, 'two')] as const;
        const ended = Promise.all([futures[0].exception({ timeout: 60_000 }), futures[1].result({ timeout: 60_000 })]);
        await meeting.untilArrived(2);
        meeting.open();
        assert.deepEqual(await ended, [undefined, 'two']);
      }),
    ));

  test('a signal ends the wait; options that are none are refused', async () => {
    const future = createFuture<number>();
    const stop = new AbortController();
    const waits = [
      rejection(future.result({ signal: stop.signal })),
      rejection(future.exception({ signal: stop.signal })),
    ];
    const reason = new Error('tired');
    stop.abort(reason);
    assert.deepEqual(await Promise.all(waits), [reason, reason]);
    assert.equal(await rejection(future.result({ signal: stop.signal })), reason);
    assert.ok((await rejection(future.result({ timeout: -1 }))) instanceof InvalidOptionError);
    assert.ok((await rejection(future.exception({ timeout: 'x' as never }))) instanceof InvalidOptionError);
  });

  // future-13 future-14: only whoever runs the task can answer it, and hears no second answer: Python raises InvalidStateError to the
  // executor, here the second is ignored, since a task that was given up may still answer.
  test('future-13 future-14: the first answer stays, be it a value or an error', async () => {
    const future = createFuture<number>();
    resolveFuture(future, 1);
    resolveFuture(future, 2);
    rejectFuture(future, new Error('late'));
    assert.deepEqual([await future, await future.exception(), future.state], [1, undefined, 'finished']);
    const failed = createFuture<number>();
    rejectFuture(failed, new RangeError('first'));
    rejectFuture(failed, new RangeError('second'));
    resolveFuture(failed, 2);
    assert.match(String(await failed.exception()), /first/);
  });
});

describe('what can be seen of a future', () => {
  for (const kind of ['thread', 'process'] as const) {
    test(`future-09: ${kind}: running while its worker is at it, and only then`, () =>
      withRendezvous((meeting) =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const first = pool.submit(meet, meeting.path, 'first');
          const queued = [1, 2, 3].map((n) => pool.submit(add, n, 1));
          const states = (): string[] => [first, ...queued].map(({ state }) => state);
          await meeting.untilArrived(1);
          assert.deepEqual(states(), ['running', 'pending', 'pending', 'pending']);
          assert.deepEqual([first.running, queued[0]?.running], [true, false]);
          const given = rejection(queued[2] as Future<number>);
          assert.equal(queued[2]?.cancel(), true);
          assert.deepEqual(states(), ['running', 'pending', 'pending', 'cancelled']);
          meeting.open();
          assert.deepEqual(await Promise.all([first, ...queued.slice(0, 2)]), ['first', 2, 3]);
          assert.deepEqual(states(), ['finished', 'finished', 'finished', 'cancelled']);
          assert.equal(first.running, false);
          assert.ok((await given) instanceof CancelledError);
        }),
      ));
  }

  test('future-09: one that has been given up is not running, although its task goes on', () =>
    withRendezvous((meeting) =>
      withPool({ kind: 'thread', workers: 1, grace: 60_000 }, async (pool) => {
        const future = pool.submit(meet, meeting.path, 'here');
        await meeting.untilArrived(1);
        assert.equal(future.running, true);
        assert.equal(future.cancel(), true);
        assert.deepEqual([future.running, future.state], [false, 'cancelled']);
        await rejection(future);
        assert.deepEqual(meeting.left, []);
        meeting.open(); // its task has gone on until here
      }),
    ));

  test('future-08: the printed form shows where it stands, and its value or error', async () => {
    const [open, value, failed, given] = [0, 1, 2, 3].map(() => createFuture<number>()) as [
      Future<number>,
      Future<number>,
      Future<number>,
      Future<number>,
    ];
    const running = createFuture({ giveUp: () => false, isRunning: () => true });
    ends.value(value);
    ends.failure(failed);
    ends.cancellation(given);
    await Promise.allSettled([value, failed, given]);
    assert.equal(print(open), 'Future { <pending> }');
    assert.equal(print(running), 'Future { <pending> }', 'it has no number yet');
    assert.equal(print(value), 'Future { 7 }');
    assert.match(print(failed), /^Future \{ <rejected> RangeError: no at /);
    assert.match(print(given), /^Future \{ <cancelled> CancelledError: The task was cancelled\./);
    assert.equal(inspect({ a: { b: { c: value } } }, { depth: 0 }), '{ a: [Object] }');
    assert.equal(inspect([[value]], { depth: 1 }), '[ [ [Future] ] ]');
    const itself = createFuture<unknown>();
    resolveFuture(itself, { inner: itself, other: value });
    await itself;
    assert.equal(print(itself), '<ref *1> Future { { inner: [Circular *1], other: Future { 7 } } }');
  });

  test('future-08: of a running task', () =>
    withRendezvous((meeting) =>
      withPool({ kind: 'thread', workers: 1 }, async (pool) => {
        const future = pool.submit(meet, meeting.path, 'here');
        await meeting.untilArrived(1);
        assert.equal(print(future), 'Future { <running> }');
        meeting.open();
        await future;
        assert.equal(print(future), "Future { 'here' }");
      }),
    ));

  test('future-15: state and done change at once, before anybody is told; no other thread has the future', async () => {
    for (const end of Object.values(ends)) {
      const future = createFuture<number>();
      const seen = new Set<string>();
      const look = (): void => void seen.add(`${future.state} ${future.done} ${future.running}`);
      future.addDoneCallback(look);
      future.then(look, look);
      look();
      end(future);
      look();
      await tick();
      assert.deepEqual([...seen], ['pending false false', `${future.state} true false`]);
    }
    const pool = new Pool({ workers: 1 });
    const future = pool.submit(add, 1, 2);
    await assert.rejects(
      pool.submit((x: unknown) => x, future),
      { code: 'ERR_PROMISE' },
    );
    assert.equal(await future, 3);
    await pool.close();
  });
});
