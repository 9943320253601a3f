/** Where threads and processes run, how much they take from others, and what bounds them. @module */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { InvalidOptionError, Pool, Process, Thread, WorkerStartError } from '../../src/index.ts';
import { rejection } from '../contract/with-pool.ts';

const skip = process.platform !== 'linux';

interface Place {
  readonly cores: string;
  readonly nice: number;
}

/** Where the thread that calls this runs, and how nice it is. */
const look = (): Place => {
  const { readFileSync: read, readlinkSync } = process.getBuiltinModule('node:fs');
  const cores = /Cpus_allowed_list:\s*(.*)/.exec(read('/proc/thread-self/status', 'latin1'))?.[1] ?? '';
  const thread = Number(readlinkSync('/proc/thread-self').split('/')[2]);
  return { cores, nice: process.getBuiltinModule('node:os').getPriority(thread) };
};

/** A core that this program may use: the last one. */
const core = skip ? 0 : Number(/(\d+)\s*$/.exec(look().cores)?.[1]);

async function run<T>(activity: Thread<T>): Promise<T> {
  activity.start();
  return activity.join();
}

for (const kind of ['thread', 'process'] as const) {
  const Activity = (kind === 'thread' ? Thread : Process) as typeof Thread;

  describe(`where a ${kind} runs`, { skip }, () => {
    it('on the cores that it is told, as nicely as it is told; this thread stays where it is', async () => {
      const before = look();
      assert.deepEqual(await run(new Activity(look, [], { affinity: [core], nice: before.nice + 3 })), {
        cores: String(core),
        nice: before.nice + 3,
      });
      assert.deepEqual(look(), before);
      assert.deepEqual(await run(new Activity(look)), before);
      const pool = new Pool({ kind, workers: 1, affinity: [core], nice: 19 });
      assert.deepEqual(await pool.submit(look), { cores: String(core), nice: 19 });
      await pool.close();
    });

    it('all threads of a process are as it is; of a process only the thread is', async () => {
      const ofAll = (): number[] => {
        const { readdirSync } = process.getBuiltinModule('node:fs');
        return readdirSync('/proc/self/task').flatMap((id) => {
          try {
            return [process.getBuiltinModule('node:os').getPriority(Number(id))];
          } catch (error) {
            if ((error as { info?: { code?: string } }).info?.code !== 'ESRCH') throw error;
            return []; // it has ended meanwhile
          }
        });
      };
      const nice = look().nice + 5;
      const seen = await run(new Activity(ofAll, [], { nice }));
      const nicer = seen.filter((each) => each === nice).length;
      if (kind === 'process') assert.equal(nicer, seen.length, String(seen));
      else assert.equal(nicer, 1, String(seen));
    });

    it('cores that are not there: it cannot start, and the cause says why', async () => {
      const error = await rejection(run(new Activity(look, [], { affinity: [1000] })));
      assert.ok(error instanceof WorkerStartError);
      assert.match(String(error.cause), /sched_setaffinity failed: EINVAL/);
      assert.equal(look().cores, /Cpus_allowed_list:\s*(.*)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
    });
  });

  describe(`bounds of a ${kind}`, () => {
    it('a small stack and a large one are as they were asked for', async () => {
      const depth = (): number => {
        let calls = 0;
        const call = (): void => {
          calls += 1;
          call();
        };
        try {
          call();
        } catch {
          // the stack is full
        }
        return calls;
      };
      const [small, large] = await Promise.all(
        [1, 6].map((stackSizeMb) => run(new Activity(depth, [], { resourceLimits: { stackSizeMb } }))),
      );
      assert.ok((large as number) > 3 * (small as number), `${small} ${large}`);
    });

    it('a heap that is too small for it: out of memory, and not this program', async () => {
      const hoard = (): number => {
        const kept: unknown[] = [];
        for (;;) kept.push(new Array(10_000).fill(kept.length));
      };
      const error = await rejection(
        run(new Activity(hoard, [], { resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 6 } })),
      );
      assert.equal((error as { readonly code?: string }).code, 'ERR_OUT_OF_MEMORY');
    });
  });
}

describe('options of a start', () => {
  const bad: readonly object[] = [
    { nice: 20 },
    { nice: -21 },
    { nice: 1.5 },
    { nice: '3' },
    { affinity: [] },
    { affinity: [-1] },
    { affinity: [0.5] },
    { affinity: 0 },
    { affinity: [5000] },
  ];
  for (const options of bad)
    it(`refused: ${JSON.stringify(options)}`, () => {
      for (const make of [
        () => new Thread(look, [], options),
        () => new Process(look, [], options),
        () => new Pool(options),
      ])
        assert.throws(make, InvalidOptionError);
    });
});
