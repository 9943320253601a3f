/**
 * Signals, for processes and for threads.
 * @module
 */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { describe, it } from 'node:test';
import {
  CancelledError,
  Lock,
  onSignal,
  Process,
  RLock,
  taskSignal,
  Thread,
  uint32,
  Value,
  WorkerDiedError,
} from '../../src/index.ts';
import { untilWaiting } from './in-scope.ts';
import { type Rendezvous, withRendezvous } from './rendezvous.ts';
import {
  acquireSyncUnderSignal,
  acquireUnderSignal,
  askThenBlock,
  endWhenAsked,
  exitWith,
  forever,
  handleAndReturn,
  hear,
  seeAndGoOn,
} from './signal-tasks.ts';
import { add, meetForever, meetThenBlock } from './tasks.ts';
import { rejection } from './with-pool.ts';

const invalid = { code: 'ERR_INVALID_OPTION' };

/** The contract. */
export function signalContract(kind: 'thread' | 'process'): void {
  const Activity = (kind === 'process' ? Process : Thread) as typeof Thread;
  type Any = InstanceType<typeof Activity>;
  const isProcess = kind === 'process';
  /** How one has ended: a process by a signal, a thread by 1. */
  const assertEndedBy = (activity: Any, signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT' | 'SIGHUP'): void => {
    assert.equal(activity.exitCode, isProcess ? -constants.signals[signal] : 1);
    if (activity instanceof Process) assert.equal(activity.signalCode, signal);
    assert.equal(activity.alive, false);
  };
  /** Runs a test's body with an activity that has arrived at the meeting point, and ends it whatever happens. */
  const withStarted = <A extends readonly unknown[]>(
    task: (path: string, ...args: A) => unknown,
    args: A,
    body: (activity: Any, meeting: Rendezvous) => Promise<void>,
  ): Promise<void> =>
    withRendezvous(async (meeting) => {
      const activity = new Activity(task as never, [meeting.path, ...args] as never) as Any;
      activity.start();
      try {
        await meeting.untilArrived(1);
        await body(activity, meeting);
      } finally {
        await activity.kill();
      }
    });

  describe(`${kind}: send and onSignal`, () => {
    it('exitcodessigna-01: what is sent runs the handlers for it, with name and number, until they are taken back', () =>
      withStarted(hear, [['SIGALRM', 'SIGINT', 'SIGTERM'], 'SIGHUP'], async (activity, meeting) => {
        // one after the other: the system does not keep the order of different signals
        for (const [index, signal] of ([constants.signals.SIGALRM, 'SIGINT', 'SIGTERM'] as const).entries()) {
          assert.equal(activity.send(signal), true);
          await meeting.untilArrived(2 + index);
        }
        activity.send('SIGHUP');
        const { SIGALRM, SIGINT, SIGTERM } = constants.signals;
        const expected = [`SIGALRM ${SIGALRM}`, 'again', `SIGINT ${SIGINT}`, `SIGTERM ${SIGTERM}`];
        assert.deepEqual(await activity.join(), expected);
        assert.equal(activity.exitCode, 0);
      }));

    it('exitcodessigna-02: a signal that does nothing by default does nothing', () =>
      withStarted(handleAndReturn, ['SIGALRM'], async (activity) => {
        for (const name of ['SIGWINCH', 'SIGURG', 'SIGCHLD', 'SIGCONT'] as const) {
          assert.equal(activity.send(name), true);
        }
        assert.equal(process.emit('SIGWINCH', 'SIGWINCH'), false, 'nobody listens, and nothing is raised');
        activity.send('SIGALRM');
        assert.equal(await activity.join(), 'handled SIGALRM');
        assert.equal(activity.exitCode, 0);
      }));

    it('a signal that ends a process by default ends it where nobody handles it', () =>
      withStarted(meetForever, ['x'], async (activity) => {
        assert.equal(activity.send('SIGHUP'), true);
        assert.ok((await rejection(activity.join())) instanceof WorkerDiedError);
        assertEndedBy(activity, 'SIGHUP');
      }));

    it('exitcodessigna-03: an unknown name and a number out of range are errors', () => {
      const activity = new Activity(add, [1, 2]);
      for (const bad of [0, -1, 15.5, 999, Number.NaN, 'SIGNOPE', 'sigterm', '15', '', null, undefined, {}]) {
        assert.throws(() => activity.send(bad as never), invalid);
        assert.throws(() => onSignal(bad as never, () => {}), invalid);
      }
      for (const name of ['SIGKILL', 'SIGSTOP'] as const) assert.throws(() => onSignal(name, () => {}), invalid);
      assert.throws(() => onSignal('SIGALRM', undefined as never), invalid);
    });

    it('before the start and after the end there is nobody to send to', async () => {
      const activity = new Activity(add, [1, 2]);
      assert.equal(activity.send('SIGTERM'), false);
      assert.equal(activity.interrupt(), false);
      activity.start();
      assert.equal(await activity.join(), 3);
      assert.equal(activity.send('SIGTERM'), false);
      assert.equal(activity.send('SIGINT'), false);
      assert.equal(activity.interrupt(), false);
      assert.equal(activity.exitCode, 0);
    });

    it('SIGKILL ends it', () =>
      withStarted(meetThenBlock, ['x'], async (activity) => {
        assert.equal(activity.send('SIGKILL'), true);
        await rejection(activity.join());
        assertEndedBy(activity, 'SIGKILL');
      }));
  });

  describe(`${kind}: terminate`, () => {
    it('who has asked for its signal is asked, and comes to its end; join tells what it returned', () =>
      withStarted(endWhenAsked, ['resolve'], async (activity) => {
        await activity.terminate({ grace: Number.POSITIVE_INFINITY });
        assertEndedBy(activity, 'SIGTERM');
        assert.match(String(await activity.join()), /^CancelledError: The task was asked to end by SIGTERM/);
      }));

    it('… or what it threw', () =>
      withStarted(endWhenAsked, ['reject'], async (activity) => {
        const ended = activity.terminate({ grace: Number.POSITIVE_INFINITY });
        const error = await rejection(activity.join());
        assert.equal((error as CancelledError).code, 'ERR_CANCELLED');
        await ended;
        assertEndedBy(activity, 'SIGTERM');
      }));

    it('twice at once is once', () =>
      withStarted(endWhenAsked, ['resolve'], async (activity) => {
        await Promise.all([
          activity.terminate({ grace: Number.POSITIVE_INFINITY }),
          activity.terminate({ grace: Number.POSITIVE_INFINITY }),
        ]);
        assertEndedBy(activity, 'SIGTERM');
      }));

    it('who has not asked ends at once, also in a call that never returns', () =>
      withStarted(meetThenBlock, ['x'], async (activity) => {
        await activity.terminate({ grace: Number.POSITIVE_INFINITY });
        assertEndedBy(activity, 'SIGTERM');
        assert.ok((await rejection(activity.join())) instanceof WorkerDiedError);
      }));

    it('who sees it and goes on is killed when the grace is over', () =>
      withStarted(seeAndGoOn, [], async (activity, meeting) => {
        const ended = activity.terminate({ grace: 200 });
        await ended;
        assert.ok(meeting.arrived.length <= 2);
        assertEndedBy(activity, 'SIGKILL');
      }));

    it('… and has all of the grace until then', () =>
      withStarted(seeAndGoOn, [], async (activity, meeting) => {
        const ended = activity.terminate({ grace: 3_600_000 });
        await meeting.untilArrived(2);
        assert.deepEqual(meeting.arrived, ['asked', 'seen']);
        assert.equal(activity.alive, true);
        await Promise.all([activity.terminate({ grace: 0 }), ended]);
        assertEndedBy(activity, 'SIGKILL');
      }));

    it('who has asked and then blocks is killed', () =>
      withStarted(askThenBlock, [], async (activity) => {
        await activity.terminate({ grace: 50 });
        assertEndedBy(activity, 'SIGKILL');
      }));

    it('a handler for SIGTERM takes the place of the end', () =>
      withStarted(handleAndReturn, ['SIGTERM'], async (activity) => {
        await activity.terminate({ grace: Number.POSITIVE_INFINITY });
        assert.equal(activity.exitCode, 0);
        assert.equal(await activity.join(), 'handled SIGTERM');
      }));

    it('a grace that is no time is refused', async () => {
      const activity = new Activity(add, [1, 2]);
      for (const grace of [-1, Number.NaN, '5', null]) {
        assert.equal(((await rejection(activity.terminate({ grace } as never))) as CancelledError).code, invalid.code);
      }
    });

    it('its own signal is not that of whoever started it', () =>
      withStarted(endWhenAsked, ['resolve'], async (activity) => {
        await activity.terminate();
        assert.equal(taskSignal().aborted, false);
      }));
  });

  describe(`${kind}: interrupt`, () => {
    it('exitcodessigna-10, exitcodessigna-11: by default it ends as the system would end it, by SIGINT', () =>
      withStarted(meetForever, ['x'], async (activity) => {
        assert.equal(activity.interrupt(), true);
        assert.ok((await rejection(activity.join())) instanceof WorkerDiedError);
        assertEndedBy(activity, 'SIGINT');
      }));

    it('exitcodessigna-10: with a handler that decides', () =>
      withStarted(handleAndReturn, ['SIGINT'], async (activity) => {
        activity.interrupt();
        assert.equal(await activity.join(), 'handled SIGINT');
        assert.equal(activity.exitCode, 0);
      }));

    it('exitcodessigna-11: who has asked for its signal comes to its end', () =>
      withStarted(endWhenAsked, ['resolve'], async (activity) => {
        activity.send('SIGINT');
        assert.match(String(await activity.join()), /asked to end by SIGINT/);
        assertEndedBy(activity, 'SIGINT');
      }));

    it('right after the start', async () => {
      const activity = new Activity(forever);
      activity.start();
      activity.interrupt();
      await rejection(activity.join());
      assertEndedBy(activity, 'SIGINT');
    });
  });

  describe(`${kind}: signals and what waits`, () => {
    it('exitcodessigna-04: a tight loop sees what another one changes, and stops', async () => {
      const flag = new Value(uint32, 0, { scope: kind });
      const spin = (shared: typeof flag): number => {
        shared.value = 1;
        let rounds = 0;
        while (shared.value !== 2) rounds += 1;
        return rounds;
      };
      const activity = new Activity(spin, [flag]);
      activity.start();
      while (flag.value !== 1) await new Promise((resolve) => setImmediate(resolve));
      flag.value = 2;
      assert.equal(typeof (await activity.join()), 'number');
    });

    for (const [name, make] of [
      ['exitcodessigna-06: a wait for a lock', () => new Lock({ scope: kind })],
      ['exitcodessigna-07: a wait for a re-entrant lock', () => new RLock({ scope: kind })],
    ] as const) {
      it(`${name} is given up by a handler, well before its timeout`, () =>
        withRendezvous(async ({ path }) => {
          const lock = make();
          lock.acquireSync();
          const activity = new Activity(acquireUnderSignal, [path, lock, 'up']);
          activity.start();
          await untilWaiting(lock, 1);
          activity.send('SIGALRM');
          const error = await rejection(activity.join());
          assert.ok(error instanceof RangeError);
          lock.release();
        }));
    }

    for (const [name, make] of [
      ['exitcodessigna-08: a wait for a lock', () => new Lock({ scope: kind })],
      ['exitcodessigna-09: a wait for a re-entrant lock', () => new RLock({ scope: kind })],
    ] as const) {
      it(`${name} goes on after a handler that returns, and gets it`, () =>
        withRendezvous(async (meeting) => {
          const lock = make();
          lock.acquireSync();
          const activity = new Activity(acquireUnderSignal, [meeting.path, lock, 'way']);
          activity.start();
          await untilWaiting(lock, 1);
          activity.send('SIGALRM');
          await meeting.untilArrived(1);
          lock.release();
          assert.equal(await activity.join(), true);
        }));

      // Adapted: a handler runs in the event loop, which a blocking wait holds up. So it can neither end such a wait nor disturb it.
      it(`${name} that blocks keeps the handler waiting`, async () => {
        const lock = make();
        lock.acquireSync();
        const activity = new Activity(acquireSyncUnderSignal, [lock]);
        activity.start();
        await untilWaiting(lock, 1);
        activity.send('SIGALRM');
        lock.release();
        assert.equal(await activity.join(), '0 then 1');
      });
    }
  });

  describe(`${kind}: exit`, () => {
    for (const [value, code] of [
      [undefined, 0],
      [null, 0],
      [0, 0],
      [7, 7],
      [false, 0],
      [true, 1],
      ['a reason, on standard error', 1],
      [{ also: 'there' }, 1],
      [1.5, 1],
    ] as const) {
      it(`exitcodessigna-13: exit(${JSON.stringify(value)}) gives ${code}`, async () => {
        const activity = new Activity(exitWith, [value]);
        activity.start();
        const error = await rejection(activity.join());
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(activity.exitCode, code);
      });
    }
  });
}
