/**
 * What one can know of a `Thread` or `Process`, and when it may end.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidStateError, Process, sleep, Thread, waitAny } from '../../src/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { withRendezvous } from './rendezvous.ts';
import { add, meet } from './tasks.ts';
import { rejection } from './with-pool.ts';

/** The contract, for threads or processes. */
export function lifecycleContract(kind: 'thread' | 'process'): void {
  const Activity = (kind === 'thread' ? Thread : Process) as typeof Thread;

  /** In its own `run` it has itself as a field. */
  class Own extends Activity<string[]> {
    override async run(): Promise<string[]> {
      const joined = await this.join().catch((error: Error) => error.message);
      try {
        this.start();
        return [joined as string];
      } catch (error) {
        return [joined as string, (error as Error).message];
      }
    }
  }

  describe(`${Activity.name}: what it tells, and its end`, () => {
    it('threadlifecycl-16 threadlifecycl-24 threadlifecycl-25: it cannot join or start itself, and others join it meanwhile', async () => {
      const own = new Own();
      own.start();
      const [joined = '', started] = (await Promise.all([own.join(), own.join()]))[1];
      assert.match(joined, /cannot be joined here/);
      assert.match(String(started), /has been started before/);
      assert.equal(own.alive, false);
    });

    it('a copy of one that was started elsewhere is refused with a reason; one that was not can be started there', async () => {
      const running = new Activity(add, [1, 2]);
      running.start();
      const asker = new Activity((copy: Thread) => copy.join(), [running]);
      asker.start();
      const error = await rejection(asker.join());
      assert.ok(error instanceof InvalidStateError);
      assert.equal(await running.join(), 3);
    });

    it('processlifecyc-08: exited is aborted when it has ended, and can be waited for', async () => {
      const activity = new Activity(add, [1, 2]);
      const { exited } = activity;
      assert.equal(exited.aborted, false);
      activity.start();
      assert.equal(exited.aborted, false);
      assert.deepEqual(await waitAny([exited]), [exited]);
      assert.equal(activity.alive, false);
      const late = new Activity(add, [1, 2]);
      late.start();
      await late.join();
      assert.equal(late.exited.aborted, true);
    });

    it('processlifecyc-09: close is refused while it runs; afterwards nothing can be asked any more, and closing again is fine', () =>
      withRendezvous(async (meeting) => {
        const activity = new Activity(meet, [meeting.path, 'here']);
        activity.start();
        await meeting.untilArrived(1);
        assert.throws(() => activity.close(), { code: 'ERR_INVALID_STATE' });
        meeting.open();
        assert.equal(await activity.join(), 'here');
        activity.close();
        activity.close();
        const closed = /has been closed/;
        assert.throws(() => activity.alive, closed);
        assert.throws(() => activity.start(), InvalidStateError);
        assert.throws(() => activity.send('SIGTERM'), closed);
        await assert.rejects(() => activity.join(), closed);
        await assert.rejects(() => activity.terminate(), closed);
        await assert.rejects(() => activity.kill(), closed);
        const unused = new Activity(add, [1, 2]);
        unused.close();
        assert.throws(() => unused.start(), closed);
      }));

    it('processlifecyc-10: once it has been started its function and arguments are let go', () =>
      withRendezvous(async (meeting) => {
        const { activity, kept } = begin(meeting.path);
        await meeting.untilArrived(1);
        const left = (): number => kept.filter((each) => each.deref() !== undefined).length;
        for (let tries = 0; left() > 0 && tries < 50; tries++) await collectGarbage();
        assert.equal(left(), 0);
        meeting.open();
        await activity.join();
      }));

    function begin(path: string): { readonly activity: Thread; readonly kept: readonly WeakRef<object>[] } {
      const large = { bytes: new Uint8Array(1000) };
      const run = (): Promise<string> => meet(path, 'here');
      const activity = new Activity(run as never, [large]);
      activity.start();
      return { activity: activity as Thread, kept: [new WeakRef(large), new WeakRef(run)] };
    }

    it('an answer that was given is not lost when the worker has gone before its class is loaded here', async () => {
      const activity = new Activity(
        async (url: string) => {
          const { Slow } = (await import(url)) as { readonly Slow: new () => { readonly x: number } };
          setImmediate(() => setImmediate(() => process.exit(3)));
          return new Slow();
        },
        [new URL('slow-class.ts', import.meta.url).href],
      );
      activity.start();
      assert.equal((await activity.join()).x, 1);
    });

    it('daemonthreadse-02 daemonthreadse-15: whoever is made by a daemon is one, unless it says otherwise', async () => {
      assert.equal(new Activity(add, [1, 2]).daemon, false);
      const inner = (): boolean[] => [new Thread().daemon, new Thread(undefined, [], { daemon: false }).daemon];
      for (const daemon of [true, false]) {
        const activity = new Activity(inner, [], { daemon });
        activity.start();
        assert.deepEqual(await activity.join(), [daemon, false]);
      }
    });

    it('daemonthreadse-03 daemonthreadse-10 processlifecyc-12: it ends after what it has started, but for daemons', () =>
      withRendezvous(async (meeting) => {
        const starter = (path: string, daemon: boolean): string => {
          new Thread(meet, [path, daemon ? 'daemon' : 'child'], { daemon }).start();
          return 'started';
        };
        const patient = new Activity(starter, [meeting.path, false]);
        patient.start();
        await meeting.untilArrived(1);
        assert.equal(await patient.join({ timeout: 20 }), undefined, 'its child is there');
        meeting.letGo('child');
        assert.equal(await patient.join(), 'started');
        assert.deepEqual(await meeting.untilLeft(1), ['child']);
        const hasty = new Activity(starter, [meeting.path, true]);
        hasty.start();
        assert.equal(await hasty.join(), 'started');
      }));

    it('threadlifecycl-13 threadlifecycl-23: one that nobody joins leaves nothing behind when it ends', async () => {
      const one = new Activity(add, [1, 2]);
      one.start();
      await waitAny([one.exited]);
      await sleep(0);
      const before = process.getActiveResourcesInfo().length;
      const listeners = process.eventNames().map((name) => process.listenerCount(name));
      for (let n = 0; n < 3; n++) {
        const next = new Activity(add, [n, 2], { env: {} });
        next.start();
        await waitAny([next.exited]);
      }
      await sleep(0);
      assert.ok(process.getActiveResourcesInfo().length <= before, String(process.getActiveResourcesInfo()));
      assert.deepEqual(
        process.eventNames().map((name) => process.listenerCount(name)),
        listeners,
      );
    });
  });
}
