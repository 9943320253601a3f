/**
 * Sockets, servers, files and descriptors from one process to another.
 * @module
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Pipe, Process, Thread } from '../../src/index.ts';
import { connected, type End, listening, pair, portOf, textOf, withChild, withServer } from './handle-ends.ts';
import { type Folder, withFolder } from './ends.ts';

describe('handles between processes', { skip: process.platform !== 'linux', timeout: 600_000 }, () => {
  test('pipeconnection-03: a socket goes to a child, and its peer notices nothing; here it is closed', () =>
    withServer((server) =>
      withChild(async (end, child) => {
        const [client, socket] = await connected(server);
        const text = textOf(client);
        await end.send('end it');
        await end.sendHandle(socket);
        assert.equal(socket.destroyed, true);
        assert.equal(await text, `from ${child.pid}`);
      }),
    ));

  test('a socket of Unix as well', () =>
    withFolder((folder: Folder) =>
      withChild(async (end, child) => {
        const path = folder.at('u');
        const server = await listening(createServer(), { path });
        const [client, socket] = await connected(server, { path });
        await end.send('end it');
        await end.sendHandle(socket);
        assert.equal(await textOf(client), `from ${child.pid}`);
        server.close();
      }),
    ));

  test('what was read of a socket and not delivered goes along, what comes later too', () =>
    withServer((server) =>
      withChild(async (end) => {
        const [client, socket] = await connected(server);
        client.write('early ');
        while (socket.readableLength === 0) await new Promise((resolve) => socket.once('readable', resolve));
        socket.removeAllListeners('readable');
        socket.pause();
        await end.send('echo');
        await end.sendHandle(socket);
        client.end('and late');
        assert.equal(await textOf(client), 'early and late');
      }),
    ));

  test('a socket may be kept: both sides have it', () =>
    withServer((server) =>
      withChild(async (end, child) => {
        const [client, socket] = await connected(server);
        socket.write('from here ');
        await end.send('end it');
        await end.sendHandle(socket, { keepOpen: true });
        assert.equal(socket.destroyed, false);
        assert.equal(await textOf(client), `from here from ${child.pid}`);
        socket.destroy();
      }),
    ));

  test('a server listens in both; in the child alone, when it is not kept', () =>
    withChild(async (end, child) => {
      const server = await listening(createServer());
      const port = portOf(server);
      await end.send('listen');
      await end.sendHandle(server);
      assert.equal(await end.recv(), 'listens');
      assert.equal(server.listening, true);
      server.close();
      assert.equal(await textOf(connect(port, '127.0.0.1')), `served by ${child.pid}`);
      const other = await listening(createServer());
      const otherPort = portOf(other);
      await end.send('listen');
      await end.sendHandle(other, { keepOpen: false });
      assert.equal(other.listening, false);
      assert.equal(await end.recv(), 'listens');
      assert.equal(await textOf(connect(otherPort, '127.0.0.1')), `served by ${child.pid}`);
    }));

  test('files and descriptors stay open here, and have one position', () =>
    withFolder((folder: Folder) =>
      withChild(async (end) => {
        const path = folder.at('f');
        const file = await open(path, 'w');
        await file.write('parent\n');
        await end.send('append');
        await end.sendHandle(file);
        assert.equal(await end.recv(), 'written');
        await file.write('parent again\n');
        await end.send('write');
        await end.sendHandle(file.fd);
        assert.equal(await end.recv(), 'number');
        await end.send('append');
        await end.sendHandle(file, { keepOpen: false });
        assert.equal(await end.recv(), 'written');
        assert.equal(file.fd, -1);
        assert.equal(readFileSync(path, 'utf8'), 'parent\nchild\nparent again\nchild\nchild\n');
      }),
    ));

  test('handles come back, and go from sibling to sibling', async () => {
    const [toFirst, first] = pair();
    const [one, other] = pair();
    const [toLast, last] = pair();
    const pass = async (from: End, to: End): Promise<void> => to.sendHandle(await from.recvHandle());
    const children = [new Process(pass, [first, one]), new Process(pass, [other, last])];
    for (const child of children) child.start();
    for (const end of [first, one, other, last]) end.close();
    await withServer(async (server) => {
      const [client, socket] = await connected(server);
      await toFirst.sendHandle(socket);
      const back = (await toLast.recvHandle()) as Socket;
      assert.ok(back instanceof Socket);
      assert.equal(back.remotePort, client.localPort);
      back.end('round trip');
      assert.equal(await textOf(client), 'round trip');
    });
    for (const child of children) await child.join();
  });

  test('messages and handles keep their order, also before the first handle was ever sent', async () => {
    const [mine, theirs] = pair();
    const thread = new Thread(
      async (end: End) => {
        const sent = [
          end.send(1),
          end.sendHandle(2),
          end.send(3),
          end.sendBytes(Buffer.of(4)),
          end.sendHandle(1),
          end.send(6),
        ];
        const blocked = (): void => end.sendSync(5);
        let code = '';
        try {
          blocked();
        } catch (error) {
          code = (error as { readonly code: string }).code;
        }
        await Promise.all(sent);
        end.sendSync('at the end');
        return code;
      },
      [theirs],
    );
    thread.start();
    theirs.close();
    const got: unknown[] = [];
    for (const kind of ['v', 'h', 'v', 'b', 'h', 'v', 'v']) {
      if (kind === 'v') got.push(await mine.recv());
      else if (kind === 'b') got.push(...(await mine.recvBytes()));
      else {
        const fd = (await mine.recvHandle()) as number;
        got.push(typeof fd);
        closeSync(fd);
      }
    }
    assert.deepEqual(got, [1, 'number', 3, 4, 'number', 6, 'at the end']);
    assert.equal(await thread.join(), 'ERR_INVALID_STATE');
  });

  test('an end that is closed while it hands its first handle over is closed once, though its thread has it twice', async () => {
    const thread = new Thread(async () => {
      const [pipe, way] = [new Pipe<string>({ scope: 'process' }), new Pipe<End>({ scope: 'process' })];
      await way.left.send(pipe.right);
      const again = await way.right.recv();
      const fd = openSync('/dev/null', 'r');
      const sent = pipe.right.sendHandle(fd);
      pipe.right.close();
      closeSync((await pipe.left.recvHandle()) as number);
      await sent;
      closeSync(fd);
      await again.send('still here');
      const got = await pipe.left.recv();
      const more = await pipe.left.recv({ timeout: 100 }).catch((error: { readonly code: string }) => error.code);
      again.close();
      return [got, more, await pipe.left.recv().catch((error: { readonly code: string }) => error.code)];
    });
    thread.start();
    assert.deepEqual(await thread.join(), ['still here', 'ERR_TIMEOUT', 'ERR_EOF']);
  });
});
