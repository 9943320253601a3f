/**
 * Connections over sockets: messages of both kinds, in order, whole, with back-pressure, to the end and beyond.
 * @module
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import {
  BufferTooShort,
  connect,
  type Connection,
  ConnectionClosedError,
  EOFError,
  MessageTooLargeError,
  Process,
  ProtocolError,
  type SocketConnection,
} from '../../src/index.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { KEY, withEnds, withListener } from './ends.ts';
import { sendAndDie } from './fixtures/programs.ts';
import { frame, Stranger } from './stranger.ts';

// pipeconnection-01 (one-way pipes), -08 (a one-way end sent to a child): of pipes, not of sockets.
// pipeconnection-03 (a file handle sent over a connection): Node hands sockets over its own IPC channel only.
// pipeconnection-06 (several readers, one of which polls): a connection stays in the thread that has it.
// pipeconnection-09 (a bad handle): there is no constructor from a handle; bad addresses are in listener.test.ts.

describe('bytes', () => {
  test('pipeconnection-02: sendBytes honours offset and size and rejects what is out of range', () =>
    withEnds(async ({ client, server }) => {
      const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz');
      const parts: readonly (readonly [number | undefined, number | undefined, string])[] = [
        [undefined, undefined, 'abcdefghijklmnopqrstuvwxyz'],
        [5, undefined, 'fghijklmnopqrstuvwxyz'],
        [7, 8, 'hijklmno'],
        [26, undefined, ''],
        [26, 0, ''],
        [0, 26, 'abcdefghijklmnopqrstuvwxyz'],
      ];
      for (const [offset, size, expected] of parts) {
        await client.sendBytes(bytes, offset, size);
        assert.equal(Buffer.from(await server.recvBytes()).toString(), expected);
      }
      for (const [offset, size] of [[27], [22, 5], [26, 1], [-1], [4, -1], [0.5], [0, 1.5], [Number.NaN]]) {
        assert.equal(await rejectionCode(client.sendBytes(bytes, offset, size)), 'ERR_INVALID_OPTION');
      }
      assert.equal(await rejectionCode(client.sendBytes('text' as never)), 'ERR_INVALID_OPTION');
      // of a view, offset and size count from where the view begins
      await client.sendBytes(new Uint8Array(bytes.buffer, bytes.byteOffset + 2, 4), 1, 2);
      assert.equal(Buffer.from(await server.recvBytes()).toString(), 'de');
      await client.sendBytes(new Uint16Array([0x6261, 0x6463]), 1);
      assert.equal(Buffer.from(await server.recvBytes()).toString(), 'bcd');
      await client.sendBytes(new DataView(new SharedArrayBuffer(3)));
      assert.deepEqual(await server.recvBytes(), Buffer.alloc(3));
    }));

  test('arrive as bytes, by recv too; they are their own memory', () =>
    withEnds(async ({ client, server }) => {
      await client.sendBytes(Buffer.from('one'));
      await client.sendBytes(Buffer.from('two'));
      const one = (await server.recv()) as Uint8Array;
      const two = await server.recvBytes();
      assert.equal(one.buffer.byteLength, 3);
      assert.equal(two.buffer.byteLength, 3);
      assert.equal(Buffer.from(one).toString(), 'one');
    }));

  test('can be changed once sendBytes has resolved; a small one at once', () =>
    withEnds(async ({ client, server }) => {
      for (const size of [10, 100_000, 3_000_000]) {
        const bytes = Buffer.alloc(size, 1);
        const sent = client.sendBytes(bytes);
        if (size === 10) bytes.fill(2);
        const received = server.recvBytes();
        await sent;
        bytes.fill(2);
        assert.ok((await received).every((byte) => byte === 1));
      }
    }));

  test('recvInto puts them where they are wanted, or says that they do not fit and has them', () =>
    withEnds(async ({ client, server }) => {
      const target = new Uint8Array(10);
      await client.sendBytes(Buffer.from('abc'));
      assert.equal(await server.recvInto(target), 3);
      await client.sendBytes(Buffer.from('def'));
      assert.equal(await server.recvInto(target.buffer, 7), 3);
      assert.equal(Buffer.from(target).toString('latin1'), 'abc\0\0\0\0def');
      await client.sendBytes(Buffer.from('ghij'));
      const error = await rejection(server.recvInto(target, 7));
      assert.ok(error instanceof BufferTooShort);
      assert.equal(error.code, 'ERR_BUFFER_TOO_SHORT');
      assert.equal(Buffer.from(error.bytes).toString(), 'ghij');
      assert.equal(await rejectionCode(server.recvInto(target, 11)), 'ERR_INVALID_OPTION');
      await client.sendBytes(new Uint8Array(0));
      assert.equal(await server.recvInto(target, 10), 0);
    }));

  test('recvBytes leaves a value where it is', () =>
    withEnds(async ({ client, server }) => {
      const early = rejectionCode(server.recvBytes());
      const second = server.recv();
      await client.send('a value');
      await client.send('another');
      assert.equal(await early, 'ERR_NOT_BYTES');
      assert.equal(await second, 'a value');
      assert.equal(await server.poll(1000), true);
      assert.equal(await rejectionCode(server.recvBytes()), 'ERR_NOT_BYTES');
      assert.equal(await server.recv(), 'another');
    }));
});

describe('poll', () => {
  test('pipeconnection-05: poll and receive keep message boundaries, also of empty messages', () =>
    withEnds(async ({ client, server }) => {
      assert.equal(await server.poll(), false);
      const messages = ['hello', '', 'x', '', ''];
      for (const message of messages) await client.sendBytes(Buffer.from(message));
      for (const message of messages) {
        assert.equal(await server.poll(5000), true);
        assert.equal(Buffer.from(await server.recvBytes()).toString(), message);
      }
      assert.equal(await server.poll(), false);
    }));

  test('pipeconnection-07: repeated polls do not consume, messages are never merged', () =>
    withEnds(async ({ client, server }) => {
      await client.sendBytes(Buffer.from('foo'));
      await client.sendBytes(Buffer.from('bar'));
      assert.equal(await server.poll(5000), true);
      for (let times = 0; times < 5; times++) assert.equal(await server.poll(), true);
      assert.equal(Buffer.from(await server.recvBytes()).toString(), 'foo');
      assert.equal(await server.poll(5000), true);
      assert.equal(Buffer.from(await server.recvBytes()).toString(), 'bar');
    }));

  test('waits as long as it should, and is true at the end', () =>
    withEnds(async ({ client, server }) => {
      const started = performance.now();
      assert.equal(await server.poll(30), false);
      assert.ok(performance.now() - started >= 25);
      const polling = server.poll(60_000);
      await client.send(1);
      assert.equal(await polling, true);
      await server.recv();
      const end = server.poll(Number.POSITIVE_INFINITY);
      client.close();
      assert.equal(await end, true);
      assert.ok((await rejection(server.recv())) instanceof EOFError);
      assert.equal(await rejectionCode(server.poll(-1)), 'ERR_INVALID_OPTION');
    }));

  test('sees with no timeout what has been sent and handed to the system', () =>
    withEnds(async ({ client, server }) => {
      for (let round = 0; round < 50; round++) {
        await client.sendBytes(Buffer.alloc(20_000));
        // more than COPIED, so sendBytes has resolved by the system's answer
        assert.equal(await server.poll(), true);
        await server.recvBytes();
      }
    }));
});

describe('recv', () => {
  test('serves those who wait in order, and those who give up take nothing with them', () =>
    withEnds(async ({ client, server }) => {
      const controller = new AbortController();
      const first = server.recv();
      const second = server.recv({ timeout: 10 });
      const third = server.recv({ signal: controller.signal });
      const fourth = server.recv({ timeout: 60_000 });
      assert.equal(await rejectionCode(second), 'ERR_TIMEOUT');
      controller.abort(new Error('enough'));
      assert.match(String(await rejection(third)), /enough/);
      await client.send(1);
      await client.send(2);
      assert.deepEqual(await Promise.all([first, fourth]), [1, 2]);
      assert.match(String(await rejection(server.recv({ signal: controller.signal }))), /enough/);
      assert.equal(await rejectionCode(server.recv({ timeout: Number.NaN })), 'ERR_INVALID_OPTION');
    }));

  test('a message that comes as a waiter gives up is for the next one', () =>
    withEnds(async ({ client, server }) => {
      for (let round = 0; round < 200; round++) {
        const controller = new AbortController();
        const waiting = server.recv({ signal: controller.signal });
        await client.send(round);
        if (round % 3 === 0) await new Promise(setImmediate);
        controller.abort(new Error('enough'));
        const got = await waiting.catch(() => server.recv());
        assert.equal(got, round);
      }
    }));

  test('iterates to the end of what was sent', () =>
    withEnds(async ({ client, server }) => {
      for (let i = 0; i < 1000; i++) void client.send(i);
      client.close();
      const received: unknown[] = [];
      for await (const message of server) received.push(message);
      assert.deepEqual(
        received,
        Array.from({ length: 1000 }, (_, i) => i),
      );
      assert.ok((await rejection(server.recv())) instanceof EOFError);
    }));

  test('an iteration that is left leaves the connection open; a local close ends one', () =>
    withEnds(async ({ client, server }) => {
      await client.send(1);
      await client.send(2);
      for await (const message of server) {
        assert.equal(message, 1);
        break;
      }
      assert.equal(await server.recv(), 2);
      const iterating = (async () => {
        for await (const message of server) assert.fail(String(message));
      })();
      server.close();
      await iterating;
    }));
});

describe('the end', () => {
  test('pipeconnection-04: a connection closes on scope exit; later use is an error', () =>
    withEnds(async ({ client, server }) => {
      const waiting = rejectionCode(client.recv());
      const polling = rejectionCode(client.poll(60_000));
      client[Symbol.dispose]();
      client.close();
      assert.equal(await waiting, 'ERR_CONNECTION_CLOSED');
      assert.equal(await polling, 'ERR_CONNECTION_CLOSED');
      for (const use of [() => client.recv(), () => client.send(1), () => client.poll(), () => client.recvBytes()]) {
        assert.ok((await rejection(use())) instanceof ConnectionClosedError);
      }
      const error = await rejection(server.recv());
      assert.ok(error instanceof EOFError);
      assert.equal(error.code, 'ERR_EOF');
      assert.equal(server.closed, true);
      const sending = await rejection(server.send(1));
      assert.ok(sending instanceof ConnectionClosedError);
      assert.equal(sending.code, 'ERR_CONNECTION_CLOSED');
    }));

  test('what was sent before a close arrives, although the other side has sent what nobody took', () =>
    withEnds(
      async ({ client, server }) => {
        const big = randomBytes(3_000_000);
        for (let i = 0; i < 100; i++) await server.send('nobody takes this');
        const sent = client.sendBytes(big);
        client.close();
        assert.deepEqual(await server.recvBytes(), big);
        await sent;
        assert.ok((await rejection(server.recv())) instanceof EOFError);
      },
      { port: 0 },
    ));

  test('a send under way to somebody who goes rejects, and so does the next', () =>
    withEnds(async ({ client, server }) => {
      const sending = rejection(client.sendBytes(Buffer.alloc(30_000_000)));
      server.close();
      // it is thrown away over there until nothing moves, or arrives whole in the system's buffers; then the line is closed
      await rejection(client.recv());
      const outcome = await Promise.race([sending, new Promise((resolve) => setImmediate(resolve, 'sent'))]);
      if (outcome !== 'sent') assert.ok(outcome instanceof ConnectionClosedError, String(outcome));
      assert.equal(await rejectionCode(client.send(1)), 'ERR_CONNECTION_CLOSED');
    }));

  test('half a message is not delivered', () =>
    withListener({}, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      stranger.socket.write(frame(0xb1, Buffer.from('whole')));
      stranger.socket.end(frame(0xb1, Buffer.from('half'), 100));
      const seen: string[] = [];
      const error = await rejection(
        (async () => {
          for await (const message of server) seen.push(Buffer.from(message as Uint8Array).toString());
        })(),
      );
      assert.deepEqual(seen, ['whole']);
      assert.ok(error instanceof EOFError);
      assert.match(error.message, /in the middle of a message/);
      server.close();
      stranger.close();
    }));

  test('a process that is killed shows as the end, after what it had sent', () =>
    withListener({}, async (listener) => {
      const child = new Process(sendAndDie, [listener.address, KEY]);
      child.start();
      const ended = rejection(child.join());
      const server = await listener.accept();
      assert.equal(await server.recv(), 'last words');
      assert.ok((await rejection(server.recv())) instanceof EOFError);
      await ended;
      server.close();
    }));
});

describe('limits', () => {
  test('a message over the limit of the other side fails that send, and the rest goes on', () =>
    withEnds(
      async ({ client, server }) => {
        for (const large of [
          client.sendBytes(Buffer.alloc(1001)),
          client.send('x'.repeat(1001)),
          client.send(Buffer.alloc(1001)),
          client.send([[new Array(2000)]]),
          client.send(Array.from({ length: 500 }, () => ({ a: 1 }))),
        ]) {
          const error = await rejection(large);
          assert.ok(error instanceof MessageTooLargeError, String(error));
          assert.equal(error.code, 'ERR_MESSAGE_TOO_LARGE');
        }
        await client.sendBytes(Buffer.alloc(1000));
        assert.equal((await server.recvBytes()).length, 1000);
        // each side has its own limit
        await server.sendBytes(Buffer.alloc(2000));
        assert.equal((await client.recvBytes()).length, 2000);
        assert.equal(await rejectionCode(server.sendBytes(Buffer.alloc(2001))), 'ERR_MESSAGE_TOO_LARGE');
      },
      { maxMessage: 1000 },
      { maxMessage: 2000 },
    ));

  test('whoever sends one all the same is cut off at its header', () =>
    withListener({ maxMessage: 1000 }, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      stranger.socket.write(frame(0xb1, Buffer.from('fits')));
      stranger.socket.write(frame(0xb1, Buffer.alloc(0), 1001));
      assert.equal(Buffer.from(await server.recvBytes()).toString(), 'fits');
      const error = await rejection(server.recv());
      assert.ok(error instanceof ProtocolError);
      assert.equal(error.code, 'ERR_BAD_MESSAGE');
      await stranger.readAll();
      stranger.close();
      server.close();
    }));

  test('sends have back-pressure: who does not read stops who awaits its sends', () =>
    withEnds(async ({ client, server }) => {
      let sent = 0;
      let stopped = false;
      const ends = new AbortController();
      const sending = (async () => {
        while (!ends.signal.aborted) {
          const sooner = await Promise.race([
            client.sendBytes(Buffer.alloc(100_000, sent)).then(() => 'sent'),
            once(ends.signal, 'abort').then(() => 'end'),
          ]);
          if (sooner === 'end') return;
          sent += 1;
        }
      })();
      // it stops by itself: nothing more is sent between two looks
      for (let before = -1; before !== sent || sent === 0; ) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.ok(sent < 300, 'nothing stops it');
      }
      stopped = true;
      const had = sent;
      ends.abort();
      await sending;
      for (let i = 0; i < had; i++) {
        const bytes = await server.recvBytes();
        assert.equal(bytes[99_999], i % 256);
      }
      assert.ok(stopped);
    }));
});

describe('much', () => {
  test('pipeconnection-10: large messages both ways at once arrive whole while signals come', () =>
    withEnds(async ({ client, server }) => {
      let signals = 0;
      const onSignal = (): void => {
        signals += 1;
      };
      if (process.platform !== 'win32') process.on('SIGHUP', onSignal);
      const echo = async (from: SocketConnection): Promise<void> => {
        for await (const message of from) await from.sendBytes(message as Uint8Array);
      };
      const echoing = echo(server);
      for (let round = 0; round < 5; round++) {
        const bytes = randomBytes(5_000_000);
        const sending = client.sendBytes(bytes);
        if (process.platform !== 'win32') process.kill(process.pid, 'SIGHUP');
        const back = await client.recvBytes();
        await sending;
        const digest = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex');
        assert.equal(digest(back), digest(bytes));
      }
      if (process.platform !== 'win32') assert.ok(signals > 0, 'no signal came');
      process.off('SIGHUP', onSignal);
      client.close();
      await echoing;
    }));

  test('pipeconnection-11: a signal during accept does not disturb it', { skip: process.platform === 'win32' }, () =>
    withListener({}, async (listener) => {
      const came = once(process, 'SIGHUP');
      const accepting = listener.accept();
      process.kill(process.pid, 'SIGHUP');
      await came;
      const client = await connect({ ...listener.address, authKey: KEY });
      (await accepting).close();
      client.close();
    }),
  );

  test('10,000 messages of every size, both ways, in order', () =>
    withEnds(async ({ client, server }) => {
      const COUNT = 10_000;
      const sizeOf = (i: number): number => (i % 997 === 0 ? 70_000 : (i * 31) % 300);
      const send = async (end: Connection): Promise<void> => {
        for (let i = 0; i < COUNT; i++) {
          await (i % 2 === 0
            ? end.send({ i, text: 'x'.repeat(sizeOf(i)) })
            : end.sendBytes(Buffer.alloc(sizeOf(i), i)));
        }
      };
      const receive = async (end: Connection): Promise<void> => {
        for (let i = 0; i < COUNT; i++) {
          const message = await end.recv();
          if (i % 2 === 0) assert.deepEqual(message, { i, text: 'x'.repeat(sizeOf(i)) });
          else assert.equal((message as Uint8Array).length, sizeOf(i));
        }
      };
      await Promise.all([send(client), send(server), receive(client), receive(server)]);
    }));
});
