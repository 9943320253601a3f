/**
 * Queues with a name.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LifoQueue, PriorityQueue, Process, Queue, SharedMap, SharedMemory, SimpleQueue } from '../../src/index.ts';
import { freshName, isThere } from '../shared/names.ts';

const PATIENCE = { timeout: 30_000 } as const;
const OTHER_KIND = { code: 'ERR_SEGMENT_KIND' };
const NOT_FOUND = { code: 'ERR_SEGMENT_NOT_FOUND' };
const kinds = { Queue, LifoQueue, PriorityQueue, SimpleQueue } as const;

describe('queues with a name', { skip: process.platform !== 'linux' }, () => {
  for (const [kind, Kind] of Object.entries(kinds)) {
    test(`${kind}: is opened by its name, and by no other class`, () => {
      const name = freshName('queue');
      assert.throws(() => Kind.open(name), NOT_FOUND);
      const queue = new Kind<number>({ name, maxSize: 3 });
      assert.equal(queue.scope, 'process');
      assert.throws(() => new Kind({ name }), { code: 'ERR_SEGMENT_EXISTS' });
      assert.throws(() => new Kind({ name, scope: 'thread' }), { code: 'ERR_INVALID_OPTION' });
      for (const Other of [...Object.values(kinds), SharedMemory, SharedMap])
        if (Other !== Kind) assert.throws(() => (Other as typeof Queue).open(name), OTHER_KIND);
      const opened = Kind.open<number>(name);
      assert.ok(opened instanceof Kind);
      opened.putSync(1);
      queue.putSync(2);
      assert.deepEqual([opened.size, queue.size], [2, 2]);
      assert.deepEqual([opened.getSync(), queue.getSync()].toSorted(), [1, 2]);
      if (opened instanceof Queue) assert.equal(opened.maxSize, 3);
      assert.equal(SharedMemory.unlink(name), true);
      assert.throws(() => Kind.open(name), NOT_FOUND);
      queue.putSync(3);
      assert.equal(opened.getSync(), 3, 'whoever has it goes on');
      for (const bad of ['', 'a\0b', 3, null] as string[]) {
        assert.throws(() => new Kind({ name: bad }), { code: 'ERR_INVALID_OPTION' });
        assert.throws(() => Kind.open(bad), { code: 'ERR_INVALID_OPTION' });
      }
    });
  }

  test('two objects of one name in one thread get what is theirs', async () => {
    const name = freshName('queue');
    const queue = new Queue<number>({ name });
    const [one, two] = [Queue.open<number>(name), Queue.open<number>(name)] as const;
    const gets = [one.get(PATIENCE), two.get(PATIENCE), queue.get(PATIENCE), two.get(PATIENCE)];
    for (const item of [1, 2, 3, 4]) one.putSync(item);
    assert.deepEqual(await Promise.all(gets), [1, 2, 3, 4]);
    const into = new Uint8Array(3);
    const mixed = [one.get(PATIENCE), two.getInto(into, PATIENCE), one.get(PATIENCE)] as const;
    await one.put(5);
    (queue as Queue).putSync(Buffer.from([1, 2, 3]));
    two.putSync(6);
    assert.deepEqual(await Promise.all(mixed), [5, 3, 6]);
    assert.deepEqual([...into], [1, 2, 3]);
  });

  test('processes meet in it, it grows for all, and goes with its owner', async () => {
    const name = freshName('queue');
    const queue = new PriorityQueue<{ readonly priority: number; readonly bytes: Uint8Array }>({ name });
    const waiting = queue.get(PATIENCE);
    const child = new Process(
      async (of: string) => {
        const opened = PriorityQueue.open<{ readonly priority: number; readonly bytes: Uint8Array }>(of);
        for (let i = 20; i > 0; i--) await opened.put({ priority: i, bytes: new Uint8Array(i * 20_000).fill(i) });
        return opened.joinSync({ timeout: 60_000 });
      },
      [name],
    );
    child.start();
    const items = [await waiting];
    for (let i = 1; i < 20; i++) items.push(queue.getSync(PATIENCE));
    for (const { priority, bytes } of items) {
      assert.equal(bytes.length, priority * 20_000);
      assert.ok(bytes.every((byte) => byte === priority));
      queue.taskDone();
    }
    assert.deepEqual(
      items.map(({ priority }) => priority).toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    assert.equal(await child.join(), true);
  });

  test('a persistent one keeps its items when nobody has it', async () => {
    const name = freshName('queue');
    try {
      const child = new Process(
        (of: string) => {
          const queue = new Queue({ name: of, persistent: true });
          queue.putSync({ kept: true });
          queue.putSync(() => 7);
        },
        [name],
      );
      child.start();
      await child.join();
      const queue = Queue.open(name);
      assert.deepEqual(queue.getSync(), { kept: true });
      assert.equal((queue.getSync() as () => number)(), 7);
      assert.equal(queue.unfinished, 2);
    } finally {
      SharedMemory.unlink(name);
    }
    assert.equal(isThere(name), false);
  });

  test('a queue for threads is not sent to a process', () => {
    for (const Kind of Object.values(kinds)) {
      const child = new Process((given: SimpleQueue) => given.size, [new Kind()]);
      assert.throws(() => child.start(), {
        code: 'ERR_NOT_SHAREABLE',
        message: new RegExp(`argument 1.*${Kind.name}`),
      });
    }
  });
});
