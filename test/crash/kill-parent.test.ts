/** The owner of worker processes dies: they end themselves. @module */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('killing the parent', () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(`${signal}: all its worker processes end, idle, busy, and blocked ones once they come back`, {
      timeout: 60_000,
    }, async () => {
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
      const parent = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url))], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env,
      });
      let text = '';
      parent.stdout.setEncoding('utf8');
      while (!text.includes('\n')) text += String((await once(parent.stdout, 'data'))[0]);
      const pids = JSON.parse(text) as number[];
      assert.equal(pids.length, 4);
      assert.ok(pids.every(isThere));
      parent.kill(signal);
      await once(parent, 'exit');
      // A process that is no child of ours raises no event: it has to be asked.
      while (pids.some(isThere)) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(pids.filter(isThere), []);
    });
  }
});
