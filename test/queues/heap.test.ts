/**
 * The store that puts messages in order, where it cannot be seen from outside: after a death, and when its counts wrap.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LifoQueue, PriorityQueue, Thread } from '../../src/index.ts';
import { Heap } from '../../src/queues/heap.ts';
import { lastFirst, leastFirst } from '../../src/queues/heap-kind.ts';
import { HEADER_BYTES, QueueRoom } from '../../src/queues/queue-room.ts';
import { newMemory } from '../../src/shared/memory-of.ts';
import { Core } from '../../src/sync/core.ts';
import type { Lot } from '../../src/sync/lot.ts';
import { meIn, threadLot } from '../../src/sync/lots.ts';

const LENGTH = 0;
const WRITTEN = 1;
const MOST = 2 ** 26;

/** A queue, its store, and the core of that. */
function open<Q extends typeof LifoQueue | typeof PriorityQueue>(Kind: Q) {
  const kind = Kind === LifoQueue ? lastFirst : leastFirst;
  let room: QueueRoom | undefined;
  const memory = newMemory(
    { byteLength: HEADER_BYTES + kind.bytes, waits: true, text: Kind.name, most: MOST },
    {},
    (m) => {
      room = new QueueRoom(m);
      room.prepare(MOST, 0);
      kind.prepare(kind.open(room));
    },
  );
  const { block, lot } = memory;
  return {
    queue: new Kind<number>(memory as never) as InstanceType<Q>,
    room: room as QueueRoom,
    heap: new Heap(room as QueueRoom, Kind === LifoQueue),
    core: new Core(block.region, (block.at + HEADER_BYTES) / 4, lot as Lot),
  };
}

/** The id of a thread that has ended. */
async function deadId(): Promise<number> {
  const thread = new Thread(() => meIn(threadLot()));
  thread.start();
  return thread.join();
}

describe('the store that puts messages in order', () => {
  for (const since of [5, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 5, 2 ** 32 - 10]) {
    test(`what lies at the bottom stays there while ${since} come and go`, () => {
      for (const Kind of [LifoQueue, PriorityQueue]) {
        const { queue, core } = open(Kind);
        for (const item of [1, 2]) queue.putSync(item);
        core.words[core.place(WRITTEN)] = since | 0;
        for (const item of [3, 4, 5]) queue.putSync(item);
        const order = [0, 0, 0, 0, 0].map(() => queue.getSync());
        assert.deepEqual(order, Kind === LifoQueue ? [5, 4, 3, 2, 1] : [1, 2, 3, 4, 5], Kind.name);
      }
    });
  }

  test('after a death nothing is counted anew that was counted, however long ago it was put', async () => {
    const dead = await deadId();
    for (const Kind of [LifoQueue, PriorityQueue]) {
      const { queue, core } = open(Kind);
      for (const item of [1, 2]) queue.putSync(item);
      core.words[core.place(WRITTEN)] = (2 ** 31 + 5) | 0;
      queue.putSync(3);
      core.words[core.at] = dead;
      assert.equal(queue.size, 3);
      assert.equal(core.own(WRITTEN), (2 ** 31 + 6) | 0);
      queue.putSync(4);
      const order = [0, 0, 0, 0].map(() => queue.getSync());
      assert.deepEqual(order, Kind === LifoQueue ? [4, 3, 2, 1] : [1, 2, 3, 4], Kind.name);
    }
  });

  test('others see no fewer items while the index is made anew after a death', async () => {
    const items = 50_000;
    const { queue, core } = open(PriorityQueue);
    for (let item = 0; item < items; item++) queue.putSync(item);
    const dead = await deadId();
    const flags = new Int32Array(new SharedArrayBuffer(8));
    const looker = new Thread(
      (queue: { readonly size: number }, flags: Int32Array) => {
        let least = queue.size;
        Atomics.store(flags, 0, 1);
        Atomics.notify(flags, 0);
        while (Atomics.load(flags, 1) === 0) least = Math.min(least, queue.size);
        return least;
      },
      [queue, flags],
    );
    looker.start();
    await Atomics.waitAsync(flags, 0, 0).value;
    core.words[core.at] = dead;
    const size = queue.size;
    Atomics.store(flags, 1, 1);
    assert.deepEqual([size, await looker.join()], [items, items]);
  });

  test('the index is made anew by the next one, when whoever heard of the death could not', async () => {
    const { queue, core, room, heap } = open(PriorityQueue);
    for (const item of [1, 2, 3]) queue.putSync(item);
    core.words[core.at] = await deadId();
    core.words[core.place(LENGTH)] = 2; // as when the dead had not counted the last one
    const reachAll = room.reachAll.bind(room);
    room.reachAll = () => {
      throw new Error('no memory');
    };
    assert.throws(() => heap.hold(), /no memory/);
    room.reachAll = reachAll;
    assert.equal(queue.size, 3);
    assert.deepEqual(
      [1, 2, 3],
      [0, 0, 0].map(() => queue.getSync()),
    );
  });
});
