/**
 * Shared memory by name among processes that this library did not start, and that are killed.
 *
 * resourcetracke-02, -03, -04 and -07 are about a process that watches over names: that it starts once, is started again when it
 * was killed, outlives a signal, and is told of names in good order. There is none: whoever has a file open holds a lock on it,
 * which the kernel drops.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  int32,
  float64,
  Latch,
  Process,
  ShareableList,
  SharedArray,
  SharedMemory,
  Thread,
  Value,
} from '../../src/index.ts';
import { untilWaiting } from '../contract/in-scope.ts';
import { rejectionCode } from '../contract/with-pool.ts';
import { runProgram } from '../run-program.ts';
import { Account } from './fixtures/stranger.ts';
import { freshName, isThere } from './names.ts';
import { Stranger, withStranger } from './stranger.ts';

const notFound = { code: 'ERR_SEGMENT_NOT_FOUND' };

describe('strangers', () => {
  test('sharedmemorysh-05: what one writes by name the other sees, also in what has grown since', () =>
    withStranger(async (stranger) => {
      const memory = new SharedMemory({ name: freshName(), size: 100, most: 100_000 });
      const { name } = memory;
      memory.buf[3] = 33;
      assert.equal(await stranger.ask('open', name, { size: 100 }), 100);
      assert.equal(await stranger.ask('read', name, 3), 33);
      await stranger.ask('write', name, 99, 44);
      assert.equal(memory.buf[99], 44);
      await stranger.ask('grow', name, 50_000);
      await stranger.ask('write', name, 49_999, 55);
      await stranger.ask('write', name, 5000, 56);
      assert.deepEqual([memory.size, memory.buf[49_999], memory.buf[5000]], [50_000, 55, 56]);
      memory.grow(90_000);
      memory.buf[89_999] = 66;
      assert.equal(await stranger.ask('size', name), 90_000);
      assert.equal(await stranger.ask('read', name, 89_999), 66);
      assert.equal(await stranger.ask('read', name, 99), 44);
      memory.close();
    }));

  test('growth goes as far as the one who made it allows, and no further, for all', () =>
    withStranger(async (stranger) => {
      const memory = new SharedMemory({ name: freshName(), size: 100, most: 100_000 });
      assert.equal(await stranger.ask('open', memory.name), 100);
      memory.grow(90_000);
      assert.equal(await stranger.ask('size', memory.name), 90_000);
      await assert.rejects(stranger.ask('grow', memory.name, 200_000), { code: 'ERR_INVALID_OPTION' });
      await stranger.ask('grow', memory.name, 90_000);
      await assert.rejects(stranger.ask('open', memory.name, { size: 90_001 }), {
        code: 'ERR_SEGMENT_TOO_SMALL',
        message: /has 90000 bytes, fewer than the 90001 that are needed/,
      });
      memory.close();
    }));

  test('sharedmemorysh-10 sharedmemorysh-11: one that has opened it ends: nothing is removed, and no warning written', async () => {
    const memory = new SharedMemory({ name: freshName(), size: 8 });
    memory.buf[0] = 5;
    const stranger = new Stranger();
    await stranger.ask('open', memory.name);
    assert.deepEqual(await stranger.end(), [0, '']);
    const worker = new Process((name: string) => SharedMemory.open(name).buf[0], [memory.name]);
    worker.start();
    assert.equal(await worker.join(), 5);
    assert.ok(isThere(memory.name));
    assert.equal(SharedMemory.open(memory.name).buf[0], 5);
    memory.close();
    assert.equal(isThere(memory.name), false);
  });

  test('its maker ends: the name goes, what was opened stays', async () => {
    const stranger = new Stranger();
    const name = await stranger.ask('make', { size: 8 });
    await stranger.ask('write', name, 0, 7);
    const memory = SharedMemory.open(name);
    assert.deepEqual(await stranger.end(), [0, '']);
    assert.equal(isThere(name), false);
    assert.equal(memory.buf[0], 7);
    assert.throws(() => SharedMemory.open(name), notFound);
    memory.close();
  });

  test('sharedmemorysh-04: memory whose name was taken away is not found by it, and is still there for whoever it is sent to', async () => {
    const memory = new SharedMemory({ name: freshName(), size: 8 });
    memory.buf[0] = 5;
    memory.unlink();
    assert.throws(() => SharedMemory.open(memory.name), notFound);
    const worker = new Process((sent: SharedMemory) => sent.buf[0], [memory]);
    worker.start();
    assert.equal(await worker.join(), 5);
    memory.close();
  });

  test('its maker closes it: the name goes, what was opened stays', () =>
    withStranger(async (stranger) => {
      const name = await stranger.ask('make', { size: 8 });
      const memory = SharedMemory.open(name);
      await stranger.ask('close', name);
      assert.equal(isThere(name), false);
      memory.buf[0] = 7;
      assert.equal(memory.buf[0], 7);
      await assert.rejects(stranger.ask('read', name, 0), { code: 'ERR_SEGMENT_CLOSED' });
      memory.close();
    }));

  test('resourcetracke-01: its maker is killed: the next use of shared memory removes the name, unless somebody has it', async () => {
    const stranger = new Stranger();
    const kept = await stranger.ask('make', { size: 8 });
    const left = await stranger.ask('make', { size: 8 });
    const list = freshName();
    await stranger.ask('makeList', list, [1, 2]);
    const memory = SharedMemory.open(kept);
    assert.ok(isThere(left) && isThere(list));
    await stranger.kill();
    assert.throws(() => SharedMemory.open(freshName()), notFound);
    assert.deepEqual([left, list, kept].map(isThere), [false, false, true]);
    assert.throws(() => SharedMemory.open(left), notFound);
    const later = SharedMemory.open(kept);
    assert.equal(later.size, 8, 'others can open it still');
    later.close();
    memory.close();
    assert.equal(SharedMemory.unlink(kept), true); // its mapping stays until it is garbage, and counts as use
  });

  test('resourcetracke-01: a name whose maker was killed can be made anew at once', async () => {
    const stranger = new Stranger();
    const name = await stranger.ask('make', { name: freshName(), size: 8 });
    await stranger.ask('write', name, 0, 9);
    await stranger.kill();
    const memory = new SharedMemory({ name, size: 16 });
    assert.deepEqual([memory.size, memory.buf[0]], [16, 0]);
    memory.close();
  });

  test('one that has opened it is killed: its maker does not notice', async () => {
    const memory = new SharedMemory({ name: freshName(), size: 8 });
    const stranger = new Stranger();
    await stranger.ask('open', memory.name);
    await stranger.ask('write', memory.name, 0, 9);
    await stranger.kill();
    SharedMemory.sweep();
    assert.deepEqual([isThere(memory.name), memory.buf[0]], [true, 9]);
    memory.close();
  });

  test('a stranger dies holding a lock for which a promise waits: the promise is told', () =>
    withStranger(async (stranger) => {
      const name = freshName();
      const account = new Account({ name });
      await stranger.ask('hold', name);
      const told = rejectionCode(account.lock.acquire({ timeout: 60_000 }));
      await untilWaiting(account.lock, 1);
      const began = performance.now();
      await stranger.kill();
      assert.equal(await told, 'ERR_OWNER_DIED');
      assert.ok(performance.now() - began < 50_000, 'before its time was up');
      const hold = await account.lock.acquire({ recover: true });
      hold.release();
    }));

  test('a persistent name outlives all who used it, killed or not, until it is unlinked', async () => {
    const stranger = new Stranger();
    const name = await stranger.ask('make', { name: freshName(), size: 8, persistent: true });
    await stranger.ask('write', name, 7, 70);
    await stranger.kill();
    assert.equal(SharedMemory.sweep().includes(name), false);
    const memory = SharedMemory.open(name);
    assert.equal(memory.buf[7], 70);
    assert.throws(() => new SharedMemory({ name, size: 8 }), { code: 'ERR_SEGMENT_EXISTS' });
    memory.close();
    assert.ok(isThere(name));
    assert.equal(SharedMemory.unlink(name), true);
    assert.equal(SharedMemory.unlink(name), false);
    assert.throws(() => SharedMemory.open(name), notFound);
  });

  test('many who open a persistent name at once all find it, while others look for leftovers', async () => {
    const name = freshName();
    new SharedMemory({ name, size: 8, persistent: true }).close();
    const workers = [1, 2, 3, 4].map(
      () =>
        new Process(
          (of: string) => {
            for (let i = 0; i < 500; i++) SharedMemory.open(of).close();
            return 500;
          },
          [name],
        ),
    );
    for (const worker of workers) worker.start();
    try {
      assert.deepEqual(await Promise.all(workers.map((worker) => worker.join())), [500, 500, 500, 500]);
    } finally {
      SharedMemory.unlink(name);
    }
  });

  test('structs, values, arrays and lists by name', () =>
    withStranger(async (stranger) => {
      const names = [freshName('struct'), freshName('value'), freshName('array'), freshName('list')] as const;
      const account = new Account({ name: names[0], values: { balance: 10 } });
      const counter = new Value(int32, 5, { name: names[1] });
      const sums = new SharedArray(float64, 3, { name: names[2] });
      const list = new ShareableList(['a', 1], { name: names[3] });
      await stranger.ask('add', names[0], names[1], names[2]);
      assert.deepEqual([account.balance, counter.value, [...sums]], [11, 6, [0, 0, 1]]);
      assert.deepEqual(await stranger.ask('list', names[3], 1, 'b'), ['a', 'b']);
      assert.deepEqual([...list], ['a', 'b']);
      for (const name of names) assert.equal(SharedMemory.unlink(name), true);
    }));

  test('a lock by name: one that holds it and is killed is told of', async () => {
    const stranger = new Stranger();
    const name = freshName();
    const account = new Account({ name });
    await stranger.ask('hold', name);
    assert.equal(account.lock.locked, true);
    assert.equal(account.lock.tryAcquire(), false);
    await stranger.kill();
    assert.throws(() => account.lock.acquireSync({ timeout: 60_000 }), { code: 'ERR_OWNER_DIED' });
    account.lock.acquireSync({ recover: true }).release();
    assert.equal(SharedMemory.unlink(name), true);
  });

  test('a thread with an object by name is ended: the name goes although the process goes on', async () => {
    const name = freshName();
    const [made, never] = [new Latch(1), new Latch(1)];
    const worker = new Thread(
      (of: string, here: Latch, end: Latch) => {
        const account = new Account({ name: of });
        account.lock.acquireSync();
        here.countDown();
        end.waitSync();
      },
      [name, made, never],
    );
    worker.start();
    await made.wait();
    assert.equal(SharedMemory.sweep().includes(name), false);
    await worker.terminate();
    assert.equal(await rejectionCode(worker.join()), 'ERR_WORKER_DIED');
    SharedMemory.sweep(); // unless another process, which opens something, has done so before
    assert.equal(isThere(name), false);
  });

  test('a struct whose maker was killed stays whole for who has it', async () => {
    const stranger = new Stranger();
    const name = freshName();
    await stranger.ask('makeStruct', name, 12);
    const account = Account.open(name);
    await stranger.kill();
    SharedMemory.sweep();
    account.lock.runSync(() => (account.balance += 1));
    assert.equal(account.balance, 13);
    assert.equal(SharedMemory.unlink(name), true);
  });

  test('resourcetracke-06: a program ends at once although a process that it started still has its memory', async () => {
    const name = freshName();
    const end = await runProgram(process.execPath, [new URL('./fixtures/leave.ts', import.meta.url).pathname, name]);
    assert.deepEqual([end.code, end.stderr], [0, '']);
    assert.equal(isThere(name), false);
  });
});
