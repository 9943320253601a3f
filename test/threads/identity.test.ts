/** Who threads are, and which there are. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { resourceLimits, Worker } from 'node:worker_threads';
import {
  activeCount,
  BoundedSemaphore,
  currentThread,
  enumerateThreads,
  int32,
  mainThread,
  Pool,
  sleepSync,
  Thread,
  Value,
} from '../../src/index.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { meet } from '../contract/tasks.ts';

const isLinux = process.platform === 'linux';
const names = (): string[] => enumerateThreads().map(({ name }) => name);

describe('who a thread is', () => {
  it('threadlifecycl-10: the main thread is not the current one in a thread, and is where the program began', async () => {
    assert.deepEqual(currentThread(), mainThread());
    assert.equal(currentThread().isMain, true);
    const thread = new Thread(() => {
      const [me, main] = [currentThread(), mainThread()];
      return { me: { ...me, isMain: me.isMain, alive: me.alive }, main: { ...main, isMain: main.isMain } };
    });
    thread.name = 'clerk';
    thread.start();
    const { ident } = thread;
    const { me, main } = await thread.join();
    const { nativeId } = thread;
    assert.deepEqual(me, { ident, nativeId, name: 'clerk', daemon: false, isMain: false, alive: true });
    assert.deepEqual(main, { ...mainThread(), isMain: true });
    if (isLinux) assert.equal(main.nativeId, process.pid);
  });

  it('threadlifecycl-03: of ten threads three at a time are in; numbers come with the start and are their own', async () => {
    const room = new BoundedSemaphore(3);
    const inside = new Value(int32);
    const most = new Value(int32);
    const visit = (): number => {
      room.acquireSync();
      const now = inside.add(1) + 1;
      for (let seen = most.value; now > seen; seen = most.value) if (most.compareExchange(seen, now) === seen) break;
      sleepSync(5);
      inside.add(-1);
      room.release();
      return now;
    };
    const threads = Array.from({ length: 10 }, () => new Thread(visit));
    assert.ok(threads.every(({ ident, nativeId, alive }) => ident === undefined && nativeId === undefined && !alive));
    for (const thread of threads) thread.start();
    assert.ok(threads.every(({ alive }) => alive));
    const seen = await Promise.all(threads.map((thread) => thread.join()));
    assert.ok(Math.max(...seen) <= 3 && most.value <= 3 && inside.value === 0, inspect(seen));
    assert.ok(threads.every(({ alive }) => !alive));
    assert.equal(new Set(threads.map(({ ident }) => ident)).size, 10);
    if (isLinux) assert.equal(new Set(threads.map(({ nativeId }) => nativeId)).size, 10);
  });

  it('threadlifecycl-17 threadlifecycl-18: what a thread is called, whole letters of it, and what it is called later', () =>
    withRendezvous(async (meeting) => {
      const long = 'ä'.repeat(200);
      const thread = new Thread(meet, [meeting.path, 'here'], { name: long });
      thread.start();
      await meeting.untilArrived(1);
      assert.equal(thread.name, long);
      assert.match(names()[1] as string, /^ä{40,}$/);
      thread.name = 'shorter';
      assert.deepEqual(names(), ['MainThread', 'shorter']);
      meeting.open();
      await thread.join();
    }));

  it('threadlifecycl-04 threadlifecycl-05 threadlifecycl-19: a small stack and a large one are as they were asked for', async () => {
    const depth = (): [number | undefined, number] => {
      let calls = 0;
      const call = (): void => {
        calls += 1;
        call();
      };
      try {
        call();
      } catch {
        // the stack is full
      }
      return [resourceLimits.stackSizeMb, calls];
    };
    const depths: number[] = [];
    for (const stackSizeMb of [1, 16]) {
      const thread = new Thread(depth, [], { resourceLimits: { stackSizeMb } });
      thread.start();
      const [read, calls] = await thread.join();
      assert.equal(read, stackSizeMb);
      depths.push(calls);
    }
    assert.ok((depths[1] as number) > 4 * (depths[0] as number), String(depths));
  });

  it('a thread that others have made knows itself', async () => {
    const code = `import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}).then(({ currentThread }) =>
      require('node:worker_threads').parentPort.postMessage({ ...currentThread() }));`;
    const worker = new Worker(code, { eval: true });
    const { threadId } = worker;
    const [info] = (await new Promise((resolve) => worker.once('message', (...all) => resolve(all)))) as [
      { ident: number; name: string },
    ];
    assert.equal(info.ident, threadId);
    assert.equal(info.name, `Thread-${threadId}`);
    await worker.terminate();
  });
});

describe('which threads there are', () => {
  it('threadlifecycl-07 threadlifecycl-20 threadlifecycl-21: they are listed from their start until they are gone', () =>
    withRendezvous(async (meeting) => {
      assert.deepEqual([names(), activeCount()], [['MainThread'], 1]);
      const threads = ['one', 'two'].map(
        (name) => new Thread(meet, [meeting.path, name], { name, daemon: name === 'two' }),
      );
      for (const thread of threads) thread.start();
      assert.deepEqual(names(), ['MainThread', 'one', 'two']);
      await meeting.untilArrived(2);
      const listed = enumerateThreads();
      assert.deepEqual(
        listed.slice(1).map(({ ident, nativeId, daemon, alive }) => ({ ident, nativeId, daemon, alive })),
        threads.map(({ ident, nativeId, daemon }) => ({ ident, nativeId, daemon, alive: true })),
      );
      meeting.letGo('one');
      await threads[0]?.join();
      assert.deepEqual([names(), activeCount()], [['MainThread', 'two'], 2]);
      await threads[1]?.kill();
      assert.deepEqual(names(), ['MainThread']);
      assert.deepEqual(
        listed.map(({ alive }) => alive),
        [true, false, false],
      );
      await Promise.allSettled(threads.map((thread) => thread.join()));
    }));

  it('all see all: whoever has started them', () =>
    withRendezvous(async (meeting) => {
      const outer = new Thread(
        async (path: string) => {
          const inner = new Thread(meet, [path, 'inner'], { name: 'inner' });
          inner.start();
          return inner.join();
        },
        [meeting.path],
        { name: 'outer' },
      );
      outer.start();
      await meeting.untilArrived(1);
      const asker = new Thread(names, [], { name: 'asker' });
      asker.start();
      assert.deepEqual((await asker.join()).toSorted(), ['MainThread', 'asker', 'inner', 'outer']);
      await outer.kill();
      // The inner one was ended by Node, together with the thread that would have struck it off.
      if (isLinux) while (activeCount() > 1) sleepSync(1);
      await Promise.allSettled([outer.join()]);
    }));

  it('workers of a pool are called after it', async () => {
    const pool = new Pool({ workers: 2, name: 'mill' });
    assert.match(await pool.submit(() => currentThread().name), /^mill-[12]$/);
    assert.ok(
      names()
        .slice(1)
        .every((name) => /^mill-[12]$/.test(name)),
    );
    await pool.close();
    assert.deepEqual(names(), ['MainThread']);
    const unnamed = new Pool({ workers: 1 });
    assert.match(await unnamed.submit(() => currentThread().name), /^Pool-\d+-1$/);
    await unnamed.close();
  });

  it('threadlifecycl-06 threadlifecycl-14: one that cannot be started is not listed', async () => {
    const thread = new Thread(() => 1, [], { execArgv: ['--no-such-flag-of-node'] });
    thread.start();
    await assert.rejects(thread.join(), { code: 'ERR_WORKER_START' });
    assert.deepEqual(names(), ['MainThread']);
  });

  it('a thread shows what it is', () => {
    assert.match(inspect(mainThread()), /^ThreadInfo \{ MainThread: thread 0/);
  });
});

// threadlifecycl-12 (a target that is callable but falsy) cannot be: no function is falsy in JavaScript.
// threadlifecycl-02 (arguments as tuple or list): there are only arrays.
