/**
 * A worker that is ended because it went on with a task that was given up takes no other task with it, whenever it gets on.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { range } from '../contract/inputs.ts';
import { add, block } from '../contract/tasks.ts';
import { withPool } from '../contract/with-pool.ts';

const ROUNDS = Number(process.env['MANYHANDS_ROUNDS'] ?? 0);

for (const [kind, rounds] of [
  ['thread', 60],
  ['process', 15],
  ['hybrid', 30],
] as const) {
  // biome-ignore format: a table
  describe(`workers of kind ${kind} that are doomed`, () => {
    it('one that gets on in the very moment that it is ended begins nothing more', { timeout: 230_000 }, () =>
      withPool({ kind, workers: 1, grace: 5 }, async (pool) => {
        assert.equal(await pool.submit(add, 1, 1), 2);
        for (let round = 0; round < (ROUNDS || rounds); round++) {
          // Its time is over after 5 ms, and its grace after 5 more; it may as well be in time.
          const stuck = pool.with({ timeout: 5 }).submit(block, 9 + (round % 20) / 5).catch(() => {}); // biome-ignore format: short
          const others = range(200).map((n) => pool.submit(add, n, 1));
          assert.deepEqual(
            await Promise.all(others),
            range(200).map((n) => n + 1),
          );
          await stuck;
        }
      }),
    );
  });
}
