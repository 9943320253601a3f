/**
 * What insights are made of: percentiles that cost little, and what the figures are taken for.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Circumstances, lintsOf } from '../../src/pool/insights/lints.ts';
import type { LintCode, PoolInsights, WorkerTimes } from '../../src/pool/insights/pool-insights.ts';
import { Spread } from '../../src/pool/insights/spread.ts';

type Figures = Omit<PoolInsights, 'lints'>;

describe('a spread', () => {
  test('knows count, mean and largest; its percentiles are at most an eighth too large, and never too small', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const spread = new Spread();
          for (const value of values) spread.add(value);
          const { count, mean, max, ...percentiles } = spread.figures();
          const sorted = values.toSorted((a, b) => a - b);
          assert.equal(count, values.length);
          assert.equal(max, sorted.at(-1));
          assert.ok(Math.abs(mean - values.reduce((sum, value) => sum + value, 0) / count) <= 1e-9 * max);
          for (const [found, share] of [
            [percentiles.p50, 0.5],
            [percentiles.p90, 0.9],
            [percentiles.p99, 0.99],
          ] as const) {
            const exact = sorted[Math.max(0, Math.ceil(share * count) - 1)] as number;
            assert.ok(
              found >= exact * (1 - 1e-9) && found <= Math.max(2 ** -12, exact * 1.125),
              `${found} for ${exact}`,
            );
          }
        },
      ),
    );
  });

  test('of nothing is nothing', () => {
    assert.deepEqual(new Spread().figures(), { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });
});

const still: Circumstances = { workers: 2, tasksPerWorker: 1, memoryLimit: 1000 * 2 ** 20 };
const worker: WorkerTimes = {
  name: 'thread 1',
  alive: true,
  tasks: 50,
  life: 1000,
  startUp: 30,
  init: 0,
  decoding: 1,
  working: 900,
  encoding: 1,
  idle: 68,
  memory: 50 * 2 ** 20,
};
/** A pool of which there is nothing to be said. */
const good: Figures = {
  span: 1000,
  allocated: 0,
  tasks: { done: 100, failed: 0 },
  times: {
    waiting: 100,
    placing: 2,
    decoding: 2,
    running: 1800,
    encoding: 2,
    cpu: 1750,
    awaiting: 0,
    locks: 0,
    queued: 0,
  },
  ran: { count: 100, mean: 18, p50: 18, p90: 20, p99: 21, max: 22 },
  waited: { count: 100, mean: 1, p50: 1, p90: 1, p99: 1, max: 1 },
  workers: [worker, worker],
  slowest: [],
};

describe('lints', () => {
  const cases: readonly (readonly [LintCode | 'nothing', Partial<Figures>, Partial<Circumstances>])[] = [
    ['nothing', {}, {}],
    ['nothing', {}, { memoryLimit: undefined }],
    ['tiny-tasks', { ran: { ...good.ran, mean: 0.2, p90: 0.9 } }, {}],
    ['nothing', { ran: { ...good.ran, count: 3, mean: 0.2, p90: 0.9 } }, {}],
    ['encoding', { times: { ...good.times, placing: 500, decoding: 400 } }, {}],
    ['nothing', { times: { ...good.times, placing: 300, decoding: 200 } }, {}],
    ['idle-workers', { workers: [100, 20].map((working) => ({ ...worker, working })) }, {}],
    ['blocked-loop', {}, { tasksPerWorker: 8 }],
    ['nothing', { times: { ...good.times, cpu: 10, awaiting: 1700 } }, { tasksPerWorker: 8 }],
    ['locks', { times: { ...good.times, locks: 900 } }, {}],
    ['memory', { workers: [worker, { ...worker, memory: 850 * 2 ** 20 }] }, {}],
    ['nothing', { workers: [worker, { ...worker, memory: 850 * 2 ** 20, alive: false }] }, {}],
  ];
  for (const [number, [code, figures, circumstances]] of cases.entries()) {
    test(`case ${number + 1}: ${code}`, () => {
      const lints = lintsOf({ ...good, ...figures }, { ...still, ...circumstances });
      assert.deepEqual(
        lints.map((lint) => lint.code),
        code === 'nothing' ? [] : [code],
      );
      for (const { text, advice } of lints) assert.ok(text.endsWith('.') && advice.endsWith('.'));
    });
  }
});
