/**
 * `wasm()`: compiled once, an instance for each thread, in pools of every kind.
 * @module
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { EncodeError, InvalidOptionError, type PoolKind, Thread, wasm } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { withPool } from '../contract/with-pool.ts';
import { bumper, counter, scaler } from './modules.ts';

interface Counter {
  next(): number;
}

const folder = mkdtempSync(join(tmpdir(), 'manyhands-wasm-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'counter.wasm');
writeFileSync(file, counter);
const { WebAssembly: engine } = globalThis as unknown as {
  readonly WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };
};

for (const kind of ['thread', 'process', 'hybrid', 'inline'] as const satisfies PoolKind[]) {
  describe(`wasm() in a pool of kind ${kind}`, () => {
    for (const [how, source] of [
      ['bytes', counter],
      ['a path', file],
      ['a URL', pathToFileURL(file)],
      ['an ArrayBuffer', counter.slice().buffer],
    ] as const) {
      test(`has one instance a worker, which lasts: from ${how}`, () =>
        withPool({ kind, workers: 1 }, async (pool) => {
          const module = wasm<Counter>(source);
          const next = (): number => module.exports.next();
          const counts: number[] = [];
          for (const _ of range(5)) counts.push(await pool.submit(next));
          assert.deepEqual(counts, [1, 2, 3, 4, 5]);
          assert.equal(module.exports.next(), kind === 'inline' ? 6 : 1, 'this thread has its own');
        }));
    }

    test('gives the module what it imports, made in each worker', () =>
      withPool({ kind, workers: 2 }, async (pool) => {
        const factor = 3;
        const module = wasm<{ run(n: number): number }>(scaler, {
          imports: () => ({ env: { scale: (n: number) => n * factor } }),
        });
        assert.deepEqual(await pool.map((n: number) => module.exports.run(n), [1, 2, 3]), [3, 6, 9]);
      }));

    test('two modules from the same bytes are two', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        const [one, two] = [wasm<Counter>(counter), wasm<Counter>(counter)];
        const both = (): number[] => [one.exports.next(), one.exports.next(), two.exports.next()];
        assert.deepEqual(await pool.submit(both), [1, 2, 1]);
      }));
  });
}

describe('wasm() among threads', () => {
  test('shares the memory that the module imports, if it is a shared one', () =>
    withPool({ workers: 2 }, async (pool) => {
      const module = wasm<{ bump(at: number): number }>(bumper);
      const bump = (times: number): void => {
        for (let n = 0; n < times; n++) module.exports.bump(16);
      };
      await Promise.all(range(8).map(() => pool.submit(bump, 10_000)));
      assert.ok(module.memory?.buffer instanceof SharedArrayBuffer);
      assert.equal(new Int32Array(module.memory.buffer)[4], 80_000);
      assert.equal(module.exports.bump(16), 80_000);
    }));

  test('shares the compiled module itself, also one that was compiled before', async () => {
    const module = wasm<Counter>(new engine.Module(counter));
    const thread = new Thread(() => module.exports.next());
    thread.start();
    assert.equal(await thread.join(), 1);
  });

  test('an object that comes back is the one that went', () =>
    withPool({ workers: 1 }, async (pool) => {
      const module = wasm<Counter>(counter);
      assert.equal(await pool.submit(() => module), module);
    }));
});

describe('wasm() refuses', () => {
  for (const [what, source, message] of [
    [
      'what is no WebAssembly',
      new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]),
      /what was given \(8 bytes\) is no WebAssembly module/,
    ],
    ['nothing', new Uint8Array(), /is no WebAssembly module/],
    ['a file that is not there', join(folder, 'none.wasm'), /cannot read file:.*none\.wasm: ENOENT/],
    ['a folder', folder, /cannot read .*EISDIR/],
    ['a number', 7 as never, /wants a file, bytes or a WebAssembly\.Module, not 7/],
    ['null', null as never, /not null/],
  ] as const) {
    test(what, () => {
      assert.throws(
        () => wasm(source),
        (error) => error instanceof InvalidOptionError && message.test(error.message),
      );
    });
  }

  test('imports that are not given by a function', () => {
    assert.throws(() => wasm(scaler, { imports: {} as never }), InvalidOptionError);
  });

  test('to share memory with another process, or to send one what is compiled', () =>
    withPool({ kind: 'process', workers: 1 }, async (pool) => {
      const shared = wasm<{ bump(at: number): number }>(bumper);
      const compiled = wasm<Counter>(new engine.Module(counter));
      await assert.rejects(
        pool.submit(() => shared.exports.bump(0)),
        { code: 'ERR_NOT_SHAREABLE' },
      );
      await assert.rejects(
        pool.submit(() => compiled.exports.next()),
        (error) => error instanceof EncodeError && error.code === 'ERR_NOT_CLONEABLE',
      );
    }));

  test('what the module asks for and is not given: the task fails with the reason, and the worker goes on', () =>
    withPool({ workers: 1 }, async (pool) => {
      const module = wasm<{ run(n: number): number }>(scaler);
      await assert.rejects(
        pool.submit(() => module.exports.run(1)),
        /env|import/i,
      );
      assert.equal(await pool.submit(() => 1), 1);
    }));
});
