/**
 * The memory that a module imports, read from its bytes.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryImport } from '../../src/wasm/memory-import.ts';
import { bumper, counter, imports, scaler } from './modules.ts';

describe('the memory that a module imports', () => {
  test('is found with its limits, behind whatever else is imported', () => {
    assert.deepEqual(memoryImport(bumper), { module: 'env', name: 'memory', initial: 1, maximum: 2, shared: true });
    assert.deepEqual(memoryImport(imports), { module: 'b', name: 'm', initial: 128, maximum: 256, shared: false });
  });

  test('is none where there is none', () => {
    for (const module of [counter, scaler, counter.subarray(0, 8)]) assert.equal(memoryImport(module), undefined);
  });
});
