/**
 * A future is a promise in every respect, with a state and a way to give its task up.
 * @module
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createFuture,
  Future,
  type FutureOwner,
  numberFuture,
  rejectFuture,
  resolveFuture,
  taskOf,
} from '../../src/futures/future.ts';

/** Gives up whatever is asked for, and remembers it. */
class Owner implements FutureOwner {
  readonly asked: [Future<unknown>, unknown][] = [];

  giveUp(future: Future<unknown>, reason: unknown): boolean {
    this.asked.push([future, reason]);
    rejectFuture(future, reason, true);
    return true;
  }
}

const tick = (): Promise<unknown> => new Promise(setImmediate);

describe('a future', () => {
  test('cannot be made without a task', () => {
    const refused = { code: 'ERR_INVALID_STATE', message: /submit\(\)/ };
    assert.throws(() => Future.resolve(1), refused);
    assert.throws(() => Future.withResolvers(), refused);
    assert.throws(() => new Future(() => {}), refused);
  });

  test('is a Promise and a Future, and stays pending until it has an answer', async () => {
    const future = createFuture<number>();
    assert.ok(future instanceof Promise && future instanceof Future);
    assert.deepEqual([future.state, future.done], ['pending', false]);
    resolveFuture(future, 3);
    assert.deepEqual([future.state, future.done], ['finished', true]);
    assert.equal(await future, 3);
  });

  test('rejects with the very reason, falsy ones too', async () => {
    for (const reason of [new Error('x'), undefined, null, 0, '', false]) {
      const future = createFuture();
      rejectFuture(future, reason);
      assert.deepEqual([future.state, future.done], ['finished', true]);
      const result = await future.then(
        () => assert.fail('it resolved'),
        (error: unknown) => ({ error }),
      );
      assert.equal(result.error, reason);
    }
  });

  test('then, catch and finally give plain promises', async () => {
    const future = createFuture<number>();
    for (const derived of [future.then((x) => x), future.catch(() => 0), future.finally(() => {})]) {
      assert.ok(derived instanceof Promise);
      assert.ok(!(derived instanceof Future));
      assert.equal(Object.getPrototypeOf(derived), Promise.prototype);
    }
    resolveFuture(future, 1);
    await future;
  });

  test('is given back by Promise.resolve, and awaited directly', async () => {
    const future = createFuture<number>();
    assert.equal(Promise.resolve(future), future);
    const order: string[] = [];
    const plain = Promise.withResolvers<void>();
    void (async () => {
      await future;
      order.push('future');
    })();
    void (async () => {
      await plain.promise;
      order.push('promise');
    })();
    resolveFuture(future, 1);
    plain.resolve();
    await tick();
    assert.deepEqual(order, ['future', 'promise'], 'awaiting it takes more turns than a promise');
  });

  test('works with all, allSettled, race and any', async () => {
    const [a, b, c] = [createFuture<number>(), createFuture<string>(), createFuture<never>()];
    const all = Promise.all([a, b]);
    const settled = Promise.allSettled([a, c]);
    const race = Promise.race([b, a]);
    const any = Promise.any([c, a]);
    rejectFuture(c, 'no');
    resolveFuture(a, 1);
    resolveFuture(b, 'two');
    assert.deepEqual(await all, [1, 'two']);
    assert.deepEqual(await settled, [
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: 'no' },
    ]);
    assert.equal(await race, 1);
    assert.equal(await any, 1);
  });

  test('takes its first answer only', async () => {
    const first = createFuture<number>();
    resolveFuture(first, 1);
    resolveFuture(first, 2);
    rejectFuture(first, new Error('late'));
    rejectFuture(first, new Error('late'), true);
    assert.equal(await first, 1);
    assert.equal(first.state, 'finished');

    const second = createFuture<number>();
    rejectFuture(second, 'no');
    resolveFuture(second, 2);
    await assert.rejects(Promise.resolve(second), (error) => error === 'no');
  });

  test('many at once keep their answers apart', async () => {
    const futures = Array.from({ length: 1000 }, () => createFuture<number>());
    for (let i = 999; i >= 0; i--) resolveFuture(futures[i] as Future<number>, i);
    assert.deepEqual(
      await Promise.all(futures),
      futures.map((_, index) => index),
    );
  });

  test('an answer that is a promise, a future or a thenable is waited for', async () => {
    const cases: readonly [answer: unknown, value: unknown][] = [
      [Promise.resolve(1), 1],
      [{ then: (resolve: (value: number) => void) => resolve(2) }, 2],
      [{ then: 3 }, { then: 3 }],
    ];
    for (const [answer, value] of cases) {
      const future = createFuture();
      resolveFuture(future, answer);
      assert.deepEqual(await future, value);
    }
    const inner = createFuture<number>();
    const outer = createFuture<number>();
    resolveFuture(outer, inner);
    resolveFuture(inner, 4);
    assert.equal(await outer, 4);

    const fails = createFuture();
    resolveFuture(fails, Promise.reject(new Error('inner')));
    await assert.rejects(Promise.resolve(fails), /inner/);
    const throws = createFuture();
    resolveFuture(throws, {
      get then() {
        throw new Error('getter');
      },
    });
    await assert.rejects(Promise.resolve(throws), /getter/);
  });

  test('keeps the number of its task until it has ended', () => {
    const future = createFuture();
    assert.equal(taskOf(future), -1);
    numberFuture(future, 0);
    assert.deepEqual([taskOf(future), future.state, future.done], [0, 'pending', false]);
    numberFuture(future, 2 ** 30);
    assert.equal(taskOf(future), 2 ** 30);
    resolveFuture(future, 1);
    assert.ok(taskOf(future) < 0);
  });
});

describe('cancel', () => {
  test('asks the owner once, and rejects with the reason', async () => {
    const owner = new Owner();
    const future = createFuture(owner);
    const reason = new Error('enough');
    assert.equal(future.cancel(reason), true);
    assert.deepEqual(owner.asked, [[future, reason]]);
    assert.deepEqual([future.state, future.done], ['cancelled', true]);
    assert.equal(future.cancel('again'), false);
    assert.equal(owner.asked.length, 1);
    await assert.rejects(Promise.resolve(future), (error) => error === reason);
  });

  test('does nothing once there is an answer', async () => {
    const owner = new Owner();
    const future = createFuture<number>(owner);
    resolveFuture(future, 1);
    assert.equal(future.cancel(), false);
    assert.deepEqual(owner.asked, []);
    assert.equal(await future, 1);
    assert.equal(future.state, 'finished');
  });

  test('does nothing where nobody owns the task, or the owner refuses', () => {
    assert.equal(createFuture().cancel(), false);
    const future = createFuture({ giveUp: () => false });
    assert.equal(future.cancel(), false);
    assert.equal(future.state, 'pending');
  });
});

describe('a rejection that nobody handles', () => {
  const program = fileURLToPath(new URL('./fixtures/unhandled.ts', import.meta.url));
  const run = (...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], { timeout: 100_000 }, (error, stdout) => {
        resolve(`${stdout.trim()} exit ${error?.code ?? 0}`);
      });
    });

  for (const when of ['never', 'late', 'in-time']) {
    test(`is told of as a promise's is: handled ${when}`, async () => {
      const [future, promise] = await Promise.all([run('future', when), run('promise', when)]);
      assert.equal(future, promise);
      const told = { never: /^unhandled boom same exit 3$/, late: /^unhandled boom same handled same exit 0$/ };
      assert.match(future, when === 'in-time' ? /^ ?exit 0$/ : told[when as 'never' | 'late']);
    });
  }

  test('ends the program, as a promise does', async () => {
    assert.equal(await run('future', 'crash'), await run('promise', 'crash'));
    assert.match(await run('future', 'crash'), /exit 1$/);
  });
});
