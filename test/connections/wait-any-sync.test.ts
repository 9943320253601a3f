/**
 * Blocking for the first of several things: in either scope, and across both.
 * @module
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import {
  Event,
  Latch,
  Listener,
  Pipe,
  type PipeConnection,
  Process,
  Queue,
  type ScopeOptions,
  sleepSync,
  Thread,
  waitAny,
  waitAnySync,
} from '../../src/index.ts';
import { load } from '../../src/memory/words.ts';
import { GROUP_SIZE, GROUPS, RECORD_WORDS } from '../../src/sync/lot.ts';
import { threadLot } from '../../src/sync/lots.ts';
import { MEMBER } from '../../src/sync/records.ts';
import { untilWaiting, waitersOf, workerOf } from '../contract/in-scope.ts';
import { KEY, withFolder } from './ends.ts';

type Scope = NonNullable<ScopeOptions['scope']>;

const linux = process.platform === 'linux';
const scopes: readonly Scope[] = linux ? ['thread', 'process'] : ['thread'];
/** The scopes of two objects that are waited for together. */
const pairs = scopes.flatMap((one, i) => scopes.slice(i).map((other) => [one, other] as const));

/** Records of the threads' lot that are taken. */
function recordsTaken(): number {
  const { region, records } = threadLot();
  let taken = 0;
  for (let i = 0; i < GROUPS * GROUP_SIZE; i++)
    if (load(region.words, records + i * RECORD_WORDS + MEMBER) !== 0) taken += 1;
  return taken;
}

/** Milliseconds of the processor that this thread has used; those of all threads where a thread is not told of its own. */
function processorTime(): number {
  if (!linux) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
  const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10; // hundredths of a second
}

for (const [one, other] of pairs) {
  const Worker = one === 'process' && other === 'process' ? Process : Thread;
  describe(`waitAnySync, scopes ${one} and ${other}`, { timeout: 600_000 }, () => {
    test('names all that are ready, in the order given, and takes nothing', () => {
      const first = new Queue<number>({ scope: one });
      const second = new Queue<number>({ scope: other });
      const { left: third, right } = new Pipe<number>({ scope: other });
      const event = new Event({ scope: one });
      assert.deepEqual(waitAnySync([first, second, event, third], { timeout: 0 }), []);
      right.sendSync(3);
      first.putSync(1);
      event.set();
      assert.deepEqual(waitAnySync([first, second, event, third]), [first, event, third]);
      assert.deepEqual(waitAnySync([third, event, second, first, first]), [third, event, first, first]);
      assert.equal(first.size, 1);
      assert.equal(third.recvSync(), 3);
      first.getSync();
      assert.deepEqual(waitAnySync([first, second, third], { timeout: 5 }), []);
    });

    test('sleeps while it waits, until its time is over, and leaves nothing', () => {
      const queue = new Queue<number>({ scope: one });
      const event = new Event({ scope: other });
      waitAnySync([queue, event], { timeout: 1 });
      const records = recordsTaken();
      const before = processorTime();
      const start = performance.now();
      assert.deepEqual(waitAnySync([queue, event, queue], { timeout: 600 }), []);
      const waited = performance.now() - start;
      const used = processorTime() - before;
      assert.ok(waited >= 600, `${waited} ms`);
      assert.ok(used < waited / 2, `${used} ms of the processor`);
      assert.equal(recordsTaken(), records);
      assert.deepEqual([waitersOf(queue), waitersOf(event)], [0, 0]);
    });

    test('is woken by whichever comes first: a queue, an event, a latch, a pipe, the end of a pipe', async () => {
      const queue = new Queue<string>({ scope: one });
      const event = new Event({ scope: other });
      const latch = new Latch(1, { scope: one });
      const { left: inbox, right: outbox } = new Pipe<string>({ scope: other, duplex: false });
      const { left: open, right: closing } = new Pipe<string>({ scope: one, duplex: false });
      const told = new Queue<number[]>({ scope: 'process' });
      const worker = new Worker(
        (inbox: PipeConnection<string>, open: PipeConnection<string>) => {
          const all = [queue, event, latch, inbox, open] as const;
          for (const from of all.keys()) {
            const rest = all.slice(from);
            told.putSync(waitAnySync(rest).map((thing) => all.indexOf(thing)));
          }
        },
        [inbox, open],
      );
      worker.start();
      inbox.close();
      open.close();
      const acts = [
        [queue, () => queue.putSync('x')],
        [event, () => event.set()],
        [latch, () => latch.countDown()],
        [undefined, () => outbox.sendSync('x')],
        [undefined, () => closing.close()],
      ] as const;
      for (const [i, [object, act]] of acts.entries()) {
        if (object !== undefined) await untilWaiting(object, 1);
        act();
        assert.deepEqual(await told.get(), [i]);
      }
      await worker.join();
    });

    test('an event that is cleared at once was set all the same', async () => {
      const event = new Event({ scope: one });
      const queue = new Queue<number>({ scope: other });
      const worker = new Worker(() => waitAnySync([queue, event]).map((thing) => thing === event));
      worker.start();
      await untilWaiting(event, 1);
      event.set();
      event.clear();
      assert.deepEqual(await worker.join(), [true]);
    });

    test('what is waited for in vain is given up: the next item goes to whoever gets', async () => {
      const queue = new Queue<string>({ scope: one });
      const event = new Event({ scope: other });
      const worker = new Worker(() => waitAnySync([queue, event]).length);
      worker.start();
      await untilWaiting(event, 1);
      const got = queue.get();
      await untilWaiting(queue, 2);
      event.set();
      assert.equal(await worker.join(), 1);
      await queue.put('item');
      assert.equal(await got, 'item');
      assert.equal(queue.size, 0);
    });

    test('it is in nobody’s way: whoever gets is served first, and it is told of what is left', async () => {
      const queue = new Queue<string>({ scope: one });
      const worker = new Worker(() => waitAnySync([queue, new Event({ scope: other })]).length);
      worker.start();
      await untilWaiting(queue, 1);
      const got = queue.get();
      await queue.put('item');
      assert.equal(await got, 'item');
      await queue.put('another');
      assert.equal(await worker.join(), 1);
      assert.equal(queue.tryGet(), 'another');
    });

    test('a waiter that is killed leaves nothing behind', async () => {
      const queue = new Queue<string>({ scope: one });
      const event = new Event({ scope: other });
      const worker = new Worker(() => void waitAnySync([queue, event]));
      worker.start();
      await untilWaiting(queue, 1);
      await worker.kill();
      await worker.join().catch(() => undefined);
      const got = queue.get();
      await queue.put('item');
      assert.equal(await got, 'item');
      assert.equal(event.waitSync({ timeout: 0 }), false); // whoever looks finds the dead
      queue.putSync('news');
      assert.deepEqual([waitersOf(queue), waitersOf(event)], [0, 0]);
    });

    test('no item is lost, and none waits for long: many who put, many who wait for all of the queues', async () => {
      const queues = [one, other, one].map((scope) => new Queue<number>({ scope, maxSize: 2 }));
      const stop = new Event({ scope: other });
      const [putters, getters, items] = [3, 3, 200];
      const take = (): number[] => {
        const got: number[] = [];
        for (;;) {
          const ready = waitAnySync([...queues, stop]);
          if (ready.length === 0) throw new Error('it was woken for nothing');
          for (const queue of queues) {
            const item = queue.tryGet();
            if (item !== undefined) got.push(item);
          }
          if (ready.includes(stop) && queues.every((queue) => queue.empty)) return got;
        }
      };
      const put = (who: number, count: number): void => {
        for (let i = 0; i < count; i++) {
          queues[(who + i) % queues.length]?.putSync(who * count + i);
          if (i % 20 === 0) sleepSync(1); // so that those who wait fall asleep
        }
      };
      const takers = Array.from({ length: getters }, () => new Worker(take));
      const givers = Array.from({ length: putters }, (_, who) => new Worker(put, [who, items]));
      for (const worker of [...takers, ...givers]) worker.start();
      for (const giver of givers) await giver.join();
      stop.set();
      const got = (await Promise.all(takers.map((taker) => taker.join()))).flat();
      const all = Array.from({ length: putters * items }, (_, i) => i);
      assert.deepEqual(
        got.toSorted((a, b) => a - b),
        all,
      );
    });
  });
}

describe('waitAnySync', { timeout: 600_000 }, () => {
  for (const scope of scopes) {
    const Other = workerOf(scope);
    test(`scope ${scope}: takes what is ready from several pipes until all have ended`, async () => {
      const [count, messages] = [4, 50];
      const readers = Array.from({ length: count }, (_, number) => {
        const { left, right } = new Pipe<number>({ scope, duplex: false });
        const worker = new Other(
          (end: PipeConnection<number>, number: number, messages: number) => {
            for (let i = 0; i < messages; i++) end.sendSync(number * 1000 + i);
          },
          [right, number, messages],
        );
        worker.start();
        right.close();
        return { reader: left, worker };
      });
      await Promise.all(readers.map(({ worker }) => worker.join())); // the ends of threads are told by this event loop
      const got: number[] = [];
      const open = new Set(readers.map(({ reader }) => reader));
      while (open.size > 0) {
        for (const reader of waitAnySync(open)) {
          try {
            got.push(reader.recvSync());
          } catch (error) {
            assert.equal((error as { readonly code: string }).code, 'ERR_EOF');
            open.delete(reader);
          }
        }
      }
      const wanted = readers.flatMap((_, number) => Array.from({ length: messages }, (__, i) => number * 1000 + i));
      assert.deepEqual(
        got.toSorted((a, b) => a - b),
        wanted,
      );
    });
  }

  test('the other side of a pipe that is killed is noticed, by the thread that started it too', {
    skip: !linux,
  }, async () => {
    const { left: mine, right: theirs } = new Pipe<string>({ scope: 'process' });
    const child = new Process(
      (end: PipeConnection<string>) => {
        end.sendSync('ready');
        end.recvSync();
        process.kill(process.pid, 'SIGKILL');
      },
      [theirs],
    );
    child.start();
    theirs.close();
    assert.equal(await mine.recv(), 'ready');
    mine.sendSync('go');
    const event = new Event();
    assert.deepEqual(waitAnySync([event, mine]), [mine]);
    assert.throws(() => mine.recvSync(), { code: 'ERR_EOF' });
    await child.join().catch(() => undefined);
  });

  for (const blocks of [true, false]) {
    test(`many ${blocks ? 'block' : 'wait'} for one queue: an item is not handed from one to the next of them`, async () => {
      const [count, items] = [4, 100];
      const queue = new Queue<number>();
      const stop = new Event();
      const take = async (blocks: boolean): Promise<readonly [number, number]> => {
        for (let got = 0, told = 0; ; told++) {
          const ready = blocks ? waitAnySync([stop, queue]) : await waitAny([stop, queue]);
          if (ready.includes(stop)) return [got, told];
          if (queue.tryGet() !== undefined) got += 1;
        }
      };
      const takers = Array.from({ length: count }, () => new Thread(take, [blocks]));
      for (const taker of takers) taker.start();
      for (let i = 0; i < items; i++) {
        await untilWaiting(queue, count);
        queue.putSync(i);
        while (!queue.empty) await new Promise((resolve) => setImmediate(resolve));
      }
      stop.set();
      const all = await Promise.all(takers.map((taker) => taker.join()));
      assert.equal(
        all.reduce((sum, [got]) => sum + got, 0),
        items,
      );
      const told = all.reduce((sum, [, times]) => sum + times, 0);
      assert.ok(told <= items * count * 2, `told ${told} times of ${items} items`);
    });

    test(`an item that a thread was granted that is dead now is news to who ${blocks ? 'blocks' : 'waits'}`, {
      skip: !linux,
    }, async () => {
      const queue = new Queue<number>();
      const [asked, granted] = [new Event(), new Event()];
      const dying = new Thread(
        async (from: Queue<number>) => {
          void from.get();
          await null;
          asked.set();
          granted.waitSync();
          for (;;);
        },
        [queue],
      );
      dying.start();
      await asked.wait();
      queue.putSync(1);
      const waiter = blocks
        ? new Thread((from: Queue<number>) => waitAnySync([from, new Event()]).length, [queue])
        : new Thread(async (from: Queue<number>) => (await waitAny([from, new Event()])).length, [queue]);
      waiter.start();
      await untilWaiting(queue, 1);
      granted.set();
      const ended = dying.join().catch(() => undefined);
      await dying.kill();
      await ended;
      assert.equal(await waiter.join(), 1);
      assert.equal(queue.getSync(), 1);
    });
  }

  test('a thread that blocks while a promise of its own waits for the same queue is woken as well', async () => {
    const queue = new Queue<string>();
    const worker = new Thread(async () => {
      const promise = queue.get();
      const ready = waitAnySync([queue, new Event()]);
      return [ready.length, await promise];
    });
    worker.start();
    await untilWaiting(queue, 2);
    await queue.put('item');
    assert.deepEqual(await worker.join(), [1, 'item']);
  });

  test('refuses at once what only an event loop makes ready, and says which entry and what to do', () =>
    withFolder(async (folder) => {
      const { promise } = Promise.withResolvers<void>();
      const thread = new Thread(() => {});
      thread.start();
      const listener = await Listener.listen({ path: folder.at('s'), authKey: KEY });
      const set = new Event();
      set.set();
      for (const thing of [promise, new AbortController().signal, new PassThrough(), thread, listener]) {
        assert.throws(() => waitAnySync([set, thing as never]), {
          code: 'ERR_INVALID_OPTION',
          message: /entry 1, an object of class \w+: only this thread's event loop .* Use await waitAny\(\)/,
        });
      }
      await listener.close();
      await thread.join();
    }));

  test('refuses nothing, what cannot be waited for, and options that make no sense', () => {
    assert.throws(() => waitAnySync([]), { code: 'ERR_INVALID_OPTION', message: /waitAnySync\(\) needs something/ });
    for (const thing of [1, 'x', null, {}, new Map(), () => {}])
      assert.throws(() => waitAnySync([thing as never]), { code: 'ERR_INVALID_OPTION' });
    assert.throws(() => waitAnySync([new Event()], { timeout: -1 }), { code: 'ERR_INVALID_OPTION' });
    assert.throws(() => waitAnySync([new Event()], { signal: AbortSignal.abort(new Error('before')) }), /before/);
    const queue = new Queue();
    queue.close();
    assert.throws(() => waitAnySync([queue]), { code: 'ERR_INVALID_STATE' });
  });
});
