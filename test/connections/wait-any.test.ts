/**
 * Waiting for the first of several things.
 *
 * connectionwait-01 is in the contract of pipes (`test/contract/pipes.ts`), for both scopes.
 * @module
 */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { untilWaiting } from '../contract/in-scope.ts';
import { Event, Latch, Pipe, type PipeConnection, Process, Queue, Thread, waitAny } from '../../src/index.ts';
import { readinessSymbol } from '../../src/sync/readiness.ts';

describe('waitAny', () => {
  test('names all that are ready, in the order given, and takes nothing', async () => {
    const first = new Queue<number>();
    const second = new Queue<number>();
    const third = new Queue<number>();
    const event = new Event();
    third.putSync(3);
    first.putSync(1);
    event.set();
    assert.deepEqual(await waitAny([first, second, event, third]), [first, event, third]);
    assert.deepEqual([first.size, third.size], [1, 1]);
    first.getSync();
    assert.deepEqual(await waitAny([first, second], { timeout: 0 }), []);
  });

  test('waits for whichever comes first: a queue, an event, a latch, a promise, a signal', async () => {
    const queue = new Queue<string>();
    const event = new Event();
    const latch = new Latch(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = new AbortController();
    const all = [queue, event, latch, promise, stop.signal] as const;
    const acts = [
      () => queue.put('x'),
      () => event.set(),
      () => latch.countDown(),
      () => resolve(),
      () => stop.abort(),
    ];
    for (const [i, act] of acts.entries()) {
      const rest = all.slice(i);
      const waits = waitAny(rest);
      setImmediate(act);
      assert.deepEqual(await waits, [all[i]]);
    }
  });

  test('a rejected promise is ready as well, and nobody is told of its reason', async () => {
    const rejected = Promise.reject(new Error('not ours'));
    assert.deepEqual(await waitAny([rejected, new Event()]), [rejected]);
    await assert.rejects(rejected, /not ours/);
  });

  test('waits again and again for what stays, and leaves nothing there', async () => {
    let reactions = 0;
    const counted = (): Promise<void> => {
      const promise = new Promise<void>(() => {});
      return Object.assign(promise, {
        then(...callbacks: [never, never]) {
          reactions += 1;
          return Promise.prototype.then.apply(promise, callbacks);
        },
      });
    };
    const promise = counted();
    const end = counted();
    const running = { [readinessSymbol]: () => ({ isReady: () => false, whenReady: () => end }) };
    const stop = new AbortController();
    const event = new Event();
    for (let round = 0; round < 100; round++) {
      const waits = waitAny([promise, running, stop.signal, event]);
      setImmediate(() => event.set());
      assert.deepEqual(await waits, [event]);
      event.clear();
      assert.deepEqual(await waitAny([promise, running, stop.signal], { timeout: 0.1 }), []);
    }
    assert.equal(reactions, 2);
    assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
  });

  test('what is waited for in vain is given up: the next item goes to whoever gets', async () => {
    const queue = new Queue<string>();
    const event = new Event();
    const waits = waitAny([queue, event]);
    const got = queue.get();
    event.set();
    assert.deepEqual(await waits, [event]);
    await queue.put('item');
    assert.equal(await got, 'item');
    assert.equal(queue.size, 0);
  });

  test('an event that is cleared at once was set all the same', async () => {
    const event = new Event();
    const waits = waitAny([new Queue(), event]);
    await untilWaiting(event, 1);
    event.set();
    event.clear();
    assert.deepEqual(await waits, [event]);
  });

  test('several may wait for one queue: all are told, and one gets', async () => {
    const queue = new Queue<number>();
    const waits = [waitAny([queue]), waitAny([queue]), waitAny([queue])];
    await queue.put(1);
    for (const ready of await Promise.all(waits)) assert.deepEqual(ready, [queue]);
    assert.equal(queue.tryGet(), 1);
    assert.equal(queue.tryGet(), undefined);
  });

  test('time and signal end it', async () => {
    const event = new Event();
    assert.deepEqual(await waitAny([event], { timeout: 5 }), []);
    const stop = new AbortController();
    const waits = assert.rejects(() => waitAny([event], { signal: stop.signal }), /enough/);
    stop.abort(new Error('enough'));
    await waits;
    await assert.rejects(() => waitAny([event], { signal: AbortSignal.abort(new Error('before')) }), /before/);
    await assert.rejects(() => waitAny([event], { timeout: -1 }), { code: 'ERR_INVALID_OPTION' });
  });

  test('refuses nothing, and what cannot be waited for', async () => {
    await assert.rejects(() => waitAny([]), { code: 'ERR_INVALID_OPTION', message: /something to wait for/ });
    for (const thing of [1, 'x', null, {}, new Map(), () => {}])
      await assert.rejects(() => waitAny([thing as never]), { code: 'ERR_INVALID_OPTION' });
    const queue = new Queue();
    queue.close();
    await assert.rejects(() => waitAny([queue]), { code: 'ERR_INVALID_STATE' });
  });

  test('connectionwait-02 connectionwait-04: sockets and streams are ready when they have something, or have ended', async () => {
    const { promise: served, resolve: serve } = Promise.withResolvers<Socket>();
    const server = createServer((socket) => serve(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    const socket = await served;
    const stream = new PassThrough();
    assert.deepEqual(await waitAny([client, stream], { timeout: 5 }), []);
    const waits = waitAny([client, stream]);
    socket.write('slow');
    assert.deepEqual(await waits, [client]);
    assert.equal(String(client.read()), 'slow');
    stream.write('x');
    assert.deepEqual(await waitAny([client, stream]), [stream]);
    assert.equal(String(stream.read()), 'x');
    socket.end();
    assert.deepEqual(await waitAny([client, stream]), [client]);
    assert.deepEqual([client.listenerCount('readable'), stream.listenerCount('readable')], [0, 0]);
    client.destroy();
    server.close();
  });

  for (const Worker of [Thread, Process]) {
    test(`connectionwait-03 connectionwait-05: the end of a ${Worker.name} beside connections; exactly the ready ones are named`, async () => {
      const scope = Worker === Thread ? 'thread' : 'process';
      const { left: mine, right: theirs } = new Pipe<string>({ scope });
      const { left: other, right: silent } = new Pipe<string>({ scope });
      const worker = new Worker(
        (end: PipeConnection<string>) => {
          end.recvSync();
          end.sendSync('first');
          end.recvSync();
        },
        [theirs],
      );
      worker.start();
      theirs.close();
      assert.deepEqual(await waitAny([worker, mine, other], { timeout: 1 }), []);
      await mine.send('go');
      assert.deepEqual(await waitAny([worker, mine, other]), [mine]);
      assert.equal(await mine.recv(), 'first');
      await mine.send('go');
      assert.deepEqual(await waitAny([worker, other]), [worker]);
      assert.deepEqual(await waitAny([other, worker, new Event()]), [worker]);
      await worker.join();
      silent.close();
      assert.deepEqual(await waitAny([worker, other]), [worker, other]);
      assert.equal(await mine.poll(60_000), true);
      await assert.rejects(() => mine.recv(), { code: 'ERR_EOF' });
    });
  }
});
