/**
 * The law that throughput follows, and the figures it is fitted to.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { estimate, ratio } from '../../src/advise/estimate.ts';
import { fitScalability, throughput } from '../../src/advise/scalability.ts';

const counts = [1, 2, 4, 8, 16];

describe('the Universal Scalability Law', () => {
  test('is found again in what follows it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 0.05, noNaN: true }),
        (single, contention, coherence) => {
          const points = counts.map((workers) => ({
            workers,
            rates: [throughput({ single, contention, coherence }, workers)],
          }));
          const law = fitScalability(points);
          assert.ok(law !== undefined);
          assert.ok(Math.abs(law.contention.value - contention) < 1e-6, `${law.contention.value} for ${contention}`);
          assert.ok(Math.abs(law.coherence.value - coherence) < 1e-6, `${law.coherence.value} for ${coherence}`);
          assert.ok(law.contention.low <= law.contention.value && law.contention.value <= law.contention.high);
        },
      ),
    );
  });

  test('is near in what follows it with noise, and its interval holds the truth', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const truth = { single: 100, contention: 0.05, coherence: 0.01 };
    const points = counts.map((workers) => ({
      workers,
      rates: Array.from({ length: 9 }, () => throughput(truth, workers) * (0.95 + 0.1 * random())),
    }));
    const law = fitScalability(points, random);
    assert.ok(law !== undefined);
    assert.ok(law.contention.low <= 0.05 && law.contention.high >= 0.05, JSON.stringify(law.contention));
    assert.ok(law.coherence.low <= 0.01 && law.coherence.high >= 0.01, JSON.stringify(law.coherence));
  });

  test('has a knee where one more brings less than a tenth of one', () => {
    const of = (contention: number, coherence: number) =>
      fitScalability(
        counts.map((workers) => ({ workers, rates: [throughput({ single: 1, contention, coherence }, workers)] })),
      )?.knee;
    assert.equal(of(0, 0), Infinity);
    assert.equal(of(1, 0), 1);
    const knee = of(0, 0.01) ?? 0;
    assert.ok(knee > 5 && knee < 10, `${knee}`); // the top is at the square root of 1 / 0.01
  });

  test('is not fitted to one point, nor without one worker', () => {
    assert.equal(fitScalability([{ workers: 1, rates: [1] }]), undefined);
    assert.equal(
      fitScalability([
        { workers: 2, rates: [1] },
        { workers: 4, rates: [2] },
      ]),
      undefined,
    );
    assert.equal(fitScalability([]), undefined);
  });

  test('takes what grows faster than workers do for no contention', () => {
    const law = fitScalability([
      { workers: 1, rates: [10] },
      { workers: 2, rates: [30] },
    ]);
    assert.deepEqual([law?.contention.value, law?.coherence.value], [0, 0]);
  });
});

describe('an estimate', () => {
  test('is the median, within its interval', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (values) => {
          const { value, low, high } = estimate(values);
          const sorted = values.toSorted((a, b) => a - b);
          assert.ok(value >= (sorted[0] as number) && value <= (sorted.at(-1) as number));
          assert.ok(low <= value && value <= high && low >= 0);
        },
      ),
    );
  });

  test('of one measurement is unsure by a tenth', () => {
    assert.deepEqual(estimate([100]), { value: 100, low: 90, high: 110 });
  });

  test('leaves the first half out, in which what is measured gets warm', () => {
    assert.equal(estimate([30, 100]).value, 100);
    assert.equal(estimate([30, 90, 110]).value, 100);
    assert.equal(estimate([30, 40, 90, 110]).value, 100);
  });

  test('divided by another has the widest interval that can be', () => {
    assert.deepEqual(ratio({ value: 10, low: 8, high: 12 }, { value: 5, low: 4, high: 6 }), {
      value: 2,
      low: 8 / 6,
      high: 3,
    });
  });
});
