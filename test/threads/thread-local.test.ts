/** Values of which each thread has its own. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Barrier, Pool, Process, Thread, ThreadLocal } from '../../src/index.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';

class Labelled<T> extends ThreadLocal<T> {
  get label(): string {
    return `<${String(this.value)}>`;
  }
}

describe('ThreadLocal', () => {
  it('threadlocal-04: what one thread sets no other one sees', async () => {
    const local = new ThreadLocal<number>();
    local.value = 1;
    const meet = new Barrier(3);
    const threads = [2, 3].map(
      (mine) =>
        new Thread(async () => {
          const before = [local.isSet, local.value];
          local.value = mine;
          await meet.wait();
          return [...before, local.value];
        }),
    );
    for (const thread of threads) thread.start();
    await meet.wait();
    assert.deepEqual(await Promise.all(threads.map((thread) => thread.join())), [
      [false, undefined, 2],
      [false, undefined, 3],
    ]);
    assert.equal(local.value, 1);
  });

  it('threadlocal-02 threadlocal-05: a first value is made once a thread, in a subclass as well', async () => {
    const local = new Labelled(() => process.getBuiltinModule('node:worker_threads').threadId + Math.random());
    const pool = new Pool({ workers: 1 });
    const label = (): string => local.label;
    const [first, second] = [await pool.submit(label), await pool.submit(label)];
    assert.equal(first, second);
    assert.notEqual(first, local.label);
    assert.equal(local.label, local.label);
    await pool.close();
  });

  it('delete forgets a value; the next one is made anew', () => {
    let made = 0;
    const local = new ThreadLocal(() => ++made);
    assert.deepEqual([local.value, local.value], [1, 1]);
    local.delete();
    assert.equal(local.isSet, false);
    assert.equal(local.value, 2);
  });

  it('one that comes home is itself; in another process it has a value of its own', async () => {
    const local = new ThreadLocal(() => process.pid);
    const thread = new Thread(() => local);
    thread.start();
    assert.equal(await thread.join(), local);
    const child = new Process(() => [local.value, process.pid]);
    child.start();
    const [value, pid] = (await child.join()) as [number, number];
    assert.equal(value, pid);
    assert.equal(local.value, process.pid);
  });

  it('threadlocal-07: a value that leads back to its ThreadLocal is collected with it', async () => {
    const make = (): WeakRef<object> => {
      const local = new ThreadLocal<{ back?: unknown }>(() => ({}));
      local.value.back = local;
      return new WeakRef(local);
    };
    const made = make();
    for (let tries = 0; made.deref() !== undefined && tries < 50; tries++) await collectGarbage();
    assert.equal(made.deref(), undefined);
  });

  it('refuses what makes no value', () => {
    assert.throws(() => new ThreadLocal(5 as never), { code: 'ERR_INVALID_OPTION' });
  });
});

// threadlocal-01: a thread's values are in its own heap, which is gone with it. threadlocal-03: numbers are never given twice, and are no
// addresses. threadlocal-06 (the map of attributes): there is one value, and no map of them.
