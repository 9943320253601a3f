/** Threads and processes seen from outside: what they print, and when their program ends. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RunningProcess } from '../contract/running-process.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';

const fixture = fileURLToPath(new URL('./fixtures/activity.ts', import.meta.url));
const run = (kind: string, what: string): Promise<ProgramEnd> =>
  runProgram(process.execPath, [fixture, kind, what], { timeout: 60_000 });

for (const kind of ['thread', 'process'] as const) {
  describe(`programs with a ${kind}`, () => {
    it('threadlifecycl-23: a program waits for what it has started, joined or not', async () => {
      const end = await run(kind, 'waits');
      assert.equal(end.stdout, 'main: end\nactivity: done\n', end.stderr);
      assert.equal(end.code, 0);
    });

    it('a daemon does not keep its program alive, and ends with it', async () => {
      const end = await run(kind, 'daemon');
      assert.match(end.stdout, /main: end\n$/);
      assert.equal(end.code, 0);
      if (kind === 'thread') return;
      const daemon = new RunningProcess(Number(end.stdout.split('\n')[0]));
      await daemon.ended();
      assert.equal(daemon.runs, false);
    });

    it('whoever joins a daemon gets its result', async () => {
      const end = await run(kind, 'joined daemon');
      assert.equal(end.stdout, 'activity: done\nresult\n', end.stderr);
      assert.equal(end.code, 0);
    });

    it('an error that nobody joins is printed; the program goes on and ends with exit code 0', async () => {
      const end = await run(kind, 'unjoined error');
      assert.equal(end.stdout, 'main: end\n');
      assert.match(end.stderr, /Uncaught error in lonely/);
      assert.match(end.stderr, /RangeError: nobody joins/);
      assert.equal(end.code, 0);
    });

    it('an error that somebody joins is theirs alone', async () => {
      const end = await run(kind, 'joined error');
      assert.equal(end.stdout, 'caught RangeError: somebody joins\n');
      assert.equal(end.stderr, '');
      assert.equal(end.code, 0);
    });

    it('all that it printed has been printed when join resolves', async () => {
      const lines = Array.from({ length: 2000 }, (_, line) => `line ${line}\n`).join('');
      const end = await run(kind, 'output order');
      assert.equal(end.stdout, `${lines}no line end\nmain: end\n`, end.stderr);
      const exited = await run(kind, 'output then exit');
      assert.equal(exited.stdout, `${lines}main: end\n`, exited.stderr);
    });

    it('a spare that is kept ready does not keep the program alive', async () => {
      const end = await run(kind, 'spare');
      assert.equal(end.stdout, 'main: end\n', end.stderr);
      assert.equal(end.code, 0);
    });

    it('process.exit() ends the program, whatever it has running', async () => {
      const end = await run(kind, 'exit');
      assert.equal(end.code, 5);
    });
  });
}
