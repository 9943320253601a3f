/** Processes: the common contract, and what only processes do. @module */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ManyhandsError, Pool, Process, sleep, WorkerDiedError } from '../../src/index.ts';
import { activityContract } from '../contract/activity.ts';
import { lifecycleContract } from '../contract/lifecycle.ts';
import { RunningProcess } from '../contract/running-process.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { add, meetForever } from '../contract/tasks.ts';
import { rejection } from '../contract/with-pool.ts';

activityContract('process');
lifecycleContract('process');

describe('Process', () => {
  it('processlifecyc-04: pid is that of the child, exitCode 0 afterwards', async () => {
    const child = new Process(() => [process.pid, process.ppid]);
    assert.equal(child.pid, undefined);
    assert.equal(child.exitCode, null);
    child.start();
    const { pid } = child;
    const seen = new RunningProcess(Number(pid));
    assert.deepEqual(await child.join(), [pid, process.pid]);
    assert.equal(child.pid, pid);
    assert.equal(child.exitCode, 0);
    assert.equal(child.signalCode, null);
    assert.equal(seen.runs, false, 'joined means gone');
  });

  it('terminate is SIGTERM and exit code -15, kill is SIGKILL and -9', () =>
    withRendezvous(async (meeting) => {
      for (const [index, [end, signal, code]] of (
        [
          ['terminate', 'SIGTERM', -15],
          ['kill', 'SIGKILL', -9],
        ] as const
      ).entries()) {
        const child = new Process(meetForever, [meeting.path, end]);
        child.start();
        await meeting.untilArrived(index + 1);
        const seen = new RunningProcess(Number(child.pid));
        await child[end]();
        assert.equal(child.exitCode, code);
        assert.equal(child.signalCode, signal);
        const error = await rejection(child.join());
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(error.signal, signal);
        assert.equal(error.exitCode, null);
        assert.equal(error.pid, child.pid);
        assert.match(error.message, new RegExp(signal));
        assert.equal(seen.runs, false);
      }
    }));

  it('SIGABRT is a full heap only when V8 says so', { timeout: 60_000 }, async () => {
    const codeOf = async (child: Process): Promise<unknown[]> => {
      child.start();
      const { code } = (await rejection(child.join())) as ManyhandsError;
      return [code, child.signalCode];
    };
    assert.deepEqual(await codeOf(new Process(() => process.abort())), ['ERR_WORKER_DIED', 'SIGABRT']);
    const fill = (): never => {
      const kept: unknown[] = [];
      for (;;) kept.push(new Array(1e5).fill({}));
    };
    const small = new Process(fill, [], { resourceLimits: { maxOldGenerationSizeMb: 40 } });
    assert.deepEqual(await codeOf(small), ['ERR_OUT_OF_MEMORY', 'SIGABRT']);
  });

  it('a spare that was booted with other rights is not used', { skip: process.platform !== 'linux' }, async () => {
    const run = (): Promise<number> => {
      const child = new Process(() => process.umask());
      child.start();
      return child.join();
    };
    const before = await run();
    await run();
    const hasSpare = (): boolean => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8') !== '';
    while (!hasSpare()) await sleep(5);
    const other = before ^ 0o070;
    process.umask(other);
    try {
      assert.equal(await run(), other);
    } finally {
      process.umask(before);
    }
  });

  it('with no file descriptor left it cannot start, which its owner hears and survives', async () => {
    const program = fileURLToPath(new URL('fixtures/no-descriptors.ts', import.meta.url));
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 60; exec "$0" "$1"',
      process.execPath,
      program,
    ]);
    assert.deepEqual(JSON.parse(stdout), ['done', ['ERR_WORKER_START', 'EMFILE'], 'done']);
  });

  it('a signal from outside shows in exitCode', () =>
    withRendezvous(async (meeting) => {
      const child = new Process(meetForever, [meeting.path, 'x']);
      child.start();
      await meeting.untilArrived(1);
      process.kill(child.pid as number, 'SIGHUP');
      await rejection(child.join());
      assert.equal(child.exitCode, -1);
    }));

  it('a child that shrugs SIGTERM off is still there after terminate was sent, until it is killed', () =>
    withRendezvous(async (meeting) => {
      const stubborn = async (path: string): Promise<void> => {
        process.on('SIGTERM', () => {
          const { connect } = process.getBuiltinModule('node:net');
          connect(path).write('shrugged\n');
        });
        const { connect } = process.getBuiltinModule('node:net');
        connect(path).write('ready\n');
        await new Promise(() => {});
      };
      const child = new Process(stubborn, [meeting.path]);
      child.start();
      await meeting.untilArrived(1);
      const ended = child.terminate({ grace: Number.POSITIVE_INFINITY });
      await meeting.untilArrived(2);
      assert.equal(child.alive, true);
      await child.kill();
      await ended;
      assert.equal(child.exitCode, -9);
      await rejection(child.join());
    }));

  it('startMethod spawn and warm both work', async () => {
    for (const startMethod of ['spawn', 'warm', 'warm', 'spawn'] as const) {
      const child = new Process(add, [2, 3], { startMethod });
      child.start();
      assert.equal(await child.join(), 5);
    }
  });

  it('a spare is not used once the environment or the folder has changed', async () => {
    const read = (): string[] => [process.env['MANYHANDS_Y'] ?? '', process.cwd()];
    const run = async (): Promise<string[]> => {
      const child = new Process(read);
      child.start();
      return await child.join();
    };
    const folder = process.cwd();
    try {
      for (const value of ['a', 'b', 'c']) {
        process.env['MANYHANDS_Y'] = value;
        assert.deepEqual(await run(), [value, folder]);
        await new Promise((resolve) => setTimeout(resolve, 80)); // until a spare has been booted
      }
      process.chdir('..');
      assert.deepEqual(await run(), ['c', process.cwd()]);
    } finally {
      process.chdir(folder);
      delete process.env['MANYHANDS_Y'];
    }
  });

  it('its memory is its own', async () => {
    const shared = globalThis as { touched?: boolean };
    const child = new Process(() => {
      (globalThis as { touched?: boolean }).touched = true;
    });
    child.start();
    await child.join();
    assert.equal(shared.touched, undefined);
  });

  it('a SharedArrayBuffer is refused', async () => {
    const child = new Process((x: SharedArrayBuffer) => x.byteLength, [new SharedArrayBuffer(4)]);
    let error: unknown;
    try {
      child.start();
      await child.join();
    } catch (thrown) {
      error = thrown;
    }
    assert.equal((error as { code?: unknown }).code, 'ERR_NOT_SHAREABLE');
  });

  it('a task that writes to the descriptor of its messages fails, by name, and takes nobody along', async () => {
    const stray = (text: string): never => {
      process.getBuiltinModule('node:fs').writeSync(4, text);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      throw new Error('never reached');
    };
    const pool = new Pool({ kind: 'process', workers: 2 });
    try {
      const slow = pool.submit(async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return 'the other one';
      });
      for (const text of ['a line\n', '\0\0\0\0\0', '\x01\0\0\0ü', 'x'.repeat(5)]) {
        const error = await rejection(pool.submit(stray, text));
        assert.ok(error instanceof WorkerDiedError, String(error));
        assert.equal((error.cause as ManyhandsError).code, 'ERR_PROTOCOL');
        assert.match(String(error.cause), /descriptor 3 or 4/);
      }
      assert.equal(await slow, 'the other one');
      assert.equal(await pool.submit(add, 1, 2), 3);
    } finally {
      await pool.terminate();
    }
  });

  it('a child can have a thread, a pool and a child of its own', async () => {
    const grandparent = new Process(async () => {
      const { Pool, Thread, Process: Child } = await import('../../src/index.ts');
      const thread = new Thread(add, [1, 2]);
      thread.start();
      const child = new Child(add, [3, 4]);
      child.start();
      const pool = new Pool({ kind: 'process', workers: 1 });
      const answers = [await thread.join(), await child.join(), await pool.submit(add, 5, 6)];
      await pool.close();
      return answers;
    });
    grandparent.start();
    assert.deepEqual(await grandparent.join(), [3, 7, 11]);
  });
});
