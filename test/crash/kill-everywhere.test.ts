/**
 * Workers that use every primitive in both forms are killed at random moments, processes by SIGKILL and threads by `terminate`.
 *
 * After each kill the others go on in every step; at the end every object is as it should be, and nothing is left of the dead.
 * MANYHANDS_KILLS says how many are killed in each scope.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { Process, type ScopeOptions, Thread } from '../../src/index.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';
import { range } from '../contract/inputs.ts';
import { RunningProcess } from '../contract/running-process.ts';
import { rejectionCode } from '../contract/with-pool.ts';
import { filesThere, leftBehind } from '../shared/names.ts';
import {
  COUNT,
  type Everything,
  oneOfEverything,
  PATIENCE,
  PERMITS,
  stepNames,
  timesPassed,
  useEverything,
} from './every-primitive.ts';

const KILLS = Number(process.env['MANYHANDS_KILLS'] ?? 30);
/** Milliseconds that all of them may take. */
const LIMIT = Math.max(220_000, KILLS * 5000);
/** Pipes of workers that are gone which a thread may keep for a while; see `src/sync/others-pipes.ts`. */
const BELLS_KEPT = 64;
/** Descriptors of workers that wait to be used, of which there may be more or fewer than before. */
const OF_SPARES = 16;

/** In process scope, threads of this process take part as well. */
const crews = {
  thread: [Thread, Thread, Thread],
  process: [Process, Process, Thread],
} as const;

/** A worker that is at it. */
interface Live {
  readonly number: number;
  readonly worker: Thread | Process;
  /** What it failed with by itself, once it has. */
  failure: unknown;
  readonly end: Promise<unknown>;
}

function start(Worker: typeof Thread | typeof Process, all: Everything, number: number): Live {
  const worker = new Worker(useEverything, [all, number, Math.floor(Math.random() * stepNames.length)]);
  worker.start();
  const live: Live = {
    number,
    worker,
    failure: undefined,
    end: worker.join().catch((error: unknown) => {
      const { code } = error as { readonly code?: unknown };
      if (code !== 'ERR_WORKER_DIED' && code !== 'ERR_WORKER_START') live.failure = error;
    }),
  };
  return live;
}

async function kill(live: Live): Promise<void> {
  await live.worker.kill();
  await live.end;
  if (live.failure !== undefined) throw live.failure;
}

const allTimes = (all: Everything, { number }: Live): number[] =>
  stepNames.map((_, step) => timesPassed(all, number, step));

const show = ({
  pairs: _pairs,
  passed: _passed,
  doing: _doing,
  recovered: _recovered,
  ...objects
}: Everything): string => inspect(objects);

/** Resolves once a worker has done these steps once more; fails with the name of the primitive that it is stuck in. */
async function untilItGoesOn(all: Everything, live: Live, before: readonly number[], steps: number): Promise<void> {
  const end = performance.now() + PATIENCE;
  const done = (): number =>
    stepNames.filter((_, step) => timesPassed(all, live.number, step) > (before[step] as number)).length;
  while (done() < steps) {
    if (live.failure !== undefined) throw live.failure;
    if (performance.now() > end) {
      const at = stepNames[(all.doing[live.number] as number) - 1] ?? 'its start';
      throw new Error(
        `${at}: worker ${live.number}, a ${live.worker.constructor.name}, has not gone on for ${PATIENCE} ms. ${show(all)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1)); // nobody is told of progress
  }
}

/** What this process has open: shared memory, and all together. */
function descriptors(): { readonly memory: number; readonly all: number } {
  const targets = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the one that was open for this look
    }
  });
  return { memory: targets.filter((target) => target.startsWith('/memfd:')).length, all: targets.length };
}

/** Uses each object once, alone. */
async function checkEverything(all: Everything, kills: number): Promise<void> {
  const { lock, rlock, table, permits, tokens, seats, condition, event, barrier, latch } = all;
  const state = (): string => show(all);
  const timeout = PATIENCE;
  for (const each of [lock, rlock, condition.lock]) {
    const hold = each.acquireSync({ recover: true, timeout });
    assert.ok(hold, `${each.constructor.name}: ${state()}`);
    hold.release();
    const next = await each.acquire({ timeout });
    assert.ok(next && !next.recovered, `${each.constructor.name} was recovered, and says so twice`);
    next.release();
  }
  const writing = await table.acquireWrite({ recover: true, timeout });
  assert.ok(writing, `RwLock: ${state()}`);
  assert.equal(table.readers, 0);
  writing.release();
  const reading = table.acquireReadSync({ timeout });
  assert.ok(reading, `RwLock: ${state()}`);
  reading.release();
  for (const each of [permits, seats]) {
    const holds = [];
    for (let i = 0; i < PERMITS; i++) holds.push(await each.acquire({ timeout }));
    assert.ok(!holds.includes(false), `${each.constructor.name}: ${state()}`);
    assert.equal(each.tryAcquire(), false, `${each.constructor.name} has more permits than at first: ${state()}`);
    each.release(PERMITS);
    assert.equal(each.value, PERMITS);
  }
  assert.ok(tokens.value >= 1 && tokens.value <= 1 + kills, `Semaphore lost tokens, or made some: ${state()}`);
  const notified = condition.run(() => condition.wait({ timeout }));
  await condition.run(() => condition.notify());
  assert.equal(await notified, true, `Condition: ${state()}`);
  const set = event.wait({ timeout });
  event.set();
  assert.equal(await set, true, `Event: ${state()}`);
  barrier.reset();
  const numbers = await Promise.all([barrier.wait({ timeout }), barrier.wait({ timeout })]);
  assert.deepEqual(numbers.sort(), [0, 1], `Barrier: ${state()}`);
  const counted = COUNT - latch.count;
  const noted = range(crews.thread.length).reduce(
    (sum, number) => sum + timesOf(all, number, 'Latch.waitSync') + timesOf(all, number, 'Latch.wait'),
    0,
  );
  assert.ok(counted >= noted && counted <= noted + kills, `Latch counted ${counted} instead of ${noted}: ${state()}`);
  latch.countDown(latch.count);
  assert.equal(await latch.wait({ timeout }), true, `Latch: ${state()}`);
}

const timesOf = (all: Everything, number: number, name: string): number =>
  timesPassed(all, number, stepNames.indexOf(name));

async function killMany(t: TestContext, scope: NonNullable<ScopeOptions['scope']>, kills: number): Promise<void> {
  const all = oneOfEverything(scope);
  const crew = crews[scope];
  const live = crew.map((Worker, number) => start(Worker, all, number));
  const seen: RunningProcess[] = [];
  const started = performance.now();
  try {
    for (let n = 0; n < kills; n++) {
      const index = Math.floor(Math.random() * live.length);
      const victim = live[index] as Live;
      if (victim.worker instanceof Process) seen.push(new RunningProcess(Number(victim.worker.pid)));
      // One in eight is killed while it starts.
      if (Math.random() < 7 / 8) await untilItGoesOn(all, victim, allTimes(all, victim), 1);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20)); // the moment is what is random
      const others = live.filter((each) => each !== victim).map((each) => [each, allTimes(all, each)] as const);
      await kill(victim);
      live[index] = start(crew[index] as typeof Thread, all, index);
      for (const [each, before] of others) await untilItGoesOn(all, each, before, stepNames.length);
    }
  } finally {
    await Promise.all(live.map(({ worker }) => worker.kill()));
  }
  for (const each of live) await kill(each);
  const deaths = kills + live.length;
  const recovered = [...all.recovered].reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  t.diagnostic(`${kills} kills in ${seconds} s, ${recovered} locks recovered`);
  assert.ok(recovered <= deaths, `${recovered} locks were told of ${deaths} deaths`);
  await checkEverything(all, deaths);
  assert.deepEqual(
    seen.filter((each) => each.runs),
    [],
    'no process is left',
  );
}

describe('killing whoever uses any primitive', { skip: process.platform !== 'linux' }, () => {
  for (const scope of ['thread', 'process'] as const) {
    test(`${KILLS} at random moments, scope ${scope}`, { timeout: LIMIT }, async (t) => {
      await killMany(t, scope, 1); // what is made once is made now
      await collectGarbage();
      const before = descriptors();
      const files = filesThere();
      await killMany(t, scope, KILLS);
      await collectGarbage();
      const after = descriptors();
      assert.ok(after.memory <= before.memory, `descriptors: ${inspect({ before, after })}`);
      assert.ok(after.all <= before.all + BELLS_KEPT + OF_SPARES, `descriptors: ${inspect({ before, after })}`);
      assert.deepEqual(await leftBehind(files), []);
    });
  }

  for (const [Worker, scope] of [
    [Thread, 'thread'],
    [Process, 'process'],
    [Thread, 'process'],
  ] as const) {
    for (const form of ['waitSync', 'wait'] as const) {
      test(`a ${Worker.name} that dies in Barrier.${form} breaks it, scope ${scope}`, async () => {
        const { barrier } = oneOfEverything(scope);
        const dying = new Worker(
          async (shared: typeof barrier, how: typeof form) => void (await shared[how]()),
          [barrier, form],
        );
        dying.start();
        const end = dying.join().catch(() => undefined);
        const deadline = performance.now() + PATIENCE;
        while (barrier.waiting < 1) {
          assert.ok(performance.now() < deadline, `Barrier.${form}: the party does not arrive`);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await dying.kill();
        await end;
        const arriving = barrier.wait({ timeout: PATIENCE });
        assert.equal(await rejectionCode(arriving), 'ERR_BROKEN_BARRIER');
        assert.equal(barrier.broken, true, 'by the death, or by an arrival that found out');
        barrier.reset();
        assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
      });
    }
  }
});
