/**
 * `advise()` where a program has one core, as in a small container.
 * @module
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Advice } from '../../src/index.ts';

const fixture = fileURLToPath(new URL('./fixtures/advise-one-core.ts', import.meta.url));
const missing = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? false : 'there is no taskset here';

async function adviceFor(work: string): Promise<Advice> {
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    '0',
    process.execPath,
    ...process.execArgv,
    fixture,
    work,
  ]);
  return JSON.parse(stdout) as Advice;
}

describe('on one core', { skip: missing }, () => {
  test('there is nothing to gain for what computes', async () => {
    const advice = await adviceFor('compute');
    assert.equal(advice.cores, 1);
    assert.equal(advice.kind, 'none', JSON.stringify(advice.trials));
    assert.match(advice.sentence, /one core/);
  });

  test('what awaits has one thread, with many calls at once', async () => {
    const advice = await adviceFor('rest');
    assert.deepEqual([advice.kind, advice.workers], ['thread', 1]);
    assert.ok(advice.tasksPerWorker >= 8, JSON.stringify(advice.trials));
  });
});
