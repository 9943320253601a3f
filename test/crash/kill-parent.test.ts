/** The owner of worker processes dies: they end themselves. @module */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RunningProcess } from '../contract/running-process.ts';

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
      const workers = (JSON.parse(text) as number[]).map((pid) => new RunningProcess(pid));
      assert.equal(workers.length, 4);
      assert.ok(workers.every((worker) => worker.runs));
      parent.kill(signal);
      await once(parent, 'exit');
      await Promise.all(workers.map((worker) => worker.ended()));
      assert.deepEqual(
        workers.filter((worker) => worker.runs),
        [],
      );
    });
  }
});
