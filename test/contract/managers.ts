/**
 * What managers promise, whether they are threads or processes. A test that begins with an id is a row of the table of behaviours.
 *
 * Not here: managerproxies-10 and -11 (an error that is raised again leaves nothing behind) are in `test/managers/references.test.ts`;
 * sharedmemorysh-06 has nothing to test: no process watches over names, so none can be told wrongly (`shared/README.md`).
 * @module
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Managed, Manager, type ManagedQueue, type PathAddress, Process, Thread } from '../../src/index.ts';
import { OutOfStock, square, Stock, stockWith } from '../managers/fixtures/stock.ts';
import { rejection, rejectionCode } from './with-pool.ts';

/** For waits that are to end by themselves. */
const PATIENCE = { timeout: 60_000 } as const;
const TIMEOUT = { timeout: 120_000 } as const;
const VALUES = [1, 'two', null, { three: [3] }] as const;

/** Somewhere that nobody else listens. */
const anAddress = (): PathAddress => ({
  path: `\0manyhands-test-${process.pid}-${Math.random().toString(36).slice(2)}`,
});

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The contract of managers. */
export function managersContract(kind: 'thread' | 'process'): void {
  const Worker = kind === 'thread' ? Thread : Process;
  /** For all tests that need none of their own. */
  const manager = new Manager({ kind, register: { square } });

  /** Runs a function elsewhere, to its end. */
  async function elsewhere<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    const worker = new Worker(fn as never, args as never);
    worker.start();
    return (await worker.join()) as Awaited<R>;
  }

  describe(`a manager: ${kind}`, TIMEOUT, () => {
    before(() => manager.start());
    after(() => manager.shutdown());

    test('managerproxies-01: a list has what arrays have', async () => {
      const list = await manager.list(VALUES as readonly unknown[]);
      assert.equal(await list.length, 4);
      assert.equal(await list.push(5, 6), 6);
      assert.equal(await list.at(-1), 6);
      await list.set(0, 'one');
      await list.set(-1, 'six');
      assert.deepEqual(await list.slice(0, 2), ['one', 'two']);
      await list.insert(1, 'between');
      assert.equal(await list.unshift('first'), 8);
      assert.equal(await list.shift(), 'first');
      assert.equal(await list.delete(1), 'between');
      assert.equal(await list.pop(), 'six');
      assert.equal(await list.indexOf({ three: [3] }), 3);
      assert.equal(await list.includes('none'), false);
      assert.equal(await list.count(null), 1);
      assert.equal(await list.remove(null), true);
      assert.equal(await list.remove(null), false);
      assert.deepEqual(await list.splice(1, 1, 'a', 'b'), ['two']);
      assert.deepEqual(await list.copy(), ['one', 'a', 'b', { three: [3] }, 5]);
      await list.clear();
      assert.equal(await list.length, 0);
      const error = await rejection(list.set(0, 1));
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /none at 0/);
    });

    test('lists and values tell the proxies in them apart, by the object that they are of', async () => {
      const [a, b] = [await manager.dict<string, number>(), await manager.dict<string, number>()];
      const items: readonly unknown[] = [a, { deep: [b] }, b, [[a]]];
      const list = await manager.list(items);
      assert.deepEqual([await list.indexOf(a), await list.indexOf(b)], [0, 2]);
      assert.deepEqual([await list.indexOf({ deep: [b] }), await list.indexOf({ deep: [a] })], [1, -1]);
      assert.deepEqual([await list.indexOf([[a]]), await list.indexOf([[b]])], [3, -1]);
      assert.equal(await list.count(b), 1);
      assert.equal(await list.remove(b), true);
      assert.equal(await list.remove(b), false);
      assert.equal(await list.includes(await list.at(0)), true); // another proxy of the same one
      const value = await manager.value<unknown>({ holds: a });
      assert.equal(await value.replace({ holds: b }, 1), false);
      assert.equal(await value.replace({ holds: a }, 2), true);
      const other = await elsewhere(async (each: typeof a) => each, a);
      assert.deepEqual(other, a);
      assert.notDeepEqual(other, b);
    });

    test('managerproxies-02: iterating a list sees what is changed meanwhile', async () => {
      const list = await manager.list([1, 2, 3]);
      const seen: number[] = [];
      for await (const item of list) {
        seen.push(item);
        if (item === 2) await list.extend([4]);
        if (item === 3) await list.set(3, 5);
      }
      assert.deepEqual(seen, [1, 2, 3, 5]);
    });

    test('managerproxies-03: a dict has what maps have', async () => {
      const dict = await manager.dict<string, number>([['a', 1]]);
      await dict.set('b', 2);
      assert.equal(await dict.size, 2);
      assert.equal(await dict.get('b'), 2);
      assert.equal(await dict.get('none'), undefined);
      assert.equal(await dict.has('a'), true);
      assert.equal(await dict.setDefault('a', 9), 1);
      assert.equal(await dict.setDefault('c', 3), 3);
      assert.equal(await dict.increment('c', 4), 7);
      assert.deepEqual(await dict.keys(), ['a', 'b', 'c']);
      assert.deepEqual(await dict.values(), [1, 2, 7]);
      assert.deepEqual(await dict.entries(), [['a', 1], ['b', 2], ['c', 7]]); // biome-ignore format: pairs
      assert.equal(await dict.delete('a'), true);
      assert.equal(await dict.delete('a'), false);
    });

    test('managerproxies-04: iterating a dict gives entries, and bears changes', async () => {
      const dict = await manager.dict([['a', 1], ['b', 2]]); // biome-ignore format: pairs
      const seen: string[] = [];
      for await (const [key] of dict) {
        seen.push(key);
        if (key === 'a') await dict.set('c', 3);
        if (key === 'b') await dict.delete('a');
      }
      assert.deepEqual(seen, ['a', 'b', 'c']);
    });

    test('managerproxies-05: a managed queue can lie in a managed list or dict, and be used through it', async () => {
      const queue = await manager.queue<string>();
      const list = await manager.list([queue]);
      const dict = await manager.dict([['queue', queue]]);
      const put = elsewhere(async (from: typeof list) => {
        const inside = (await from.at(0)) as Managed<ManagedQueue<string>>;
        await inside.put('from afar');
      }, list);
      assert.equal(await queue.get(PATIENCE), 'from afar');
      await put;
      const again = (await dict.get('queue')) as Managed<ManagedQueue<string>>;
      await queue.put('once more');
      assert.equal(await again.get(PATIENCE), 'once more');
      const nested = await manager.list([{ deep: [queue] }]);
      const [{ deep }] = (await nested.copy()) as [{ deep: [Managed<ManagedQueue<string>>] }];
      await deep[0].put('deeper');
      assert.equal(await queue.get(PATIENCE), 'deeper');
    });

    test('managerproxies-06: a namespace has names and values; a name that begins with _ is refused', async () => {
      const space = await manager.namespace<{ x: number; y?: string }>({ x: 1 });
      await space.set('y', 'why');
      await space.assign({ x: 2 });
      assert.equal(await space.get('x'), 2);
      assert.deepEqual(await space.names(), ['x', 'y']);
      assert.deepEqual(await space.toObject(), { x: 2, y: 'why' });
      assert.equal(await space.delete('y'), true);
      assert.equal(await space.has('y'), false);
      assert.equal(await rejectionCode(space.set('_z' as never, 1 as never)), 'ERR_INVALID_OPTION');
      assert.equal(await rejectionCode(manager.namespace({ _a: 1 })), 'ERR_INVALID_OPTION');
    });

    test('managerproxies-07: what is registered is made there; only what is public can be used; errors keep their class', async () => {
      class Local {
        readonly #secret = 42;
        _private(): string {
          return 'private';
        }
        public(): number {
          return this.#secret;
        }
        fails(): void {
          throw new TypeError('a type is wrong');
        }
        *items(): Generator<number> {
          yield* [1, 2, 3];
        }
      }
      const own = new Manager({ kind, register: { Local, make: (count: number) => ({ get: () => count }) } });
      await own.start();
      const local = await own.create(Local);
      assert.equal(await local.public(), 42);
      const error = await rejection(local.fails());
      assert.ok(error instanceof TypeError);
      assert.match(String(error.stack), /Local\.fails[^]*--- Local\.fails\(\) in .* was called here:[^]*managers\.ts/);
      assert.deepEqual(await collected(await local.items()), [1, 2, 3]);
      const loose = local as unknown as Record<string, () => Promise<unknown>>;
      for (const name of ['_private', 'misspelled', 'constructor', 'then']) {
        const method = loose[name];
        if (name === 'then') assert.equal(method, undefined);
        else if (name !== 'constructor') {
          const refusal = (await rejection((method as () => Promise<unknown>)())) as Error & { code: string };
          assert.equal(refusal.code, 'ERR_NOT_EXPOSED');
          assert.match(refusal.message, /public, fails, items/);
        }
      }
      const made = await own.create<{ get(): number }>('make', 7);
      assert.equal(await made.get(), 7);
      const nothing = (await rejection(own.create('nothing'))) as Error & { code: string };
      assert.equal(nothing.code, 'ERR_NOT_EXPOSED');
      assert.match(nothing.message, /Local, make were/);
      const stock = await own.create(Stock); // of another module: by name
      assert.equal(await stock.put(3), 3);
      const out = await rejection(stock.take(5));
      assert.ok(out instanceof OutOfStock);
      assert.equal(out.missing, 2);
      assert.equal(await (await own.create(stockWith, 9)).count, 9);
      const some = await own.createWith({ expose: ['put'] }, Stock);
      assert.equal(await some.put(1), 1);
      assert.equal(await rejectionCode(some.take(1)), 'ERR_NOT_EXPOSED');
      await own.shutdown();
      assert.equal(own.exitCode, 0);
    });

    test('managerproxies-08: a scope ends it', async () => {
      const own = new Manager({ kind });
      let list: AsyncIterable<number> | undefined;
      {
        await own.start();
        try {
          list = await own.list([1]);
          assert.deepEqual(await collected(list), [1]);
        } finally {
          await own[Symbol.asyncDispose]();
        }
      }
      assert.equal(own.exitCode, 0);
      assert.equal(await rejectionCode(collected(list)), 'ERR_MANAGER_GONE');
      assert.equal(await rejectionCode(own.list()), 'ERR_INVALID_STATE');
      await own.shutdown(); // once more does nothing
      await own.start();
      const ends = [own.shutdown(), own.shutdown().then(() => own.exitCode)] as const;
      assert.equal(await ends[1], 0, 'who asks second waits as well');
      await ends[0];
    });

    test('managerproxies-09: it can be started again on the same address at once', async () => {
      const own = new Manager({ kind, address: anAddress(), authKey: 'key' });
      for (let round = 0; round < 3; round++) {
        await own.start();
        const dict = await own.dict([['round', round]]);
        assert.equal(await dict.get('round'), round);
        assert.equal(await rejectionCode(own.start()), 'ERR_INVALID_STATE');
        await own.shutdown();
      }
    });

    test('managerproxies-20: what changes a list gives its proxy, what combines it a plain array', async () => {
      const list = await manager.list([3, 1, 2, 10]);
      assert.equal(await list.sort(), list);
      assert.deepEqual(await list.copy(), [1, 2, 3, 10]);
      assert.equal(await list.reverse(), list);
      assert.equal(await list.extend([0]), list);
      assert.equal(await list.repeat(2), list);
      const all = await list.concat(['end' as never]);
      assert.deepEqual(all, [10, 3, 2, 1, 0, 10, 3, 2, 1, 0, 'end']);
      all.push(1); // it is ours
      assert.deepEqual(await collected(list), [10, 3, 2, 1, 0, 10, 3, 2, 1, 0]);
      assert.equal(await list.pop(), 0);
      await list.clear();
      assert.equal(await list.pop(), undefined);
      const words = await manager.list(['b', 'a']);
      assert.deepEqual(await (await words.sort()).copy(), ['a', 'b']);
    });

    test('managerproxies-21: what changes a dict gives its proxy, what merges it a plain map', async () => {
      const dict = await manager.dict<string, number>([['a', 1]]);
      assert.equal(await dict.update(new Map([['b', 2]])), dict);
      const merged = await dict.merged([['c', 3]]);
      assert.deepEqual(merged, new Map([['a', 1], ['b', 2], ['c', 3]])); // biome-ignore format: pairs
      merged.set('d', 4); // it is ours
      assert.deepEqual(await dict.reversed(), ['b', 'a']);
      assert.deepEqual(await dict.popItem(), ['b', 2]);
      assert.equal(await dict.pop('a'), 1);
      assert.equal(await dict.pop('a', 5), 5);
      assert.equal(await dict.popItem(), undefined);
      await dict.update([['x', 1]]);
      await dict.clear();
      assert.equal(await dict.size, 0);
    });

    test('managerproxies-22: a value is read and written by property and by method, on both sides', async () => {
      const value = await manager.value(1);
      const { Managed: control } = await import('../../src/index.ts');
      await control.set(value, 'value', 2);
      assert.equal(await value.get(), 2);
      assert.equal(await elsewhere(async (each: typeof value) => each.increment(5), value), 7);
      assert.equal(await value.value, 7);
      assert.equal(await value.replace(7, 8), true);
      assert.equal(await value.replace(7, 9), false);
      assert.throws(() => Object.assign(value, { value: 3 }), /Managed\.set/);
    });

    test('managerproxies-23: an array can be read elsewhere', async () => {
      const array = await manager.array(new Float64Array([1, 2, 3]));
      await array.set(1, 2.5);
      assert.deepEqual(await elsewhere(async (each: typeof array) => each.slice(), array), [1, 2.5, 3]);
      assert.equal(await array.length, 3);
      assert.deepEqual(await collected(array), [1, 2.5, 3]);
      assert.ok((await rejection(array.set(3, 1))) instanceof RangeError);
    });

    test('managerproxies-24: sets are combined, compared and changed', async () => {
      const set = await manager.set([1, 2, 3]);
      assert.deepEqual(await set.union([4]), new Set([1, 2, 3, 4]));
      assert.deepEqual(await set.intersection([2, 9]), new Set([2]));
      assert.deepEqual(await set.difference([1]), new Set([2, 3]));
      assert.deepEqual(await set.symmetricDifference([3, 4]), new Set([1, 2, 4]));
      assert.equal(await set.update([4]), set);
      assert.equal(await set.keep([2, 3, 4]), set);
      assert.equal(await set.remove([4]), set);
      assert.equal(await set.toggle([3, 5]), set);
      assert.equal(await set.equals([2, 5]), true);
      assert.equal(await set.isSubsetOf([1, 2, 5]), true);
      assert.equal(await set.isSupersetOf([2]), true);
      assert.equal(await set.isDisjointFrom([1]), true);
      await set.add(7);
      assert.equal(await set.has(7), true);
      assert.equal(await set.delete(7), true);
      assert.equal(await set.delete(7), false);
      assert.deepEqual(await set.values(), [2, 5]);
      assert.equal(await set.pop(), 2);
      assert.equal(await set.size, 1);
      assert.deepEqual(await collected(set), [5]);
      await set.clear();
      assert.equal(await set.pop(), undefined);
    });

    test('managerproxies-25: a set can be made from whatever can be iterated over; anything else is a remote error', async () => {
      const from = async (items: Iterable<unknown>): Promise<unknown> => (await manager.set(items)).copy();
      const numbers = function* numbers(): Generator<number> {
        yield* [1, 1, 2];
      };
      assert.deepEqual(await from(numbers()), new Set([1, 2]));
      assert.deepEqual(await from('aab'), new Set(['a', 'b']));
      assert.deepEqual(await from(new Map([['k', 'v']])), new Set([['k', 'v']]));
      const error = await rejection(manager.set(5 as never));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /iterable/);
      assert.match(String(error.stack), /was called here/);
    });

    test('sharedmemorysh-07: it hands out memory and lists that end with it, and nothing before it is started', async (t) => {
      if (process.platform !== 'linux') return t.skip('memory between processes is for Linux');
      const { SharedMemory } = await import('../../src/index.ts');
      const own = new Manager({ kind });
      for (const early of [own.sharedMemory(10), own.shareableList([1]), own.dict()])
        assert.equal(await rejectionCode(early), 'ERR_INVALID_STATE');
      await own.start();
      const memory = await own.sharedMemory(100);
      memory.buf[0] = 7;
      const list = await own.shareableList([1, 'two', null]);
      const read = (each: typeof memory, items: typeof list): unknown => [each.buf[0], items.at(1)];
      assert.deepEqual(await elsewhere(read, memory, list), [7, 'two']);
      const { name } = memory;
      await own.shutdown();
      memory.close();
      assert.throws(() => SharedMemory.open(name), { code: 'ERR_SEGMENT_NOT_FOUND' });
    });

    test('what was published is found', async () => {
      const dict = await manager.dict([['a', 1]]);
      await manager.publish('the dict', dict);
      const found = await manager.find<Map<string, number>>('the dict');
      assert.equal(await found.get('a'), 1);
      assert.equal(await rejectionCode(manager.find('another')), 'ERR_OBJECT_GONE');
      await manager.publish('the dict', found); // it is the same one
      assert.equal(await rejectionCode(manager.publish('the dict', await manager.dict())), 'ERR_NAME_TAKEN');
      assert.equal(await (await manager.find<Map<string, number>>('the dict')).get('a'), 1);
      for (const [name, proxy] of [
        ['number', 5],
        ['', dict],
        [5, dict],
      ])
        assert.equal(await rejectionCode(manager.publish(name as never, proxy as never)), 'ERR_INVALID_OPTION');
    });
  });
}
