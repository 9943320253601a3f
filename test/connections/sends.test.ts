/**
 * Sends that go wrong, or are made where one would not look for them: they do no harm to what else is sent and received.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { ConnectionClosedError, EOFError } from '../../src/index.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { KEY, withEnds, withListener } from './ends.ts';
import { frame, Stranger } from './stranger.ts';

describe('a send', () => {
  test('of a value whose getter sends another: both arrive whole', () =>
    withEnds(async ({ client, server }) => {
      const inner: Promise<void>[] = [];
      const value = {
        before: 'x'.repeat(50),
        get now() {
          inner.push(client.send({ inner: [1, 2, 3] }));
          return 'sent meanwhile';
        },
        after: ['y'.repeat(50)],
      };
      for (const each of [value, { symbol: Symbol.for('packed'), value }]) {
        await client.send(each);
        const received = [await server.recv()];
        const sentMeanwhile = inner.length;
        for (let left = sentMeanwhile; left > 0; left--) received.push(await server.recv());
        await Promise.all(inner.splice(0));
        assert.ok(sentMeanwhile > 0);
        assert.deepEqual(received.slice(0, sentMeanwhile), new Array(sentMeanwhile).fill({ inner: [1, 2, 3] }));
        const outer = { before: 'x'.repeat(50), now: 'sent meanwhile', after: ['y'.repeat(50)] };
        assert.deepEqual(received.at(-1), each === value ? outer : { symbol: Symbol.for('packed'), value: outer });
      }
    }));

  test('to somebody who has gone fails, and what he had sent before can be received, all of it', () =>
    withListener({}, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      // more than waits here unread, and all of it in the system's hands
      const messages = Array.from({ length: 60 }, (_, i) => frame(0xb1, Buffer.alloc(20_000, i)));
      await new Promise<unknown>((resolve) => stranger.socket.write(Buffer.concat(messages), resolve));
      stranger.close();
      await once(stranger.socket, 'close');
      let failed: unknown;
      while (failed === undefined) {
        failed = await server.send('to nobody').catch((error: unknown) => error);
        await new Promise(setImmediate);
      }
      assert.ok(failed instanceof ConnectionClosedError);
      assert.equal(server.closed, true);
      assert.equal(await rejectionCode(server.send('once more')), 'ERR_CONNECTION_CLOSED');
      for (let i = 0; i < 60; i++) assert.deepEqual(await server.recv(), Buffer.alloc(20_000, i));
      assert.ok((await rejection(server.recv())) instanceof EOFError);
      server.close();
    }));

  test('that fails does not end the iteration before its end', () =>
    withListener({}, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      stranger.socket.end(Buffer.concat(Array.from({ length: 60 }, (_, i) => frame(0xb1, Buffer.alloc(20_000, i)))));
      await once(stranger.socket, 'finish');
      stranger.close();
      const seen: unknown[] = [];
      for await (const message of server) {
        seen.push((message as Uint8Array)[0]);
        await server.send('thanks').catch(() => {});
      }
      assert.equal(seen.length, 60);
      server.close();
    }));
});
