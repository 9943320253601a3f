/** Futures as they are done, and waiting for some. @module */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { asCompleted, CancelledError, type Future, Pool, wait } from '../../src/index.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { add, meet } from '../contract/tasks.ts';

const pool = new Pool({ workers: 4 });
after(() => pool.close());
const never = new Promise<never>(() => {});
const failed = (message = 'no'): Promise<never> => {
  const promise = Promise.reject(new Error(message));
  promise.catch(() => {});
  return promise;
};
const cancelled = (): Promise<never> => {
  const promise = Promise.reject(new CancelledError('given up'));
  promise.catch(() => {});
  return promise;
};
async function collect<F extends PromiseLike<unknown>>(iterable: AsyncIterable<F>): Promise<F[]> {
  const list: F[] = [];
  for await (const future of iterable) list.push(future);
  return list;
}

describe('asCompleted', () => {
  it('ascompletedwai-01: yields each once, as it is done, those first that are already; also failed and cancelled ones', () =>
    withRendezvous(async (meeting) => {
      const slow = ['b', 'a'].map((name) => pool.submit(meet, meeting.path, name));
      const late = pool.submit(meet, meeting.path, 'cancelled');
      await meeting.untilArrived(3);
      const done = [pool.submit(add, 1, 2), failed(), cancelled()] as Future<unknown>[];
      await Promise.allSettled(done);
      const seen: PromiseLike<unknown>[] = [];
      for await (const future of asCompleted([...slow, late, ...done])) {
        seen.push(future as PromiseLike<unknown>);
        if (seen.length === 3) meeting.letGo('a');
        if (future === slow[1]) late.cancel();
        if (future === late) meeting.letGo('b');
      }
      assert.deepEqual(seen.slice(0, 3), done);
      assert.deepEqual(seen.slice(3), [slow[1], late, slow[0]]);
      meeting.open();
    }));

  it('ascompletedwai-02 ascompletedwai-05 ascompletedwai-06: after a timeout, 0 too, what is done comes first, then a TimeoutError that counts', async () => {
    const done = Promise.resolve(1);
    for (const timeout of [0, 5]) {
      const seen: unknown[] = [];
      const error = await (async () => {
        for await (const each of asCompleted([never, done, done, never], { timeout })) seen.push(each);
      })().catch((reason: unknown) => reason as Error);
      assert.deepEqual(seen, [done]);
      assert.equal(error?.name, 'TimeoutError');
      assert.equal(error?.message, '1 (of 2) futures unfinished.');
    }
  });

  it('ascompletedwai-03: takes any iterable; one that is given several times is yielded once', async () => {
    const one = Promise.resolve(1);
    const two = Promise.resolve(2);
    assert.deepEqual(await collect(asCompleted(new Set([one, two]))), [one, two]);
    assert.deepEqual(
      await collect(
        asCompleted(
          (function* () {
            yield one;
            yield one;
          })(),
        ),
      ),
      [one],
    );
    assert.deepEqual(await collect(asCompleted([])), []);
  });

  it('ascompletedwai-04: keeps none that it has yielded', async () => {
    const iterator = asCompleted([weighty(1), never]);
    const first = new WeakRef((await iterator.next()).value as object);
    for (let tries = 0; first.deref() !== undefined && tries < 50; tries++) await collectGarbage();
    assert.equal(first.deref(), undefined);
    await iterator.return?.();
  });

  async function weighty(value: number): Promise<object> {
    return { value, bytes: new Uint8Array(1000) };
  }

  it('leaving early, and a signal, end it and leave nothing behind', async () => {
    const stop = new AbortController();
    for await (const each of asCompleted([Promise.resolve(1), never], { timeout: 1e9, signal: stop.signal })) {
      assert.equal(await each, 1);
      break;
    }
    const iterator = asCompleted([never], { signal: stop.signal });
    const next = iterator.next();
    const reason = new Error('enough');
    stop.abort(reason);
    await assert.rejects(next, reason);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it('several may ask at once', async () => {
    const gates = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const iterator = asCompleted(gates.map(({ promise }) => promise));
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    for (const [i, { resolve }] of gates.entries()) resolve(i);
    assert.deepEqual(
      (await Promise.all(asked)).map(({ done }) => done),
      [false, false, true],
    );
  });

  it('refuses what is no future', () => {
    const refused = { code: 'ERR_INVALID_OPTION' };
    assert.throws(() => asCompleted(undefined as never), refused);
    assert.throws(() => asCompleted([1] as never), refused);
    assert.throws(() => asCompleted([never], { timeout: -1 }), refused);
  });
});

describe('wait', () => {
  it('ascompletedwai-07: firstCompleted', async () => {
    const gate = Promise.withResolvers<number>();
    const other = Promise.withResolvers<number>();
    const waiting = wait([gate.promise, other.promise, never], { returnWhen: 'firstCompleted' });
    gate.resolve(1);
    other.resolve(1);
    const { done, notDone } = await waiting;
    assert.deepEqual([...done], [gate.promise, other.promise], 'all that are done by then');
    assert.deepEqual([...notDone], [never]);
  });

  it('ascompletedwai-08 ascompletedwai-09 ascompletedwai-10: firstException ends with a failure; what succeeded or was cancelled ends nothing', async () => {
    const good = Promise.resolve(1);
    const given = cancelled();
    const gate = Promise.withResolvers<number>();
    let over = false;
    const waiting = wait([good, given, gate.promise, never], { returnWhen: 'firstException' });
    void waiting.then(() => (over = true));
    await new Promise(setImmediate);
    assert.equal(over, false);
    gate.reject(new Error('no'));
    const { done, notDone } = await waiting;
    assert.deepEqual([...done], [good, given, gate.promise]);
    assert.deepEqual([...notDone], [never]);
    const at = await wait([failed(), never], { returnWhen: 'firstException' });
    assert.equal(at.done.size, 1);
    const all = await wait([good, given], { returnWhen: 'firstException' });
    assert.equal(all.notDone.size, 0);
  });

  it('waits for all by default, for no longer than it may, and rejects only for its signal', async () => {
    const results = await wait([pool.submit(add, 1, 2), failed(), cancelled()]);
    assert.equal(results.done.size, 3);
    assert.deepEqual(await wait([]), { done: new Set(), notDone: new Set() });
    assert.deepEqual(await wait([never], { timeout: 3 }), { done: new Set(), notDone: new Set([never]) });
    const stop = new AbortController();
    const waiting = wait([never], { signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, { message: 'enough' });
    await assert.rejects(wait([never], { returnWhen: 'soon' as never }), { code: 'ERR_INVALID_OPTION' });
  });
});
