/**
 * Queues and pipes that nobody uses, or that somebody waits for in vain, use no processor time.
 *
 * Measured is processor time, which a busy machine does not lengthen: a look each millisecond would cost some twentieth of the time that passes.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pipe, Process, Queue, sleep, Thread } from '../../src/index.ts';

/** Milliseconds in which nothing happens. */
const QUIET = 2000;
/** Milliseconds of processor time that may go by: a garbage collection, a timer of Node's. */
const NOTHING = 60;

const used = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

describe('at rest', () => {
  for (const way of ['get', 'getSync', 'recv', 'recvSync'] as const) {
    test(`a process that waits in ${way} uses no processor time`, async () => {
      const queue = new Queue<string>({ scope: 'process' });
      const { left: here, right: there } = new Pipe({ scope: 'process' });
      const waiter = new Process(async () => {
        const next = {
          get: () => queue.get(),
          getSync: () => queue.getSync(),
          recv: () => there.recv(),
          recvSync: () => there.recvSync(),
        }[way];
        await next(); // all code that it takes is loaded
        const before = process.cpuUsage();
        await next();
        return process.cpuUsage(before);
      });
      waiter.start();
      const say = (text: string): Promise<unknown> => (way.startsWith('get') ? queue.put(text) : here.send(text));
      await say('ready?');
      await sleep(QUIET);
      await say('now');
      const time = used(await waiter.join());
      here.close();
      assert.ok(time < NOTHING, `${time} ms of ${QUIET}`);
    });
  }

  test('queues and pipes that are open, in both scopes, use none', async () => {
    const queues = (['thread', 'process'] as const).map((scope) => new Queue<number>({ scope }));
    const pipes = (['thread', 'process'] as const).map((scope) => new Pipe({ scope }));
    // Each has been used, by a thread that is still there.
    const [done, leave] = [new Queue<string>(), new Queue<string>()];
    const user = new Thread(async () => {
      for (const queue of queues) await queue.get();
      for (const { right } of pipes) await right.recv();
      await done.put('done');
      return leave.get();
    });
    user.start();
    for (const queue of queues) await queue.put(1);
    for (const { left } of pipes) await left.send(1);
    await done.get();
    const before = process.cpuUsage();
    await sleep(QUIET);
    const time = used(process.cpuUsage(before));
    await leave.put('now');
    await user.join();
    for (const ends of pipes) for (const end of ends) end.close();
    assert.ok(time < NOTHING, `${time} ms of ${QUIET}`);
  });
});
