/** What an `AsyncLocalStorage` holds goes along to threads and processes. @module */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, it } from 'node:test';
import {
  carryContext,
  EncodeError,
  InvalidOptionError,
  Pool,
  Process,
  Thread,
  Timer,
  toThread,
  transfer,
} from '../../src/index.ts';
import { captureContext, runInContext } from '../../src/workers/context.ts';
import { look, request, user } from './fixtures/request.ts';

/** Of this module, which no worker loads. */
const level = carryContext(new AsyncLocalStorage<number>(), 'test.level');

class LookingThread extends Thread<unknown[]> {
  override run(): Promise<unknown[]> {
    return look('own');
  }
}
class LookingProcess extends Process<unknown[]> {
  override run(): Promise<unknown[]> {
    return look('own');
  }
}

for (const kind of ['thread', 'process'] as const) {
  const Activity = (kind === 'thread' ? Thread : Process) as typeof Thread;
  const Looking = (kind === 'thread' ? LookingThread : LookingProcess) as typeof LookingThread;
  const run = <T>(activity: Thread<T>): Promise<T> => {
    activity.start();
    return activity.join();
  };

  describe(`context: ${kind}`, () => {
    it('is that of start(), for exported functions, closures and subclasses, also after an await', async () => {
      const early = new Activity(look, [1, 2]);
      const results = request.run({ id: 'r7' }, () => [
        run(early),
        run(new Activity(() => look('closure'))),
        run(new Looking()),
        user.run('ann', () => run(new Activity(look))),
      ]);
      assert.deepEqual(await Promise.all(results), [
        ['r7', 'r7', undefined, 1, 2],
        ['r7', 'r7', undefined, 'closure'],
        ['r7', 'r7', undefined, 'own'],
        ['r7', 'r7', 'ann'],
      ]);
      assert.deepEqual(await run(new Activity(look)), [undefined, undefined, undefined], 'nothing is left behind');
    });

    it("{ context: 'none' } starts outside; anything else is refused", async () => {
      const thread = new Activity(look, [], { context: 'none' });
      assert.deepEqual(await request.run({ id: 'r7' }, () => run(thread)), [undefined, undefined, undefined]);
      assert.throws(() => new Activity(look, [], { context: 'some' as never }), InvalidOptionError);
    });

    it('is a copy, of whatever can travel', async () => {
      const tags = new Set(['a']);
      const seen = await request.run({ id: 'r8', tags }, () =>
        run(
          new Activity(() => {
            const store = request.getStore();
            store?.tags?.add('b');
            return store;
          }),
        ),
      );
      assert.deepEqual(seen, { id: 'r8', tags: new Set(['a', 'b']) });
      assert.deepEqual([...tags], ['a']);
      for (const store of [0, '', false, null])
        assert.equal(await level.run(store as number, () => run(new Activity(() => level.getStore()))), store);
    });

    it('a storage that is captured arrives as the one of its name', async () => {
      const pair = [level, request] as const;
      const result = await level.run(3, () =>
        request.run({ id: 'r9' }, () =>
          run(
            new Activity(
              (given: AsyncLocalStorage<number>) => [
                given === level,
                level.getStore(),
                pair[1] === request,
                pair[1].getStore()?.id,
                level.run(4, () => given.getStore()),
              ],
              [level],
            ),
          ),
        ),
      );
      assert.deepEqual(result, [true, 3, true, 'r9', 4]);
    });

    it('goes on to what is started there, through those that know nothing of it', async () => {
      const result = await level.run(5, () =>
        run(
          new Activity(async () => {
            const inner = new Thread(look);
            inner.start();
            return inner.join();
          }),
        ),
      );
      assert.deepEqual(result, [undefined, undefined, undefined]);
      const through = await request.run({ id: 'r10' }, () =>
        run(
          new Activity(
            async (url: string) => {
              const { Process: Inner } = (await import(url)) as { readonly Process: typeof Process };
              const inner = new Inner(look as never);
              inner.start();
              return inner.join();
            },
            [new URL('../../src/index.ts', import.meta.url).href],
          ),
        ),
      );
      assert.deepEqual(through, ['r10', 'r10', undefined]);
    });

    it('what cannot travel fails at start, and the error names the storage', () => {
      const bad = new AsyncLocalStorage<unknown>();
      carryContext(bad, `test.bad.${kind}`);
      bad.run({ map: new WeakMap() }, () => {
        assert.throws(
          () => new Activity(look, [1]).start(),
          (error) =>
            error instanceof EncodeError && error.code === 'ERR_NOT_CLONEABLE' && /test\.bad.*map/.test(error.message),
        );
        assert.throws(() => new Activity(look, [new WeakMap()], { context: 'inherit' }).start(), /argument 1/);
      });
    });

    it('what is moved is moved all the same', async () => {
      const bytes = new Uint8Array(10);
      const length = (moved: Uint8Array): unknown => [moved.length, level.getStore()];
      const result = level.run(1, () => run(new Activity(length, [transfer(bytes, [bytes.buffer])])));
      assert.deepEqual(await result, [10, 1]);
      assert.equal(bytes.length, kind === 'thread' ? 0 : 10);
    });
  });
}

describe('context', () => {
  for (const kind of ['inline', 'thread', 'process', 'hybrid'] as const) {
    it(`of the tasks of a pool of kind ${kind}: that of submit, of the call of a map and of a stream`, async () => {
      const pool = new Pool({ kind, workers: 1 });
      try {
        const [one, many, some, none] = await request.run({ id: 'r8' }, () => {
          const stream = pool.stream(async () => [await look('s')], []);
          return Promise.all([
            pool.with({ priority: 1 }).submit(look, 5),
            pool.map((n: number) => look(n), [1, 2]),
            stream.next(),
            pool.with({ context: 'none' }).submit(look, 6),
          ]);
        });
        assert.deepEqual(one, ['r8', 'r8', undefined, 5]);
        assert.deepEqual(many, [
          ['r8', 'r8', undefined, 1],
          ['r8', 'r8', undefined, 2],
        ]);
        assert.deepEqual(some.value, ['r8', 'r8', undefined, 's']);
        // An inline task runs in the very turn of its caller, and so in all that the caller runs in.
        if (kind !== 'inline') assert.deepEqual(none, [undefined, undefined, undefined, 6]);
        assert.deepEqual(await pool.submit(look, 7), [undefined, undefined, undefined, 7], 'nothing is left behind');
        assert.throws(() => pool.with({ context: 'all' as never }), { code: 'ERR_INVALID_OPTION' });
      } finally {
        await pool.close();
      }
    });
  }

  it('of toThread and of a Timer', async () => {
    assert.deepEqual(await request.run({ id: 'r1' }, () => toThread(look)), ['r1', 'r1', undefined]);
    const timer = new Timer(0, look);
    request.run({ id: 'r2' }, () => timer.start());
    assert.deepEqual(await timer.join(), ['r2', 'r2', undefined]);
  });

  it('carryContext gives the storage back, may be called again, and keeps names apart', () => {
    const storage = new AsyncLocalStorage<string>();
    assert.equal(carryContext(storage, 'test.again'), storage);
    assert.equal(carryContext(storage, 'test.again'), storage);
    assert.ok(storage instanceof AsyncLocalStorage);
    assert.throws(() => carryContext(storage, 'test.other'), InvalidOptionError);
    assert.throws(() => carryContext(new AsyncLocalStorage<string>(), 'test.again'), { code: 'ERR_INVALID_OPTION' });
    for (const bad of [{}, null, undefined, 'x'])
      assert.throws(() => carryContext(bad as never, 'x'), InvalidOptionError);
    for (const bad of ['', 3, undefined])
      assert.throws(() => carryContext(new AsyncLocalStorage<string>(), bad as never), InvalidOptionError);
  });

  it('captures nothing where nothing is held, and opens what was captured', () => {
    assert.equal(captureContext(), undefined);
    const captured = user.run('ann', () => level.run(2, captureContext));
    assert.deepEqual({ ...captured }, { 'test.user': 'ann', 'test.level': 2 });
    assert.deepEqual(
      runInContext(captured ?? {}, () => [user.getStore(), level.getStore(), request.getStore()]),
      ['ann', 2, undefined],
    );
    assert.equal(
      runInContext({ 'test.new': 1 }, () => captureContext()?.['test.new']),
      1,
    );
  });
});
