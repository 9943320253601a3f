/**
 * Contract of every pool: what a pool that is ended at once lets its workers do.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledError, Pool, type PoolKind, type PoolOptions, taskSignal, workerState } from '../../src/index.ts';
import { range } from './inputs.ts';
import { withRendezvous } from './rendezvous.ts';
import { meet, meetForever } from './tasks.ts';
import { rejection } from './with-pool.ts';

/** Says a word at a meeting point. */
function say(path: string, word: string): Promise<void> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  return new Promise((resolve) => socket.once('connect', () => socket.end(`${word}\n`, resolve)));
}

type Say = typeof say;

/** Says when it is given up, and comes to its end then. */
async function hears(path: string, tell: Say): Promise<void> {
  const signal = taskSignal();
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  await tell(path, 'runs');
  await aborted;
  await tell(path, `heard: ${(signal.reason as Error).message}`);
}

/** How every pool is ended at once. */
export function poolTerminateContract(kind: PoolKind): void {
  const optionsFor = (path: string): PoolOptions => ({
    kind,
    workers: 1,
    grace: 20_000,
    init: (at: string, tell: Say) => ({ at, tell }),
    initArgs: [path, say],
    exit: ({ at, tell }: { at: string; tell: Say }) => tell(at, 'exit'),
  });

  describe('the end at once', () => {
    it('terminate: a task that can hear of it comes to its end, and its worker in good order; its caller does not wait', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool(optionsFor(meeting.path));
        const future = pool.with({ timeout: 600_000 }).submit(hears, meeting.path, say);
        const waiting = pool.submit(say, meeting.path, 'waited');
        await meeting.untilArrived(1);
        const ended = pool.terminate();
        for (const error of [await rejection(future), await rejection(waiting)]) {
          assert.ok(error instanceof CancelledError);
          assert.equal(error.message, 'The pool was terminated.');
        }
        await ended;
        assert.deepEqual(await meeting.untilArrived(3), ['runs', 'heard: The pool was terminated.', 'exit']);
        assert.equal(pool.liveWorkers.length, 0);
      }));

    it('terminate: what waits at a worker that comes to its end does not start', { skip: kind === 'inline' }, () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ kind, workers: 2, grace: 20_000, init: () => Math.random() });
        const keys = range(8);
        const mark = (): number => workerState<number>();
        const marks = await Promise.all(keys.map((key) => pool.with({ sticky: key }).submit(mark)));
        const busy = pool.with({ timeout: 600_000 }).submit(
          async (path: string, tell: Say) => {
            const aborted = new Promise((resolve) => taskSignal().addEventListener('abort', resolve));
            await tell(path, String(workerState()));
            await aborted;
          },
          meeting.path,
          say,
        );
        const givenUp = rejection(busy);
        const [where] = await meeting.untilArrived(1);
        const there = keys.filter((key) => String(marks[key]) === where);
        const waiting = there.map((key) => rejection(pool.with({ sticky: key }).submit(say, meeting.path, 'started')));
        await pool.submit(mark); // by the other one
        await pool.terminate();
        for (const error of await Promise.all([givenUp, ...waiting])) assert.ok(error instanceof CancelledError);
        assert.ok(waiting.length > 0);
        await say(meeting.path, 'last'); // behind whatever may be on its way
        assert.deepEqual(await meeting.untilArrived(2), [where, 'last']);
      }),
    );

    it('terminate: an idle worker ends in good order', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool(optionsFor(meeting.path));
        await pool.submit(say, meeting.path, 'done');
        await pool.terminate();
        assert.deepEqual(await meeting.untilArrived(2), ['done', 'exit']);
      }));

    it('terminate: who does not come to an end is killed after the grace', { skip: kind === 'inline' }, () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ ...optionsFor(meeting.path), grace: 50 });
        const future = pool.with({ timeout: 600_000 }).submit(meetForever, meeting.path, 'runs');
        await meeting.untilArrived(1);
        const ended = pool.terminate();
        await rejection(future);
        await ended;
        await meeting.untilLeft(1);
        assert.deepEqual(meeting.arrived, ['runs']);
      }),
    );

    it('a grace without end: a task that goes on after it was given up keeps its worker', () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool({ kind, workers: 1, grace: Infinity, init: () => Math.random() });
        const mark = (): number => workerState<number>();
        const before = await pool.submit(mark);
        const future = pool.with({ timeout: 600_000 }).submit(meet, meeting.path, 'runs');
        await meeting.untilArrived(1);
        assert.equal(future.cancel(), true);
        await rejection(future);
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
        meeting.open();
        assert.equal(await pool.submit(mark), before);
        await pool.close();
      }));

    it('processpoolexe-27: kill asks nobody', { skip: kind === 'inline' }, () =>
      withRendezvous(async (meeting) => {
        const pool = new Pool(optionsFor(meeting.path));
        const future = pool.with({ timeout: 600_000 }).submit(hears, meeting.path, say);
        await meeting.untilArrived(1);
        const [ended, again] = [pool.kill(), pool.kill()];
        const error = await rejection(future);
        assert.ok(error instanceof CancelledError);
        assert.equal(error.message, 'The pool was killed.');
        await Promise.all([ended, again, pool.terminate(), pool.close()]);
        assert.deepEqual(meeting.arrived, ['runs']);
        assert.deepEqual([pool.state, pool.liveWorkers.length, pool.pending], ['closed', 0, 0]);
      }),
    );
  });
}
