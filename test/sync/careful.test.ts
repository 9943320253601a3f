/**
 * Heavy locking without any mistake in it, in all ways that there are: nobody is told of a deadlock, and nothing that was handed over
 * is lost. (A lock that is handed over looks for a moment as if its next holder waited for itself.)
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { beCareful } from '../../bench/locks/careful.ts';
import { Condition, int32, Lock, RwLock, Semaphore, SharedArray, sleep } from '../../src/index.ts';
import { workerOf } from '../contract/in-scope.ts';

const WORKERS = 4;
const MS = 2500;

describe('careful locking', () => {
  for (const scope of ['thread', 'process'] as const) {
    test(`goes on, scope ${scope}`, async () => {
      const Worker = workerOf(scope);
      const common = {
        locks: Array.from({ length: 8 }, () => new Lock({ scope })),
        table: new RwLock({ scope }),
        seats: new Semaphore(2, { scope }),
        bell: new Condition({ scope }),
        counters: new SharedArray(int32, 8, { scope }),
      };
      const workers = Array.from({ length: WORKERS }, (_, i) => new Worker(beCareful, [common, MS, 7919 * (i + 1)]));
      for (const worker of workers) worker.start();
      const stopped = new AbortController();
      const hung = sleep(40_000, { signal: stopped.signal }).then(
        () => 'hung' as const,
        () => 'stopped' as const,
      );
      const all = await Promise.race([Promise.all(workers.map((worker) => worker.join())), hung]);
      stopped.abort();
      if (typeof all === 'string') {
        await Promise.all(workers.map((worker) => worker.kill()));
        assert.fail(`they stand still: ${inspect(common, { depth: 3 })}`);
      }
      assert.deepEqual(
        all.flatMap(({ deadlocks }) => deadlocks),
        [],
      );
      const counted = all.reduce((sum, each) => sum + each.counted, 0);
      assert.equal(
        [...common.counters].reduce((sum, count) => sum + count, 0),
        counted,
      );
    });
  }
});
