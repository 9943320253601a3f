/** How hybrid pools end: no process is left over, whoever ends. @module */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Pool } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { RunningProcess } from '../contract/running-process.ts';
import { rejection } from '../contract/with-pool.ts';
import { blockInNative, meetInProcess } from './hybrid-tasks.ts';

const kind = 'hybrid';
const running = (processes: readonly RunningProcess[]): number[] =>
  processes.filter((each) => each.runs).map(({ pid }) => pid);

/** A pool whose four threads run in two processes. */
async function startAll(path: string): Promise<{ readonly pool: Pool; readonly tasks: Promise<number>[] }> {
  const pool = new Pool({ kind, workers: 4, threadsPerProcess: 2 });
  return { pool, tasks: range(4).map(() => pool.submit(meetInProcess, path)) };
}

describe('the end of a hybrid pool', () => {
  it('close: when it resolves no process is left', () =>
    withRendezvous(async (meeting) => {
      const { pool, tasks } = await startAll(meeting.path);
      await meeting.untilArrived(4);
      meeting.open();
      const processes = [...new Set(await Promise.all(tasks))].map((pid) => new RunningProcess(pid));
      assert.equal(running(processes).length, 2);
      await pool.close();
      assert.deepEqual(running(processes), []);
    }));

  it(
    'terminate: the same, in the middle of what they do, also of what cannot be interrupted',
    { timeout: 50_000 },
    () =>
      withRendezvous(async (meeting) => {
        const { pool, tasks } = await startAll(meeting.path);
        await meeting.untilArrived(4);
        meeting.open();
        const processes = [...new Set(await Promise.all(tasks))].map((pid) => new RunningProcess(pid));
        const folder = mkdtempSync(join(tmpdir(), 'manyhands-ends-'));
        const pipe = join(folder, 'pipe');
        execFileSync('mkfifo', [pipe]);
        const reasons = range(4).map(() => rejection(pool.submit(blockInNative, pipe)));
        await new Promise((resolve) => setTimeout(resolve, 200)); // they are at it by then, and if not it is as good
        await pool.terminate();
        assert.deepEqual(running(processes), []);
        rmSync(folder, { recursive: true });
        for (const reason of await Promise.all(reasons))
          assert.equal((reason as { code?: unknown }).code, 'ERR_CANCELLED');
      }),
  );

  it('a worker that is given up alone is ended without its process', () =>
    withRendezvous(async (meeting) => {
      const pool = new Pool({ kind, workers: 2, threadsPerProcess: 2, grace: 0 });
      const kept = pool.submit(meetInProcess, meeting.path);
      const [pid] = (await meeting.untilArrived(1)).map(Number);
      const spin = (): void => {
        for (;;);
      };
      await rejection(pool.with({ timeout: 50 }).submit(spin));
      while (pool.pending > 1) await new Promise((resolve) => setTimeout(resolve, 5));
      const next = pool.submit(meetInProcess, meeting.path);
      assert.equal((await meeting.untilArrived(2))[1], String(pid));
      meeting.open();
      assert.deepEqual(await Promise.all([kept, next]), [pid, pid]);
      await pool.close();
    }));
});

describe('the end of the owner', () => {
  for (const [what, signal] of [
    ['idle', undefined],
    ['exit', undefined],
    ['busy', 'SIGKILL'],
    ['busy', 'SIGTERM'],
  ] as const) {
    it(`${what}, ${signal ?? 'by itself'}: its processes end, and their threads`, { timeout: 60_000 }, async () => {
      const file = fileURLToPath(new URL('./fixtures/owner.ts', import.meta.url));
      const owner = spawn(process.execPath, [file, what], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      });
      const exit = once(owner, 'exit');
      let text = '';
      owner.stdout.setEncoding('utf8');
      while (!text.includes('\n')) text += String((await once(owner.stdout, 'data'))[0]);
      const processes = (JSON.parse(text) as number[]).map((pid) => new RunningProcess(pid));
      if (signal !== undefined) owner.kill(signal);
      assert.deepEqual(await exit, [what === 'idle' ? 0 : what === 'exit' ? 3 : null, signal ?? null]);
      await Promise.all(processes.map((each) => each.ended()));
      assert.deepEqual(running(processes), []);
    });
  }
});
