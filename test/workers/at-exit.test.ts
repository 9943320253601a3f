/** Exit hooks: when they run, in which order, and what their errors do. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { atExit, InvalidOptionError, ThreadLocal } from '../../src/index.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';
import { runProgram } from '../run-program.ts';

const fixture = fileURLToPath(new URL('./fixtures/exit-hooks.ts', import.meta.url));
const isLinux = process.platform === 'linux';

for (const kind of ['thread', 'process'] as const) {
  const prints = async (what: string, lines: readonly string[]): Promise<void> => {
    const end = await runProgram(process.execPath, [fixture, kind, what], { timeout: 60_000 });
    assert.deepEqual([end.stdout.trimEnd().split('\n'), end.stderr, end.code], [lines, '', 0]);
  };

  describe(`exit hooks, with a ${kind}`, { skip: kind === 'process' && !isLinux }, () => {
    it('daemonthreadse-12: run before those that are no daemons are waited for, and can tell them to end', async () => {
      await prints('hook tells', ['main: end', 'hook', 'watcher: end', 'watcher: end']);
    });

    it('a join, and a pool with tasks, are something under way', () =>
      prints('hook waits for what main waits for', ['main: end', 'hook']));

    it('daemonthreadse-13: those of a thread or process run at its end, before its own children are waited for', () =>
      prints('inside', ['function: end', 'hook inside', 'watcher: end']));

    it('daemonthreadse-13: those of the workers of a pool run when it is closed', () =>
      prints('in a pool', ['main 1', 'hook of a worker', 'main: end']));

    it('whoever is killed runs none', () => prints('killed', ['killed']));
  });
}

describe('exit hooks', () => {
  const prints = async (what: string, lines: readonly string[], code = 0): Promise<string> => {
    const end = await runProgram(process.execPath, [fixture, 'thread', what], { timeout: 60_000 });
    assert.deepEqual([end.stdout.trimEnd().split('\n'), end.code], [lines, code], end.stderr);
    return end.stderr;
  };

  it('run one after another, the last one first; one that fails is told of; one that is taken back does not run', async () => {
    const lines = [
      'last',
      'callback: exit hook: TypeError: at once',
      'callback: exit hook broken: RangeError: hook',
      'first',
    ];
    await prints('order', lines);
  });

  it('daemonthreadse-14: once they run, another one is refused', async () => {
    await prints('late', ['ERR_INVALID_STATE', 'ERR_INVALID_STATE']);
  });

  it('process.exit() and exit() run them as far as can be done at once', async () => {
    await prints('exit now', ['before await', 'first'], 3);
  });

  it('an uncaught error runs them', async () => {
    assert.match(await prints('uncaught', ['hook'], 1), /RangeError: uncaught/);
  });

  it('finalizerslogg-01: hooks are taken back and added while others that nobody has any more are collected', async () => {
    const kept: (() => void)[] = [];
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 500; n++) {
        const large = { bytes: new Uint8Array(100) };
        const forget = atExit(() => void large.bytes);
        const local = new ThreadLocal(() => large); // what is collected with it is told by a finalizer
        local.value.bytes[0] = n;
        if (n % 2 === 0) forget();
        else kept.push(forget);
      }
      await collectGarbage();
      for (const forget of kept.splice(0)) forget();
      for (const forget of kept) forget(); // twice is once
    }
    const large = new WeakRef(
      (() => {
        const object = { bytes: new Uint8Array(100) };
        atExit(() => void object.bytes)();
        return object;
      })(),
    );
    for (let tries = 0; large.deref() !== undefined && tries < 50; tries++) await collectGarbage();
    assert.equal(large.deref(), undefined, 'what was taken back is let go');
  });

  it('what is no function is refused', () => {
    for (const bad of [undefined, null, 'x', {}]) assert.throws(() => atExit(bad as never), InvalidOptionError);
  });
});
