/** Tasks that belong together. @module */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { CancelledError, Pool, Process, sleep, TaskGroup, Thread, TimeoutError } from '../../src/index.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { add, meetForever } from '../contract/tasks.ts';

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
const fail = (message: string) => async (): Promise<never> => {
  await null;
  throw new RangeError(message);
};
async function failure(promise: Promise<unknown>): Promise<Error & { readonly errors?: readonly Error[] }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It should have failed.');
}
const messages = (error: { readonly errors?: readonly Error[] }): string[] =>
  (error.errors ?? []).map(({ message }) => message);

describe('TaskGroup', () => {
  it('taskgroup-01 taskgroup-16: children may be added by the body and by children; run ends after all, with what the body returned', async () => {
    const ended: string[] = [];
    const group = new TaskGroup();
    const result = await group.run(async (own) => {
      assert.equal(own, group);
      void own.create(async () => {
        await sleep(5);
        void own.create(async () => {
          await sleep(5);
          ended.push('grandchild');
        });
        ended.push('child');
      });
      assert.equal(await own.create(() => 7), 7);
      assert.equal(own.size, 1);
      return 'result';
    });
    assert.equal(result, 'result');
    assert.deepEqual(ended, ['child', 'grandchild']);
    assert.equal(group.size, 0);
  });

  it('functions, futures of a pool, threads and processes', async () => {
    const pool = new Pool({ workers: 1 });
    const results = await new TaskGroup().run((group) =>
      Promise.all([
        group.create(() => 1),
        group.create(pool.submit(add, 1, 1)),
        group.create(new Thread(add, [1, 2])),
        group.create(new Process(add, [2, 2])),
      ]),
    );
    assert.deepEqual(results, [1, 2, 3, 4]);
    await pool.close();
  });

  it('the first failure gives all others up, wherever they run', () =>
    withRendezvous(async (meeting) => {
      const pool = new Pool({ workers: 1, grace: 0 });
      const thread = new Thread(meetForever, [meeting.path, 'thread']);
      const child = new Process(meetForever, [meeting.path, 'process']);
      const seen: unknown[] = [];
      const error = await failure(
        new TaskGroup({ name: 'all kinds' }).run(async (group) => {
          const signal = group.signal;
          const future = pool.with({ signal: new AbortController().signal }).submit(meetForever, meeting.path, 'task');
          for (const each of [future, thread, child]) void group.create<unknown>(each);
          void group.create((own) => forever(own).catch((reason: unknown) => seen.push(reason)));
          await meeting.untilArrived(3);
          void group.create(fail('one is enough'));
          await forever(signal);
        }),
      );
      assert.ok(error instanceof AggregateError);
      assert.deepEqual(messages(error), ['one is enough']);
      assert.match(error.message, /all kinds: one is enough/);
      assert.ok(seen[0] instanceof CancelledError);
      assert.equal(thread.alive || child.alive, false);
      await meeting.untilLeft(3);
      await pool.terminate();
    }));

  it('taskgroup-02 taskgroup-03: a child that was given up by itself fails nothing', async () => {
    const result = await new TaskGroup().run(async (group) => {
      void group.create(() => Promise.reject(new CancelledError('on its own')));
      void group.create(() => Promise.reject(new DOMException('on its own', 'AbortError')));
      return 'fine';
    });
    assert.equal(result, 'fine');
  });

  it('taskgroup-03: a body that is given up by itself gives the children up, and ends with that; but failures come first', async () => {
    for (const reason of [new CancelledError('the body'), new DOMException('the body', 'AbortError')]) {
      let left = 0;
      const group = new TaskGroup();
      const error = await failure(
        group.run(async (own) => {
          void own.create((signal) => forever(signal).finally(() => (left += 1)));
          await own.create(() => Promise.reject(reason));
        }),
      );
      assert.deepEqual([error, left, group.signal.reason], [reason, 1, reason]);
    }
    const error = await failure(
      new TaskGroup().run((group) => {
        void group.create((signal) => forever(signal).catch(fail('while given up')));
        throw new CancelledError('the body');
      }),
    );
    assert.deepEqual(messages(error), ['while given up']);
  });

  it('taskgroup-04 taskgroup-14: what fails while it is given up is told as well, and what the body throws', async () => {
    const error = await failure(
      new TaskGroup().run(async (group) => {
        void group.create((signal) => forever(signal).catch(fail('while given up')));
        void group.create(fail('first'));
        await forever(group.signal).catch(() => {});
        throw new TypeError('the body');
      }),
    );
    assert.deepEqual(messages(error).toSorted(), ['first', 'the body', 'while given up']);
  });

  it('taskgroup-05 taskgroup-06: an error of the body gives the children up, and is wrapped', async () => {
    const seen: unknown[] = [];
    for (const wait of [sleep(1), undefined]) {
      const error = await failure(
        new TaskGroup().run(async (group) => {
          void group.create((signal) => forever(signal).catch((reason: unknown) => seen.push(reason)));
          if (wait !== undefined) await wait;
          throw new RangeError('the body');
        }),
      );
      assert.ok(error instanceof AggregateError);
      assert.deepEqual(messages(error), ['the body']);
    }
    assert.equal(seen.length, 2);
  });

  it('taskgroup-07 taskgroup-08 taskgroup-09 taskgroup-23: nested groups: a failure goes outwards, and inwards as giving up', async () => {
    const inner = await failure(
      new TaskGroup().run((outer) =>
        outer.create((signal) => new TaskGroup({ signal }).run((group) => group.create(fail('innermost')))),
      ),
    );
    assert.ok(inner.errors?.[0] instanceof AggregateError);
    const outer = await failure(
      new TaskGroup().run(async (group) => {
        void group.create((signal) => new TaskGroup({ signal }).run((own) => own.create(forever)));
        void group.create(fail('outside'));
      }),
    );
    assert.deepEqual(messages(outer), ['outside']);
  });

  it('taskgroup-10 taskgroup-11 taskgroup-24: a failure wins over being given up at the same time', async () => {
    const stop = new AbortController();
    const error = await failure(
      new TaskGroup({ signal: stop.signal }).run(async (group) => {
        void group.create((signal) => forever(signal).catch(fail('a child')));
        stop.abort(new Error('from outside'));
        await forever(group.signal);
      }),
    );
    assert.deepEqual(messages(error), ['a child']);
    assert.equal(stop.signal.aborted, true);
  });

  it('taskgroup-12 taskgroup-13 taskgroup-15: given up from outside, early and late, it ends with that reason', async () => {
    const reason = new Error('from outside');
    const stop = new AbortController();
    const empty = new TaskGroup({ signal: stop.signal }).run((group) => forever(group.signal));
    const seen: unknown[] = [];
    const full = new TaskGroup({ signal: stop.signal }).run((group) => {
      void group.create((signal) => forever(signal).catch((given: unknown) => seen.push(given)));
    });
    stop.abort(reason);
    assert.equal(await failure(empty), reason);
    assert.equal(await failure(full), reason);
    assert.deepEqual(seen, [reason]);
    assert.equal(await failure(new TaskGroup({ signal: stop.signal }).run(() => 1)), reason);
    const waits = (group: TaskGroup): Promise<unknown> => Promise.all([group.create(forever), forever(group.signal)]);
    assert.equal(await failure(new TaskGroup({ signal: stop.signal }).run(waits)), reason);
    const turned = new AbortController();
    const error = failure(
      new TaskGroup({ signal: turned.signal }).run((group) =>
        forever(group.signal).catch(fail('turned into an error')),
      ),
    );
    turned.abort();
    assert.deepEqual(messages(await error), ['turned into an error']);
  });

  it('taskgroup-17 taskgroup-25: children that go on adding children are all stopped', async () => {
    let added = 0;
    const error = await failure(
      new TaskGroup().run(async (group) => {
        const breed = async (): Promise<void> => {
          added += 1;
          if (added === 20) throw new RangeError('enough');
          void group.create(breed);
          await forever(group.signal);
        };
        void group.create(breed);
      }),
    );
    assert.deepEqual(messages(error), ['enough']);
    assert.equal(added, 20);
  });

  it('taskgroup-18 taskgroup-19: children have names, and may be given a context', async () => {
    const storage = new AsyncLocalStorage<string>();
    const context = storage.run('there', () => AsyncLocalStorage.snapshot()) as <R>(fn: () => R) => R;
    await storage.run('here', () =>
      new TaskGroup().run(async (group) => {
        const gate = Promise.withResolvers<void>();
        void group.create(() => gate.promise, { name: 'the gate' });
        void group.create(async function named() {
          await gate.promise;
        });
        assert.equal(inspect(group), 'TaskGroup { open: the gate, named }');
        gate.resolve();
        assert.equal(await group.create(() => storage.getStore()), 'here');
        assert.equal(await group.create(() => storage.getStore(), { context }), 'there');
      }),
    );
  });

  it('taskgroup-20 taskgroup-21: it takes no children before it runs and after it has ended, and gives those futures up', async () => {
    const pool = new Pool({ workers: 1 });
    const group = new TaskGroup();
    const early = pool.submit(() => new Promise(() => {}));
    assert.throws(() => group.create(early), { code: 'ERR_INVALID_STATE' });
    assert.equal(early.state, 'cancelled');
    await group.run(() => {});
    assert.throws(() => group.create(() => 1), { code: 'ERR_INVALID_STATE', message: /has ended/ });
    assert.equal(((await failure(group.run(() => 1))) as { code?: string }).code, 'ERR_INVALID_STATE');
    await pool.terminate();
  });

  it('taskgroup-22 taskgroup-26: after a failure was handled nothing is left of it', async () => {
    const stop = new AbortController();
    await failure(new TaskGroup({ signal: stop.signal }).run((group) => group.create(fail('handled'))));
    assert.equal(stop.signal.aborted, false);
    assert.equal(await new TaskGroup({ signal: stop.signal }).run(() => 'goes on'), 'goes on');
  });

  it('taskgroup-27: cancelled, from inside or outside, it ends without an error', async () => {
    const group = new TaskGroup();
    const running = group.run(async (own) => {
      void own.create(forever);
      return 'result';
    });
    group.cancel();
    assert.equal(await running, 'result');
    assert.equal(
      await new TaskGroup().run(async (own) => {
        own.cancel();
        await forever(own.signal);
        return 'never';
      }),
      undefined,
    );
  });

  it('a timeout gives it up; only that is thrown if nothing failed', async () => {
    assert.ok(
      (await failure(new TaskGroup({ timeout: 2 }).run((group) => group.create(forever)))) instanceof TimeoutError,
    );
    assert.throws(() => new TaskGroup({ timeout: -1 }), { code: 'ERR_INVALID_OPTION' });
    await assert.rejects(new TaskGroup().run(1 as never), { code: 'ERR_INVALID_OPTION' });
    await assert.rejects(
      new TaskGroup().run((group) => group.create({} as never)),
      AggregateError,
    );
  });
});
