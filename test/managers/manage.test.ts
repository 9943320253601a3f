/**
 * Objects of this thread's, used by proxies.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { EventEmitter, once } from 'node:events';
import { manage, Managed, ManagerError, Pool, Process, Queue, Thread } from '../../src/index.ts';
import { rejection, rejectionCode } from '../contract/with-pool.ts';
import { OutOfStock, Stock } from './fixtures/stock.ts';

const TIMEOUT = { timeout: 120_000 } as const;

/** An object with one of everything. */
class Everything {
  readonly inner = new Stock();
  readonly nested = { list: [1, { deep: true }], map: new Map([['a', new Set([1])]]), date: new Date(0) };
  count = 0;
  _private = 1;
  get double(): number {
    return this.count * 2;
  }
  get broken(): number {
    throw new RangeError('no value');
  }
  add(by = 1): number {
    this.count += by;
    return this.count;
  }
  child(): Stock {
    return this.inner;
  }
  children(): Stock[] {
    return [this.inner, new Stock()];
  }
  taken(): { mine: number[] } {
    return { mine: [1] };
  }
  me(): this {
    return this;
  }
  nothing(): void {}
  fn(): () => void {
    return () => {};
  }
  async later(value: unknown): Promise<unknown> {
    return value;
  }
  fail(thrown: unknown): never {
    throw thrown;
  }
  outOfStock(): never {
    throw new OutOfStock(2);
  }
  endless(options: { signal?: AbortSignal }): Promise<void> {
    return new Promise((_, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
    });
  }
  async *counting(): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      this.count = -1;
    }
  }
  _hidden(): void {}
  #secret(): void {}
  usesSecret(): void {
    this.#secret();
  }
  *[Symbol.iterator](): Generator<string> {
    yield* ['a', 'b'];
  }
}

const RULES = { proxies: ['child', 'children', 'inner'], copies: ['taken'] } as const;

describe('a proxy of an object of this thread', TIMEOUT, () => {
  test('calls methods, reads and writes properties, iterates', async () => {
    const proxy = await manage(new Everything(), RULES);
    assert.equal(await proxy.add(), 1);
    assert.equal(await proxy.add(4), 5);
    assert.equal(await proxy.count, 5);
    assert.equal(await proxy.double, 10);
    assert.equal(await proxy.nothing(), undefined);
    assert.equal(await proxy.later(undefined), undefined);
    await Managed.set(proxy, 'count', 1);
    assert.equal(await proxy.count, 1);
    const letters: string[] = [];
    for await (const letter of proxy) letters.push(letter);
    assert.deepEqual(letters, ['a', 'b']);
    assert.ok((await rejection(proxy.broken)) instanceof RangeError);
    assert.ok((await rejection(Managed.set(proxy, 'double', 3))) instanceof TypeError); // there is only a getter
  });

  test('looks like what it is: no promise, printable, no name too many', async () => {
    const proxy = await manage(new Everything(), RULES);
    assert.equal((proxy as { then?: unknown }).then, undefined);
    assert.equal(await Promise.resolve(proxy), proxy);
    assert.match(inspect(proxy), /^Managed<Everything> \{ inner, nested, count, double, broken, add\(\), /);
    assert.doesNotMatch(inspect(proxy), /_hidden|#secret|constructor/);
    assert.equal(Managed.is(proxy), true);
    for (const other of [{}, null, 1, new Everything()]) assert.equal(Managed.is(other), false);
    assert.equal(JSON.stringify({ proxy }), '{"proxy":{}}');
    for (const name of ['count', 'mispelled', '_private'])
      assert.throws(() => Object.assign(proxy, { [name]: 2 }), { name: 'TypeError', message: /Managed\.set/ }, name);
    assert.throws(() => Object.assign(proxy, { add: () => 2 }), TypeError);
    assert.equal(await proxy.add(0), 0);
    assert.deepEqual(Object.keys(proxy), []);
  });

  test('gives frozen copies, so that no change is lost in silence', async () => {
    const proxy = await manage(new Everything(), RULES);
    const nested = (await proxy.nested) as Everything['nested'];
    assert.deepEqual(nested, new Everything().nested);
    assert.throws(() => nested.list.push(2), TypeError);
    assert.throws(() => ((nested.list[1] as { deep: boolean }).deep = false), TypeError);
    assert.throws(() => nested.map.set('b', new Set()), /would be lost/);
    assert.throws(() => nested.map.get('a')?.add(2), /would be lost/);
    assert.throws(() => nested.date.setTime(1), /would be lost/);
    const own = structuredClone(nested);
    own.map.get('a')?.add(2);
    own.list.push(3);
    assert.deepEqual(await proxy.later(nested), nested); // what is frozen can be sent
    const given = await proxy.taken();
    given.mine.push(2); // named in `copies`
    const args = [1, 2];
    await proxy.later(args);
    args.push(3); // arguments are read, not frozen
  });

  test('gives proxies of what is named in `proxies`, of iterators, of what is managed; itself for itself', async () => {
    const proxy = await manage(new Everything(), RULES);
    const child = await proxy.child();
    assert.equal(await child.put(3), 3);
    assert.equal(await (await proxy.inner).count, 3);
    const [first, second] = await proxy.children();
    assert.equal(await first?.count, 3);
    assert.equal(await second?.count, 0);
    assert.equal(await proxy.me(), proxy);
    const seen: number[] = [];
    for await (const each of await proxy.counting()) {
      seen.push(each);
      if (each === 2) break;
    }
    assert.deepEqual(seen, [0, 1, 2]);
    assert.equal(await proxy.count, -1); // leaving the loop has ended the generator
    const stock = new Stock();
    const one = await manage(stock);
    const holder = await manage({ give: () => stock });
    await one.put(1);
    assert.equal(await ((await holder.give()) as unknown as typeof one).count, 1);
    assert.deepEqual([...(await Array.fromAsync(await child.upTo(3)))], [0, 1, 2]);
  });

  test('yields copies or proxies, as it is told', async () => {
    const rows = [new Set([1]), new Set([2])];
    const table = { all: () => rows.values(), [Symbol.iterator]: () => rows.values() };
    for await (const row of await manage({ ...table })) assert.throws(() => (row as Set<number>).add(1), TypeError);
    const own = await manage({ ...table }, { copies: [Symbol.iterator, 'all'] });
    for await (const row of own) row.add(9);
    for await (const row of await own.all()) row.add(9);
    assert.deepEqual(rows, [new Set([1]), new Set([2])]);
    const near = await manage({ ...table }, { proxies: [Symbol.iterator, 'all'] });
    for await (const row of near) await row.add(3);
    for await (const row of await near.all()) await row.add(4);
    assert.deepEqual(rows, [new Set([1, 3, 4]), new Set([2, 3, 4])]);
    const some = await manage({ rows, [Symbol.iterator]: () => rows.values() }, { expose: ['rows'] });
    assert.equal((some as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator], undefined);
    assert.equal(await rejectionCode(manage({}, { proxies: [Symbol.iterator] as never })), 'ERR_INVALID_OPTION');
  });

  test('refuses what is private or not there, and says what there is', async () => {
    const proxy = await manage(new Everything(), RULES);
    const loose = proxy as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const name of ['_hidden', '_private', 'mispelled', '__defineGetter_']) {
      const refused = (await rejection((loose[name] as () => Promise<unknown>)())) as ManagerError;
      assert.ok(refused instanceof ManagerError, name);
      assert.equal(refused.code, 'ERR_NOT_EXPOSED');
      assert.match(refused.message, /Methods: add, child, .*Properties: inner, nested, count, double, broken/);
    }
    const narrow = new Everything();
    const some = await manage(narrow, { expose: ['add', 'count'] });
    assert.equal(await some.add(), 1);
    const all = await manage(narrow); // without rules: by the default ones
    assert.equal(await all.double, 2);
    assert.deepEqual(await manage(narrow), all);
    assert.equal(await rejectionCode(some.child()), 'ERR_NOT_EXPOSED');
    assert.equal(await rejectionCode(Managed.set(some, 'double', 1)), 'ERR_NOT_EXPOSED');
    for (const rules of [
      { expose: ['_hidden'] },
      { expose: ['none'] },
      { proxies: ['none'] },
      { expose: 'add' },
      { authKey: 'x' },
    ])
      assert.equal(await rejectionCode(manage(new Everything(), rules as never)), 'ERR_INVALID_OPTION', inspect(rules));
    for (const nothing of [null, 5, 'text', () => {}, proxy])
      assert.equal(await rejectionCode(manage(nothing as object)), 'ERR_INVALID_OPTION');
    assert.equal(await rejectionCode(Managed.release({} as AsyncDisposable)), 'ERR_INVALID_OPTION');
  });

  test('errors arrive with their class, their fields, and both stacks', async () => {
    const proxy = await manage(new Everything());
    const out = await rejection(proxy.outOfStock());
    assert.ok(out instanceof OutOfStock);
    assert.equal(out.missing, 2);
    assert.match(
      out.stack ?? '',
      /at Everything\.outOfStock [^]*--- Everything\.outOfStock\(\) in process \d+ was called here:\n.*manage\.test/,
    );
    assert.doesNotMatch(out.stack ?? '', /calledByClient|session\.ts/);
    const cause = new SyntaxError('inside');
    const chained = (await rejection(proxy.fail(new TypeError('outside', { cause })))) as TypeError;
    assert.ok(chained instanceof TypeError && chained.cause instanceof SyntaxError);
    const many = (await rejection(proxy.fail(new AggregateError([new RangeError('one')], 'many')))) as AggregateError;
    assert.ok(many instanceof AggregateError && many.errors[0] instanceof RangeError);
    assert.equal(await rejection(proxy.fail('a text')), 'a text');
    assert.equal(await rejection(proxy.fail(undefined)), undefined);
    class Local extends Error {
      override readonly name = 'Local';
      readonly detail = 7;
    }
    const fails = await manage({ go: () => { throw new Local('of this file'); } }); // biome-ignore format: one line
    const local = (await rejection(fails.go())) as Local;
    assert.deepEqual([local.name, local.message, local.detail], ['Local', 'of this file', 7]);
  });

  test('whatever a method throws is an answer: errors without a class, proxies that were revoked', async () => {
    const { proxy: revoked, revoke } = Proxy.revocable(new Error('not to be seen'), {});
    revoke();
    const strange = Object.defineProperty(new Error('strange'), 'constructor', { get: () => assert.fail('read') });
    const odd = await manage({
      later: async () => Promise.reject(revoked),
      now: () => { throw revoked; }, // biome-ignore format: one line
      strange: async () => Promise.reject(strange),
      items: function* items() { yield 1; }, // biome-ignore format: one line
      fine: () => 1,
    });
    for (const call of [odd.later(), odd.now()]) assert.equal(typeof (await rejection(call)), 'string');
    assert.equal(((await rejection(odd.strange())) as Error).message, 'strange');
    const items = (await odd.items()) as unknown as { throw(error: unknown): Promise<unknown> };
    const thrown = await rejection(items.throw(Object.assign(new Error('x'), { constructor: undefined })));
    assert.equal((thrown as Error).message, 'x');
    assert.equal(await odd.fine(), 1);
  });

  test('an error is told whatever its stack is, and however many lines its message has', async () => {
    const lines = 'a line\n'.repeat(80_000);
    const deep = new Error('deep');
    const odd = await manage({
      noText: () => { throw Object.defineProperty(new OutOfStock(1), 'stack', { value: 5, enumerable: true }); }, // biome-ignore format: one line
      noStack: () => { throw Object.defineProperty(new Error('none'), 'stack', { value: undefined }); }, // biome-ignore format: one line
      long: () => { throw new OutOfStock(lines as never); }, // biome-ignore format: one line
      again: async () => { throw await rejection(inner.fail()); }, // biome-ignore format: one line
    });
    const inner = await manage({ fail: () => { throw deep; } }); // biome-ignore format: one line
    const noText = await rejection(odd.noText());
    assert.ok(noText instanceof OutOfStock);
    assert.match(noText.stack ?? '', /^Error: 1 too few\n {4}--- Object\.noText\(\) in process \d+ was called here:\n/);
    assert.match(((await rejection(odd.noStack())) as Error).stack ?? '', /^Error: none\n[^]* {4}--- Object\.noStack/);
    const before = process.cpuUsage(); // both sides are this thread
    assert.match(((await rejection(odd.long())) as Error).stack ?? '', /at (?:Object\.)?long .*\n {4}--- Object\.long/);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 3_000_000, `${(user + system) / 1000} ms of the processor`);
    const { stack = '' } = (await rejection(odd.again())) as Error;
    assert.match(stack, /--- Object\.fail\(\)[^]*manage\.test[^]*--- Object\.again\(\)[^]*manage\.test/);
  });

  test('what cannot travel fails its own call and nothing else', async () => {
    const proxy = await manage(new Everything());
    assert.equal(await rejectionCode(proxy.later(() => {})), 'ERR_NOT_PORTABLE');
    assert.equal(await rejectionCode(proxy.later(Promise.resolve())), 'ERR_PROMISE');
    assert.equal(await rejectionCode(proxy.fn()), 'ERR_NOT_PORTABLE');
    assert.equal(await rejectionCode(proxy.later(new Uint8Array(65 * 1024 * 1024))), 'ERR_MESSAGE_TOO_LARGE');
    const large = await manage({ give: () => new Uint8Array(65 * 1024 * 1024), small: () => 1 });
    assert.equal(await rejectionCode(large.give()), 'ERR_MESSAGE_TOO_LARGE');
    assert.equal(await large.small(), 1);
    assert.equal(await proxy.add(), 1);
  });

  test('a call that cannot be sent before there is a connection leaves it to the next one', async () => {
    const text = { length: (given: string) => given.length };
    for (let turns = 0; turns < 6; turns++) {
      const address = { path: `\0manyhands-test-${process.pid}-unsent-${turns}` };
      const served = await manage(text, { address, authKey: 'key', maxMessage: 2000 });
      const again = async (error: unknown): Promise<number> => {
        assert.equal((error as { readonly code?: unknown }).code, 'ERR_MESSAGE_TOO_LARGE');
        for (let turn = 0; turn < turns; turn++) await null;
        return served.length('four');
      };
      const tooLong = 'x'.repeat(1978); // the message is, which holds it
      assert.equal(await served.length(tooLong).catch(again), 4);
      await Managed.release(served);
    }
  });

  test('a signal is passed on, by itself or in options, and its reason comes back', async () => {
    const proxy = await manage(new Everything());
    const giveUp = new AbortController();
    const waiting = proxy.endless({ signal: giveUp.signal });
    assert.equal(await proxy.add(), 1); // it has begun
    const reason = { any: 'thing' };
    giveUp.abort(reason);
    assert.equal(await rejection(waiting), reason);
    const direct = await manage({
      wait: async (signal: AbortSignal) => {
        await once(new EventEmitter(), 'never', { signal });
      },
    });
    const late = (await rejection(direct.wait(AbortSignal.timeout(5)))) as Error;
    assert.equal(late.name, 'AbortError');
  });

  test('calls begin in the order in which they were made, also behind one whose value has to be looked up', async () => {
    const seen: unknown[] = [];
    const proxy = await manage({ add: (value: unknown) => void seen.push(value) });
    await Promise.all([proxy.add(new OutOfStock(1)), proxy.add(2), proxy.add(Stock), proxy.add(4)]);
    assert.deepEqual(
      seen.map((each) => typeof each),
      ['object', 'number', 'function', 'number'],
    );
  });

  test('travels as an argument, a capture, a result, an item, and in another managed object', async () => {
    const proxy = await manage(new Everything());
    for (const Worker of [Thread, Process]) {
      const argument = new Worker(async (each: typeof proxy) => each.add(), [proxy]);
      argument.start();
      await argument.join();
      const capture = new Worker(async () => {
        await proxy.add();
        return proxy;
      });
      capture.start();
      const back = (await capture.join()) as typeof proxy;
      await back.add();
    }
    assert.equal(await proxy.count, 6);
    const queue = new Queue<typeof proxy>();
    await queue.put(proxy);
    await (await queue.get()).add();
    const pool = new Pool({ kind: 'thread', workers: 2 });
    try {
      await pool.map(async (by: number) => proxy.add(by), [1, 1, 1, 1]);
    } finally {
      await pool.close();
    }
    assert.equal(await proxy.count, 11);
    const holder = await manage({ held: undefined as unknown, hold(each: unknown) { this.held = each; }, give() { return { inside: [this.held] }; } }); // biome-ignore format: short
    await holder.hold(proxy);
    const { inside } = (await holder.give()) as { inside: [typeof proxy] };
    await inside[0].add();
    assert.equal(await proxy.count, 12);
  });
});
