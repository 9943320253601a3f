/**
 * Those who write to a SharedMap are killed at random moments: what they wrote is there or not, and the rest is as it was.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event, Process, SharedMap, Thread } from '../../src/index.ts';

const KILLS = Number(process.env['MANYHANDS_KILLS'] ?? 30);

/** Sets, replaces and removes for ever. A key's value names the key; two counters are changed together. */
function hammer(map: SharedMap<string, string | number>, began: Event, seed: number): void {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state % below;
  };
  for (let n = 0; ; n++) {
    const key = `key ${random(300)}`;
    const action = random(10);
    if (action < 6) map.set(key, `${key}:${'v'.repeat(random(400))}`);
    else if (action < 9) map.delete(key);
    else map.update('count', (count = 0) => (count as number) + 1);
    if (n === 100) began.set();
  }
}

for (const scope of ['thread', 'process'] as const) {
  describe(`writers of a SharedMap that are killed, scope ${scope}`, () => {
    test(`${KILLS} at random moments`, async () => {
      const map = new SharedMap<string, string | number>({ scope, size: 8192 });
      const begin = async (
        seed: number,
      ): Promise<{ readonly worker: Thread | Process; readonly end: Promise<unknown> }> => {
        const began = new Event({ scope });
        const worker = new (scope === 'thread' ? Thread : Process)(hammer, [map, began, seed]);
        worker.start();
        const end = worker.join().catch((error: unknown) => error);
        assert.equal(await began.wait({ timeout: 60_000 }), true, 'a writer did not get on');
        return { worker, end };
      };
      const end = async ({ worker, end: ended }: Awaited<ReturnType<typeof begin>>): Promise<void> => {
        await (worker instanceof Process ? worker.kill() : worker.terminate());
        assert.equal(((await ended) as { readonly code?: unknown }).code, 'ERR_WORKER_DIED');
      };
      let workers = await Promise.all([begin(1), begin(2)]);
      let count = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const [first, second] = workers as [(typeof workers)[0], (typeof workers)[0]];
        await end(first);
        workers = [second, await begin(kill + 3)];
        const seen = new Set<string>();
        for (const [key, value] of map) {
          assert.equal(seen.has(key), false, `${key} twice`);
          seen.add(key);
          if (key !== 'count') assert.match(value as string, new RegExp(`^${key}:v*$`));
        }
        const now = (map.get('count') ?? 0) as number;
        assert.ok(now >= count, 'the count went back');
        count = now;
        map.set('mine', `mine:${kill}`);
        assert.equal(map.get('mine'), `mine:${kill}`);
        assert.equal(map.delete('mine'), true);
      }
      await Promise.all(workers.map(end));
      assert.equal(map.size, [...map.keys()].length);
      map.clear();
      assert.deepEqual([...map], []);
      assert.ok(map.bytes < 8 * 2 ** 20, `${map.bytes} bytes`);
    });
  });
}
