/**
 * Clients and managers that die: by SIGKILL, in the middle of things.
 * @module
 */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  connectManager,
  manage,
  type Managed,
  Manager,
  type PathAddress,
  Process,
  Queue,
  Thread,
} from '../../src/index.ts';
import { withProgram } from '../contract/talking-program.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { runProgram } from '../run-program.ts';
import { holdAll } from './fixtures/client.ts';
import { Stock } from './fixtures/stock.ts';

const TIMEOUT = { timeout: 180_000 } as const;
const PATIENCE = { timeout: 120_000 } as const;
const anAddress = (): PathAddress => ({
  path: `\0manyhands-test-${process.pid}-${Math.random().toString(36).slice(2)}`,
});

describe('a client that is killed', TIMEOUT, () => {
  test('leaves its lock behind, gives back permits that are to come back, and gets no more items', async () => {
    const manager = new Manager();
    await manager.start();
    try {
      const lock = await manager.lock();
      const [plain, bounded] = [await manager.semaphore(1), await manager.boundedSemaphore(1)];
      const queue = await manager.queue<string>();
      const tell = await manager.queue<string>();
      const child = new Process(holdAll, [lock, [plain, bounded], queue, tell]);
      child.start();
      assert.equal(await tell.get(PATIENCE), 'holding');
      const behind = [rejectionCode(lock.acquire(PATIENCE)), lock.acquire({ recover: true, ...PATIENCE })] as const;
      const permit = bounded.acquire(PATIENCE);
      await lock.locked; // they wait by now
      await child.kill();
      assert.equal(await behind[0], 'ERR_OWNER_DIED');
      assert.equal(await behind[1], true);
      assert.equal(await permit, true);
      assert.equal(await plain.value, 0); // lost, as in Python
      await queue.put('for whoever is left');
      assert.equal(await queue.get(PATIENCE), 'for whoever is left');
      await lock.release();
      assert.equal(await lock.acquire(), true); // all is well again
    } finally {
      await manager.shutdown();
    }
  });

  test('breaks the barrier at which it waits', async () => {
    const manager = new Manager({ kind: 'thread' });
    await manager.start();
    try {
      const barrier = await manager.barrier(3);
      const child = new Process(async (each: typeof barrier) => each.wait(), [barrier]);
      child.start();
      while ((await barrier.waiting) === 0);
      const mine = barrier.wait(PATIENCE);
      mine.catch(() => {});
      await child.kill();
      assert.equal(await rejectionCode(mine), 'ERR_BROKEN_BARRIER');
    } finally {
      await manager.shutdown();
    }
  });
});

describe('a manager that is killed', TIMEOUT, () => {
  test('fails what waits and what comes later, and may be started again', async () => {
    const manager = new Manager();
    await manager.start();
    const queue = await manager.queue();
    const lock = await manager.lock();
    await lock.acquire();
    const waiting = [queue.get(), queue.get(), lock.acquire(), lock.acquire({ timeout: 100_000 })];
    const settled = Promise.allSettled(waiting);
    await queue.size;
    process.kill(manager.pid as number, 'SIGKILL');
    for (const each of await settled) {
      assert.equal(each.status, 'rejected');
      const error = each.reason as Error & { code: string };
      assert.equal(error.code, 'ERR_MANAGER_GONE');
      assert.match(error.message, /^(?:ManagedQueue\.get|ManagedLock\.acquire)\(\) in process \d+: the manager/);
      assert.match(error.stack ?? '', /deaths\.test/);
    }
    assert.equal(await rejectionCode(queue.put(1)), 'ERR_MANAGER_GONE');
    assert.equal(await rejectionCode(manager.dict()), 'ERR_MANAGER_GONE');
    await manager.shutdown();
    assert.equal(manager.exitCode, -9);
    await manager.start();
    assert.equal(await (await manager.dict([['a', 1]])).get('a'), 1);
    assert.equal(await rejectionCode(queue.put(1)), 'ERR_MANAGER_GONE');
    await manager.shutdown();
    assert.equal(manager.exitCode, 0);
  });

  test('is killed when it blocks and is to end', async () => {
    const manager = new Manager({ register: { make: () => ({ block: () => { for (;;); } }) } }); // biome-ignore format: one line
    await manager.start();
    const object = await manager.create<{ block(): void }>('make');
    const blocked = rejectionCode(object.block());
    await manager.shutdown({ grace: 100 });
    assert.equal(await blocked, 'ERR_MANAGER_GONE');
    assert.equal(manager.exitCode, -9);
  });

  test('fails its clients when it is a thread that ends', async () => {
    const queue = new Queue<Managed<Stock>>();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const bell = await manage({ wait: () => over });
    const thread = new Thread(
      async (proxies: typeof queue, until: typeof bell) => {
        await proxies.put(await manage(new Stock()));
        await until.wait();
      },
      [queue, bell],
    );
    thread.start();
    const stock = await queue.get();
    assert.equal(await stock.put(1), 1);
    end();
    await thread.join();
    assert.equal(await rejectionCode(stock.put(1)), 'ERR_MANAGER_GONE');
  });

  test('cannot be started with what cannot travel, nor on an address that is taken', async () => {
    const address = anAddress();
    const first = new Manager({ address, authKey: 'key' });
    await first.start();
    try {
      const second = new Manager({ address, authKey: 'key', kind: 'thread' });
      assert.equal(await rejectionCode(second.start()), 'ERR_ADDRESS_IN_USE');
      const socket = new Socket();
      const unsendable = new Manager({ register: { make: () => socket } });
      assert.equal(await rejectionCode(unsendable.start()), 'ERR_NOT_CLONEABLE');
      assert.equal(await rejectionCode(unsendable.start()), 'ERR_NOT_CLONEABLE'); // as if it had not been tried
    } finally {
      await first.shutdown();
    }
  });
});

describe('programs', TIMEOUT, () => {
  test('an object at an address is used by a program that has the key, until its server dies', async () => {
    const path = `@manyhands-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
    const address = { path: path.replace('@', '\0') };
    const authKey = 'a key';
    const fixture = new URL('./fixtures/serve-stock.ts', import.meta.url);
    await withProgram(fixture, [path], async (program) => {
      await program.untilSaid('serving');
      assert.equal(await rejectionCode(connectManager({ address, authKey: 'another' })), 'ERR_AUTHENTICATION');
      const stock = await connectManager<Stock, 'shelf'>({ address, authKey });
      assert.equal(await stock.put(5), 5);
      assert.deepEqual(await (await stock.shelf).apples, { count: 5, boxes: [1, 2] });
      // an error of a class that this side has not allowed arrives as data
      const out = (await rejection(stock.take(9))) as Error & { missing: number };
      assert.deepEqual([out.name, out.constructor, out.message, out.missing], ['Error', Error, '4 too few', 4]);
      const allowing = await connectManager<Stock>({ address, authKey });
      assert.equal(await allowing.count, 5);
      program.send('SIGKILL');
      await program.ended;
      assert.equal(await rejectionCode(stock.put(1)), 'ERR_MANAGER_GONE');
      assert.equal(await rejectionCode(connectManager({ address, authKey })), 'ERR_CONNECTION_REFUSED');
    });
    await withProgram(fixture, [path], async (program) => {
      await program.untilSaid('serving');
      const again = await connectManager<Stock>({ address, authKey });
      assert.equal(await again.count, 0);
    });
  });

  test('end by themselves, however many idle proxies they have, and their managers with them', async () => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [
      fileURLToPath(new URL('./fixtures/idle.ts', import.meta.url)),
    ]);
    assert.deepEqual([code, stderr], [0, '']);
    const [, , , pid] = stdout.trim().split(' ').map(Number);
    assert.match(stdout, /^1 1 2 \d+\n$/);
    for (;;) {
      try {
        process.kill(pid as number, 0);
      } catch {
        break;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test('a released root is served no more', async () => {
    const address = anAddress();
    const served = await manage(new Stock(), { address, authKey: null });
    const client = await connectManager<Stock>({ address, authKey: null });
    assert.equal(await client.put(1), 1);
    assert.equal(await served.put(1), 2);
    await served[Symbol.asyncDispose]();
    assert.equal(await rejectionCode(client.put(1)), 'ERR_MANAGER_GONE');
    assert.equal(await rejectionCode(served.put(1)), 'ERR_OBJECT_GONE');
    const again = await manage(new Stock(), { address, authKey: null });
    await again[Symbol.asyncDispose]();
  });
});
