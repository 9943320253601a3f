/**
 * The handshake: who gets in, and who does not, whatever they send.
 * @module
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  AddressError,
  AuthenticationError,
  connect,
  EOFError,
  Listener,
  ProtocolError,
  TimeoutError,
} from '../../src/index.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { KEY, withFolder, withListener } from './ends.ts';
import { stopTimers } from './stopped-timers.ts';
import { fakeListener, HELLO, hello, PROOF, proof, Stranger } from './stranger.ts';

/** A listener whose refusals are awaited one by one. */
function withRefusals(
  options: Parameters<typeof withListener>[0],
  body: (listener: Listener, nextRefusal: () => Promise<Error>) => Promise<void>,
): Promise<void> {
  const refusals: Error[] = [];
  let wake = (): void => {};
  const onRefused = (error: Error): void => {
    refusals.push(error);
    wake();
  };
  const next = async (): Promise<Error> => {
    while (refusals.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return refusals.shift() as Error;
  };
  return withListener({ ...options, onRefused }, (listener) => body(listener, next));
}

/** That somebody honest is still served. */
async function assertServes(listener: Listener, authKey: string | Uint8Array | null = KEY): Promise<void> {
  const client = await connect({ ...listener.address, authKey });
  const server = await listener.accept();
  await client.send('are you there?');
  assert.equal(await server.recv(), 'are you there?');
  client.close();
  server.close();
}

describe('keys', () => {
  test('a wrong key is an error on either side, and the listener goes on', () =>
    withRefusals({}, async (listener, nextRefusal) => {
      const error = await rejection(connect({ ...listener.address, authKey: 'wrong' }));
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.code, 'ERR_AUTHENTICATION');
      assert.ok((await nextRefusal()) instanceof AuthenticationError);
      assert.equal(listener.refused, 1);
      await assertServes(listener);
    }));

  test('no key where one is wanted, and a key where none is', async () => {
    await withRefusals({}, async (listener, nextRefusal) => {
      const error = await rejection(connect({ ...listener.address, authKey: null }));
      assert.ok(error instanceof AuthenticationError);
      assert.match(error.message, /The listener has a key and the client has none/);
      assert.match((await nextRefusal()).message, /The listener has a key and the client has none/);
      await assertServes(listener);
    });
    await withRefusals({ authKey: null }, async (listener) => {
      const error = await rejection(connect({ ...listener.address, authKey: KEY }));
      assert.ok(error instanceof AuthenticationError);
      assert.match(error.message, /The client has a key and the listener has none/);
      await assertServes(listener, null);
    });
  });

  test('to have no key has to be said', async () => {
    for (const authKey of [undefined, 7, {}, true]) {
      assert.equal(await rejectionCode(Listener.listen({ port: 0, authKey: authKey as never })), 'ERR_INVALID_OPTION');
      assert.equal(await rejectionCode(connect({ port: 1, authKey: authKey as never })), 'ERR_INVALID_OPTION');
    }
  });

  for (const empty of ['', new Uint8Array(0)]) {
    test(`listenerclient-02: an empty key is a key (${typeof empty})`, () =>
      withListener({ authKey: empty }, async (listener) => {
        await assertServes(listener, empty);
        assert.equal(await rejectionCode(connect({ ...listener.address, authKey: null })), 'ERR_AUTHENTICATION');
        assert.equal(await rejectionCode(connect({ ...listener.address, authKey: 'x' })), 'ERR_AUTHENTICATION');
        // the handshake happens: who says nothing is not let in
        const silent = await Stranger.connect(listener.address);
        silent.socket.write(Buffer.concat([hello(), Buffer.alloc(PROOF)]));
        assert.equal((await silent.readAll()).length, HELLO + PROOF);
      }));
  }

  test('keys may be bytes, of any length, and are compared whole', async () => {
    const key = randomBytes(1000);
    await withListener({ authKey: key }, async (listener) => {
      await assertServes(listener, key);
      await assertServes(listener, Uint8Array.from(key));
      const other = Uint8Array.from(key);
      other[999] = (other[999] as number) ^ 1;
      assert.equal(await rejectionCode(connect({ ...listener.address, authKey: other })), 'ERR_AUTHENTICATION');
    });
  });
});

describe('what a listener is sent instead of a proof', () => {
  test('listenerclient-05: a bogus reply to the challenge', () =>
    withRefusals({}, async (listener, nextRefusal) => {
      const client = await Stranger.connect(listener.address);
      client.socket.write(hello());
      await client.read(HELLO);
      client.socket.write(Buffer.concat([Buffer.from([1]), randomBytes(32)]));
      const verdict = await client.readAll();
      assert.equal(verdict.length, PROOF);
      assert.ok(
        verdict.every((byte) => byte === 0),
        'a refusal proves nothing',
      );
      assert.ok((await nextRefusal()) instanceof AuthenticationError);
      await assertServes(listener);
    }));

  test('a proof that was right once', () =>
    withRefusals({}, async (listener, nextRefusal) => {
      const first = await Stranger.connect(listener.address);
      const ours = hello();
      first.socket.write(ours);
      const ourProof = proof(KEY, 'client', ours, await first.read(HELLO));
      first.socket.write(ourProof);
      assert.equal((await first.read(PROOF))[0], 1);
      const second = await Stranger.connect(listener.address);
      second.socket.write(ours);
      await second.read(HELLO);
      second.socket.write(ourProof);
      assert.equal((await second.readAll())[0], 0);
      assert.ok((await nextRefusal()) instanceof AuthenticationError);
      first.close();
    }));

  test("the listener's own hello, and the proof that another session would get", () =>
    withRefusals({}, async (listener, nextRefusal) => {
      const client = await Stranger.connect(listener.address);
      client.socket.write(hello());
      const theirs = await client.read(HELLO);
      const mirror = await Stranger.connect(listener.address);
      mirror.socket.write(theirs);
      await mirror.readAll();
      assert.match((await nextRefusal()).message, /both listeners/);
      // the listener's nonce as the client's own
      const same = await Stranger.connect(listener.address);
      const ours = hello({ nonce: Buffer.from(theirs.subarray(32)) });
      same.socket.write(ours);
      const answer = await same.read(HELLO);
      same.socket.write(proof(KEY, 'listener', ours, answer));
      assert.equal((await same.readAll())[0], 0, 'the role is part of a proof');
      client.close();
    }));

  const hellos: readonly (readonly [string, Parameters<typeof hello>[0], RegExp])[] = [
    ['another protocol', { magic: 'GET / HT' }, /another protocol/],
    ['another version', { version: 2 }, /version 2 .* version 1/],
    ['a digest that is too weak', { digest: 'md5' }, /the digest "md5"/],
    ['no digest', { digest: '' }, /the digest ""/],
  ];
  for (const [what, parts, expected] of hellos) {
    test(`a hello of ${what}`, () =>
      withRefusals({}, async (listener, nextRefusal) => {
        const client = await Stranger.connect(listener.address);
        client.socket.write(hello(parts));
        await client.readAll();
        assert.match((await nextRefusal()).message, expected);
        await assertServes(listener);
      }));
  }

  test('a hello that was changed on the way: the limit, for example, is part of the proof', () =>
    withRefusals({}, async (listener, nextRefusal) => {
      const client = await Stranger.connect(listener.address);
      client.socket.write(hello({ limit: 7 }));
      const theirs = await client.read(HELLO);
      client.socket.write(proof(KEY, 'client', hello({ limit: 1000 }), theirs));
      assert.equal((await client.readAll())[0], 0);
      assert.ok((await nextRefusal()) instanceof AuthenticationError);
    }));

  test('one byte at a time is as good as all at once', () =>
    withListener({}, async (listener) => {
      const client = await Stranger.connect(listener.address);
      const ours = hello();
      client.socket.setNoDelay(true);
      for (const byte of ours) client.socket.write(Buffer.from([byte]));
      const theirs = await client.read(HELLO);
      for (const byte of proof(KEY, 'client', ours, theirs)) client.socket.write(Buffer.from([byte]));
      const verdict = await client.read(PROOF);
      assert.deepEqual(verdict, proof(KEY, 'listener', ours, theirs));
      (await listener.accept()).close();
      client.close();
    }));
});

describe('what a client is sent instead of a proof', () => {
  const fakes: readonly (readonly [string, (client: Stranger) => Promise<void>, RegExp])[] = [
    [
      'listenerclient-06: a bogus welcome after the challenge was answered',
      async (client) => {
        await client.read(HELLO);
        client.socket.write(hello({ role: 1 }));
        await client.read(PROOF);
        client.socket.write(Buffer.concat([Buffer.from([1]), randomBytes(32)]));
      },
      /could not show that it has our key/,
    ],
    [
      'its own proof',
      async (client) => {
        await client.read(HELLO);
        client.socket.write(hello({ role: 1 }));
        client.socket.write(await client.read(PROOF));
      },
      /could not show that it has our key/,
    ],
    [
      'its own hello',
      async (client) => {
        client.socket.write(await client.read(HELLO));
      },
      /both clients/,
    ],
    [
      'something else',
      async (client) => {
        client.socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      },
      /another protocol/,
    ],
  ];
  for (const [what, answer, expected] of fakes) {
    test(what, () =>
      withFolder(async (folder) => {
        const server = await fakeListener(folder.at('s'), answer);
        const error = await rejection(connect({ path: folder.at('s'), authKey: KEY }));
        assert.ok(error instanceof AuthenticationError || error instanceof ProtocolError);
        assert.match(error.message, expected);
        server.close();
      }),
    );
  }

  test('nothing: it gives up in time', () =>
    withFolder(async (folder) => {
      const clients: Stranger[] = [];
      const server = await fakeListener(folder.at('s'), async (client) => void clients.push(client));
      const error = await rejection(connect({ path: folder.at('s'), authKey: KEY, timeout: 50 }));
      assert.ok(error instanceof TimeoutError);
      const controller = new AbortController();
      const connecting = connect({ path: folder.at('s'), authKey: KEY, signal: controller.signal });
      controller.abort(new Error('enough'));
      assert.match(String(await rejection(connecting)), /enough/);
      assert.match(
        String(await rejection(connect({ path: folder.at('s'), authKey: KEY, signal: controller.signal }))),
        /enough/,
      );
      for (const client of clients) client.close();
      server.close();
    }));

  test('a hang-up', () =>
    withFolder(async (folder) => {
      const server = await fakeListener(folder.at('s'), async (client) => {
        await client.read(HELLO);
        client.socket.end();
      });
      assert.ok((await rejection(connect({ path: folder.at('s'), authKey: KEY }))) instanceof EOFError);
      server.close();
    }));
});

describe('limits for those who have not authenticated themselves', () => {
  test('time: a peer that hangs in the handshake goes, and nobody waits for it', (t) => {
    const pass = stopTimers(t);
    return withRefusals({ handshakeTimeout: 60_000 }, async (listener, nextRefusal) => {
      const silent = await Stranger.connect(listener.address);
      const half = await Stranger.connect(listener.address);
      half.socket.write(hello().subarray(0, 20));
      await assertServes(listener);
      assert.equal(listener.refused, 0);
      pass(60_000);
      assert.ok((await nextRefusal()) instanceof TimeoutError);
      assert.ok((await nextRefusal()) instanceof TimeoutError);
      assert.equal((await silent.readAll()).length, 0);
      assert.equal((await half.readAll()).length, 0);
    });
  });

  test('number: one too many, and the oldest goes', () =>
    withRefusals({ maxPending: 3 }, async (listener, nextRefusal) => {
      const [first, second, third] = [
        await Stranger.connect(listener.address),
        await Stranger.connect(listener.address),
        await Stranger.connect(listener.address),
      ];
      await assertServes(listener);
      const refusal = await nextRefusal();
      assert.ok(refusal instanceof AddressError);
      assert.equal(refusal.code, 'ERR_CONNECTION_REFUSED');
      await first?.readAll();
      for (const each of [second, third]) {
        each?.socket.write(hello());
        assert.equal((await each?.read(HELLO))?.length, HELLO, 'the younger ones are still there');
        each?.close();
      }
    }));

  test('backlog: whoever is one too many to wait for accept is told', () =>
    withListener({ backlog: 2 }, async (listener) => {
      const clients = [
        await connect({ ...listener.address, authKey: KEY }),
        await connect({ ...listener.address, authKey: KEY }),
      ];
      assert.equal(await rejectionCode(connect({ ...listener.address, authKey: KEY })), 'ERR_CONNECTION_REFUSED');
      for (let left = 2; left > 0; left--) (await listener.accept()).close();
      await assertServes(listener);
      for (const client of clients) client.close();
    }));

  test('a client gone before accept: its connection says so, and the next is served', () =>
    withListener({}, async (listener) => {
      (await connect({ ...listener.address, authKey: KEY })).close();
      (await Stranger.connect(listener.address)).close();
      const server = await listener.accept();
      assert.ok((await rejection(server.recv())) instanceof EOFError);
      server.close();
      await assertServes(listener);
    }));

  test('what a client sends before its proof is not looked at', () =>
    withRefusals({}, async (listener, nextRefusal) => {
      const client = await Stranger.connect(listener.address);
      client.socket.write(Buffer.concat([hello(), Buffer.alloc(PROOF), Buffer.alloc(1_000_000, 0xd1)]));
      await client.readAll();
      assert.ok((await nextRefusal()) instanceof AuthenticationError);
      await assertServes(listener);
    }));
});

// listenerclient-07 (explicit digest prefix, legacy 20-byte form): the digest is named in each hello ('a hello of a digest …'
// above); there is no legacy form, since this protocol is not CPython's on the wire.
