/**
 * Those who put into queues and get from them are killed at random moments, processes by SIGKILL and threads by `terminate`.
 *
 * What a survivor has put arrives exactly once; what the killed were putting or getting, at most once, and whole. Nobody is stuck, the
 * queues work afterwards, and nothing is left of the dead. MANYHANDS_KILLS says how many are killed in each scope.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { Process, type Queue, type ScopeOptions, Thread } from '../../src/index.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';
import { filesThere, leftBehind } from '../shared/names.ts';
import {
  consumeBlocking,
  consumeFreely,
  message,
  newWorld,
  note,
  produceBlocking,
  produceFreely,
  QUEUES,
  QUOTA,
  timesGot,
  type World,
} from './queue-workers.ts';

const KILLS = Number(process.env['MANYHANDS_KILLS'] ?? 24);
/** Milliseconds that all of them may take. */
const LIMIT = Math.max(220_000, KILLS * 5000);
/** Milliseconds after which a worker counts as stuck. */
const PATIENCE = 60_000;
/** Memory that was sent and is kept for a while; see `src/memory/segment.ts`. */
const GIVEN = 64;
/** Descriptors of pipes and of workers kept ready, of which there may be more or fewer than before. */
const OTHERS = 80;

type Scope = NonNullable<ScopeOptions['scope']>;

const roles = [produceFreely, produceBlocking, consumeFreely, consumeBlocking] as const;
const PRODUCERS = [0, 1];
const CONSUMERS = [2, 3];

/** In process scope, threads of this process take part as well. */
const crews = { thread: [Thread, Thread, Thread, Thread], process: [Process, Thread, Process, Process] } as const;

/** A worker that is at it. */
interface Live {
  readonly number: number;
  readonly worker: Thread | Process;
  /** What it failed with by itself, once it has. */
  failure: unknown;
  readonly end: Promise<unknown>;
}

/** A crew over a world, of which one after the other is killed. */
class Crew {
  readonly world: World;
  readonly live: Live[] = [];
  readonly #Workers: readonly (typeof Thread | typeof Process)[];
  #producers = 0;
  #consumers = 0;
  /** Consumers that were killed. */
  lost = 0;

  constructor(scope: Scope, kills: number) {
    this.world = newWorld(scope, kills + PRODUCERS.length);
    this.#Workers = crews[scope];
    for (const number of roles.keys()) this.live[number] = this.#start(number);
  }

  #start(number: number): Live {
    const turn = PRODUCERS.includes(number) ? this.#producers++ : this.#consumers++;
    const worker = new (this.#Workers[number] as typeof Thread)(roles[number] as typeof produceFreely, [
      this.world,
      number,
      turn,
    ]);
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

  async kill(number: number): Promise<void> {
    const live = this.live[number] as Live;
    if (live.failure !== undefined) throw live.failure;
    await live.worker.kill();
    await live.end; // what a thread fails with while it is being ended is its death
    if (CONSUMERS.includes(number)) this.lost += 1;
  }

  async replace(number: number): Promise<void> {
    await this.kill(number);
    this.live[number] = this.#start(number);
  }

  /** Resolves once all have gone on, from where they were. */
  async untilAllGoOn(): Promise<void> {
    const { progress, queues } = this.world;
    const before = [...progress];
    const end = performance.now() + PATIENCE;
    const stuck = (): Live | undefined =>
      this.live.find(({ number }) => (progress[number] as number) < (before[number] as number) + 2);
    for (let each = stuck(); each !== undefined; each = stuck()) {
      const { failure } = this.live.find((one) => one.failure !== undefined) ?? {};
      if (failure !== undefined) throw failure;
      if (performance.now() > end)
        throw new Error(`${roles[each.number]?.name} has not gone on for ${PATIENCE} ms: ${inspect(queues)}`);
      await new Promise((resolve) => setTimeout(resolve, 1)); // nobody is told of progress
    }
  }

  /** Ends those who are left of some by what they do themselves. */
  async ended(numbers: readonly number[]): Promise<void> {
    const late = setTimeout(() => void this.end(), PATIENCE);
    for (const number of numbers) {
      const live = this.live[number] as Live;
      await live.end;
      if (live.failure !== undefined) throw live.failure;
    }
    clearTimeout(late);
  }

  async end(): Promise<void> {
    await Promise.all(this.live.map(({ worker }) => worker.kill()));
  }
}

/** What was put and not got, by queue; fails when anything was got twice, or was never put. */
function missing(crew: Crew): number[] {
  const { world } = crew;
  const lost = Array<number>(QUEUES).fill(0);
  for (let line = 0; line < world.producers * QUEUES; line++) {
    const put = world.puts[line] as number;
    for (let sequence = 0; sequence < QUOTA; sequence++) {
      const times = timesGot(world, line * QUOTA + sequence);
      const which = `message ${sequence} of producer ${Math.floor(line / QUEUES)} in queue ${line % QUEUES}, of ${put}`;
      assert.ok(times <= 1, `${which}, was got ${times} times`);
      if (sequence < put && times === 0) lost[line % QUEUES] = (lost[line % QUEUES] as number) + 1;
      assert.ok(sequence <= put || times === 0, `${which}, was got before it was put`);
    }
  }
  return lost;
}

/** Uses each queue once, alone. */
async function checkQueues({ queues }: World): Promise<void> {
  const patience = { timeout: PATIENCE };
  for (const queue of queues) {
    assert.equal(queue.size, 0);
    const waiting = queue.get(patience);
    queue.putSync(message(7));
    assert.deepEqual(await waiting, message(7));
    for (let id = 0; id < (queue.maxSize || 60); id++) assert.equal(queue.tryPut(message(id)), true, inspect(queue));
    if (queue.maxSize > 0) {
      assert.equal(queue.tryPut(0), false);
      const late = queue.put(0, patience);
      queue.getSync(patience);
      await late;
    }
    queue.shutdown();
    let count = 0;
    for await (const _ of queue) count += 1;
    assert.equal(count, queue.maxSize || 60);
    assert.ok(queue.bytes < 24 * 2 ** 20, `${queue.bytes} bytes`);
  }
}

async function killMany(t: TestContext, scope: Scope, kills: number, victims: readonly number[]): Promise<void> {
  const crew = new Crew(scope, kills);
  const { world } = crew;
  const started = performance.now();
  try {
    await crew.untilAllGoOn();
    for (let n = 0; n < kills; ) {
      const some = victims.filter(() => Math.random() < 0.5).slice(0, kills - n);
      n += some.length;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10)); // the moment is what is random
      await Promise.all(some.map((victim) => crew.replace(victim)));
      // One in eight of those who follow is killed while it starts.
      if (Math.random() < 7 / 8) await crew.untilAllGoOn();
    }
    await crew.untilAllGoOn();
    world.stop.set();
    await crew.ended(PRODUCERS);
    if (victims === PRODUCERS) for (const queue of world.queues) queue.shutdown();
    if (victims === PRODUCERS) await crew.ended(CONSUMERS);
    else for (const number of CONSUMERS) await crew.kill(number);
  } finally {
    await crew.end();
  }
  const drained = await Promise.all(world.queues.map((queue, at) => drain(world, queue, at)));
  const lost = missing(crew);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  t.diagnostic(
    `${kills} kills in ${seconds} s, ${world.progress.join(' ')} puts and gets, ${lost.join(' ')} messages lost`,
  );
  if (victims === PRODUCERS) {
    assert.deepEqual(drained, Array(QUEUES).fill(0));
    assert.deepEqual(lost, Array(QUEUES).fill(0));
    return;
  }
  for (const each of lost)
    assert.ok(each <= crew.lost, `${each} messages are lost; ${crew.lost} consumers were killed`);
  await checkQueues(world);
}

/** Gets what is left. */
async function drain(world: World, queue: Queue, at: number): Promise<number> {
  let count = 0;
  for (; queue.size > 0; count++) note(world, 2, at, await queue.get({ timeout: PATIENCE }));
  return count;
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

describe('killing whoever uses queues', { skip: process.platform !== 'linux' }, () => {
  for (const scope of ['thread', 'process'] as const) {
    test(`${KILLS} at random moments, scope ${scope}`, { timeout: LIMIT }, async (t) => {
      await killMany(t, scope, 1, [...PRODUCERS, ...CONSUMERS]); // what is made once is made now
      await collectGarbage();
      const before = descriptors();
      const files = filesThere();
      await killMany(t, scope, Math.ceil(KILLS / 3), PRODUCERS);
      await killMany(t, scope, Math.floor((KILLS * 2) / 3), [...PRODUCERS, ...CONSUMERS]);
      for (let round = 0; round < 20; round++) await collectGarbage();
      const after = descriptors();
      assert.ok(after.memory <= before.memory + GIVEN, `descriptors: ${inspect({ before, after })}`);
      assert.ok(after.all <= before.all + GIVEN + OTHERS, `descriptors: ${inspect({ before, after })}`);
      assert.deepEqual(await leftBehind(files), []);
    });
  }
});
