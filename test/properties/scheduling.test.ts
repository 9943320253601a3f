/**
 * Rates and the order of waiting jobs, against plain models.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { waitAfter } from '../../src/pool/scheduling/backoff.ts';
import { JobHeap } from '../../src/pool/scheduling/job-heap.ts';
import { Rate } from '../../src/pool/scheduling/rate.ts';

describe('scheduling', () => {
  it('a rate lets as many pass as it may, and never more in any span', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 80 }),
        (limit, interval, steps) => {
          const rate = new Rate({ limit, interval });
          const starts: number[] = [];
          let now = 1000;
          for (const step of steps) {
            now += step;
            const recent = starts.filter((at) => at > now - interval).length;
            assert.equal(rate.readyAt <= now, recent < limit);
            assert.equal(rate.isOver(now), recent === 0);
            if (rate.readyAt > now) continue;
            rate.take(now);
            starts.push(now);
          }
        },
      ),
    );
  });

  it('jobs come out by their order and by their age, without those that were given up', () => {
    interface Waiting {
      readonly order: number;
      readonly number: number;
      state: string;
    }
    const command = fc.oneof(
      fc.record({ push: fc.integer({ min: -3, max: 3 }) }),
      fc.record({ giveUp: fc.nat() }),
      fc.constant('pop' as const),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const heap = new JobHeap<Waiting>();
        const model: Waiting[] = [];
        let number = 0;
        for (const step of commands) {
          if (step === 'pop') {
            model.sort((a, b) => a.order - b.order || a.number - b.number);
            assert.equal(heap.pop(), model.shift());
          } else if ('push' in step) {
            number += 1;
            const job = { order: step.push, number, state: 'waiting' };
            heap.push(job);
            model.push(job);
          } else if (model.length > 0) {
            const [job] = model.splice(step.giveUp % model.length, 1) as [Waiting];
            job.state = 'over';
          }
        }
        model.sort((a, b) => a.order - b.order || a.number - b.number);
        for (const job of model) assert.equal(heap.pop(), job);
        assert.equal(heap.pop(), undefined);
      }),
    );
  });

  it('waits grow to their bound, and chance takes no more than its part', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, initial, factor, jitter) => {
          const whole = Math.min(5000, initial * factor ** (attempts - 1));
          const wait = waitAfter(attempts, { initial, factor, max: 5000, jitter });
          assert.ok(wait <= whole && wait >= whole * (1 - jitter) - 1e-9);
        },
      ),
    );
  });
});
