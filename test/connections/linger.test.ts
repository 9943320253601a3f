/**
 * How connections end: what was sent goes out, however busy the other side is; and nobody who only drips is kept.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as open, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { connect, ConnectionClosedError, EOFError, type Listener, type ListenOptions } from '../../src/index.ts';
import { linger } from '../../src/connections/linger.ts';
import { rejection } from '../contract/with-pool.ts';
import { KEY, withEnds, withFolder, withListener } from './ends.ts';
import { late } from './fixtures/late.ts';
import { stopTimers } from './stopped-timers.ts';
import { hello, HELLO, PROOF, Stranger } from './stranger.ts';

/** Sends a byte now and then until it is cut off; by that alone a socket that may be half open hears of it. */
async function drip(socket: Socket): Promise<void> {
  const dripping = setInterval(() => socket.write('x'), 50);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dripping);
}

/** A client that was told that its proof is wrong, and stays. */
async function refused(listener: Listener): Promise<Stranger> {
  const stranger = await Stranger.connect(listener.address, { allowHalfOpen: true });
  stranger.socket.write(Buffer.concat([hello(), Buffer.alloc(PROOF)]));
  assert.equal((await stranger.read(HELLO + PROOF)).length, HELLO + PROOF);
  return stranger;
}

describe('a client that was turned away', { timeout: 60_000 }, () => {
  test('is cut off soon, also while it goes on sending', () =>
    withListener({}, async (listener) => {
      const { socket } = await refused(listener);
      await drip(socket);
    }));

  test('counts as one that has not authenticated itself until it is gone: one too many, and it goes at once', (t) => {
    stopTimers(t); // their time does not pass: they can only go as one too many
    return withListener({ maxPending: 2 }, async (listener) => {
      const first = await refused(listener);
      const second = await refused(listener);
      const third = await refused(listener);
      await drip(first.socket);
      const client = await connect({ ...listener.address, authKey: KEY });
      await drip(second.socket);
      assert.equal(listener.refused, 3);
      client.close();
      third.close();
    });
  });

  const throwing: Readonly<Record<string, (error: Error) => void>> = {
    throws(error) {
      throw new Error(`from onRefused: ${error.name}`);
    },
    async rejects(error) {
      throw new Error(`from onRefused: ${error.name}`);
    },
  };
  for (const [what, onRefused] of Object.entries(throwing)) {
    test(`is gone although onRefused ${what}, which becomes a warning each time`, (t) => {
      const pass = stopTimers(t);
      return withWarnings(async (nextWarning) =>
        withListener({ onRefused, handshakeTimeout: 60_000 }, async (listener) => {
          for (const [come, reason] of [
            [refused, 'AuthenticationError'],
            [({ address }: Listener) => Stranger.connect(address), 'TimeoutError'],
          ] as const) {
            const { socket } = await come(listener);
            if (reason === 'TimeoutError') {
              // came later: the silent one has been noted by now
              (await connect({ ...listener.address, authKey: KEY })).close();
              pass(60_000);
            }
            const warning = await nextWarning();
            assert.equal(warning.name, 'ManyhandsWarning');
            assert.equal(warning.code, 'MANYHANDS_ON_REFUSED');
            assert.match(warning.detail ?? '', new RegExp(`from onRefused: ${reason}`));
            socket.end();
            if (!socket.closed) await once(socket, 'close');
          }
          const client = await connect({ ...listener.address, authKey: KEY });
          client.close();
        }),
      );
    });
  }
});

interface Warning extends Error {
  readonly code?: string;
  readonly detail?: string;
}

async function withWarnings(body: (next: () => Promise<Warning>) => Promise<void>): Promise<void> {
  const came: Warning[] = [];
  let wake = (): void => {};
  const onWarning = (warning: Warning): void => {
    came.push(warning);
    wake();
  };
  process.on('warning', onWarning);
  try {
    await body(async () => {
      for (;;) {
        const next = came.shift();
        if (next !== undefined) return next;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    });
  } finally {
    process.off('warning', onWarning);
  }
}

describe('a connection that is closed', { timeout: 120_000 }, () => {
  for (const options of [{}, { port: 0 }] satisfies Partial<ListenOptions>[]) {
    test(`sends what it had to a side that is busy for long (${'port' in options ? 'TCP' : 'Unix'})`, () =>
      withListener(options, async (listener) => {
        const stranger = await Stranger.withKey(listener.address, KEY);
        const server = await listener.accept();
        stranger.socket.pause();
        const sends = Array.from({ length: 40 }, (_, i) => server.sendBytes(Buffer.alloc(250_000, i)));
        server.close();
        await new Promise((resolve) => setTimeout(resolve, 5000)); // longer than a close waits when it has nothing to send
        stranger.socket.resume();
        assert.equal((await stranger.readAll()).length, 40 * (5 + 250_000));
        await Promise.all(sends);
        stranger.close();
      }));
  }

  test('sends also what waits for a module to say what it exports', () =>
    withEnds(
      async ({ client, server }) => {
        const sends = [client.send(late), client.send('behind it')];
        client.close();
        await assert.rejects(() => client.send('too late'), { code: 'ERR_CONNECTION_CLOSED' });
        assert.equal(await server.recv(), late);
        assert.equal(await server.recv(), 'behind it');
        await Promise.all(sends);
        assert.ok((await rejection(server.recv())) instanceof EOFError);
      },
      { allow: { modules: [new URL('./fixtures/late.ts', import.meta.url)] } },
    ));

  test('does not keep a peer that drips', () =>
    withListener({}, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY, { allowHalfOpen: true });
      const server = await listener.accept();
      server.close();
      await stranger.readAll();
      await drip(stranger.socket);
    }));

  test('gives up when nothing moves for very long, and says so; a side that is slow is not given up', (t) =>
    withFolder(async (folder) => {
      const server = createServer({ allowHalfOpen: true }).listen(folder.at('s'));
      await once(server, 'listening');
      const client = open({ path: folder.at('s'), allowHalfOpen: true });
      const [socket] = (await once(server, 'connection')) as [Socket];
      client.write(Buffer.alloc(3_000_000));
      let told = 0;
      t.mock.timers.enable({ apis: ['setInterval'] });
      linger(client, (stuckFor) => (told = stuckFor), 200);
      const left = (): number =>
        (client as unknown as { readonly _handle: { readonly writeQueueSize: number } })._handle.writeQueueSize;
      // for much longer than that in all, and never for so long
      for (let part = 0; part < 10; part++) {
        for (const before = left(); left() === before; ) {
          socket.resume();
          await once(socket, 'data');
          socket.pause();
          await new Promise(setImmediate);
        }
        t.mock.timers.tick(200);
        assert.equal(told, 0);
      }
      t.mock.timers.tick(200); // nothing has moved since
      await once(client, 'close');
      assert.equal(told, 200);
      socket.destroy();
      server.close();
    }));

  test('says to those whose sends were given up that nobody took them', (t) =>
    withListener({}, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      stranger.socket.pause();
      const sending = rejection(server.sendBytes(Buffer.alloc(1_000_000)));
      t.mock.timers.enable({ apis: ['setInterval'] });
      server.close();
      await new Promise(setImmediate);
      for (let looks = 0; looks < 2; looks++) t.mock.timers.tick(10 * 60_000);
      const error = await sending;
      assert.ok(error instanceof ConnectionClosedError, String(error));
      assert.match(error.message, /was closed, .* given up when the other side had taken none of it for 600000 ms/);
      stranger.close();
    }));
});
