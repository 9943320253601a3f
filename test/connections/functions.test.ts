/**
 * Functions, classes and instances over a connection: by name only, and only what is allowed.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connect, EncodeError, MessageTooLargeError, Process, ProtocolError, task } from '../../src/index.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { DataWriter } from '../../src/connections/data-writer.ts';
import { KEY, withEnds, withListener } from './ends.ts';
import { double, kept, Point, Secret, Thenable, triple } from './fixtures/jobs.ts';
import { floodWithSymbols, sendJobs } from './fixtures/programs.ts';
import { frame, Stranger } from './stranger.ts';

const jobs = new URL('./fixtures/jobs.ts', import.meta.url);
const below = new URL('./fixtures/', import.meta.url);
const PACKET = 0xe1;

const square = task('connections-square', (x: number) => x * x);

/** The frame of a packet that nobody of ours would make. */
const forged = (root: number, nodes: readonly unknown[]): Buffer =>
  frame(PACKET, new DataWriter().write([root, nodes], 0, 1_000_000) as Buffer);

type Fn = (x: number) => number;

describe('what is allowed arrives', () => {
  test('tasks, by name', () =>
    withEnds(
      async ({ client, server }) => {
        await client.send({ fns: [square, triple], x: 4 });
        const { fns, x } = (await server.recv()) as { readonly fns: readonly Fn[]; readonly x: number };
        assert.deepEqual(
          fns.map((fn) => fn(x)),
          [16, 12],
        );
        assert.equal(fns[0], square);
      },
      { allow: { tasks: ['connections-square', 'connections-triple'] } },
    ));

  test('exports of a module, and instances of its classes, exactly or by prefix', async () => {
    for (const modules of [[jobs], [jobs.href], [below.href]]) {
      await withEnds(
        async ({ client, server }) => {
          const point = new Point(3, 4);
          await client.send([double, point, new Secret('s'), point]);
          const [fn, one, secret, other] = (await server.recv()) as [Fn, Point, Secret, Point];
          assert.equal(fn, double);
          assert.ok(one instanceof Point);
          assert.equal(one.length, 5);
          assert.equal(one, other);
          assert.equal(secret.reveal(), 's');
        },
        { allow: { modules } },
      );
    }
  });

  test('errors of the standard classes need no leave', () =>
    withEnds(async ({ client, server }) => {
      const error = new RangeError('too far', { cause: new Error('why') });
      await client.send({ error: Object.assign(error, { by: 7 }) });
      const { error: copy } = (await server.recv()) as { readonly error: RangeError & { readonly by: number } };
      assert.ok(copy instanceof RangeError);
      assert.equal(copy.message, 'too far');
      assert.equal(copy.by, 7);
      assert.equal((copy.cause as Error).message, 'why');
      assert.equal(copy.stack, error.stack);
    }));

  test('registered symbols, URLs, objects without a prototype, buffers beside them', () =>
    withEnds(async ({ client, server }) => {
      const key = Symbol.for('connections');
      const nothing = Object.assign(Object.create(null) as object, { a: 1 });
      await client.send({
        [key]: new URL('https://x.y/z'),
        nothing,
        error: new DOMException('m', 'AbortError'),
        b: Buffer.from('b'),
      });
      const copy = (await server.recv()) as Record<PropertyKey, unknown>;
      assert.equal(String(copy[key]), 'https://x.y/z');
      assert.equal(Object.getPrototypeOf(copy['nothing']), null);
      assert.deepEqual(copy['b'], Buffer.from('b'));
      assert.equal((copy['error'] as DOMException).name, 'AbortError');
    }));

  test('a module is imported where it is allowed, by a process that had not', () =>
    withListener({}, async (listener) => {
      const child = new Process(sendJobs, [listener.address, KEY, jobs.href]);
      child.start();
      const connection = await listener.accept();
      await connection.send([double, 21]);
      assert.deepEqual(await connection.recv(), { before: 0, result: 42, after: 1 });
      connection.close();
      await child.join();
    }));
});

describe('what is not allowed', () => {
  test('fails the recv that takes it, imports nothing, and the rest goes on', () =>
    withListener({}, async (listener) => {
      const child = new Process(sendJobs, [listener.address, KEY, undefined]);
      child.start();
      const connection = await listener.accept();
      await connection.send([double, 21]);
      const answer = (await connection.recv()) as Record<string, unknown>;
      assert.equal(answer['code'], 'ERR_NOT_ALLOWED');
      assert.match(String(answer['message']), /'double' of file:.*jobs\.ts, which this side does not allow/);
      assert.equal(answer['imported'], 0);
      await connection.send('and now data');
      assert.equal(await connection.recv(), 'and now data');
      connection.close();
      await child.join();
    }));

  test('a task that is not on the list, or on it and not registered', () =>
    withEnds(
      async ({ client, server, listener }) => {
        await client.send(triple);
        assert.equal(await rejectionCode(server.recv()), 'ERR_NOT_ALLOWED');
        const stranger = await Stranger.withKey(listener.address, KEY);
        const other = await listener.accept();
        stranger.socket.write(forged(0, [['task', 'nobody']]));
        stranger.socket.write(frame(0xd1, Buffer.from([2])));
        assert.equal(await rejectionCode(other.recv()), 'ERR_TASK');
        assert.equal(await other.recv(), true);
        stranger.close();
        other.close();
      },
      { allow: { tasks: ['connections-square', 'nobody'] } },
    ));

  const unsendable: Readonly<Record<string, readonly [value: unknown, path: string | undefined]>> = {
    closure: [() => withEnds, 'value'],
    'nested closure': [{ opts: { onDone: () => 1 } }, 'value > .opts > .onDone'],
    'local class': [
      class Local {
        readonly a = 1;
      },
      'value',
    ],
    'instance of a local class': [
      [
        new (class Local {
          readonly a = 1;
        })(),
      ],
      undefined,
    ],
    'global function': [{ parse: JSON.parse }, 'value > .parse'],
    'global class': [Map, 'value'],
    'function of a module of Node': [assert.equal, undefined],
    'bound function': [double.bind(null, 1), 'value'],
    'function that its module keeps to itself': [{ fn: kept() }, 'value > .fn'],
    'function called then': [[{ deep: { then: double } }], 'value > .0 > .deep > .then'],
    'standard class called then': [{ then: RangeError }, 'value > .then'],
    'array with a function called then': [Object.assign([1], { then: square }), 'value > .then'],
    'error with a function called then': [Object.assign(new Error('x'), { then: double }), 'value > .then'],
    'instance of a class with a method called then': [new Thenable(), 'value'],
    'class with a static method called then': [Thenable, 'value'],
    'shared memory': [new Uint8Array(new SharedArrayBuffer(8)), undefined],
    'a buffer that grows': [new ArrayBuffer(8, { maxByteLength: 16 }), undefined],
  };
  for (const [what, [value, path]] of Object.entries(unsendable)) {
    test(`sending a ${what} fails that send only`, () =>
      withEnds(
        async ({ client, server }) => {
          const error = await rejection(client.send(value));
          assert.ok(error instanceof EncodeError, String(error));
          if (path !== undefined) {
            assert.equal(error.code, 'ERR_NOT_PORTABLE');
            assert.equal(error.path, path);
          }
          await client.send('next');
          assert.equal(await server.recv(), 'next');
        },
        { allow: { modules: [below] } },
      ));
  }

  test('sending arrays that are mostly empty, and large all together, fails that send only', () =>
    withEnds(async ({ client, server }) => {
      const sparse = (count: number): unknown[] =>
        Array.from({ length: count }, () => Object.assign([Symbol.for('x')], { length: 100_000 }));
      const text = 'x'.repeat(100_000); // no array may be longer than the message
      const error = await rejection(client.send([text, sparse(100)]));
      assert.ok(error instanceof MessageTooLargeError, String(error));
      assert.match(error.message, /its arrays, which are mostly empty/);
      await client.send([text, sparse(5)]);
      assert.equal(((await server.recv()) as [string, unknown[]])[1].length, 5);
    }));

  test('a class with a static method called then may be inside', () =>
    withEnds(
      async ({ client, server }) => {
        await client.send([Thenable, { then: 'no function' }]);
        assert.deepEqual(await server.recv(), [Thenable, { then: 'no function' }]);
        await client.send({ then: 'no function' });
        assert.deepEqual(await server.recv(), { then: 'no function' });
      },
      { allow: { modules: [below] } },
    ));

  test('sends keep their order while a module is asked what it exports', () =>
    withEnds(
      async ({ client, server }) => {
        const first = client.send({ n: 1, fn: double });
        const second = client.send({ n: 2 });
        const third = client.sendBytes(Buffer.from([3]));
        await Promise.all([first, second, third]);
        assert.equal(((await server.recv()) as { readonly n: number }).n, 1);
        assert.deepEqual(await server.recv(), { n: 2 });
        assert.deepEqual(await server.recv(), Buffer.from([3]));
      },
      { allow: { modules: [below] } },
    ));
});

describe('what somebody with the key forges', () => {
  const ref = (url: string, path: unknown, esm: unknown = true): unknown[] => ['reference', url, esm, path];
  const evil = new URL('../../closures/task.ts', below).href;
  const refused: Readonly<Record<string, readonly unknown[][]>> = {
    'a module elsewhere': [ref(evil, ['x'])],
    'a module elsewhere, by two dots': [ref(`${below.href}../../closures/x.ts`, ['x'])],
    'a module elsewhere, by two dots in disguise': [ref(`${below.href}%2e%2e/x.ts`, ['x'])],
    'a module elsewhere, by backslashes': [ref(`${below.href}..\\x.ts`, ['x'])],
    'another instance of a module': [ref(`${jobs.href}?1`, ['double'])],
    'a module of Node': [ref('node:child_process', ['execSync'])],
    'a module that is text': [ref('data:text/javascript,globalThis.evil=1', ['x'])],
    'a file': [ref('/etc/passwd', ['x'], false)],
    'no URL': [ref('x', ['x'])],
  };
  for (const [what, nodes] of Object.entries(refused)) {
    test(`${what} is not allowed`, () => withForged(nodes, 'ERR_NOT_ALLOWED', true));
  }

  const absent: Readonly<Record<string, readonly unknown[][]>> = {
    'Function, through a function': [ref(jobs.href, ['double', 'constructor'])],
    'a method of all functions': [ref(jobs.href, ['double', 'bind'])],
    'the prototype of a prototype': [ref(jobs.href, ['Point', '__proto__'])],
    'an accessor': [ref(jobs.href, ['Point', 'prototype', 'length'])],
    'what is no function': [ref(jobs.href, ['holder'])],
    'what is not there': [ref(jobs.href, ['nothing'])],
  };
  for (const [what, nodes] of Object.entries(absent)) {
    test(`${what} is not found`, () => withForged(nodes, 'ERR_NOT_FOUND', true));
  }

  const malformed: Readonly<Record<string, readonly unknown[]>> = {
    'source text': [['function', 't', 0, 0, undefined, [], undefined]],
    'a call': [['call', 't', 1, []], ref(jobs.href, ['double'])],
    'a global': [['global', ['process', 'exit']]],
    'the global Function': [['global', 'Function']],
    'a module of Node by its own node': [['builtin', 'fs', ['readFileSync']]],
    require: [['require', evil]],
    'a namespace': [['namespace', jobs.href]],
    'an import': [['import', jobs.href, 'node:fs', 'readFileSync', undefined]],
    'shared memory': [['memory', { pid: 1, fd: 3 }, 'Uint8Array', 0, 8]],
    'a variable of a module': [ref(jobs.href, [{ get: 'x' }])],
    'a path of nothing': [ref(jobs.href, [])],
    'a kind of module that is none': [ref(jobs.href, ['double'], 1)],
    'text made by anything': [['made', 'Function', 'return 1']],
    'text made by Temporal’s neighbour': [['made', 'Temporal.__proto__', 'x']],
    'an object of a class that is data': [
      ['instance', 1, { kind: 'object' }, []],
      ['raw', { prototype: {} }],
    ],
    'an object of no kind': [
      ['instance', 1, { kind: 'evil' }, []],
      ['global', 'Error'],
    ],
    'own data of no class': [
      ['own', 1, 1],
      ['raw', 1],
    ],
    'a node beyond the end': [['object', false, [['a', 1]]]],
    'a node before the start': [['object', false, [['a', -1]]]],
    'half a node': [['object', false, [['a', 0.5]]]],
    'a key that is data': [['object', false, [[0, 0]]]],
    'a giant array': [['array', 4_000_000_000, []]],
    'an item beyond the end of an array': [
      ['array', 2, [['7', 1]]],
      ['raw', 1],
    ],
    'the length of an array': [
      ['array', 2, [['length', 1]]],
      ['raw', 1],
    ],
    'arrays that are large all together': [
      ['raw', 'x'.repeat(50_000)],
      ...Array.from({ length: 100 }, () => ['array', 50_000, []]),
    ],
    'a promise': [
      ['object', false, [['then', 1]]],
      ['global', 'RangeError'],
    ],
    'a promise inside': [
      ['object', false, [['inside', 1]]],
      ['object', true, [['then', 2]]],
      ref(jobs.href, ['double']),
    ],
    'an array that is a promise': [
      ['array', 0, [['then', 1]]],
      ['global', 'RangeError'],
    ],
    'an error that is a promise': [
      ['instance', 1, { kind: 'error' }, [['then', 1]]],
      ['global', 'RangeError'],
    ],
    'a DOMException that is a promise': [
      ['dom-exception', 'm', 'AbortError', undefined, [['then', 1]]],
      ['global', 'RangeError'],
    ],
    'an instance of a class that makes promises': [
      ['instance', 1, { kind: 'object' }, []],
      ref(jobs.href, ['Thenable']),
    ],
    'a class that is a promise': [ref(jobs.href, ['Thenable'])],
    'a symbol with a long name': [['symbol', 'x'.repeat(257)]],
    'nodes that are none': [7],
    'no nodes': [],
  };
  for (const [what, nodes] of Object.entries(malformed)) {
    test(`${what} is malformed: that connection ends`, () => withForged(nodes, 'ERR_BAD_MESSAGE', false));
  }

  test('symbols without end: they are never collected, so that connection ends', async () => {
    // in a process of its own, since it is the process that has so many and no more
    const child = new Process(floodWithSymbols, [KEY]);
    child.start();
    assert.equal(await child.join(), 'ERR_BAD_MESSAGE');
  });

  test('whose symbols have no end ends that connection, and others name as many as ever', () =>
    withListener({}, async (listener) => {
      const flood = async (name: string, count: number): Promise<string> => {
        const stranger = await Stranger.withKey(listener.address, KEY);
        const server = await listener.accept();
        try {
          for (let i = 0; i < count; i += 1000) {
            const named = Array.from({ length: 1000 }, (_, k) => ['symbol', `${name} ${i + k}`]);
            stranger.socket.write(forged(0, named));
            await server.recv();
          }
          return 'no end';
        } catch (error) {
          assert.match(String(error), /the other side has named too many symbols/);
          assert.equal(server.closed, true);
          return 'ended';
        } finally {
          stranger.close();
          server.close();
        }
      };
      assert.equal(await flood('of the first', 11_000), 'ended');
      assert.equal(await flood('of the second', 10_000), 'no end');
    }));

  test('symbols that come back to whoever has named them do not count', () =>
    withEnds(async ({ client, server }) => {
      for (let i = 0; i < 5; i++) {
        const symbols = Array.from({ length: 1000 }, (_, k) => Symbol.for(`there and back ${i} ${k}`));
        await client.send(symbols);
        await server.send(await server.recv());
        assert.deepEqual(await client.recv(), symbols);
      }
      for (let i = 0; i < 10; i++) {
        await server.send(Array.from({ length: 1000 }, (_, k) => Symbol.for(`of the other side ${i} ${k}`)));
        await client.recv();
      }
    }));

  test('a name does no more than name', () =>
    withEnds(
      async ({ listener }) => {
        const stranger = await Stranger.withKey(listener.address, KEY);
        const server = await listener.accept();
        stranger.socket.write(
          forged(0, [
            [
              'instance',
              1,
              { kind: 'object' },
              [
                ['__proto__', 2],
                ['constructor', 2],
              ],
            ],
            ref(jobs.href, ['Point']),
            ['raw', { polluted: true }],
          ]),
        );
        const point = await server.recv();
        assert.ok(point instanceof Point);
        assert.ok(Object.hasOwn(point, '__proto__'));
        assert.equal(({} as { polluted?: unknown }).polluted, undefined);
        stranger.close();
        server.close();
      },
      { allow: { modules: [below] } },
    ));

  /** Sends a forged packet to a listener that allows the fixtures; then whether the connection goes on. */
  function withForged(nodes: readonly unknown[], code: string, goesOn: boolean): Promise<void> {
    return withListener({ allow: { modules: [below] } }, async (listener) => {
      const stranger = await Stranger.withKey(listener.address, KEY);
      const server = await listener.accept();
      stranger.socket.write(forged(0, nodes));
      stranger.socket.write(frame(0xd1, Buffer.from([2])));
      const error = await rejection(server.recv());
      assert.equal((error as { readonly code?: unknown }).code, code, String(error));
      if (goesOn) {
        assert.equal(await server.recv(), true);
      } else {
        assert.ok(error instanceof ProtocolError);
        assert.equal(server.closed, true);
        await stranger.readAll();
      }
      assert.equal((globalThis as { evil?: unknown }).evil, undefined);
      // and the listener goes on
      const client = await connect({ ...listener.address, authKey: KEY });
      client.close();
      stranger.close();
      server.close();
    });
  }
});
