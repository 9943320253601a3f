/**
 * How a pool of kind `'auto'` finds out what is best: against throughput that follows a law, with noise.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Tuning } from '../../src/pool/tuning/search.ts';
import { Tuner } from '../../src/pool/tuning/tuner.ts';

const bounds = { cores: 4, workers: 64, tasksPerWorker: 256 };

/** What so many under way at once get done, by the Universal Scalability Law. */
const law =
  (single: number, contention: number, coherence: number) =>
  (n: number): number =>
    (single * n) / (1 + contention * (n - 1) + coherence * n * (n - 1));

interface Kind {
  readonly awaiting: number;
  readonly blocked: number;
  readonly rate: (tuning: Tuning) => number;
}

const awaits = (rate: (n: number) => number): Kind => ({
  awaiting: 0.97,
  blocked: 0.01,
  rate: ({ workers, tasksPerWorker }) => rate(workers * tasksPerWorker),
});
const blocks = (rate: (n: number) => number): Kind => ({
  awaiting: 0,
  blocked: 0.95,
  rate: ({ workers }) => rate(workers),
});
const computes: Kind = { awaiting: 0, blocked: 0.02, rate: ({ workers }) => 100 * Math.min(workers, bounds.cores) };

/** Shows the tuner so many windows of work of a kind; returns how often it changed something. */
function run(tuner: Tuner, { awaiting, blocked, rate }: Kind, windows: number, noise: () => number = () => 1): number {
  let changes = 0;
  for (let n = 0; n < windows; n++) {
    const before = tuner.now;
    tuner.look({ span: 100, rate: rate(before) * noise(), awaiting, blocked }, true);
    if (tuner.now !== before) changes += 1;
  }
  return changes;
}

describe('the tuner', () => {
  test('leaves tasks that compute one worker a core', () => {
    const tuner = new Tuner(bounds);
    assert.equal(run(tuner, computes, 100), 0);
    assert.deepEqual(tuner.now, { workers: 4, tasksPerWorker: 1 });
    assert.ok(tuner.settled);
  });

  test('gives tasks that await more places on each worker, as many as there may be', () => {
    const tuner = new Tuner(bounds);
    run(tuner, awaits(law(50, 0, 0)), 60);
    assert.deepEqual(tuner.now, { workers: 4, tasksPerWorker: 256 });
    assert.equal(tuner.steps.length, 4);
    assert.ok(tuner.steps.every(({ why }) => why === 'the tasks await: more on each worker'));
  });

  test('gives tasks that block more workers, and takes the step back that brought nothing', () => {
    const tuner = new Tuner(bounds);
    run(
      tuner,
      blocks((n) => 100 * Math.min(n, 16)),
      40,
    );
    assert.deepEqual(tuner.now, { workers: 16, tasksPerWorker: 1 });
    assert.match(tuner.steps.at(-1)?.why ?? '', /^that brought 100 % of what was done before$/);
  });

  test('comes near to the best, whatever the law, and then stands still', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e5, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.02, noNaN: true }),
        fc.boolean(),
        (single, contention, coherence, isBlocking) => {
          const rate = law(single, contention, coherence);
          const kind = isBlocking ? blocks(rate) : awaits(rate);
          const tuner = new Tuner(bounds);
          run(tuner, kind, 100);
          assert.ok(tuner.settled);
          const steps = isBlocking ? [4, 8, 16, 32, 64] : [1, 2, 4, 8, 16, 32, 64, 128, 256].map((tasks) => 4 * tasks);
          const best = Math.max(...steps.map(rate));
          assert.ok(kind.rate(tuner.now) >= 0.9 * best, `${kind.rate(tuner.now)} of ${best}`);
          assert.equal(run(tuner, kind, 2000), 0, 'nothing changes any more');
        },
      ),
    );
  });

  test('goes back to as few as get as much done, when what seemed to be a gain was tasks that got warm', () => {
    for (const isBlocking of [false, true]) {
      let warmth = 0;
      const rate = (n: number): number => {
        warmth = Math.min(warmth + 1, 30);
        return 20 * warmth * Math.min(n, 16) * (n > 64 ? 64 / n : 1);
      };
      const tuner = new Tuner(bounds);
      const kind = isBlocking ? blocks(rate) : awaits(rate);
      run(tuner, kind, 100);
      const { workers, tasksPerWorker } = tuner.now;
      assert.equal(workers * tasksPerWorker, 16, JSON.stringify(tuner.steps));
      assert.ok(tuner.settled);
      assert.ok(tuner.steps.some(({ why }) => /^perhaps fewer (on each worker|workers) do as much$/.test(why)));
      assert.equal(run(tuner, kind, 1000), 0);
    }
  });

  test('takes a step back that tasks do not fill, and one that they do not fill but that brings more stays', () => {
    for (const [factor, wanted] of [
      [1, 1],
      [2, 4],
    ] as const) {
      const tuner = new Tuner(bounds);
      const kind = awaits(() => 100);
      run(tuner, kind, 3);
      assert.equal(tuner.now.tasksPerWorker, 4, 'a step up');
      const look = (times: number): void => {
        for (let n = 0; n < times; n++) {
          const rate = tuner.now.tasksPerWorker >= 4 ? 100 * factor : 100;
          tuner.look({ span: 100, rate, awaiting: 0.97, blocked: 0 }, false);
        }
      };
      look(6);
      assert.equal(tuner.settled, false);
      look(1);
      for (let n = 0; n < 100 && !tuner.settled; n++) look(1);
      assert.ok(tuner.settled);
      assert.equal(tuner.now.tasksPerWorker, wanted, JSON.stringify(tuner.steps));
      look(1000);
      assert.equal(tuner.now.tasksPerWorker, wanted, 'what is not filled is no reason to try');
    }
  });

  test('does not swing to and fro when what it sees is noisy', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.boolean(), (start, isBlocking) => {
        let seed = start;
        const noise = (): number => {
          seed = (seed * 48_271) % 2_147_483_647;
          return 0.8 + (0.4 * seed) / 2_147_483_647; // a fifth more or less
        };
        const rate = law(100, 0.05, 0.001);
        const tuner = new Tuner(bounds);
        run(tuner, isBlocking ? blocks(rate) : awaits(rate), 150, noise);
        assert.equal(run(tuner, isBlocking ? blocks(rate) : awaits(rate), 1000, noise), 0);
      }),
    );
  });

  test('follows tasks of another kind, after several windows of them', () => {
    const tuner = new Tuner(bounds);
    run(tuner, awaits(law(50, 0, 0)), 60);
    assert.equal(run(tuner, computes, 2), 0, 'a window or two may be chance');
    run(tuner, computes, 5);
    assert.deepEqual(tuner.now, { workers: 4, tasksPerWorker: 1 });
    run(
      tuner,
      blocks((n) => 100 * Math.min(n, 8)),
      20,
    );
    assert.deepEqual(tuner.now, { workers: 8, tasksPerWorker: 1 });
  });

  test('tries again when throughput has become quite another one, and later each time it was in vain', () => {
    const tuner = new Tuner(bounds);
    const flat = (rate: number): Kind => blocks(() => rate);
    run(tuner, flat(100), 10);
    const steps = (): number => tuner.steps.length;
    const waits: number[] = [];
    let rate = 100;
    for (let trial = 0; trial < 4; trial++) {
      rate *= 2;
      const before = steps();
      let windows = 0;
      for (; steps() === before; windows++) run(tuner, flat(rate), 1);
      run(tuner, flat(rate), 5);
      waits.push(windows);
    }
    assert.deepEqual(
      waits,
      waits.toSorted((a, b) => a - b),
    );
    assert.ok((waits.at(-1) ?? 0) >= 4 * (waits[0] ?? Infinity), waits.join(', '));
  });

  test('stays within its bounds', () => {
    for (const narrow of [
      { cores: 8, workers: 2, tasksPerWorker: 1 },
      { cores: 1, workers: 1, tasksPerWorker: 3 },
    ]) {
      const tuner = new Tuner(narrow);
      for (const kind of [awaits(law(10, 0, 0)), blocks(law(10, 0, 0)), computes]) {
        run(tuner, kind, 60);
        assert.ok(tuner.now.workers <= narrow.workers && tuner.now.tasksPerWorker <= narrow.tasksPerWorker);
      }
    }
  });
});
