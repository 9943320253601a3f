/**
 * Makes one measurement in a process of its own, so that no test finds the compiled code or the garbage of another.
 * @module
 */
import { answer } from '../harness/answer.ts';
import type { Figures } from '../harness/measurement.ts';
import { measureCareful } from './measure-careful.ts';
import { measureContended } from './measure-contended.ts';
import { measureDeadlock } from './measure-deadlock.ts';
import { measureAwaited, measurePairs } from './measure-pairs.ts';
import type { LockMeasurement } from './measurement.ts';

async function measure({ runner, kind, of, atLeast }: LockMeasurement): Promise<Figures> {
  switch (of.test) {
    case 'pair':
      return measurePairs(of.what, kind, atLeast);
    case 'awaited':
      return measureAwaited(runner, kind, atLeast);
    case 'contended':
      return measureContended(kind, of.owners, of.ms);
    case 'deadlock':
      return measureDeadlock(kind, of);
    case 'careful':
      return measureCareful(kind, of.workers, of.ms);
    case 'account':
      throw new Error('The account is a program of its own.');
  }
}

await answer(measure);
