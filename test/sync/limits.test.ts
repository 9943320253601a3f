/**
 * The most waits there can be at once, and several objects of one thread over the same lock.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  BoundedSemaphore,
  Condition,
  Event,
  field,
  Lock,
  Pool,
  RLock,
  RwLock,
  SharedMemory,
  sharedStruct,
  Thread,
} from '../../src/index.ts';
import { untilWaiting } from '../contract/in-scope.ts';
import { rejectionCode } from '../contract/with-pool.ts';
import { freshName } from '../shared/names.ts';

describe('limits of waiting', () => {
  test('one wait too many fails, and leaves its lock and all others as they were', async () => {
    const most = 16_384;
    const locks = Array.from({ length: most }, () => new Lock());
    const holds = locks.map((lock) => lock.acquireSync());
    const waits = locks.map((lock) => lock.acquire());
    const last = new Lock();
    const hold = last.acquireSync();
    assert.equal(await rejectionCode(last.acquire()), 'ERR_TOO_MANY_WAITERS');
    assert.throws(() => last.acquireSync({ timeout: 5 }), { code: 'ERR_TOO_MANY_WAITERS' });
    hold.release();
    last.acquireSync().release();
    for (const each of holds) each.release();
    for (const each of await Promise.all(waits)) each.release();
    assert.equal(
      locks.some((lock) => lock.locked),
      false,
    );
  });

  test('what is dropped while it is held takes no place', async () => {
    for (let n = 0; n < 20_000; n++) {
      new BoundedSemaphore(2).acquireSync();
      new RwLock().acquireReadSync();
    }
    const seats = new BoundedSemaphore(1);
    seats.acquireSync();
    assert.equal(await seats.acquire({ timeout: 1 }), false);
  });

  test('what threads waited for that nobody else had takes no place once they are gone', async () => {
    const waitForMany = async (ready: Event): Promise<void> => {
      const locks = Array.from({ length: 6000 }, () => new Lock());
      for (const lock of locks) lock.acquireSync();
      const waits = locks.map((lock) => lock.acquire());
      ready.set();
      await Promise.all(waits);
    };
    for (let n = 0; n < 4; n++) {
      const ready = new Event();
      const thread = new Thread(waitForMany, [ready]);
      thread.start();
      const end = thread.join().catch(() => undefined);
      assert.equal(await ready.wait({ timeout: 60_000 }), true);
      await thread.terminate();
      await end;
    }
  });

  test('what is held and waited for before it is sent counts afterwards', async () => {
    const pool = new Pool({ kind: 'thread', workers: 1 });
    try {
      const seats = await pool.submit(async () => {
        const made = new BoundedSemaphore(3);
        made.acquireSync();
        made.acquireSync();
        return made;
      });
      const table = new RwLock();
      const read = table.acquireReadSync();
      const written = table.acquireWrite();
      assert.equal(await pool.submit(async (sent: RwLock) => sent.acquireWrite({ timeout: 5 }), table), false);
      read.release();
      (await written).release();
      assert.equal(inspect(table), 'RwLock { unlocked }');
      assert.equal(seats.value, 1);
      const end = pool.terminate();
      assert.ok(seats.acquireSync());
      await end;
      for (let n = 0; n < 2; n++) assert.ok(await seats.acquire({ timeout: 60_000 }), 'as its holder is gone');
    } finally {
      await pool.terminate();
    }
  });

  test('two objects of one thread for one lock serve one line', async () => {
    const lock = new Lock();
    const pool = new Pool({ kind: 'thread', workers: 1 });
    try {
      const inOrder = async (first: Lock, second: Lock): Promise<readonly number[]> => {
        const order: number[] = [];
        const turn = async (by: Lock, number: number): Promise<void> => {
          const hold = await by.acquire();
          order.push(number);
          await null;
          hold.release();
        };
        await Promise.all([turn(first, 0), turn(second, 1), turn(first, 2), turn(second, 3)]);
        return order;
      };
      const copies = [lock, lock] as const;
      const both = await pool.submit(
        async (pair: readonly [Lock, Lock], run: typeof inOrder) => run(...pair),
        copies,
        inOrder,
      );
      assert.deepEqual(both, [0, 1, 2, 3]);
      assert.deepEqual(await pool.submit((held: Lock) => inOrder(held, lock), lock), [0, 1, 2, 3]);
    } finally {
      await pool.close();
    }
  });

  test('two objects of one thread for one lock hold it as one', async () => {
    const pool = new Pool({ kind: 'thread', workers: 1 });
    try {
      const lock = new Lock();
      const use = (first: Lock, second: Lock): readonly boolean[] => {
        const one = first.acquireSync();
        second.release();
        const other = second.acquireSync();
        one[Symbol.dispose](); // nothing: it was released by the other object
        const seen = [first.locked];
        other[Symbol.dispose]();
        return [...seen, first.locked];
      };
      assert.deepEqual(await pool.submit((held: Lock) => use(held, lock), lock), [true, false]);
      const held = lock.acquireSync();
      const back = await pool.submit((given: Lock) => given, lock);
      assert.equal(back.locked, true);
      back.release();
      const again = back.acquireSync();
      assert.throws(() => held.release(), { code: 'ERR_NOT_HELD' });
      again.release();
      assert.deepEqual(use(lock, back), [true, false]);
    } finally {
      await pool.close();
    }
  });

  test('a struct that is opened twice by name has one lock', { skip: process.platform !== 'linux' }, async () => {
    const Shared = sharedStruct({
      lock: Lock,
      changed: field(Condition, 'lock'),
      nested: RLock,
      deeper: field(Condition, 'nested'),
      table: RwLock,
    });
    const name = freshName('twice');
    const one = new Shared({ name });
    const other = Shared.open(name);
    try {
      const waiting = one.lock.run(() => other.changed.wait());
      await untilWaiting(other.changed, 1);
      await one.lock.run(() => one.changed.notify());
      assert.equal(await waiting, true);
      assert.equal(one.lock.locked, false);

      const deep = one.nested.run(() => other.nested.run(() => other.deeper.wait().then(() => one.nested.level)));
      await untilWaiting(one.deeper, 1);
      other.nested.runSync(() => one.deeper.notify());
      assert.equal(await deep, 2);
      assert.equal(other.nested.locked, false);

      const first = one.table.acquireWriteSync();
      other.table.releaseWrite();
      const second = other.table.acquireWriteSync();
      assert.throws(() => first.release(), { code: 'ERR_NOT_HELD' });
      assert.equal(one.table.writing, true);
      second.release();
      await assert.rejects(
        one.table.read(() => other.table.write(() => 1)),
        { code: 'ERR_DEADLOCK' },
      );
      assert.equal(one.table.readers, 0);
    } finally {
      SharedMemory.unlink(name);
    }
  });
});
