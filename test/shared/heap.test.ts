/**
 * The shared heap: what happens without the flag, and the contract with it.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  array,
  bigint64,
  float64,
  HeapList,
  HeapMap,
  int32,
  listOf,
  Lock,
  mapOf,
  padded,
  reference,
  self,
  sharedStruct,
  text,
  Value,
} from '../../src/index.ts';
import { runProgram } from '../run-program.ts';

/** Runs of a contract, as long as the engine crashes. */
const ATTEMPTS = 5;
const [major = 0] = process.versions.node.split('.').map(Number);

describe('the shared heap', () => {
  test('without the flag there is an error that says how to have it, once something is made', () => {
    class Account extends sharedStruct({ owner: text, lock: Lock }) {}
    const without = { code: 'ERR_NO_SHARED_HEAP', message: /node --harmony-struct/ };
    for (const make of [() => new Account(), () => new HeapList(), () => new HeapMap()]) assert.throws(make, without);
  });

  test('a struct that cannot be in the heap is refused when it is declared, flag or not', () => {
    const invalid = { code: 'ERR_INVALID_OPTION' };
    class Point extends sharedStruct({ x: float64 }) {}
    for (const schema of [
      { name: text, large: bigint64 },
      { name: text, items: array(int32, 4) },
      { name: text, hot: padded(int32) },
      { name: text, point: Point },
      { point: listOf(Point as never) },
      { items: mapOf('text' as never) },
      { to: reference(5 as never) },
      { name: text, constructor: text },
    ])
      assert.throws(() => sharedStruct(schema as never), invalid);
    assert.throws(() => new Value(text as never), invalid);
    assert.throws(() => sharedStruct({ items: array(text as never, 2) }), invalid);
    assert.equal(sharedStruct({ next: self }).byteLength, 0);
  });

  for (const name of ['heap-contract', 'heap-collections']) {
    test(`with the flag: ${name}`, { skip: major < 24 && 'Node 24 and later' }, async (t) => {
      const program = fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
      const own = process.execArgv.filter((flag) => !flag.startsWith('--test'));
      const args = [...own, '--harmony-struct', '--single-threaded', '--test-reporter=spec', program];
      for (let attempt = 1; ; attempt++) {
        const { code, signal, stdout, stderr } = await runProgram(process.execPath, args, { timeout: 30_000 });
        // The engine itself may crash or stop (docs/shared-heap.md): that says nothing about the contract. What fails in it does.
        if (signal !== null && attempt < ATTEMPTS && !stdout.includes('✖')) {
          t.diagnostic(`attempt ${attempt}: the engine ended by ${signal}`);
          continue;
        }
        assert.equal(code, 0, `${stdout}\n${stderr}`);
        assert.match(stdout, /pass [1-9]/);
        return;
      }
    });
  }
});
