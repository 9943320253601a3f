/**
 * Names of shared memory: which there can be, who has them, and how they go.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  array,
  boolean,
  float32,
  float64,
  int32,
  Lock,
  Process,
  ShareableList,
  SharedArray,
  SharedMemory,
  sharedStruct,
  string,
  uint32,
  Value,
} from '../../src/index.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';
import { freshName, isThere } from './names.ts';
import { withStranger } from './stranger.ts';

const invalid = { code: 'ERR_INVALID_OPTION' };
const exists = { code: 'ERR_SEGMENT_EXISTS' };
const otherKind = { code: 'ERR_SEGMENT_KIND' };
const notFound = { code: 'ERR_SEGMENT_NOT_FOUND' };

class Account extends sharedStruct({ balance: int32, lock: Lock }) {
  double(): number {
    return this.balance * 2;
  }
}

/** Each class that can have a name: how it is made under one, and how it is opened. */
const kinds: Readonly<Record<string, readonly [make: (name: string) => object, open: (name: string) => object]>> = {
  SharedMemory: [(name) => new SharedMemory({ name, size: 8 }), (name) => SharedMemory.open(name)],
  sharedStruct: [(name) => new Account({ name }), (name) => Account.open(name)],
  Value: [(name) => new Value(int32, 1, { name }), (name) => Value.open(int32, name)],
  SharedArray: [(name) => new SharedArray(int32, 3, { name }), (name) => SharedArray.open(int32, 3, name)],
  ShareableList: [(name) => new ShareableList([1], { name }), (name) => ShareableList.open(name)],
};

/** Places of this process's memory at which something lies. */
const mappings = (): number => readFileSync('/proc/self/maps', 'utf8').split('\n').length;

describe('names', () => {
  test('sharedmemorysh-01: one with NUL, an empty one, and what is no text is refused by all who take a name', () => {
    for (const name of ['a\0b', '\0', '', 3, 5n, Symbol('a'), null, {}] as unknown as readonly string[]) {
      for (const [kind, [make, open]] of Object.entries(kinds)) {
        for (const use of [make, open])
          assert.throws(() => use(name), { ...invalid, message: /^name must be a text/ }, kind);
      }
      assert.throws(() => SharedMemory.unlink(name), invalid);
    }
    assert.throws(() => SharedMemory.open(undefined as never), invalid);
  });

  test('resourcetracke-05: one that is too long is refused by all who take a name', () => {
    for (const name of ['x'.repeat(300), 'ü'.repeat(60), '🙂'.repeat(30)]) {
      for (const [kind, [make, open]] of Object.entries(kinds)) {
        for (const use of [make, open])
          assert.throws(() => use(name), { ...invalid, message: /too long for a file/ }, kind);
      }
      assert.throws(() => SharedMemory.unlink(name), invalid);
    }
  });

  test('sharedmemorysh-12: any other text can be one, and is told from all others', () =>
    withStranger(async (stranger) => {
      const odd = [
        'a:b',
        'a\nb',
        'a\tb',
        'a/b',
        '../../a',
        '..',
        '.',
        ' ',
        'a b',
        '%2F',
        '%',
        '~',
        'a~1',
        'ü日本🙂',
        '\ud83d',
        '-',
        "'",
      ];
      const names = [...odd, 'x'.repeat(150), 'A', 'a'].map((name, i) =>
        i < 17 ? `${name}${process.pid}` : `${process.pid}${name}`,
      );
      const memories = names.map((name) => new SharedMemory({ name, size: 8 }));
      assert.equal(new Set(names.filter(isThere)).size, names.length);
      for (const [i, memory] of memories.entries()) memory.buf[0] = i + 1;
      for (const [i, name] of names.entries()) {
        assert.equal(await stranger.ask('open', name), 8);
        assert.equal(await stranger.ask('read', name, 0), i + 1, name);
      }
      for (const [i, name] of names.entries()) {
        assert.equal((memories[i] as SharedMemory).name, name);
        assert.equal(SharedMemory.unlink(name), true, name);
        assert.equal(isThere(name), false);
      }
    }));

  test('sharedmemorysh-02: one that is chosen is a new one, also when the first choice is taken', (t) => {
    const first = new SharedMemory({ size: 8 });
    assert.match(first.name, /^mh_/);
    const taken = Number.parseInt(first.name.slice(3), 36);
    const real = crypto.getRandomValues.bind(crypto);
    let choices = 0;
    t.mock.method(crypto, 'getRandomValues', (into: Uint32Array<ArrayBuffer>) => {
      choices += 1;
      if (choices === 1) return into.fill(taken);
      return real(into);
    });
    const second = new SharedMemory({ size: 8 });
    assert.ok(choices > 2, 'it was taken, so another was chosen');
    assert.notEqual(second.name, first.name);
    first.buf[0] = 1;
    assert.equal(second.buf[0], 0);
    first.close();
    second.close();
  });

  for (const [kind, [make, open]] of Object.entries(kinds)) {
    test(`${kind}: a name stays when nobody here has what it is for`, async () => {
      const name = freshName(kind);
      make(name);
      for (let round = 0; round < 3; round++) await collectGarbage();
      assert.equal(isThere(name), true);
      assert.ok(open(name));
      assert.equal(SharedMemory.unlink(name), true);
    });

    test(`${kind}: a name is there from making it to taking it away, once`, () => {
      const name = freshName(kind);
      assert.throws(() => open(name), { ...notFound, message: new RegExp(`no shared memory of the name "${name}"`) });
      const made = make(name);
      assert.throws(() => make(name), { ...exists, message: `There is shared memory of the name "${name}" already.` });
      assert.ok(open(name));
      assert.equal(isThere(name), true);
      assert.equal(SharedMemory.unlink(name), true);
      assert.throws(() => open(name), notFound);
      assert.ok(made);
      const again = make(name);
      assert.notEqual(again, made);
      assert.equal(SharedMemory.unlink(name), true);
    });

    test(`${kind}: whoever opens the name as something else is told so`, () => {
      const name = freshName(kind);
      make(name);
      for (const [other, [, openOther]] of Object.entries(kinds)) {
        if (other === kind) assert.ok(openOther(name));
        else assert.throws(() => openOther(name), { ...otherKind, message: /holds something else/ }, `as a ${other}`);
      }
      SharedMemory.unlink(name);
    });
  }

  test('a struct by name is an instance with its methods; with other fields it is not opened', () => {
    const name = freshName();
    const account = new Account({ name, values: { balance: 21 } });
    assert.equal(Account.open(name).double(), 42);
    class Same extends sharedStruct({ balance: int32, lock: Lock }) {}
    assert.equal(Same.open(name).balance, 21, 'the fields matter, not the name of the class');
    const others: readonly { open(name: string): unknown }[] = [
      sharedStruct({ balance: int32 }),
      sharedStruct({ balance: uint32, lock: Lock }),
      sharedStruct({ lock: Lock, balance: int32 }),
      sharedStruct({ money: int32, lock: Lock }),
      sharedStruct({ balance: int32, lock: Lock, more: boolean }),
      sharedStruct({ at: sharedStruct({ balance: int32, lock: Lock }) }),
    ];
    for (const Other of others) assert.throws(() => Other.open(name), otherKind);
    assert.equal(account.balance, 21);
    SharedMemory.unlink(name);
  });

  test('a value or an array of another type or length is not opened', () => {
    const [value, numbers] = [freshName(), freshName()];
    new Value(int32, 1, { name: value });
    for (const type of [uint32, float32, boolean, string(4)]) assert.throws(() => Value.open(type, value), otherKind);
    new SharedArray(float64, 4, { name: numbers });
    assert.throws(() => SharedArray.open(float64, 3, numbers), otherKind);
    assert.throws(() => SharedArray.open(float64, 5, numbers), otherKind);
    assert.throws(() => SharedArray.open(float32, 4, numbers), otherKind);
    assert.throws(() => SharedArray.open(float64, -1, numbers), invalid);
    assert.deepEqual([SharedMemory.unlink(value), SharedMemory.unlink(numbers)], [true, true]);
  });

  test('a name makes the scope that of processes, and no other', () => {
    const name = freshName();
    assert.equal(new Value(int32, 1, { name }).scope, 'process');
    SharedMemory.unlink(name);
    assert.throws(() => new Value(int32, 1, { name, scope: 'thread' }), {
      ...invalid,
      message: /scope cannot be 'thread'/,
    });
    assert.equal(isThere(name), false);
  });

  test('an object whose first values are refused has no name', () => {
    const name = freshName();
    const Pair = sharedStruct({ x: int32, y: array(int32, 2) });
    assert.throws(() => new Pair({ name, values: { x: 1, y: [1] } }), { code: 'ERR_INVALID_VALUE' });
    assert.throws(() => new Value(int32, 0.5, { name }), { code: 'ERR_INVALID_VALUE' });
    assert.throws(() => Pair.copy(new Pair(), { name, values: { x: 0.5 } }), { code: 'ERR_INVALID_VALUE' });
    assert.equal(isThere(name), false);
    assert.equal(new Pair({ name, values: { x: 1 } }).x, 1);
    SharedMemory.unlink(name);
  });

  test('whoever finds a name finds the whole object under it', async () => {
    const name = freshName();
    const seekers = [1, 2].map(
      () =>
        new Process(
          (of: string) => {
            for (let found = 0; found < 100; ) {
              try {
                const { y } = sharedStruct({ x: int32, y: array(int32, 2000) }).open(of);
                if (y[0] !== 7 || y[1999] !== 7) return 'half of it';
                found += 1;
              } catch (error) {
                if ((error as { readonly code?: unknown }).code !== 'ERR_SEGMENT_NOT_FOUND') throw error;
              }
            }
            return 'whole';
          },
          [name],
        ),
    );
    const Pair = sharedStruct({ x: int32, y: array(int32, 2000) });
    for (const seeker of seekers) seeker.start();
    let done = false;
    const ends = Promise.all(seekers.map((seeker) => seeker.join())).finally(() => (done = true));
    const values = { y: new Array<number>(2000).fill(7) };
    while (!done) {
      const pair = new Pair({ name, values });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(SharedMemory.unlink(name), true);
      assert.equal(pair.y.length, 2000);
    }
    assert.deepEqual(await ends, ['whole', 'whole']);
  });

  test('the owner of a name that somebody took away and made anew leaves the new one alone', () =>
    withStranger(async (stranger) => {
      const name = freshName();
      const first = new SharedMemory({ name, size: 8 });
      assert.equal(await stranger.ask('unlink', name), true);
      await stranger.ask('make', { name, size: 16 });
      assert.equal(first.unlink(), false);
      first.close();
      assert.equal(SharedMemory.open(name).size, 16);
      assert.equal(SharedMemory.unlink(name), true);
      const second = new SharedMemory({ name: freshName(), size: 8 });
      assert.equal(SharedMemory.unlink(second.name), true);
      const third = new SharedMemory({ name: second.name, size: 16 });
      second.close();
      assert.equal(isThere(third.name), true);
      third.close();
    }));

  test('an object whose name was taken away leaves one of the same name alone, closed or not', () => {
    const name = freshName();
    const first = new SharedMemory({ name, size: 8 });
    first.close();
    const second = new SharedMemory({ name, size: 8 });
    assert.equal(first.unlink(), false);
    assert.equal(isThere(name), true);
    assert.equal(SharedMemory.unlink(name), true);
    const third = new SharedMemory({ name, size: 8 });
    assert.equal(second.unlink(), false);
    second.close();
    assert.equal(isThere(name), true);
    const opened = SharedMemory.open(name);
    opened.close();
    assert.equal(opened.unlink(), false, 'one that has been closed takes nothing away');
    third.close();
    assert.equal(isThere(name), false, 'it goes with its owner all the same');
  });

  test('many who make one name at once: one has it, the others are told', async () => {
    const name = freshName();
    const workers = [1, 2, 3, 4].map(
      () =>
        new Process(
          (of: string) => {
            // Who has it is up to the system, so each goes on until it has had it often.
            for (let made = 0; made < 100; ) {
              try {
                const memory = new SharedMemory({ name: of, size: 8 });
                memory.buf[0] = (memory.buf[0] as number) + 1;
                if (memory.buf[0] !== 1) return 'not alone';
                made += 1;
                memory.close();
              } catch (error) {
                if ((error as { readonly code?: unknown }).code !== 'ERR_SEGMENT_EXISTS') throw error;
              }
            }
            return 'made';
          },
          [name],
        ),
    );
    for (const worker of workers) worker.start();
    const ends = await Promise.all(workers.map((worker) => worker.join()));
    assert.deepEqual(new Set(ends), new Set(['made']));
    assert.deepEqual(
      readdirSync('/dev/shm').filter((file) => file.includes(name)),
      [],
    );
  });

  test('what cannot be made, its name being taken, leaves nothing mapped', () => {
    const name = freshName();
    const first = new Value(int32, 1, { name });
    const before = mappings();
    for (let i = 0; i < 50; i++) assert.throws(() => new Value(int32, 2, { name }), exists);
    assert.ok(mappings() < before + 50, `${before} mappings before, ${mappings()} after`);
    assert.equal(first.value, 1);
  });
});
