/**
 * The errors of this library over a connection: they arrive as what they are, and nothing has to be allowed for it.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as errors from '../../src/errors/index.ts';
import { BufferTooShort, connect, DeadlockError, Full, ManyhandsError, WorkerDiedError } from '../../src/index.ts';
import { DataWriter } from '../../src/connections/data-writer.ts';
import { ownErrorClass } from '../../src/connections/own-errors.ts';
import { KEY, withEnds, withListener } from './ends.ts';
import { frame, Stranger } from './stranger.ts';

const PACKET = 0xe1;

type Any = new (...args: unknown[]) => ManyhandsError;

const isErrorClass = (thing: unknown): thing is Any =>
  thing === ManyhandsError || Object.prototype.isPrototypeOf.call(ManyhandsError, thing as object);

const classes = Object.entries<unknown>(errors).flatMap(([name, thing]) =>
  isErrorClass(thing) ? [[name, thing] as const] : [],
);

/** An error of any class: what their constructors take differs after the message. */
const made = (Class: Any): ManyhandsError =>
  new Class(
    `of ${Class.name}`,
    Class === BufferTooShort ? Buffer.from('all of it') : { code: 'ERR_MADE', worker: 'w' },
  );

describe('errors of this library over a connection', () => {
  test('every class is known', () => {
    assert.ok(classes.length >= 25, String(classes.length));
    for (const [name, Class] of classes) assert.equal(ownErrorClass(`manyhands.${name}`), Class);
  });

  for (const [name, Class] of classes) {
    test(`${name} arrives as ${name}, with all that it has`, () =>
      withEnds(async ({ client, server }) => {
        const error = made(Class);
        const why = new RangeError('why', { cause: made(Class) });
        Object.defineProperty(error, 'cause', { value: why, enumerable: false });
        await client.send({ error });
        const { error: copy } = (await server.recv()) as { readonly error: ManyhandsError };
        assert.equal(Object.getPrototypeOf(copy), Class.prototype);
        assert.equal(copy.message, error.message);
        assert.equal(copy.code, error.code);
        assert.equal(copy.stack, error.stack);
        assert.deepEqual(
          Object.keys(copy).sort(),
          [...Object.keys(error), ...(Class === BufferTooShort ? ['bytes'] : [])].sort(),
        );
        const cause = copy.cause as RangeError;
        assert.equal(cause.message, 'why');
        assert.ok(cause.cause instanceof Class);
      }));
  }

  test('what they know arrives as well: an item, bytes, waits, a dead worker', () =>
    withEnds(async ({ client, server }) => {
      const death = { worker: 'process 7', pid: 7, exitCode: null, signal: 'SIGKILL' } as const;
      const waits = [{ waiter: 'a', object: 'b', stack: 'c' }];
      await client.send([
        new Full('full', { item: [1n] }),
        new BufferTooShort('short', Buffer.from('bytes')),
        new DeadlockError('dead', { waits }),
        new WorkerDiedError('died', death),
      ]);
      const [full, short, deadlock, died] = (await server.recv()) as [
        Full,
        BufferTooShort,
        DeadlockError,
        WorkerDiedError,
      ];
      assert.deepEqual(full.value, { item: [1n] });
      assert.equal(String(short.bytes), 'bytes');
      assert.deepEqual(deadlock.waits, waits);
      assert.deepEqual([died.pid, died.signal], [7, 'SIGKILL']);
    }));

  test('one class for all: an error that is sent back is what it was', () =>
    withEnds(async ({ client, server }) => {
      await client.send(new Full('full', 1));
      await server.send(await server.recv());
      assert.ok((await client.recv()) instanceof Full);
    }));

  test('a subclass of one has to be allowed like any class', () =>
    withEnds(async ({ client, server }) => {
      class Local extends Full {}
      await assert.rejects(() => client.send(new Local('m', 1)), { name: 'EncodeError' });
      await client.send('next');
      assert.equal(await server.recv(), 'next');
    }));

  const forged = (nodes: readonly unknown[]): Buffer =>
    frame(PACKET, new DataWriter().write([0, nodes], 0, 1_000_000) as Buffer);

  test('the error of a later version is one of ours; a name that is none ends the connection', () =>
    withListener({}, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      const later = [
        'instance',
        1,
        { kind: 'error' },
        [
          ['message', 2],
          ['code', 3],
        ],
      ];
      stranger.socket.write(forged([later, ['global', 'manyhands.OfTomorrow'], ['raw', 'm'], ['raw', 'ERR_TOMORROW']]));
      const error = (await server.recv()) as ManyhandsError;
      assert.ok(error instanceof ManyhandsError);
      assert.deepEqual([error.message, error.code], ['m', 'ERR_TOMORROW']);
      for (const name of [
        'manyhands.constructor',
        'manyhands.',
        'manyhands.__proto__',
        'manyhands.Pool.x',
        'Full',
        7,
      ]) {
        const other = await Stranger.withKey(listener.address, KEY);
        const end = await listener.accept();
        other.socket.write(
          forged([
            ['instance', 1, { kind: 'error' }, []],
            ['global', name],
          ]),
        );
        await assert.rejects(() => end.recv(), { code: 'ERR_BAD_MESSAGE' }, String(name));
        other.close();
      }
      stranger.close();
      server.close();
    }));

  test('a class that is called to make itself: none of ours can be', () =>
    withListener({}, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      stranger.socket.write(
        forged([
          ['own', 1, 2],
          ['global', 'manyhands.Full'],
          ['raw', 'm'],
        ]),
      );
      stranger.socket.write(frame(0xd1, Buffer.from([2])));
      await assert.rejects(() => server.recv(), Error);
      const client = await connect({ ...listener.address, authKey: KEY });
      client.close();
      stranger.close();
      server.close();
    }));
});
