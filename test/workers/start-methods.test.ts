/**
 * How threads and processes are started, and what becomes of the main module.
 *
 * startmethodsma-02 does not apply: there is no helper with a socket that others could connect to. A child talks over descriptors that it was
 * born with. Listeners and managers, which have sockets, authenticate both sides.
 * startmethodsma-15, -16 and -18, compiled scripts, are in `test/closures/environments.test.ts`.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  getStartMethod,
  InvalidOptionError,
  Lock,
  Pool,
  Process,
  setStartMethod,
  sleep,
  startMethods,
  Thread,
} from '../../src/index.ts';
import { add } from '../contract/tasks.ts';
import { runProgram } from '../run-program.ts';

const isLinux = process.platform === 'linux';
const library = new URL('../../src/index.ts', import.meta.url).href;
const pidOf = (): number => process.pid;
const threadOf = (): number => process.getBuiltinModule('node:worker_threads').threadId;

async function run<T>(activity: Thread<T>): Promise<T> {
  activity.start();
  return activity.join();
}

/** Processes that this one has started and that live. */
function childProcesses(): number[] {
  const folder = `/proc/${process.pid}/task`;
  return readdirSync(folder).flatMap((thread) =>
    readFileSync(`${folder}/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
}

/** Waits until one process is kept ready. */
async function spareProcess(): Promise<number> {
  for (;;) {
    const [pid] = childProcesses();
    if (pid !== undefined) return pid;
    await sleep(10);
  }
}

describe('start methods', () => {
  it('startmethodsma-09: what there are; the default comes first', () => {
    assert.deepEqual(startMethods(), ['warm', 'spawn']);
    assert.equal(getStartMethod(), 'warm');
  });

  it('startmethodsma-08: the default can be set and read, at any time', () => {
    try {
      setStartMethod('spawn');
      assert.equal(getStartMethod(), 'spawn');
    } finally {
      setStartMethod('warm');
    }
    for (const bad of ['fork', '', undefined, null])
      assert.throws(() => setStartMethod(bad as never), InvalidOptionError);
    assert.equal(getStartMethod(), 'warm');
  });

  it('startmethodsma-05 startmethodsma-06: one that says how it is started changes nothing for others; each thread has its own default', async () => {
    const own = new Process(
      async (url: string) => {
        const { getStartMethod: get } = (await import(url)) as { getStartMethod: typeof getStartMethod };
        return get();
      },
      [library],
      { startMethod: 'spawn' },
    );
    assert.equal(await run(own as never), 'warm');
    assert.equal(getStartMethod(), 'warm');
    for (const make of [
      () => new Process(add, [1, 2], { startMethod: 'fork' as never }),
      () => new Thread(add, [1, 2], { startMethod: 'fork' as never }),
      () => new Pool({ startMethod: 'fork' as never }),
    ])
      assert.throws(make, { code: 'ERR_INVALID_OPTION' });
  });

  it('startmethodsma-01 startmethodsma-08: warm takes the spare, spawn lets it be; a spare that was killed is replaced', {
    skip: !isLinux,
  }, async () => {
    while (childProcesses().length === 0) {
      await run(new Process(pidOf) as never);
      await sleep(100);
    }
    const spare = await spareProcess();
    assert.notEqual(await run(new Process(pidOf, [], { startMethod: 'spawn' }) as never), spare);
    setStartMethod('spawn');
    try {
      assert.notEqual(await run(new Process(pidOf) as never), spare);
      const pool = new Pool({ kind: 'process', workers: 1 });
      assert.notEqual(await pool.submit(pidOf), spare);
      await pool.close();
    } finally {
      setStartMethod('warm');
    }
    assert.deepEqual(childProcesses(), [spare]);
    assert.equal(await run(new Process(pidOf) as never), spare);
    const next = await spareProcess();
    process.kill(next, 'SIGKILL');
    while (childProcesses().includes(next)) await sleep(5);
    assert.notEqual(await run(new Process(pidOf) as never), next);
  });

  it('of threads: numbers are in the order of the boots, so a spare has a number from before', async () => {
    for (let n = 0; n < 3; n++) await run(new Thread(threadOf));
    await sleep(300); // the spare boots
    const fresh = await run(new Thread(threadOf, [], { startMethod: 'spawn' }));
    const warm = await run(new Thread(threadOf));
    assert.ok(warm < fresh, `${warm} ${fresh}`);
  });

  it('startmethodsma-07: what is loaded first is named by strings', () => {
    for (const bad of [[1], ['--import', undefined], 'text', [null]])
      for (const make of [
        () => new Process(add, [1, 2], { execArgv: bad as never }),
        () => new Pool({ execArgv: bad as never }),
      ])
        assert.throws(make, { code: 'ERR_INVALID_OPTION' });
  });

  it('startmethodsma-10: what only threads share is refused by a process, whatever the start method; the rest works everywhere', async () => {
    const use = (lock: Lock): boolean => lock.runSync(() => true);
    for (const startMethod of startMethods()) {
      const refused = new Process(use as never, [new Lock()] as never, { startMethod });
      assert.throws(() => refused.start(), { code: 'ERR_NOT_SHAREABLE' });
      assert.equal(await run(new Thread(use, [new Lock()], { startMethod })), true);
      if (!isLinux) continue;
      const lock = new Lock({ scope: 'process' });
      assert.equal(await run(new Process(use, [lock], { startMethod }) as never), true);
      assert.equal(await run(new Thread(use, [lock], { startMethod })), true);
    }
  });
});

describe('the main module', () => {
  for (const kind of ['thread', 'process'] as const) {
    it(`startmethodsma-04 startmethodsma-12 startmethodsma-13 startmethodsma-14 startmethodsma-17: ${kind}: runs once, guarded or not; its functions go to the workers with what it imports, and so do the arguments`, async () => {
      const main = fileURLToPath(new URL('./fixtures/package/main.ts', import.meta.url));
      const end = await runProgram(process.execPath, [main, kind, 'an argument'], { timeout: 60_000 });
      const lines = ['the script runs', `[3,["${kind}","an argument"]]`, '[ 3, 9 ]', ''];
      assert.deepEqual([end.stdout.split('\n'), end.stderr, end.code], [lines, '', 0]);
    });

    it(`startmethodsma-03: ${kind}: flags are those of this program`, async () => {
      const source = `
        const { Process, Thread } = await import(${JSON.stringify(library)});
        const activity = new ${kind === 'thread' ? 'Thread' : 'Process'}(() => process.execArgv);
        activity.start();
        console.log((await activity.join()).join(' '));`;
      const flags = ['--no-deprecation', '--stack-trace-limit=7'];
      const end = await runProgram(process.execPath, [...flags, '--input-type=module', '-e', source]);
      assert.match(
        end.stdout,
        kind === 'thread' ? /--no-deprecation/ : /^--no-deprecation --stack-trace-limit=7\n$/,
        end.stderr,
      );
    });
  }

  it('startmethodsma-11: the library can be imported where the path of Node is not known; only starting a process fails, and says so', async () => {
    const source = `
      process.execPath = '/nowhere/node';
      const { Process, Thread } = await import(${JSON.stringify(library)});
      const thread = new Thread(() => 'a thread starts');
      thread.start();
      console.log(await thread.join());
      const child = new Process(() => 1);
      child.start();
      await child.join().catch(({ code }) => console.log(code));`;
    const end = await runProgram(process.execPath, ['--input-type=module', '-e', source]);
    assert.deepEqual([end.stdout, end.code], ['a thread starts\nERR_WORKER_START\n', 0], end.stderr);
  });
});
