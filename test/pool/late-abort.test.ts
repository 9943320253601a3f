/**
 * A thread hears that a task was given up when that is over already, and another one has come since.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Event, sleep, taskSignal } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { rejection, withPool } from '../contract/with-pool.ts';

/** Takes events along, so that tasks need not bring them, which would go by message. */
const keep = (...events: Event[]): void => {
  (globalThis as { events?: Event[] }).events = events;
};

/** Tells that it has begun, and blocks its thread until it may end. */
const hold = (begun: number, end: number): void => {
  const { events = [] } = globalThis as { events?: Event[] };
  events[begun]?.set();
  events[end]?.waitSync();
};

/** Whether its signal is aborted while its thread takes its messages in. */
const isAborted = async (..._large: unknown[]): Promise<boolean> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return taskSignal().aborted;
};

describe('a thread that hears too late that a task was given up', () => {
  for (const [what, args] of [
    ['that runs', []],
    ['whose arguments are awaited', [new Map([['a', 1]])]],
  ] as const) {
    it(`leaves the next task alone, one ${what}`, () =>
      withPool({ kind: 'thread', workers: 1, grace: 60_000 }, async (pool) => {
        const patient = pool.with({ timeout: 60_000 });
        for (let time = 0; time < 2; time++) {
          await pool.submit(hold, 9, 9); // twice, and a function has a number and goes along no more
          await pool.submit(isAborted);
        }
        const events = range(4).map(() => new Event()) as [Event, Event, Event, Event];
        await pool.submit(keep, ...events);
        const [begun, end, nextBegun, nextEnd] = events;
        const given = patient.submit(hold, 0, 1);
        const between = pool.submit(hold, 2, 3);
        await begun.wait();
        given.cancel();
        await rejection(given);
        end.set();
        await nextBegun.wait(); // the thread has gone on and not looked at its messages
        while (pool.pending > 1) await sleep(1); // until what was given up has been answered
        const next = patient.submit(isAborted, ...args);
        nextEnd.set();
        assert.equal(await next, false);
        await between;
        assert.deepEqual(await patient.map(isAborted, range(9), { chunkSize: 1 }), new Array(9).fill(false));
      }));
  }
});
