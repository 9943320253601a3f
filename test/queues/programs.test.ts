/**
 * Programs with queues seen from outside: what keeps them alive, and what does not.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../run-program.ts';

const fixture = fileURLToPath(new URL('./fixtures/program.ts', import.meta.url));

async function linesOf(scope: string, what: string): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram(process.execPath, [fixture, scope, what]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return stdout.trim().split('\n');
}

for (const scope of ['thread', 'process'] as const) {
  describe(`programs with queues, scope ${scope}`, {
    skip: scope === 'process' && process.platform !== 'linux',
  }, () => {
    test('one that nobody waits for does not keep its program alive', async () => {
      assert.deepEqual(await linesOf(scope, 'idle'), ['end', 'ERR_QUEUE_EMPTY']);
    });

    test('a promise that waits does, also in vain', async () => {
      assert.deepEqual(await linesOf(scope, 'in vain'), ['end', 'alive']);
    });

    test('a promise that waits does, until it has what it waits for', async () => {
      const lines = await linesOf(scope, 'waiting');
      assert.equal(lines[0], 'end');
      assert.deepEqual(lines.toSorted(), ['end', 'got from the worker', 'joined true', 'put']);
    });

    test('mpqueue-03: it can be used while modules are being evaluated', async () => {
      assert.deepEqual(await linesOf(scope, 'at load'), ['from the worker true', 'to myself', 'end']);
    });
  });
}
