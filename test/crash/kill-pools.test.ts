/**
 * Workers of pools of every kind are killed at random moments, with retries and without: every future settles with what is right, and nothing
 * is left behind. `MANYHANDS_KILLS` says how many kills, for each of the six.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Pool, type PoolKind, WorkerDiedError } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { RunningProcess } from '../contract/running-process.ts';
import { rejection } from '../contract/with-pool.ts';

const KILLS = Number(process.env['MANYHANDS_KILLS'] ?? 12);
const WORKERS = 4;

/** A sequence that looks random and is the same each time. */
function* dice(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const works: readonly ((pool: Pick<Pool, 'submit' | 'map'>, n: number) => Promise<unknown>)[] = [
  (pool, n) => pool.submit((x: number) => x + 1, n),
  (pool, n) => pool.submit((map: Map<string, number>) => (map.get('n') as number) + 1, new Map([['n', n]])),
  (pool, n) =>
    pool.submit(async (x: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      return x + 1;
    }, n),
  (pool, n) =>
    pool.submit((x: number) => {
      for (const end = performance.now() + 0.5; performance.now() < end; );
      return x + 1;
    }, n),
  async (pool, n) => (await pool.map((x: number) => x + 1, [n]))[0],
];

const processesOf = (pool: Pool): number[] => [
  ...new Set(pool.liveWorkers.flatMap((label) => /process (\d+)$/.exec(label)?.slice(1).map(Number) ?? [])),
];

/** Ends a worker after some turns, from within: the only way into a thread. */
const endItself = async (turns: number): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  process.exit(9);
};

describe('killing workers of pools', () => {
  for (const kind of ['thread', 'process', 'hybrid'] as const satisfies readonly PoolKind[]) {
    for (const retries of [0, Infinity]) {
      const how = retries === 0 ? 'without retries' : 'with retries';
      it(`${KILLS} times, ${kind}, ${how}`, { timeout: 200_000 + KILLS * 2000 }, async (t) => {
        const pool = new Pool({
          kind,
          workers: WORKERS,
          tasksPerWorker: kind === 'thread' ? 1 : 2, // of two, one that blocks would hold the other
          quarantine: Infinity,
          ...(kind === 'hybrid' ? { threadsPerProcess: 2 } : {}),
        });
        const tasks = retries === 0 ? pool : pool.with({ retries, backoff: 1 });
        const random = dice(5);
        const seen = new Map<number, RunningProcess>();
        let kills = 0;
        let died = 0;
        let done = 0;
        await pool.map((x: number) => x, range(8), { chunkSize: 1 });
        const before = readdirSync('/proc/self/fd').length;
        while (kills < KILLS) {
          const outcomes = Promise.allSettled(
            range(60).map((n) => (works[n % works.length] as (typeof works)[0])(tasks, n)),
          );
          const suicides: Promise<unknown>[] = []; // what each rejects with
          for (let i = 0; i < 2; i++) {
            for (let turns = Math.floor(random.next().value * 12); turns > 0; turns--)
              await new Promise((resolve) => setImmediate(resolve));
            const pids = processesOf(pool);
            for (const pid of pids) seen.set(pid, seen.get(pid) ?? new RunningProcess(pid));
            if (kind === 'thread' || random.next().value < 0.3) {
              suicides.push(rejection(pool.submit(endItself, Math.floor(random.next().value * 4))));
            } else {
              const victim = seen.get(pids[Math.floor(random.next().value * pids.length)] as number);
              if (victim?.killChild() !== true) continue;
            }
            kills += 1;
          }
          for (const [n, outcome] of (await outcomes).entries()) {
            if (outcome.status === 'fulfilled') {
              assert.equal(outcome.value, n + 1);
              done += 1;
            } else {
              assert.ok(outcome.reason instanceof WorkerDiedError, String(outcome.reason));
              assert.equal(retries, 0, 'a task that may be tried again comes to its end');
              died += 1;
            }
          }
          for (const error of await Promise.all(suicides)) assert.ok(error instanceof WorkerDiedError, String(error));
          assert.equal(pool.pending, 0);
          assert.ok(pool.liveWorkers.length <= WORKERS);
        }
        assert.ok(done > 0);
        // As many work as are wanted: all of them at once, none of whom goes on before the last one is there.
        const words = new Int32Array(new SharedArrayBuffer(4));
        if (kind === 'thread') {
          const meet = (shared: Int32Array, count: number): boolean => {
            Atomics.add(shared, 0, 1);
            Atomics.notify(shared, 0);
            for (let now = Atomics.load(shared, 0); now < count; now = Atomics.load(shared, 0))
              Atomics.wait(shared, 0, now, 100);
            return true;
          };
          assert.deepEqual(
            await Promise.all(range(WORKERS).map(() => pool.submit(meet, words, WORKERS))),
            range(WORKERS).map(() => true),
          );
          assert.equal(pool.liveWorkers.length, WORKERS);
        }
        const after = readdirSync('/proc/self/fd').length;
        assert.ok(after <= before + 12, `${before} descriptors before, ${after} afterwards`);
        for (const pid of processesOf(pool)) seen.set(pid, seen.get(pid) ?? new RunningProcess(pid));
        await pool.close();
        assert.deepEqual(
          [...seen.values()].filter((one) => one.runs).map(({ pid }) => pid),
          [],
          'no process is left',
        );
        t.diagnostic(`${kills} kills, ${done} tasks done, ${died} failed with their worker`);
      });
    }
  }
});
