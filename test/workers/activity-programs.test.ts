/** Threads and processes seen from outside: what they print, and when their program ends. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withRendezvous } from '../contract/rendezvous.ts';
import { RunningProcess } from '../contract/running-process.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';

const fixture = fileURLToPath(new URL('./fixtures/activity.ts', import.meta.url));
const run = (...words: string[]): Promise<ProgramEnd> =>
  runProgram(process.execPath, [fixture, ...words], { timeout: 60_000 });

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

    it('whoever waits for a daemon by waitAny sees its end, and no longer waits for it when the time is up', async () => {
      const end = await run(kind, 'awaited daemon');
      assert.equal(end.stdout, '0 ready, alive\nactivity: done\n1 ready, ended\nmain: end\n', end.stderr);
      assert.equal(end.code, 0);
    });

    it('what is printed by listeners for the exit has been printed when it is joined; it counts no more', async () => {
      const end = await run(kind, 'last words');
      const joined = (word: string): string => `${word}\njoined, 7, 1, 0\n`;
      assert.equal(end.stdout, joined('first') + joined('second') + joined('third'), end.stderr);
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

    it('daemonthreadse-04: starting one while the program ends is an error that says so', async () => {
      const end = await run(kind, 'start at exit');
      assert.match(
        end.stdout,
        /^ERR_INVALID_STATE .* cannot be started: the program, or this thread of it, is ending\.\n$/,
      );
      assert.equal(end.code, 0, end.stderr);
    });

    it('daemonthreadse-07 daemonthreadse-08: daemons, wherever they are, do not hold up the end of the program', () =>
      withRendezvous(async (meeting) => {
        const ended = run(kind, 'busy daemons', meeting.path);
        await meeting.untilArrived(4);
        meeting.letGo('main');
        const end = await ended;
        assert.deepEqual([end.code, end.signal, end.stderr], [0, null, '']);
        await meeting.untilLeft(4);
      }));

    it('daemonthreadse-10 daemonthreadse-11: one that another one has started is waited for as well', async () => {
      const end = await run(kind, 'nested');
      assert.equal(end.stdout, 'main: end\nouter: end\nactivity: done\n', end.stderr);
      assert.equal(end.code, 0);
    });

    it('daemonthreadse-01: process.exit() ends the program, whatever it has running', async () => {
      const end = await run(kind, 'exit');
      assert.equal(end.code, 5);
    });
  });
}

// daemonthreadse-05 daemonthreadse-06: in an exit handler nothing can be awaited any more, so `join` cannot hang there.
// daemonthreadse-09: the main thread has no function whose end could be joined; its module is evaluated, and its event loop goes on.
