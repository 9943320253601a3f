/**
 * Listeners: addresses, what is in their way, accepting, closing.
 * @module
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  AddressError,
  connect,
  ConnectionClosedError,
  Listener,
  type ListenOptions,
  Process,
  waitAny,
} from '../../src/index.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { runProgram } from '../run-program.ts';
import { KEY, withFolder, withListener } from './ends.ts';
import { greet, listenAndDie } from './fixtures/programs.ts';

const posixOnly = process.platform === 'win32' && 'Windows has no socket files';
const linuxOnly = process.platform !== 'linux' && 'only Linux has abstract addresses';
const abstractName = (): string => `\0mhc-${process.pid}-${Math.random()}`;

describe('listenerclient-04: a client in another process connects and sends', () => {
  const families: readonly (readonly [string, Partial<ListenOptions>, false | string])[] = [
    ['Unix socket', {}, false],
    ['TCP, IPv4', { port: 0 }, false],
    ['TCP, IPv6', { port: 0, host: '::1' }, false],
    ['listenerclient-03: an abstract address', { path: abstractName() }, linuxOnly],
  ];
  for (const [what, options, skip] of families) {
    test(what, { skip }, () =>
      withListener(options, async (listener) => {
        const child = new Process(greet, [listener.address, KEY]);
        child.start();
        const connection = await listener.accept();
        const greeting = (await connection.recv()) as { readonly pid: number };
        assert.equal(greeting.pid, child.pid);
        await connection.send('and hello to you');
        assert.equal(await child.join(), 'and hello to you');
        assert.deepEqual(connection.remoteAddress, listener.lastAccepted);
        if (options.port === undefined) assert.deepEqual(connection.remoteAddress, listener.address);
        else assert.equal(connection.remoteAddress.host, options.host ?? '127.0.0.1');
        connection.close();
      }),
    );
  }
});

describe('closing', () => {
  test('listenerclient-01: a listener closes on scope exit; accept afterwards is an error', () =>
    withFolder(async (folder) => {
      const path = folder.at('s');
      const listener = await Listener.listen({ path, authKey: KEY });
      await listener[Symbol.asyncDispose]();
      assert.equal(listener.closed, true);
      const error = await rejection(listener.accept());
      assert.ok(error instanceof ConnectionClosedError);
      assert.equal(error.code, 'ERR_LISTENER_CLOSED');
      assert.equal(existsSync(path), false, 'its socket file is gone');
      await listener.close();
      assert.equal(await rejectionCode(connect({ path, authKey: KEY })), 'ERR_CONNECTION_REFUSED');
    }));

  test('listenerclient-01: a client closes on scope exit; use afterwards is an error', () =>
    withListener({}, async (listener) => {
      const client = await connect({ ...listener.address, authKey: KEY });
      client[Symbol.dispose]();
      assert.equal(client.closed, true);
      for (const use of [client.send(1), client.recv(), client.poll(), client.sendBytes(new Uint8Array(1))]) {
        assert.equal(await rejectionCode(use), 'ERR_CONNECTION_CLOSED');
      }
      const second = await connect({ ...listener.address, authKey: KEY });
      await second[Symbol.asyncDispose]();
      assert.equal(second.closed, true);
    }));

  test('ends the iteration, and an accept under way; accepted connections go on, others are closed', () =>
    withFolder(async (folder) => {
      const listener = await Listener.listen({ path: folder.at('s'), authKey: KEY });
      const client = await connect({ ...listener.address, authKey: KEY });
      const server = await listener.accept();
      const waiting = await connect({ ...listener.address, authKey: KEY });
      const seen: unknown[] = [];
      const iterating = (async () => {
        for await (const connection of listener) seen.push(connection);
      })();
      await client.send(1);
      assert.equal(await server.recv(), 1);
      const accepting = rejectionCode(listener.accept());
      await listener.close();
      assert.equal(await accepting, 'ERR_LISTENER_CLOSED');
      await iterating;
      assert.equal(seen.length, 1, 'the one that waited was accepted by the iteration');
      await client.send(2);
      assert.equal(await server.recv(), 2);
      for (const each of [client, server, waiting]) each.close();
    }));

  test('whoever waits to be accepted hears of it', () =>
    withFolder(async (folder) => {
      const listener = await Listener.listen({ path: folder.at('s'), authKey: KEY });
      const client = await connect({ ...listener.address, authKey: KEY });
      await listener.close();
      assert.equal(await rejectionCode(client.recv()), 'ERR_EOF');
    }));
});

const listening = fileURLToPath(new URL('./fixtures/listening.ts', import.meta.url));

describe('the socket file', { skip: posixOnly }, () => {
  for (const how of ['end', 'exit', 'throw', 'thread']) {
    test(`goes with a program that ends without closing: ${how}`, () =>
      withFolder(async (folder) => {
        const { stdout } = await runProgram(process.execPath, [...process.execArgv, listening, folder.at('s'), how]);
        assert.equal(stdout, 'listening\n');
        assert.deepEqual(readdirSync(folder.path), []);
      }));
  }

  test('of another listener stays, although it has taken the place of ours', () =>
    withFolder(async (folder) => {
      const path = folder.at('s');
      const first = await Listener.listen({ path, authKey: KEY });
      rmSync(path);
      const second = await Listener.listen({ path, authKey: KEY });
      await first.close();
      const client = await connect({ path, authKey: KEY });
      (await second.accept()).close();
      client.close();
      await second.close();
      assert.deepEqual(readdirSync(folder.path), []);
    }));

  for (const [what, folders] of [
    ['a relative path', ['here']],
    ['a relative path whose absolute one is too long for the system', ['x'.repeat(60), 'y'.repeat(60)]],
  ] as const) {
    test(`of ${what} is removed where it was made, and nowhere else`, () =>
      withFolder(async (folder) => {
        const here = join(folder.path, ...folders);
        mkdirSync(here, { recursive: true });
        writeFileSync(folder.at('s'), 'precious');
        const before = process.cwd();
        try {
          process.chdir(here);
          const listener = await Listener.listen({ path: './s', authKey: KEY });
          const client = await connect({ path: 's', authKey: KEY });
          process.chdir(folder.path);
          if (here.length < 100) {
            assert.equal(listener.address.path, join(here, 's'));
            (await connect({ ...listener.address, authKey: KEY })).close();
          }
          await listener.close();
          client.close();
        } finally {
          process.chdir(before);
        }
        assert.deepEqual(readdirSync(here), []);
        assert.equal(readFileSync(folder.at('s'), 'utf8'), 'precious');
      }));
  }
});

describe('accept', () => {
  test('waits as long as it should', () =>
    withListener({}, async (listener) => {
      assert.equal(await rejectionCode(listener.accept({ timeout: 10 })), 'ERR_TIMEOUT');
      assert.equal(await rejectionCode(listener.accept({ timeout: 0 })), 'ERR_TIMEOUT');
      const controller = new AbortController();
      const accepting = listener.accept({ signal: controller.signal });
      controller.abort(new Error('enough'));
      assert.match(String(await rejection(accepting)), /enough/);
      assert.match(String(await rejection(listener.accept({ signal: controller.signal }))), /enough/);
      assert.equal(await rejectionCode(listener.accept({ timeout: -1 })), 'ERR_INVALID_OPTION');
      // those who gave up took nothing with them
      const client = await connect({ ...listener.address, authKey: KEY });
      (await listener.accept()).close();
      client.close();
    }));

  test('serves in order of arrival, several at a time', () =>
    withListener({}, async (listener) => {
      const accepting = [1, 2, 3].map(() => listener.accept());
      const clients: Awaited<ReturnType<typeof connect>>[] = [];
      for (const number of [1, 2, 3]) {
        const client = await connect({ ...listener.address, authKey: KEY });
        await client.send(number);
        clients.push(client);
      }
      const servers = await Promise.all(accepting);
      assert.deepEqual(await Promise.all(servers.map((server) => server.recv())), [1, 2, 3]);
      for (const each of [...clients, ...servers]) each.close();
    }));

  test('a crowd that comes at once is served, all of it', () =>
    withListener({ handshakeTimeout: 120_000 }, async (listener) => {
      const COUNT = 300;
      const clients = Array.from({ length: COUNT }, async (_, number) => {
        const client = await connect({ ...listener.address, authKey: KEY, timeout: 120_000 });
        await client.send(number);
        assert.equal(await client.recv(), -number - 1);
        client.close();
      });
      let served = 0;
      for await (const connection of listener) {
        void connection.recv().then((number) => connection.send(-(number as number) - 1));
        served += 1;
        if (served === COUNT) break;
      }
      await Promise.all(clients);
      assert.equal(listener.refused, 0);
    }));
});

describe('waitAny', () => {
  test('sees a client that waits, a message, and the ends of both; it takes nothing', () =>
    withListener({}, async (listener) => {
      assert.deepEqual(await waitAny([listener], { timeout: 0 }), []);
      const waiting = waitAny([listener]);
      const client = await connect({ ...listener.address, authKey: KEY });
      assert.deepEqual(await waiting, [listener]);
      const server = await listener.accept();
      assert.deepEqual(await waitAny([listener, server], { timeout: 10 }), []);
      const message = waitAny([listener, server]);
      await client.send(1);
      assert.deepEqual(await message, [server]);
      assert.deepEqual(await waitAny([listener, server]), [server]);
      assert.equal(await server.recv(), 1);
      const end = waitAny([listener, server]);
      client.close();
      assert.deepEqual(await end, [server]);
      server.close();
      const closed = waitAny([listener]);
      await listener.close();
      assert.deepEqual(await closed, [listener]);
    }));
});

describe('addresses', () => {
  test('one in use is an error, and its listener is not disturbed', () =>
    withListener({}, async (listener) => {
      const error = await rejection(Listener.listen({ ...listener.address, authKey: KEY }));
      assert.ok(error instanceof AddressError);
      assert.equal(error.code, 'ERR_ADDRESS_IN_USE');
      assert.match(error.message, /another listener is there/);
      const client = await connect({ ...listener.address, authKey: KEY });
      (await listener.accept()).close();
      client.close();
    }));

  test('a port in use is an error', () =>
    withListener({ port: 0 }, async (listener) => {
      assert.equal(await rejectionCode(Listener.listen({ ...listener.address, authKey: KEY })), 'ERR_ADDRESS_IN_USE');
    }));

  test('an abstract address in use is an error', { skip: linuxOnly }, () =>
    withListener({ path: abstractName() }, async (listener) => {
      assert.equal(await rejectionCode(Listener.listen({ ...listener.address, authKey: KEY })), 'ERR_ADDRESS_IN_USE');
    }),
  );

  test('a listener that is busy or speaks something else is there all the same', () =>
    withFolder(async (folder) => {
      const server = createServer(() => {});
      server.listen(folder.at('s'));
      await once(server, 'listening');
      assert.equal(await rejectionCode(Listener.listen({ path: folder.at('s'), authKey: KEY })), 'ERR_ADDRESS_IN_USE');
      server.close();
    }));

  test('a socket file that a killed process left behind is replaced', { skip: posixOnly }, () =>
    withFolder(async (folder) => {
      const path = folder.at('s');
      const child = new Process(listenAndDie, [path]);
      child.start();
      await rejection(child.join());
      assert.ok(statSync(path).isSocket(), 'the child left a socket');
      assert.equal(await rejectionCode(connect({ path, authKey: KEY })), 'ERR_CONNECTION_REFUSED');
      // several find it at once: one of them gets it, the others hear of that one
      const outcomes = await Promise.allSettled([1, 2, 3].map(() => Listener.listen({ path, authKey: KEY })));
      const listeners = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      assert.equal(listeners.length, 1);
      for (const each of outcomes) {
        if (each.status === 'rejected') assert.equal((each.reason as AddressError).code, 'ERR_ADDRESS_IN_USE');
      }
      const client = await connect({ path, authKey: KEY });
      await listeners[0]?.close();
      assert.equal(await rejectionCode(client.recv()), 'ERR_EOF');
      assert.equal(existsSync(path), false);
    }),
  );

  test('anything else at the path is left alone', { skip: posixOnly }, () =>
    withFolder(async (folder) => {
      const path = folder.at('file');
      writeFileSync(path, 'precious');
      const error = await rejection(Listener.listen({ path, authKey: KEY }));
      assert.ok(error instanceof AddressError);
      assert.match(error.message, /a file that is no socket is there/);
      assert.equal(statSync(path).size, 8);
      symlinkSync(path, folder.at('link'));
      assert.equal(
        await rejectionCode(Listener.listen({ path: folder.at('link'), authKey: KEY })),
        'ERR_ADDRESS_IN_USE',
      );
      assert.equal(statSync(path).size, 8);
    }),
  );

  test('one that cannot be listened on says why', async () => {
    const options: readonly Partial<ListenOptions>[] = [{ port: 0, host: '192.0.2.1' }];
    const path = process.platform === 'win32' ? [] : [{ path: '/no/such/folder/s' }];
    for (const each of [...options, ...path]) {
      const error = await rejection(Listener.listen({ authKey: KEY, ...each }));
      assert.ok(error instanceof AddressError);
      assert.equal(error.code, 'ERR_LISTEN');
      assert.ok(error.cause instanceof Error);
    }
  });

  test('nobody there is an error', () =>
    withFolder(async (folder) => {
      const error = await rejection(connect({ path: folder.at('nobody'), authKey: KEY }));
      assert.ok(error instanceof AddressError);
      assert.equal(error.code, 'ERR_CONNECTION_REFUSED');
      const listener = await Listener.listen({ port: 0, authKey: KEY });
      await listener.close();
      assert.equal(await rejectionCode(connect({ ...listener.address, authKey: KEY })), 'ERR_CONNECTION_REFUSED');
    }));

  test('what is no address is refused', async () => {
    const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
      [{}, /either a path or a port/],
      [{ path: 'a', port: 1 }, /either a path or a port/],
      [{ path: '' }, /not empty/],
      [{ path: 7 }, /must be a string/],
      [{ port: -1 }, /0 to 65535/],
      [{ port: 65_536 }, /0 to 65535/],
      [{ port: 1.5 }, /0 to 65535/],
      [{ port: '80' }, /0 to 65535/],
      [{ port: 0, host: '' }, /host must be/],
      [{ port: 0, backlog: 0 }, /backlog must be/],
      [{ port: 0, maxPending: 0 }, /maxPending must be/],
      [{ port: 0, maxMessage: 0 }, /maxMessage must be/],
      [{ port: 0, maxMessage: 2 ** 31 }, /maxMessage must be/],
      [{ port: 0, handshakeTimeout: -1 }, /handshakeTimeout must be/],
      [{ port: 0, onRefused: 7 }, /onRefused must be/],
      [{ port: 0, allow: { modules: ['./jobs.js'] } }, /allow\.modules takes URLs/],
      [{ port: 0, allow: { tasks: 'resize' } }, /are lists/],
      [{ path: 'x', tls: {} }, /tls goes with a port/],
      ...(process.platform === 'win32' ? [] : [[{ path: `/${'x'.repeat(108)}` }, /bytes; the system takes/] as const]),
    ];
    for (const [options, expected] of wrong) {
      const error = await rejection(Listener.listen({ authKey: KEY, ...options }));
      assert.ok(error instanceof Error);
      assert.equal((error as { code?: unknown }).code, 'ERR_INVALID_OPTION', String(error));
      assert.match(error.message, expected);
    }
  });
});

describe('a process', () => {
  test('ends while it listens and is connected, when nobody waits', async () => {
    await withFolder(async (folder) => {
      const program = new URL('./fixtures/idle.ts', import.meta.url);
      const child = spawn(process.execPath, [fileURLToPath(program), folder.at('s')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(text, 'received hello\nleft\n');
      assert.equal(code, 0);
    });
  });
});
