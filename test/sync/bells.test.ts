/**
 * Bells ring for the living only: what has the number of a dead thread's bell by now is not written to. And they do ring, whatever is short.
 * @module
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Event, Lock, Thread } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { untilWaiting } from '../contract/in-scope.ts';

test('whoever wakes a dead waiter writes to no file of this process', {
  skip: process.platform !== 'linux',
}, async () => {
  const events = range(4).map(() => new Event({ scope: 'process' }));
  for (const event of events) {
    const waiter = new Thread((shared: Event) => shared.wait({ timeout: 60_000 }), [event]);
    waiter.start();
    await untilWaiting(event, 1);
    await waiter.kill();
    await waiter.join().catch(() => undefined);
  }
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-bells-'));
  const files = range(100).map(() => openSync(join(folder, 'file'), 'w'));
  try {
    for (const event of events) event.set();
    assert.equal(fstatSync(files[0] as number).size, 0);
  } finally {
    for (const file of files) closeSync(file);
    rmSync(folder, { recursive: true });
  }
});

/** Pipes that this process has open. */
const pipes = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
    } catch {
      return false; // the one that was open for this look
    }
  }).length;

test('a thread that is killed while it makes its bell leaves no end of a pipe open', {
  skip: process.platform !== 'linux',
}, async () => {
  const lock = new Lock({ scope: 'process' });
  const words = new Int32Array(new SharedArrayBuffer(4));
  const hold = lock.acquireSync();
  const killSoon = async (milliseconds: number): Promise<void> => {
    const waiter = new Thread(
      async (shared: Lock, begun: Int32Array) => {
        Atomics.add(begun, 0, 1);
        Atomics.notify(begun, 0);
        await shared.acquire(); // makes the bell
      },
      [lock, words],
      { env: {} }, // one for the purpose: a spare that is kept besides has ends of its own
    );
    const before = Atomics.load(words, 0);
    waiter.start();
    waiter.join().catch(() => undefined);
    while (Atomics.load(words, 0) === before) Atomics.wait(words, 0, before, 10);
    for (const end = performance.now() + milliseconds; performance.now() < end; );
    await waiter.kill();
  };
  for (let n = 0; n < 3; n++) await killSoon(20);
  const before = pipes();
  // It takes some milliseconds until the bell is there: the module for its socket is loaded first.
  for (let n = 0; n < 60; n++) await killSoon(n % 12);
  assert.ok(pipes() <= before, `${before} ends before, ${pipes()} afterwards`);
  hold.release();
});

test('who waits in another process is woken although no descriptor is free', {
  skip: process.platform !== 'linux',
}, async () => {
  const program = fileURLToPath(new URL('./fixtures/no-descriptors.ts', import.meta.url));
  const shell = ['-c', 'ulimit -n 100; exec "$0" "$1"', process.execPath, program];
  const { stdout } = await promisify(execFile)('sh', shell, { timeout: 60_000 });
  const woken = [
    'the first, once there was a descriptor',
    'the second, by the descriptor that was kept for the first',
    'ERR_TOO_MANY_FILES', // and what needs one says so,
    'ERR_TOO_MANY_FILES', // as does what needs two
  ];
  assert.deepEqual(stdout.trim().split('\n'), woken);
});
