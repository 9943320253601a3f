/**
 * Processes that make, open, grow and close shared memory by name are killed at random moments: nothing is left behind, and nobody
 * who lives is harmed.
 *
 * `MANYHANDS_KILLS` says how many are killed; 24 when it is not set.
 * @module
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Lock, Process, SharedMemory, sharedStruct } from '../../src/index.ts';
import { countDescriptors, untilAtMost } from '../shared/descriptors.ts';
import { fileOf, freshName } from '../shared/names.ts';

const KILLS = Number(process.env['MANYHANDS_KILLS'] ?? 24);
const AT_ONCE = 3;
const NICE = 10;
const program = fileURLToPath(new URL('./fixtures/segments.ts', import.meta.url));

class Guarded extends sharedStruct({ lock: Lock }) {}

/** Files of names that begin with a text, those in the making included. */
const filesOf = (prefix: string): string[] => {
  const start = fileOf(prefix).slice('/dev/shm/'.length);
  return readdirSync('/dev/shm').filter((file) => file.startsWith(start));
};

describe('users of shared memory that are killed', () => {
  test(`${KILLS} at random moments`, { timeout: 60_000 + KILLS * 5000 }, async () => {
    const prefix = freshName('kill');
    const keeper = new SharedMemory({ name: `${prefix}-kept`, size: 100, most: 1_000_000 });
    keeper.buf.fill(7);
    const before = countDescriptors();
    let unexpected = '';
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [...process.execArgv, program, prefix, String(AT_ONCE)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_TEST_WORKER_ID: undefined },
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => (unexpected += text));
      await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
      if (child.exitCode === null) setPriority(child.pid as number, NICE); // it never rests, and the next one has to start beside it
      return child;
    };
    const live = await Promise.all(Array.from({ length: AT_ONCE }, start));
    const kill = async (child: ChildProcess): Promise<void> => {
      const ended = once(child, 'close');
      assert.equal(child.exitCode, null, `ended by itself: ${unexpected}`);
      child.kill('SIGKILL');
      await ended;
    };
    try {
      for (let n = 0; n < KILLS; n++) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20)); // the moment is what is random
        const index = n % AT_ONCE;
        await kill(live[index] as ChildProcess);
        if (n % 5 === 0) {
          assert.equal(SharedMemory.open(keeper.name).buf[0], 7);
          const own = new SharedMemory({ name: `${prefix}-own`, size: 10 });
          own.close();
        }
        live[index] = await start();
      }
    } finally {
      await Promise.all(live.map((child) => kill(child).catch(() => undefined)));
    }
    assert.equal(unexpected, '', 'none of them met an error that there cannot be');
    SharedMemory.sweep();
    assert.deepEqual(filesOf(prefix), filesOf(`${prefix}-kept`), 'nothing is left but what is in use');
    assert.equal(filesOf(prefix).length, 1);
    assert.ok(keeper.buf.every((byte, index) => byte === (index < 100 ? 7 : 0)));
    keeper.close();
    assert.deepEqual(filesOf(prefix), []);
    await untilAtMost(before);
  });

  test('a killed owner of objects without a name leaves nothing, and its receivers keep what they have', async () => {
    const before = countDescriptors();
    const owner = new Process(async () => {
      const guarded = new Guarded({ scope: 'process' });
      const memory = new SharedMemory({ size: 100 });
      memory.buf[0] = 9;
      const hold = guarded.lock.acquireSync();
      process.send?.('never');
      await new Promise<never>(() => setInterval(() => [guarded, hold], 1000));
      return [guarded, memory.buf] as const;
    });
    owner.start();
    await owner.kill();
    await owner.join().catch(() => undefined);
    await untilAtMost(before);
  });
});
