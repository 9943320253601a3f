/**
 * Handles that cannot go, that nobody takes, and what becomes of their descriptors.
 * @module
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, Socket } from 'node:net';
import { describe, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { Pipe, Process } from '../../src/index.ts';
import { descriptors } from '../../src/memory/system/descriptors.ts';
import { linux } from '../../src/memory/system/linux.ts';
import {
  connected,
  descriptorsOpen,
  type End,
  pair,
  portOf,
  textOf,
  untilOpen,
  withChild,
  withServer,
} from './handle-ends.ts';

describe('handles that are not handed over', { skip: process.platform !== 'linux', timeout: 600_000 }, () => {
  test('what is of another kind stays, and says so', async () => {
    const [mine, theirs] = pair();
    await mine.send('value');
    await mine.sendBytes(Buffer.of(1));
    const handed = mine.sendHandle(0);
    await mine.send('last');
    await assert.rejects(() => theirs.recvHandle(), { code: 'ERR_NOT_A_HANDLE', message: /recv\(\) it/ });
    assert.equal(await theirs.recv(), 'value');
    await assert.rejects(() => theirs.recvHandle(), { code: 'ERR_NOT_A_HANDLE' });
    assert.deepEqual([...(await theirs.recvBytes())], [1]);
    const notValue = { code: 'ERR_NOT_A_VALUE', message: /recvHandle\(\) it/ };
    await assert.rejects(() => theirs.recv(), notValue);
    assert.throws(() => theirs.recvSync(), notValue);
    await assert.rejects(() => theirs.recvBytes(), notValue);
    await assert.rejects(() => theirs.recvInto(Buffer.alloc(9)), notValue);
    await assert.rejects(() => theirs[Symbol.asyncIterator]().next(), notValue);
    assert.equal(await theirs.poll(), true);
    closeSync((await theirs.recvHandle()) as number);
    await handed;
    assert.equal(await theirs.recv(), 'last');
  });

  test('what is no handle, or not any more, is refused at once and sends nothing', () =>
    withServer(async (server) => {
      const [mine, theirs] = pair();
      for (const thing of ['x', null, {}, undefined, -1, 1.5, 1e6, new Map(), () => {}])
        await assert.rejects(() => mine.sendHandle(thing as never), { code: 'ERR_INVALID_OPTION' });
      const [client, socket] = await connected(server);
      await assert.rejects(() => mine.sendHandle(socket, { keepOpen: 1 } as never), { code: 'ERR_INVALID_OPTION' });
      await assert.rejects(() => mine.sendHandle(new TLSSocket(client)), {
        code: 'ERR_INVALID_OPTION',
        message: /TLS/,
      });
      const busy = { code: 'ERR_INVALID_STATE' };
      socket.destroy();
      const file = await open('/dev/null');
      await file.close();
      for (const thing of [socket, file, new Socket(), createServer()])
        await assert.rejects(() => mine.sendHandle(thing), busy);
      const connecting = connect(portOf(server), '127.0.0.1');
      await assert.rejects(() => mine.sendHandle(connecting), busy);
      connecting.destroy();
      client.destroy();
      const threads = new Pipe();
      await assert.rejects(() => threads.left.sendHandle(0), {
        code: 'ERR_INVALID_STATE',
        message: /scope: 'process'/,
      });
      await assert.rejects(() => threads.left.recvHandle(), { code: 'ERR_INVALID_STATE' });
      const oneWay = new Pipe({ scope: 'process', duplex: false });
      await assert.rejects(() => oneWay.left.sendHandle(0), { code: 'ERR_ONE_WAY' });
      await assert.rejects(() => oneWay.right.recvHandle(), { code: 'ERR_ONE_WAY' });
      assert.equal(await theirs.poll(), false);
    }));

  test('a socket in an ordinary message is refused, and the error names sendHandle', async () => {
    const [mine] = pair();
    await assert.rejects(() => mine.send({ deep: [new Socket()] }), {
      code: 'ERR_NOT_CLONEABLE',
      message: /\.deep\[0\].*sendHandle\(\)/,
    });
  });

  test('data that somebody here may still want is not taken away', () =>
    withServer(async (server) => {
      const [mine] = pair();
      const [client, socket] = await connected(server);
      client.write('unread');
      while (socket.readableLength === 0) await new Promise((resolve) => socket.once('readable', resolve));
      socket.removeAllListeners('readable');
      socket.pause();
      const got: string[] = [];
      socket.on('data', (chunk) => got.push(String(chunk)));
      socket.pause();
      await assert.rejects(() => mine.sendHandle(socket), { code: 'ERR_INVALID_STATE', message: /6 bytes were read/ });
      client.end();
      socket.resume();
      await new Promise((resolve) => socket.once('end', resolve));
      assert.deepEqual(got, ['unread']);
      client.destroy();
    }));

  test('nobody there: it is rejected, and the handle is as it was', () =>
    withServer(async (server) => {
      const [client, socket] = await connected(server);
      const gone = { code: 'ERR_CONNECTION_CLOSED' };
      const [mine, theirs] = pair();
      const waits = assert.rejects(() => mine.sendHandle(socket), gone);
      await theirs.poll(60_000);
      theirs.close();
      await waits;
      await assert.rejects(() => mine.sendHandle(socket), gone);
      mine.close();
      await assert.rejects(() => mine.sendHandle(socket), gone);
      await assert.rejects(() => theirs.recvHandle(), gone);
      client.end('still here');
      assert.equal(await textOf(socket), 'still here');
      client.destroy();
    }));

  test('time and signal end the wait; what was given up is passed over', async () => {
    const [mine, theirs] = pair();
    await assert.rejects(() => mine.sendHandle(0, { timeout: 5 }), { code: 'ERR_TIMEOUT' });
    const stop = new AbortController();
    const waits = assert.rejects(() => mine.sendHandle(0, { signal: stop.signal }), /enough/);
    stop.abort(new Error('enough'));
    await waits;
    await assert.rejects(() => theirs.recvHandle({ timeout: 0 }), { code: 'ERR_TIMEOUT' });
    const handed = mine.sendHandle(0);
    closeSync((await theirs.recvHandle()) as number);
    await handed;
    mine.close();
    await assert.rejects(() => theirs.recvHandle(), { code: 'ERR_EOF' });
  });

  test('a receiver that is killed', () =>
    withServer(async (server) => {
      const [mine, theirs] = pair();
      const child = new Process(
        async (end: End) => {
          await end.poll(60_000);
          process.kill(process.pid, 'SIGKILL');
        },
        [theirs],
      );
      child.start();
      const ended = child.join().catch(() => undefined);
      theirs.close();
      const [client, socket] = await connected(server);
      await assert.rejects(() => mine.sendHandle(socket), { code: 'ERR_CONNECTION_CLOSED' });
      await ended;
      socket.end('kept');
      assert.equal(await textOf(client), 'kept');
    }));

  test('a sender that is killed before anybody received', async () => {
    const [mine, theirs] = pair();
    const child = new Process(
      async (end: End) => {
        const sent = end.sendHandle(0);
        await end.send('sent');
        await end.recv();
        process.kill(process.pid, 'SIGKILL');
        await sent;
      },
      [theirs],
    );
    child.start();
    const ended = child.join().catch(() => undefined);
    theirs.close();
    await mine.poll(60_000);
    await mine.send('go');
    await ended;
    await assert.rejects(() => mine.recvHandle(), { name: 'ConnectionClosedError', code: 'ERR_HANDLE_GONE' });
    assert.equal(await mine.recv(), 'sent');
    await assert.rejects(() => mine.recvHandle(), { code: 'ERR_EOF' });
  });

  test('no descriptor is left behind, here or there', () =>
    withServer((server) =>
      withChild(
        async (end) => {
          let before = 0;
          let there = 0;
          for (let round = 0; round < 30; round++) {
            const [client, socket] = await connected(server);
            await end.sendHandle(socket);
            assert.equal(await textOf(client), 'x');
            await end.sendHandle(0);
            closeSync((await end.recvHandle()) as number);
            const back = (await end.recv()) as number;
            client.destroy();
            await assert.rejects(() => end.sendHandle(client), { code: 'ERR_INVALID_STATE' });
            if (round === 4) [before, there] = [descriptorsOpen(), back];
            if (round > 4)
              assert.ok((back as number) <= there + 2, `${String(back)} descriptors there, ${there} before`);
          }
          await untilOpen(before);
        },
        async (end: End) => {
          const { readdirSync, closeSync } = await import('node:fs');
          for await (const _ of count(30)) {
            const socket = (await end.recvHandle()) as Socket;
            await new Promise<void>((resolve) => socket.once('close', resolve).end('x').resume());
            const fd = (await end.recvHandle()) as number;
            await end.sendHandle(fd);
            closeSync(fd);
            await end.send(readdirSync('/proc/self/fd').length);
          }
        },
      ),
    ));

  test('strangers at the keeper, and at a mailbox, get nothing and do nothing', async () => {
    const [mine, theirs] = pair();
    const handed = mine.sendHandle(0);
    await theirs.poll(60_000);
    const names = keepersHere();
    assert.ok(names.length > 0);
    for (const name of names) {
      const stranger = connect({ path: `\0${name}` });
      const answer = new Promise<Buffer>((resolve, reject) => stranger.once('data', resolve).once('error', reject));
      stranger.write(Buffer.alloc(32, 7));
      assert.deepEqual(await answer, Buffer.alloc(4));
      stranger.destroy();
    }
    closeSync((await theirs.recvHandle()) as number);
    await handed;

    const mailbox = descriptors().mailbox('manyhands-test-mailbox');
    const file = openSync('/dev/null', 'w');
    descriptors().post('manyhands-test-mailbox', file, Buffer.from('one'));
    descriptors().post('manyhands-test-mailbox', file, Buffer.from('two'));
    for (const text of ['one', 'two']) {
      const posted = descriptors().collect(mailbox);
      assert.equal(String(posted?.payload), text);
      writeSync(posted?.fd ?? -1, 'it can be written to');
      linux().close(posted?.fd ?? -1);
    }
    assert.equal(descriptors().collect(mailbox), undefined);
    closeSync(mailbox);
    closeSync(file);
    assert.throws(() => descriptors().post('manyhands-test-mailbox', 0, Buffer.from('x')), { code: 'ECONNREFUSED' });
    assert.throws(() => descriptors().duplicate(99_999), { code: 'EBADF' });
  });
});

/** The sockets at which this process keeps what it hands over; others' come and go. */
function keepersHere(): string[] {
  const own = new Set(readdirSync('/proc/self/fd').map((fd) => socketAt(fd)));
  const lines = readFileSync('/proc/net/unix', 'utf8').matchAll(/ (\d+) @(manyhands-[0-9a-f]{32})$/gm);
  return [...lines].flatMap(([, inode, name]) => (own.has(inode) ? [name as string] : []));
}

const socketAt = (fd: string): string | undefined => {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  } catch {
    return undefined; // the one that was open for this look
  }
};

function* count(rounds: number): Generator<number> {
  for (let i = 0; i < rounds; i++) yield i;
}
