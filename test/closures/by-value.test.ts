/** What is written in the main module travels as text with the variables that it captures. @module */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs, { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mainModule } from '../../src/closures/index.ts';
import { Pool } from '../../src/index.ts';
import conf from './fixtures/conf.json' with { type: 'json' };
import * as lib from './fixtures/lib.ts';
import { Link, runOnce } from './fixtures/link.ts';

const link = new Link();
after(() => link.end());

const K = 10;
const cfg = { n: 3, deep: { list: [1, 2, 3] } };
const other = (x: number): number => x * cfg.n;
function helper(x: number): number {
  return other(x) + K;
}
const even = (n: number): boolean => n === 0 || odd(n - 1);
function odd(n: number): boolean {
  return n !== 0 && even(n - 1);
}
const { floor, max: biggest } = Math;
const { isArray } = Array;

test('this file is the main module, and no worker loads it', async () => {
  assert.equal(mainModule(), import.meta.url);
  const loaded = (globalThis as { loadedMain?: boolean }).loadedMain;
  assert.equal(loaded, undefined);
  (globalThis as { loadedMain?: boolean }).loadedMain = true;
  assert.equal(await link.run(() => (globalThis as { loadedMain?: boolean }).loadedMain), undefined);
});
test('an inline arrow', async () => {
  assert.equal(await link.run((x: number) => x * 2, 3), 6);
});
test('captured constants and objects', async () => {
  assert.equal(await link.run((x: number) => x * K + cfg.deep.list.length, 1), 13);
});
test('functions of the same file', async () => {
  assert.equal(await link.run(helper, 1), 13);
});
test('recursion: alone and mutual', async () => {
  assert.equal(
    await link.run(function fib(n: number): number {
      return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }, 10),
    55,
  );
  assert.deepEqual([await link.run(even, 4), await link.run(odd, 4)], [true, false]);
});
test('closures over closures', async () => {
  const compose = (f: (x: number) => number, g: (x: number) => number) => (x: number) => f(g(x));
  const chain = compose(
    compose(
      (x) => x + K,
      (x) => x * 2,
    ),
    helper,
  );
  assert.equal(await link.run(chain, 1), 36);
  const made = await link.run((a: number) => (b: number) => (c: number) => a + b * c + K, 1);
  assert.equal(made(2)(3), 17);
});
test('async, await, and import() of a relative path', async () => {
  const result = await link.run(async (x: number) => {
    await turn();
    return (await import('./fixtures/lib.ts')).add(x, 1);
  }, 1);
  assert.equal(result, 2);
});
test('generators and async generators, captured', async () => {
  function* g(): Generator<number> {
    yield 1;
    yield 2;
  }
  async function* ag(): AsyncGenerator<number> {
    yield* g();
  }
  const all = await link.run(async () => {
    const out: number[] = [];
    for await (const x of ag()) out.push(x);
    return out;
  });
  assert.deepEqual(all, [1, 2]);
});
test('default parameters, destructuring, rest', async () => {
  const fn = ({ a, b: [c] = [K] }: { a?: number; b?: number[] } = {}, d = helper(1), ...r: number[]) => [a, c, d, r];
  assert.deepEqual(await link.run(fn, { a: 1 }, undefined, 8, 9), [1, 10, 13, [8, 9]]);
});
test('nested blocks', async () => {
  const a = 1;
  {
    const b = 2;
    for (const c of [3]) {
      const made = await link.run((d: number) => () => a + b + c + d, 4);
      assert.equal(made(), 10);
    }
  }
});
test('a variable of a loop is a variable each', async () => {
  assert.deepEqual(await Promise.all([0, 1, 2].map((i) => link.run(() => i))), [0, 1, 2]);
});
test('a captured variable is read when the function is sent', async () => {
  let later = 1;
  const read = (): number => later;
  const first = link.run(read);
  later = 2;
  assert.deepEqual([await first, await link.run(read)], [1, 2]);
});
test('a variable that two functions share stays shared: of the module, and of a function', async () => {
  assert.equal(
    await link.run(() => {
      inc();
      inc();
      return peek();
    }),
    2,
  );
  let n = 5;
  const up = (): number => {
    n += 1;
    return n;
  };
  const get = (): number => n;
  assert.equal(
    await link.run(() => {
      up();
      return get();
    }),
    6,
  );
  assert.equal(get(), 5);
});
let counter = 0;
const inc = (): void => {
  counter += 1;
};
const peek = (): number => counter;

test('imports are imported again: namespace, default, named, JSON', async () => {
  const result = await link.run(() => [
    path.basename('/a/b'),
    typeof fs.statSync,
    readFileSync(new URL('./fixtures/conf.json', import.meta.url)).length > 5,
    conf.answer,
    [...lib.table],
    lib.add(1, 2),
  ]);
  assert.deepEqual(result, ['b', 'function', true, 42, [['a', 1]], 3]);
});
test('aliases of what every thread has', async () => {
  assert.deepEqual(await link.run((x: number) => [floor(x), biggest(1, x), isArray([])], 2.5), [2, 2.5, true]);
});
test("import.meta is the file's, but never the main module", async () => {
  const meta = await link.run(() => [
    import.meta.url,
    (import.meta as { main?: boolean }).main,
    import.meta.filename,
    import.meta.resolve('./fixtures/lib.ts'),
    'import.meta stays in a string',
  ]);
  const { url, filename } = import.meta;
  assert.deepEqual(meta, [
    url,
    false,
    filename,
    new URL('./fixtures/lib.ts', url).href,
    'import.meta stays in a string',
  ]);
});
test('methods and accessors of object literals', async () => {
  const o = {
    base: 2,
    mul(x: number): number {
      return x * this.base;
    },
    get b(): number {
      return this.base;
    },
  };
  assert.deepEqual(await link.run((x: number) => [o.mul(x), o.b], 4), [8, 2]);
});
test('a function with properties', async () => {
  const fn = Object.assign((x: number): number => x * fn.k, { k: 4 });
  assert.equal(await link.run(fn, 2), 8);
});
test('names: of arrows, of odd keys', async () => {
  const odd = { 'a b': () => 1, __proto__: null } as unknown as Record<string, () => number>;
  assert.deepEqual(await link.run(() => [helper.name, other.name, odd['a b']?.name]), ['helper', 'other', 'a b']);
});
test('what a text only seems to capture does not travel', async () => {
  const socket = process.stdout;
  const word = 'socket';
  const result = await link.run(() => `${word /* socket */}socket${{ socket: 1 }.socket}`);
  assert.equal(result, 'socketsocket1');
  assert.ok(socket);
});
test('functions as arguments and as results', async () => {
  const made = await link.run(
    (f: (x: number) => number, g: (x: number) => number) => (x: number) => f(g(x)),
    (x: number) => x + 1,
    lib.add5,
  );
  assert.equal(made(1), 7);
});
test('a captured SharedArrayBuffer is shared', async () => {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const second = new Link();
  const add = (): void => {
    for (let i = 0; i < 1000; i += 1) Atomics.add(shared, 0, 1);
  };
  await Promise.all([link.run(add), second.run(add)]);
  second.end();
  assert.equal(Atomics.load(shared, 0), 2000);
});
test('from a thread to a thread of its own', async () => {
  const result = await link.run(async (x: number) => await runOnce((y: number) => helper(y) + x, 1), 100);
  assert.equal(result, 113);
});
test('a function that a worker made is sent on from there', async () => {
  const result = await link.run(async (k: number) => {
    const inner = (y: number): number => helper(y) * k;
    return await runOnce((z: number) => inner(z) + 1, 1);
  }, 2);
  assert.equal(result, 27);
});
test('code that came from no file', async () => {
  assert.equal(await link.run(new Function('a', 'return a + 1') as (a: number) => number, 1), 2);
});
test("a stack shows the line of the user's file", async () => {
  const line = Number(/by-value\.test\.ts:(\d+)/.exec(new Error().stack as string)?.[1]) + 2;
  const stack = await link.run(() => {
    return new Error('where').stack;
  });
  assert.match(stack as string, new RegExp(`by-value\\.test\\.ts:${line}`));
});
test("functions of Node's own: methods of modules, promised ones, promisified ones", async () => {
  const { readFile } = fs.promises;
  const { basename } = path.win32;
  const execute = promisify(execFile);
  const increment = promisify((x: number, done: (error: Error | null, y: number) => void) => done(null, x + K));
  const result = await link.run(async () => [
    (await readFile(new URL(import.meta.url))).length > 10,
    basename('a\\b'),
    (await execute(process.execPath, ['-p', '1 + 1'])).stdout.trim(),
    await increment(1),
  ]);
  assert.deepEqual(result, [true, 'b', '2', 11]);
});
test('names that the code around the function uses itself', async () => {
  const $v = 1;
  const $mh = 2;
  const $ = 3;
  assert.equal(await link.run(() => $v + $mh + $), 6);
});
test('direct eval sees what is captured', async () => {
  const hidden = 5;
  const result = await link.run(() => (eval('hidden + 1') as number) + hidden); // oxlint-disable-line no-eval
  assert.equal(result, 11);
});
test('two closures of one kind, each with its own variable', async () => {
  const make = (a: number) => () => a;
  const [f, g] = [make(1), make(2)];
  assert.deepEqual(await link.run(() => [f(), g()]), [1, 2]);
});
test('a text with thousands of words', async () => {
  const lines = Array.from({ length: 2500 }, (_, i) => `let v${i} = ${i};`).join(' ');
  const fn = new Function('k0', `return (x) => { ${lines} return v2499 + x + k0 }`)(3) as (x: number) => number;
  assert.equal(await link.run(fn, 1), 2503);
});
test('sloppy code: names that are reserved in strict code only, captured and local, and what else only sloppy code may say', async () => {
  const makeAll = createRequire(import.meta.url)('./fixtures/sloppy.cjs') as () => Record<
    string,
    [() => number, number]
  >;
  const pool = new Pool({ workers: 1 });
  for (const [name, [fn, expected]] of Object.entries(makeAll())) {
    assert.deepEqual([name, await pool.submit(fn)], [name, expected]);
  }
  await pool.close();
});
