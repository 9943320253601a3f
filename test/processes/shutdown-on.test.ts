/** Programs that are asked to end, seen from outside. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Process, shutdownOn } from '../../src/index.ts';
import { RunningProcess } from '../contract/running-process.ts';
import { type Rendezvous, withRendezvous } from '../contract/rendezvous.ts';
import { type TalkingProgram, withProgram } from '../contract/talking-program.ts';

const fixture = new URL('./fixtures/shutdown.ts', import.meta.url);
const run = (
  what: string,
  body: (program: TalkingProgram, meeting: Rendezvous) => Promise<void>,
  ...more: string[]
): Promise<void> =>
  withRendezvous((meeting) =>
    withProgram(fixture, [what, meeting.path, ...more], async (program) => {
      await program.untilSaid(what === 'nothing' ? '' : 'ready');
      await body(program, meeting);
    }),
  );
const processesIn = (line: string): RunningProcess[] =>
  line
    .split(' ')
    .slice(1)
    .map((pid) => new RunningProcess(Number(pid)));

describe('shutdownOn', () => {
  for (const kind of ['thread', 'process', 'hybrid'] as const) {
    it(`Ctrl-C once: what is under way in a pool of kind ${kind} and in a process is finished; then it ends by SIGINT`, () =>
      run(
        'pool',
        async (program, meeting) => {
          await meeting.untilArrived(3);
          program.sendToAll('SIGINT');
          await program.untilSaid('begun: Error: The program was asked to end by SIGINT.');
          meeting.open();
          assert.deepEqual(await program.ended, { code: null, signal: 'SIGINT' }, program.stderr);
          const said = program.lines.slice(2);
          assert.equal(said.pop(), 'last');
          assert.deepEqual(said.toSorted(), ['joined child', 'task one', 'task three', 'task two']);
          assert.equal(program.stderr, '');
        },
        kind,
      ));
  }

  it('a second signal ends it at once, with all processes that it has started, wherever they are', () =>
    run('stuck', async (program, meeting) => {
      await meeting.untilArrived(2);
      const workers = processesIn(await program.untilSaid('ready'));
      program.sendToAll('SIGINT');
      await program.untilSaid('begun');
      assert.ok(workers.every((worker) => worker.runs));
      program.send('SIGTERM');
      assert.deepEqual(await program.ended, { code: null, signal: 'SIGINT' });
      for (const worker of workers) await worker.ended();
    }));

  it('the same signal again does too, unless it comes so soon that it is the same press', () =>
    run('stuck', async (program, meeting) => {
      await meeting.untilArrived(2);
      const start = performance.now();
      program.sendToAll('SIGINT');
      await program.untilSaid('begun');
      const press = setInterval(() => {
        try {
          program.sendToAll('SIGINT');
        } catch {
          // it has ended
        }
      }, 5);
      assert.deepEqual(await program.ended, { code: null, signal: 'SIGINT' });
      clearInterval(press);
      assert.ok(performance.now() - start >= 100);
    }));

  it('when the grace is over it ends as at a second signal', () =>
    run(
      'stuck',
      async (program, meeting) => {
        await meeting.untilArrived(2);
        const workers = processesIn(await program.untilSaid('ready'));
        program.send('SIGTERM');
        assert.deepEqual(await program.ended, { code: null, signal: 'SIGTERM' });
        for (const worker of workers) await worker.ended();
      },
      '50',
    ));

  it('closes the parts in order, each in its own way; one that fails is reported and the next one closed', () =>
    run('parts', async (program, meeting) => {
      await meeting.untilArrived(1);
      program.send('SIGHUP');
      assert.deepEqual(await program.ended, { code: null, signal: 'SIGHUP' });
      assert.deepEqual(program.lines.slice(1), [
        'function',
        'asyncDispose',
        'close',
        'shutdown',
        'terminate',
        'child -15',
      ]);
      assert.match(program.stderr, /A part of the program failed to close: RangeError: it sticks\n {4}at /);
    }));

  it('taken back, the signal does again what it does by default', () =>
    run('disposed', async (program) => {
      program.send('SIGTERM');
      assert.deepEqual(await program.ended, { code: null, signal: 'SIGTERM' });
      assert.deepEqual(program.lines, ['ready']);
    }));

  it('several of them: the program ends when the last is through', () =>
    run('two', async (program, meeting) => {
      program.send('SIGTERM');
      await program.untilSaid('second');
      await meeting.untilArrived(1);
      meeting.open();
      assert.deepEqual(await program.ended, { code: null, signal: 'SIGTERM' });
      assert.equal(program.lines.at(-1), 'first');
    }));

  it('with nothing left to wait for it ends all the same by the signal', () =>
    run('empty', async (program) => {
      program.send('SIGTERM');
      assert.deepEqual(await program.ended, { code: null, signal: 'SIGTERM' });
    }));

  it('in a thread it ends the thread', () =>
    run('thread', async (program) => {
      program.send('SIGHUP');
      assert.deepEqual(await program.ended, { code: 0, signal: null }, program.stderr);
      assert.deepEqual(program.lines, ['ready', 'closed in the thread', 'thread 1']);
    }));

  it('neither it nor a handler keeps the program alive', () =>
    run('nothing', async (program) => {
      assert.deepEqual(await program.ended, { code: 0, signal: null });
    }));

  it('what cannot be used is refused, and nothing is registered', () => {
    const before = process.listenerCount('SIGTERM');
    const invalid = { code: 'ERR_INVALID_OPTION' };
    for (const part of [undefined, null, 3, {}, { close: true }]) {
      assert.throws(() => shutdownOn(['SIGTERM'], [part as never]), invalid);
    }
    assert.throws(() => shutdownOn(['SIGTERM', 'SIGNOPE' as never], []), invalid);
    assert.throws(() => shutdownOn(['SIGTERM', 'SIGKILL'], []), invalid);
    assert.throws(() => shutdownOn(['SIGTERM'], [], { grace: -1 }), invalid);
    assert.equal(process.listenerCount('SIGTERM'), before);
  });

  it('a process may use it: it drains on terminate, and its exit code tells', () =>
    withRendezvous(async (meeting) => {
      const child = new Process(
        async (path: string) => {
          const { Pool, shutdownOn: on } = await import('../../src/index.ts');
          const { meet } = await import('../contract/tasks.ts');
          const pool = new Pool({ kind: 'thread', workers: 1 });
          on(['SIGTERM'], [pool, () => meet(path, 'closed')]);
          void pool.submit(meet, path, 'task');
          await new Promise(() => setInterval(() => {}, 60_000));
        },
        [meeting.path],
      );
      child.start();
      await meeting.untilArrived(1);
      const ended = child.terminate({ grace: Number.POSITIVE_INFINITY });
      meeting.open();
      await ended;
      assert.deepEqual(meeting.arrived, ['task', 'closed']);
      assert.equal(child.exitCode, -15);
    }));
});

describe('the end of a program', () => {
  it('takes a daemon along that is too busy to see it', () =>
    run('exits', async (program, meeting) => {
      await meeting.untilArrived(1);
      const [daemon] = processesIn(await program.untilSaid('ready'));
      program.send('SIGHUP');
      assert.deepEqual(await program.ended, { code: 5, signal: null });
      await daemon?.ended();
    }));

  for (const kind of ['thread', 'process']) {
    it(`a ${kind} that was ended on purpose, and that nobody joins, is no error`, () =>
      withProgram(fixture, ['quiet', '', kind], async (program) => {
        assert.deepEqual(await program.ended, { code: 0, signal: null });
        assert.deepEqual(program.lines, ['end']);
        assert.equal(program.stderr, '');
      }));

    it(`exitcodessigna-12: an uncaught error in a ${kind} has its full stack on standard error`, () =>
      withProgram(fixture, ['uncaught', '', kind], async (program) => {
        assert.deepEqual(await program.ended, { code: 0, signal: null });
        assert.match(program.stderr, /RangeError(?: \[Error\])?: out of line\n +at .*deepInside/);
        assert.match(program.stderr, /TypeError(?: \[Error\])?: the reason\n +at .*deepInside/);
        assert.match(program.stderr, /which nobody has joined/);
      }));

    it(`exitcodessigna-13: what a ${kind} exits with, when it is no number, is on standard error`, () =>
      withProgram(fixture, ['exit', '', kind], async (program) => {
        assert.deepEqual(await program.ended, { code: 1, signal: null });
        assert.equal(program.stderr, "a reason\n{ also: 'there' }\nthe end\n");
        assert.deepEqual(program.lines, ['1', '1']);
      }));
  }
});
