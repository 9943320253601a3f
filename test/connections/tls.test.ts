/**
 * Connections over TLS: certificates, client certificates, and proofs that are bound to the session.
 * @module
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect as connectPlainly, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { connect as connectSecurely, createServer as createSecureServer, type TlsOptions } from 'node:tls';
import { AuthenticationError, connect, Listener, type PortAddress, Process } from '../../src/index.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { KEY, withEnds, withListener } from './ends.ts';
import { greetSecurely } from './fixtures/programs.ts';
import { stopTimers } from './stopped-timers.ts';

// made with: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost
//            -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout localhost.key.pem -out localhost.cert.pem
const read = (name: string): string => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8');
const cert = read('localhost.cert');
const key = read('localhost.key');
const tls: TlsOptions = { key, cert };
const trusting = { tls: { ca: cert } };

describe('TLS', () => {
  test('carries messages, large ones too', () =>
    withEnds(
      async ({ client, server }) => {
        await client.send({ a: [1, 2, 3] });
        assert.deepEqual(await server.recv(), { a: [1, 2, 3] });
        const bytes = Buffer.alloc(3_000_000, 'abc');
        const sending = server.sendBytes(bytes);
        assert.deepEqual(await client.recvBytes(), bytes);
        await sending;
        server.close();
        assert.equal(await rejectionCode(client.recv()), 'ERR_EOF');
      },
      { port: 0, tls },
      trusting,
    ));

  test('listenerclient-04: a client in another process connects and sends over TLS', () =>
    withListener({ port: 0, tls }, async (listener) => {
      const child = new Process(greetSecurely, [listener.address, KEY, cert]);
      child.start();
      const server = await listener.accept();
      assert.deepEqual(await server.recv(), { pid: child.pid });
      await server.send('hello');
      assert.equal(await child.join(), 'hello');
      server.close();
    }));

  test('a certificate that is not trusted, or not of this host, is an authentication error', () =>
    withListener({ port: 0, tls }, async (listener) => {
      const error = await rejection(connect({ ...listener.address, authKey: KEY, tls: {} }));
      assert.ok(error instanceof AuthenticationError);
      assert.match(error.message, /self-signed/);
      const address = { ...(listener.address as PortAddress), authKey: KEY };
      const other = await rejection(connect({ ...address, tls: { ca: cert, servername: 'elsewhere.example' } }));
      assert.ok(other instanceof AuthenticationError);
      const client = await connect({ ...address, ...trusting });
      (await listener.accept()).close();
      client.close();
    }));

  test('a wrong key is refused there too', () =>
    withListener({ port: 0, tls }, async (listener) => {
      const error = await rejection(connect({ ...listener.address, authKey: 'wrong', ...trusting }));
      assert.ok(error instanceof AuthenticationError);
      assert.match(error.message, /The listener refused/);
    }));

  test('with client certificates no key is needed', () =>
    withListener(
      { port: 0, authKey: null, tls: { ...tls, ca: cert, requestCert: true, rejectUnauthorized: true } },
      async (listener) => {
        const client = await connect({ ...listener.address, authKey: null, tls: { ca: cert, key, cert } });
        const server = await listener.accept();
        await client.send(1);
        assert.equal(await server.recv(), 1);
        await rejection(connect({ ...listener.address, authKey: null, ...trusting }));
        assert.ok(listener.refused >= 1);
        client.close();
        server.close();
      },
    ));

  test('plain clients, and those that hang, are turned away; TLS does not talk to plain listeners', async (t) => {
    const pass = stopTimers(t);
    await withListener({ port: 0, tls, handshakeTimeout: 60_000 }, async (listener) => {
      await rejection(connect({ ...listener.address, authKey: KEY }));
      const silent = connectPlainly(listener.address as { readonly port: number });
      await once(silent, 'connect');
      const client = await connect({ ...listener.address, authKey: KEY, ...trusting });
      (await listener.accept()).close();
      client.close();
      pass(60_000);
      await once(silent.resume(), 'close');
      assert.ok(listener.refused >= 2);
    });
    await withListener({ port: 0 }, async (listener) => {
      assert.ok((await rejection(connect({ ...listener.address, authKey: KEY, ...trusting }))) instanceof Error);
    });
  });

  test('who ends the TLS session in between cannot pass the proofs on, even if its certificate is trusted', () =>
    withListener({ port: 0, tls }, async (listener) => {
      const { port } = listener.address as PortAddress;
      const between = createSecureServer(tls, (victim) => {
        const onward = connectSecurely({ port, host: '127.0.0.1', ca: cert });
        victim
          .on('error', () => {})
          .pipe(onward)
          .on('error', () => {})
          .pipe(victim);
      });
      between.listen(0, '127.0.0.1');
      await once(between, 'listening');
      const address = { port: (between.address() as { readonly port: number }).port };
      assert.ok((await rejection(connect({ ...address, authKey: KEY, ...trusting }))) instanceof AuthenticationError);
      between.close();
      // who only carries the bytes is no harm
      const relay = createServer((victim) => {
        const onward = connectPlainly(port, '127.0.0.1');
        victim
          .on('error', () => {})
          .pipe(onward)
          .on('error', () => {})
          .pipe(victim);
      });
      relay.listen(0, '127.0.0.1');
      await once(relay, 'listening');
      const client = await connect({
        port: (relay.address() as { readonly port: number }).port,
        authKey: KEY,
        ...trusting,
      });
      const server = await listener.accept();
      await client.send(1);
      assert.equal(await server.recv(), 1);
      client.close();
      server.close();
      relay.close();
    }));

  test('options that cannot be used are refused', async () => {
    const wrong = { key: 'no key', cert: 'no certificate' };
    assert.equal(await rejectionCode(Listener.listen({ port: 0, authKey: KEY, tls: wrong })), 'ERR_INVALID_OPTION');
    assert.equal(await rejectionCode(connect({ port: 1, authKey: KEY, tls: wrong })), 'ERR_INVALID_OPTION');
    assert.equal(await rejectionCode(connect({ path: 'x', authKey: KEY, tls: {} })), 'ERR_INVALID_OPTION');
  });
});
