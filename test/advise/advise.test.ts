/**
 * `advise()`: functions of each kind, measured on real threads and processes; and what it makes of bad ones.
 *
 * How fast this machine is says nothing here: what decides is where a call's time goes, and what cannot be otherwise.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serialize } from 'node:v8';
import {
  adviceText,
  advise,
  cpuCount,
  EncodeError,
  enumerateThreads,
  InvalidOptionError,
  Lock,
  NoAdviceError,
  WorkerDiedError,
} from '../../src/index.ts';

const compute = (size: number): number => {
  let sum = 0;
  for (let n = 0; n < size; n++) sum += Math.sqrt(n);
  return sum;
};
const rest = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
const block = (ms: number): string => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return 'done';
};

describe('advise', () => {
  test('finds that a function computes', async () => {
    const advice = await advise(compute, [2_000_000], { budget: 10_000 });
    assert.ok(['cpu', 'memory-bandwidth'].includes(advice.work), `${advice.work} ${JSON.stringify(advice.task)}`);
    assert.ok(advice.task.cpu > 0.6 * (advice.task.ran - advice.task.queued));
    assert.equal(advice.tasksPerWorker, 1);
    assert.ok(advice.workers <= Math.max(1, advice.cores));
    assert.ok(advice.trials.some(({ kind }) => kind === 'none') && advice.trials.some(({ kind }) => kind === 'thread'));
  });

  test('finds that a function awaits, and has a thread await many at once', async () => {
    const advice = await advise(rest, [30], { budget: 10_000 });
    assert.equal(advice.work, 'async-io');
    assert.equal(advice.kind, 'thread');
    assert.ok(advice.tasksPerWorker >= 8, adviceText(advice));
    assert.ok(advice.speedUp.value > 4, adviceText(advice));
    assert.match(advice.command, /--tasks-per-worker \d+/);
  });

  test('finds that a function blocks its thread, and has more threads than cores', async () => {
    const advice = await advise(block, [40], { budget: 10_000 });
    assert.equal(advice.work, 'blocking-io');
    assert.equal(advice.kind, 'thread');
    assert.ok(advice.workers > advice.cores, adviceText(advice));
  });

  test('finds that calls wait for a lock, which only others at the same time make them do', async (t) => {
    if (cpuCount() === 1) return t.skip('one core: one at a time');
    const lock = new Lock();
    const guarded = (ms: number): number => {
      const hold = lock.acquireSync();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); // needs no core, which others may have
      hold.release();
      return ms;
    };
    const { work, task, notes } = await advise(guarded, [60], { budget: 10_000 });
    assert.equal(work, 'locks');
    assert.ok(task.locks < 0.1 * task.ran, 'alone it does not wait');
    assert.ok(notes.some((note) => note.startsWith('Hold locks for less long')));
    assert.equal(task.bytes.arguments, serialize(60).byteLength);
    assert.ok((task.bytes.captured ?? Infinity) < 1000, 'the lock is shared, not sent');
  });

  test('sends nobody away whose function is tiny', async () => {
    const advice = await advise((n: number) => n + 1, [1, 2, 3], { budget: 10_000, limit: 20_000 });
    assert.equal(advice.work, 'tiny');
    assert.equal(advice.kind, 'none');
    assert.deepEqual(advice.speedUp, { value: 1, low: 1, high: 1 });
  });

  test('calls the function no more often than it may, and only with inputs that were given', async () => {
    const calls = new Int32Array(new SharedArrayBuffer(12));
    const count = (input: number): void => void Atomics.add(calls, input, 1);
    const advice = await advise(count, [0, 2], { budget: 10_000, limit: 500 });
    const [zeros = 0, ones = 0, twos = 0] = calls;
    assert.equal(ones, 0);
    assert.ok(zeros + twos <= 500, `${zeros + twos} calls`);
    assert.ok(zeros + twos <= advice.calls && advice.calls <= 500);
    assert.ok(Math.abs(zeros - twos) <= 1);
    assert.ok(
      advice.notes.some((note) => note.startsWith('Processes were not tried: ')),
      'they cannot have that memory',
    );
  });

  test('keeps calls for trying workers, whatever time there is', async () => {
    const advice = await advise((n: number) => n + 1, [1, 2, 3], { budget: 20_000, limit: 1000 });
    assert.ok(
      advice.trials.some(({ kind }) => kind === 'thread'),
      adviceText(advice),
    );
  });

  test('leaves no worker behind', async () => {
    await advise(rest, [1], { budget: 2000 });
    assert.deepEqual(
      enumerateThreads().filter(({ name }) => name.startsWith('advise')),
      [],
    );
  });

  test('measures what does not fail, and tells of what does', async () => {
    const sometimes = (n: number): number => {
      if (n === 2) throw new RangeError('two is no input');
      return compute(200_000);
    };
    const advice = await advise(sometimes, [1, 2, 3], { budget: 10_000 });
    assert.ok(advice.task.failed > 0 && advice.task.failed < advice.task.measured);
    assert.ok(advice.notes.some((note) => note.includes('two is no input')));
  });

  test('prints as text and as JSON', async () => {
    const advice = await advise(rest, [5], { budget: 2000, name: 'fetchPage', module: './pages.ts#fetchPage' });
    const text = adviceText(advice);
    for (const part of [advice.sentence, advice.code, advice.command, 'Calls a second:', 'no pool'])
      assert.ok(text.includes(part), part);
    assert.match(advice.code, /fetchPage/);
    assert.match(advice.command, /\.\/pages\.ts#fetchPage/);
    assert.deepEqual(JSON.parse(JSON.stringify(advice)).trials.length, advice.trials.length);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(text, /NaN|undefined|[^\x00-\x7f]/);
  });
});

describe('advise refuses', () => {
  test('a function whose every call fails, with the first error', async () => {
    const fails = (): never => {
      throw new RangeError('never');
    };
    await assert.rejects(advise(fails, [1], { budget: 2000 }), (error) => {
      assert.ok(error instanceof NoAdviceError && error.code === 'ERR_NO_ADVICE');
      assert.match(error.message, /Every call has failed.* The first said: never/);
      assert.ok(error.cause instanceof RangeError);
      return true;
    });
  });

  test('a function that never comes to an end, blocked or awaiting', async () => {
    const forEver = (): void => {
      for (;;);
    };
    const never = (): Promise<void> => new Promise(() => {});
    for (const fn of [forEver, never]) {
      await assert.rejects(advise(fn, [1], { budget: 900 }), {
        code: 'ERR_NO_ADVICE',
        message: /has not come to an end within \d+ ms/,
      });
    }
  });

  test('a function that ends its worker, with how', async () => {
    await assert.rejects(
      advise(() => process.exit(7), [1], { budget: 2000 }),
      (error) => {
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(error.exitCode, 7);
        return true;
      },
    );
  });

  test('what cannot be sent', async () => {
    const unsendable = new WeakMap();
    await assert.rejects(advise(compute, [unsendable as never], { budget: 2000 }), EncodeError);
    await assert.rejects(
      advise(() => unsendable.has({}), [1], { budget: 2000 }),
      EncodeError,
    );
  });

  test('to go on when it is told to stop', async () => {
    const stop = new AbortController();
    const advice = advise(rest, [10], { budget: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 300);
    await assert.rejects(advice, { message: 'enough' });
    await assert.rejects(advise(rest, [10], { signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
  });

  test('to start anything more once it is told to stop in the middle of the trial', { timeout: 30_000 }, async () => {
    const calls = new Int32Array(new SharedArrayBuffer(4));
    const counted = async (): Promise<void> => {
      Atomics.add(calls, 0, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const stop = new AbortController();
    const advice = advise(counted, [1], { budget: 120_000, limit: 1e9, signal: stop.signal });
    const watch = setInterval(() => {
      if (Atomics.load(calls, 0) > 150) stop.abort(new Error('enough'));
    }, 5);
    await assert.rejects(advice, { message: 'enough' });
    clearInterval(watch);
    assert.deepEqual(
      enumerateThreads().filter(({ name }) => name.startsWith('advise')),
      [],
    );
  });

  const wrong: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['no function', () => advise('fn' as never, [1])],
    ['no inputs', () => advise(compute, [])],
    ['inputs that are none', () => advise(compute, 3 as never)],
    ['a budget of nothing', () => advise(compute, [1], { budget: 0 })],
    ['a budget that is no number', () => advise(compute, [1], { budget: Number.NaN })],
    ['a limit of nothing', () => advise(compute, [1], { limit: 0 })],
    ['half a call', () => advise(compute, [1], { limit: 1.5 })],
    ['too many workers', () => advise(compute, [1], { maxWorkers: 201 })],
  ];
  for (const [what, ask] of wrong) {
    test(what, () => assert.rejects(ask(), InvalidOptionError));
  }
});
