/**
 * Whoever speaks to a manager and means ill: without the key, with the key, and as a server.
 *
 * `MANYHANDS_FUZZ_SEED` for the messages that were printed.
 * @module
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  connect,
  connectManager,
  Listener,
  manage,
  type Managed,
  Manager,
  type PathAddress,
  Queue,
  type SocketConnection,
  task,
} from '../../src/index.ts';
import { encodeValue } from '../../src/connections/message-codec.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { Random } from '../connections/random.ts';
import { frame, Stranger } from '../connections/stranger.ts';
import { OutOfStock, Stock } from './fixtures/stock.ts';

const TIMEOUT = { timeout: 120_000 } as const;
const SEED = Number(process.env['MANYHANDS_FUZZ_SEED'] ?? randomInt(2 ** 32));
const KEY = 'the key';
const [CALL, GET, SET, ITERATE, ABORT, , , CLAIM, ROOT] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const [GAVE, THREW] = [1, 2];

type Raw = SocketConnection<readonly unknown[], unknown>;

/** Serves an object, for a test. */
async function withServed(
  options: object,
  body: (address: PathAddress, served: Managed<Stock>) => Promise<void>,
): Promise<void> {
  const address = { path: `\0manyhands-test-${process.pid}-${Math.random().toString(36).slice(2)}` };
  const served = await manage(new Stock(), { address, authKey: KEY, ...options });
  try {
    await body(address, served);
  } finally {
    await served[Symbol.asyncDispose]();
  }
}

/** A connection with the key, on which a test speaks for itself. */
const raw = (address: PathAddress): Promise<Raw> => connect({ ...address, authKey: KEY });

/** The code of the error that a message is answered with. */
async function refusal(connection: Raw, ...message: readonly unknown[]): Promise<unknown> {
  await connection.send(message);
  const [kind, , data] = await connection.recv({ timeout: 60_000 });
  assert.equal(kind, THREW);
  return (data as { readonly fields: { readonly code: string } }).fields.code;
}

/** The id of the object that an answer gives. */
const idIn = (answer: readonly unknown[]): string =>
  /[\w-]{16}/.exec(Buffer.from(answer[3] as Uint8Array).toString('latin1'))?.[0] as string;

describe('a stranger', TIMEOUT, () => {
  test('without the key hears nothing', async () => {
    await withServed({}, async (address, served) => {
      assert.equal(await rejectionCode(connectManager({ address, authKey: 'another key' })), 'ERR_AUTHENTICATION');
      assert.equal(await rejectionCode(connectManager({ address, authKey: null })), 'ERR_AUTHENTICATION');
      const stranger = await Stranger.connect(address);
      stranger.socket.write(new Random(1).bytes(1000));
      await stranger.readAll();
      assert.equal(await served.put(1), 1);
    });
  });

  test('with the key uses only what it was given, and only what that shows', async () => {
    await withServed({}, async (address, served) => {
      const other = await manage(new Stock());
      await other.put(1);
      const connection = await raw(address);
      for (const id of ['', 'guess', '__proto__', 'a'.repeat(1000)])
        assert.equal(await refusal(connection, GET, 1, id, 'count'), 'ERR_OBJECT_GONE');
      await connection.send([CLAIM, 'guess', 'ticket']); // no answer, no reference
      assert.equal(await refusal(connection, CALL, 2, 'guess', 'put', undefined, []), 'ERR_OBJECT_GONE');
      await connection.send([ROOT, 3]);
      const id = idIn(await connection.recv());
      for (const name of [
        '_hidden',
        '_secret',
        'constructor',
        '__proto__',
        'toString',
        'hasOwnProperty',
        'then',
        '__lookupGetter__',
        '',
      ])
        for (const kind of [CALL, GET, SET])
          assert.equal(await refusal(connection, kind, 4, id, name, undefined, []), 'ERR_NOT_EXPOSED', name);
      assert.equal(await refusal(connection, ITERATE, 5, id), 'ERR_NOT_EXPOSED');
      connection.close();
      assert.equal(await served.put(2), 2);
    });
  });

  test('names only what is allowed, and gives no proxies of elsewhere', async () => {
    const secret = task('test/managers secret', () => 'secret');
    await withServed({}, async (address) => {
      const stock = await connectManager<Stock>({ address, authKey: KEY });
      const loose = stock as unknown as { put(value: unknown): Promise<unknown> };
      assert.equal(await rejectionCode(loose.put(secret)), 'ERR_NOT_ALLOWED');
      assert.equal(await rejectionCode(loose.put(Stock)), 'ERR_NOT_ALLOWED');
      assert.equal(await rejectionCode(loose.put(new Stock())), 'ERR_NOT_ALLOWED');
      const elsewhere = await manage(new Stock());
      assert.equal(await rejectionCode(loose.put(elsewhere)), 'ERR_NOT_PORTABLE'); // its key stays here
    });
    await withServed({ allow: { modules: [new URL('./fixtures/stock.ts', import.meta.url)] } }, async (address) => {
      const taker = await connectManager<{ put(value: unknown): unknown }>({ address, authKey: KEY });
      assert.equal(typeof (await taker.put(new Stock())), 'string'); // '0[object Object]': it came
    });
  });

  test('at the other end of an ordinary connection gets no proxy, whose key it would have by that', async () => {
    const path = `\0manyhands-test-${process.pid}-ordinary`;
    const listener = await Listener.listen<unknown, unknown>({ path, authKey: KEY });
    const stock = await manage(new Stock());
    const [connection, theirs] = await Promise.all([connect({ path, authKey: KEY }), listener.accept()]);
    for (const value of [stock, { deep: [stock] }, new Map([['a', stock]])]) {
      const refused = (await rejection(connection.send(value))) as Error & { code: string };
      assert.equal(refused.code, 'ERR_NOT_PORTABLE');
      assert.match(refused.message, /key would be given away/);
    }
    await connection.send('the connection goes on');
    assert.equal(await theirs.recv(), 'the connection goes on');
    const queue = new Queue<typeof stock>();
    await queue.put(stock); // to who is of this program it goes
    assert.equal(await (await queue.get()).put(1), 1);
    connection.close();
    await listener.close();
  });

  test('that does not read what its calls throw is not read either, until it does', async () => {
    const text = 'x'.repeat(2 ** 17); // and once more in the stack
    let calls = 0;
    const address = { path: `\0manyhands-test-${process.pid}-deaf` };
    const failing = {
      fail(): never {
        calls += 1;
        throw new Error(text);
      },
    };
    const served = await manage(failing, { address, authKey: KEY });
    const reader = await raw(address);
    await reader.send([ROOT, 1]);
    const id = idIn(await reader.recv());
    for (let call = 2; call < 202; call++) await reader.send([CALL, call, id, 'fail', undefined, []]);
    const other = await raw(address); // whom the server has time for
    for (let i = 0; i < 50; i++) assert.equal(await refusal(other, GET, i + 1, 'none', 'none'), 'ERR_OBJECT_GONE');
    assert.ok(calls < 100, `${calls} quarters of a MiB are under way`);
    for (let call = 2; call < 202; call++) assert.equal((await reader.recv({ timeout: 60_000 }))[1], call);
    assert.equal(calls, 200);
    await served[Symbol.asyncDispose]();
  });

  test('has so many calls under way and no more: further ones fail, and what ends those is heard', async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const door = {
      wait: (signal?: AbortSignal): Promise<unknown> =>
        signal === undefined ? opened : once(signal, 'abort').then(() => 'gave up'),
      open: () => open(),
    };
    const address = { path: `\0manyhands-test-${process.pid}-many` };
    const served = await manage(door, { address, authKey: KEY });
    const client = await raw(address);
    await client.send([ROOT, 0]);
    const id = idIn(await client.recv());
    const most = 65_536;
    const signal = encodeValue([undefined], 100) as Buffer;
    await client.send([CALL, 1, id, 'wait', signal, [[0, false]]]);
    for (let call = 2; call <= most; call++) void client.send([CALL, call, id, 'wait', undefined, []]);
    assert.equal(await refusal(client, CALL, most + 1, id, 'open', undefined, []), 'ERR_TOO_MANY_CALLS');
    await client.send([ABORT, 1, 0, 'Error', 'enough']);
    assert.deepEqual((await client.recv()).slice(0, 2), [GAVE, 1]);
    await client.send([CALL, most + 2, id, 'open', undefined, []]);
    assert.equal((await client.recv())[1], most + 2);
    for (let call = 2; call <= 10; call++) assert.equal((await client.recv())[1], call);
    client.close();
    const confused = await raw(address);
    await confused.send([ROOT, 0]);
    const again = idIn(await confused.recv());
    for (let i = 0; i < 2; i++)
      await confused.send([CALL, 1, again, 'wait', encodeValue([undefined], 100), [[0, false]]]);
    assert.equal(await rejectionCode(confused.recv()), 'ERR_EOF'); // a number means one call
    await served[Symbol.asyncDispose]();
  });

  test("with the key may say anything: it ends its own connection and nobody else's", async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const random = new Random(SEED);
    await withServed({}, async (address, served) => {
      const honest = await connectManager<Stock>({ address, authKey: KEY });
      const part = (): unknown =>
        random.pick<() => unknown>([
          () => random.below(12),
          () => random.below(2 ** 31),
          () => -1,
          () => 1.5,
          () => 'count',
          () => '__proto__',
          () => random.bytes(random.below(40)),
          () => undefined,
          () => null,
          () => [
            [0, true],
            [9, false],
          ],
          () => ({ signal: 1 }),
          () => [part(), part()],
        ])();
      for (let round = 0; round < 300; round++) {
        if (round % 3 === 0) {
          const stranger = await Stranger.withKey(address, KEY);
          stranger.socket.write(frame(random.pick([0xb1, 0xd1, 0xe1, 7]), random.bytes(random.below(200))));
          stranger.socket.end();
          await stranger.readAll();
          continue;
        }
        const connection = await raw(address);
        for (let i = 0; i < 10; i++)
          await connection
            .send(random.below(20) === 0 ? part() : Array.from({ length: random.below(8) }, part))
            .catch(() => {});
        connection.close();
      }
      assert.equal(await honest.put(1), 1);
      assert.equal(await served.put(1), 2);
    });
  });
});

describe('a server that means ill', TIMEOUT, () => {
  test('may name what its own connectManager() allows, whatever another one of the same address allows', async () => {
    const path = `\0manyhands-test-${process.pid}-twice`;
    class Shop {
      readonly held: unknown[] = [];
      fail(): never {
        throw new OutOfStock(3);
      }
      large(): string {
        return 'x'.repeat(100_000);
      }
      shelf(): Stock {
        return new Stock();
      }
      async hold(each: unknown): Promise<number> {
        this.held.push(each);
        return (each as { put(more: number): Promise<number> }).put(2);
      }
    }
    const served = await manage(new Shop(), { address: { path }, authKey: KEY, proxies: ['shelf'] });
    const modules = [new URL('./fixtures/stock.ts', import.meta.url)];
    const options = { address: { path }, authKey: KEY };
    try {
      const wide = await connectManager<Shop, 'shelf'>({ ...options, allow: { modules: modules.values() } });
      const narrow = await connectManager<Shop, 'shelf'>(options);
      const small = await connectManager<Shop, 'shelf'>({ ...options, maxMessage: 10_000 });
      assert.equal(((await rejection(wide.fail())) as Error).constructor, OutOfStock);
      for (const each of [narrow, small]) assert.equal(((await rejection(each.fail())) as Error).constructor, Error);
      assert.equal((await wide.large()).length, 100_000);
      assert.equal(await rejectionCode(small.large()), 'ERR_MESSAGE_TOO_LARGE');
      const shelf = await wide.shelf();
      assert.equal(await narrow.hold(shelf), 2); // what one of them has been given the other may pass on
      await shelf[Symbol.asyncDispose]();
      assert.equal(await narrow.hold(await narrow.shelf()), 2);
    } finally {
      await served[Symbol.asyncDispose]();
    }
  });

  test('fails the calls of its clients and no more', async () => {
    const random = new Random(SEED + 1);
    const path = `\0manyhands-test-${process.pid}-evil`;
    const listener = await Listener.listen<readonly unknown[], unknown>({ path, authKey: KEY });
    const answers: readonly ((call: number) => unknown)[] = [
      () => 'no list',
      () => [],
      () => [1],
      (call) => [1, call, 0, 'no bytes'],
      (call) => [1, call, 0, random.bytes(30)],
      (call) => [1, call, 9],
      (call) => [2, call],
      (call) => [2, call, { name: 1, fields: null }, undefined, 0],
      (call) => [2, call, { name: 'Error', message: 'm', fields: {} }, random.bytes(10), 7],
      (call) => [7, call, 2],
    ];
    let answer = answers[0] as (call: number) => unknown;
    const serving = (async () => {
      for await (const connection of listener) {
        const [, call] = await connection.recv();
        await connection.send(answer(call as number)).catch(() => {});
        connection.close();
      }
    })();
    for (const each of answers) {
      answer = each;
      const outcome = await connectManager({ address: { path }, authKey: KEY }).then(
        () => 'resolved',
        (error: unknown) => error,
      );
      assert.notEqual(outcome, 'resolved', String(each));
    }
    await listener.close();
    await serving;
  });
});

describe('Manager.connect', TIMEOUT, () => {
  test('makes no pool that runs what a stranger says: no flags, no environment, not any number of workers', async () => {
    const address = { path: `\0manyhands-test-${process.pid}-pools` };
    const manager = new Manager({ address, authKey: KEY, kind: 'thread' });
    await manager.start();
    try {
      const client = await Manager.connect({ address, authKey: KEY });
      const code = 'data:text/javascript,process.exit(7)';
      const bad = [
        { kind: 'process', execArgv: ['--import', code] },
        { kind: 'process', env: { NODE_OPTIONS: `--import=${code}` } },
        { name: 'a name' },
        { resourceLimits: { maxOldGenerationSizeMb: 1 } },
        { workers: 65 },
        { workers: '65' },
        { kind: 'other' },
        null,
        'text',
      ];
      for (const options of bad)
        assert.equal(await rejectionCode(client.pool(options as object)), 'ERR_INVALID_OPTION', inspect(options));
      const pool = await client.pool({ kind: 'thread', workers: 1, tasksPerWorker: 2, grace: 10 });
      const made = await pool.submit(RangeError as unknown as (text: string) => RangeError, 'from a worker');
      assert.equal(made.message, 'from a worker');
    } finally {
      await manager.shutdown();
    }
  });

  test('makes what is ready or registered, not what is not allowed, and cannot shut it down', async () => {
    const address = { path: `\0manyhands-test-${process.pid}-manager` };
    const manager = new Manager({ address, authKey: KEY, register: { Stock }, kind: 'thread' });
    await manager.start();
    const client = await Manager.connect({ address, authKey: KEY });
    const dict = await client.dict([['a', 1]]);
    assert.equal(await dict.get('a'), 1);
    const stock = await client.create<Stock>('Stock');
    assert.equal(await stock.put(2), 2);
    assert.equal(await rejectionCode(client.create(Stock)), 'ERR_NOT_ALLOWED');
    assert.equal(await rejectionCode(client.shutdown()), 'ERR_INVALID_STATE');
    await client.publish('stock', stock);
    assert.equal(await (await manager.find<Stock>('stock')).count, 2);
    assert.equal(client.address, undefined);
    await client[Symbol.asyncDispose]();
    await manager.shutdown();
    assert.equal(await rejectionCode(client.dict()), 'ERR_MANAGER_GONE');
  });

  test('shows no more of what was registered than was said there', async () => {
    const address = { path: `\0manyhands-test-${process.pid}-rules` };
    const register = { Stock, Bare: { make: Stock, expose: ['put', 'upTo'], proxies: ['upTo'] } } as const;
    const manager = new Manager({ address, authKey: KEY, register, kind: 'thread' });
    await manager.start();
    try {
      const client = await Manager.connect({ address, authKey: KEY });
      const asked = (rules: object, name: string): Promise<Managed<Stock>> =>
        (client.createWith as Function).call(client, rules, name) as Promise<Managed<Stock>>;
      const refused = (await rejection(asked({ proxies: ['upTo'] }, 'Stock'))) as Error & { readonly code: unknown };
      assert.equal(refused.code, 'ERR_NOT_EXPOSED');
      assert.match(refused.message, /register: \{ Name: \{ make, proxies: \['upTo'\] \} \}/);
      for (const rules of [{}, { proxies: ['upTo'] }, { expose: ['put', 'take'] }]) {
        const bare = await asked(rules, 'Bare');
        assert.equal(await bare.put(2), 2);
        assert.equal(await rejectionCode(bare.take(1)), 'ERR_NOT_EXPOSED', inspect(rules));
      }
      const less = await asked({ expose: ['take'] }, 'Stock');
      assert.equal(await rejectionCode(less.put(1)), 'ERR_NOT_EXPOSED');
      assert.throws(() => new Manager({ register: { Bad: { make: 5 } as never } }), { code: 'ERR_INVALID_OPTION' });
    } finally {
      await manager.shutdown();
    }
  });
});
