/**
 * Whether a task was in time is decided by when its answer came, not by when this thread got round to it.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentTask, Event } from '../../src/index.ts';
import { add, block } from '../contract/tasks.ts';
import { withPool } from '../contract/with-pool.ts';

for (const kind of ['thread', 'process', 'hybrid'] as const) {
  describe(`a thread that was busy, and a pool of kind ${kind}`, () => {
    it('an answer that has come before the timeout is taken, although that is over by now', () =>
      withPool({ kind, workers: 1 }, async (pool) => {
        assert.equal(await pool.submit(add, 1, 1), 2);
        const [seen, done] = [new Event({ scope: 'process' }), new Event({ scope: 'process' })];
        const answer = (begin: Event, end: Event): string => {
          currentTask().progress('begun');
          begin.waitSync();
          end.set();
          return 'in time';
        };
        const begun = Promise.withResolvers<unknown>();
        const task = pool.with({ timeout: 1000, onProgress: begun.resolve }).submit(answer, seen, done);
        await begun.promise; // from here on its time runs
        seen.set();
        done.waitSync();
        block(1500);
        assert.equal(await task, 'in time');
      }));
  });
}
