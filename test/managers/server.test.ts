/**
 * What a server has while it is used, and that it has nothing afterwards.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectToRoot } from '../../src/managers/here.ts';
import { stateOf } from '../../src/managers/proxy.ts';
import { ManagerServer } from '../../src/managers/server.ts';
import { Process } from '../../src/index.ts';
import { rejectionCode } from '../contract/with-pool.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';

const TIMEOUT = { timeout: 120_000 } as const;

class Tree {
  readonly branches = [new Set([1]), new Set([2])];
  branch(index: number): Set<number> {
    return this.branches[index] as Set<number>;
  }
  grow(): Set<number> {
    return new Set();
  }
  /** What cannot be sent, or not to everybody. */
  oddly(what: 'function' | 'text'): unknown {
    return [new Set(), new Set([1]).values(), what === 'text' ? 'x'.repeat(20_000) : () => {}];
  }
}

interface TreeProxy extends AsyncDisposable {
  branch(index: number): Promise<{ readonly size: Promise<number> } & AsyncDisposable>;
  grow(): Promise<AsyncDisposable>;
  oddly(what: 'function' | 'text'): Promise<unknown>;
}

async function withServer(
  body: (server: ManagerServer, root: () => Promise<TreeProxy>) => Promise<void>,
  maxMessage?: number,
): Promise<void> {
  const address = { path: `\0manyhands-test-${process.pid}-${Math.random().toString(36).slice(2)}` };
  const server = await ManagerServer.listen({ address, authKey: 'key', keepAlive: false });
  server.root = server.table.add(new Tree(), { proxies: ['branch', 'grow', 'oddly'] as never });
  server.table.hold(server.root);
  try {
    await body(
      server,
      async () => (await connectToRoot({ address, authKey: 'key', maxMessage })) as unknown as TreeProxy,
    );
  } finally {
    await server.close();
  }
}

/** Asks until so many objects are left; the test's time is the bound. */
async function untilLeft(server: ManagerServer, count: number): Promise<void> {
  while (server.table.size !== count) await collectGarbage();
}

describe('a server', TIMEOUT, () => {
  test('has one connection to a thread, however many proxies there are', async () => {
    await withServer(async (server, root) => {
      const roots = await Promise.all(Array.from({ length: 10 }, root));
      const branches = await Promise.all(roots.map((each, i) => each.branch(i % 2)));
      assert.deepEqual(
        await Promise.all(branches.map((each) => each.size)),
        Array.from({ length: 10 }, () => 1),
      );
      assert.equal(server.clients, 1);
      assert.equal(server.table.size, 3); // the same object is one, whoever has it
      const child = new Process(async (tree: TreeProxy) => (await tree.branch(0)).size, [roots[0] as TreeProxy]);
      child.start();
      assert.equal(await child.join(), 1);
      for (const each of branches) await each[Symbol.asyncDispose]();
      await untilLeft(server, 1);
    });
  });

  test('forgets what was released, what was collected, and what a client had that is gone', async () => {
    await withServer(async (server, root) => {
      const tree = await root();
      const released = await Promise.all(Array.from({ length: 100 }, async () => tree.grow()));
      assert.equal(server.table.size, 101);
      for (const each of released) await each[Symbol.asyncDispose]();
      await untilLeft(server, 1);
      await Promise.all(Array.from({ length: 100 }, async () => tree.grow()));
      await untilLeft(server, 1);
      const child = new Process(
        async (each: TreeProxy) => {
          (globalThis as { kept?: unknown }).kept = await Promise.all(
            Array.from({ length: 100 }, async () => each.grow()),
          );
        },
        [tree],
      );
      child.start();
      await child.join();
      await untilLeft(server, 1);
      while (server.clients !== 1) await collectGarbage();
    });
  });

  test('that has ended is forgotten by its clients, with its key, without another call', async () => {
    const references: WeakRef<object>[] = [];
    await withServer(async (_, root) => {
      references.push(new WeakRef(stateOf(await root()).client));
    });
    for (const each of references) while (each.deref() !== undefined) await collectGarbage();
  });

  test('has nothing of an answer that could not be sent', async () => {
    await withServer(async (server, root) => {
      const tree = await root();
      for (let i = 0; i < 3; i++) {
        assert.equal(await rejectionCode(tree.oddly('function')), 'ERR_NOT_PORTABLE');
        assert.equal(await rejectionCode(tree.oddly('text')), 'ERR_MESSAGE_TOO_LARGE');
      }
      assert.equal(server.table.size, 1);
      assert.equal(await (await tree.branch(0)).size, 1);
    }, 10_000);
  });
});
