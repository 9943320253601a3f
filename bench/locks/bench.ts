/**
 * The comparison of locks: `npm run bench -- locks [options]`.
 * @module
 */
import type { Bench } from '../harness/bench.ts';
import { nodeProgram, type Program, pythonProgram } from '../harness/run-program.ts';
import { lockGroups, type LockMeasurement, titleOf } from './measurement.ts';
import { lockPlan } from './plan.ts';
import { rowsOf } from './rows.ts';
import { lockTargetsOf } from './targets.ts';

export const lockBench: Bench = {
  groups: lockGroups,
  fromDist: true,
  rivals: () => ({ 'Web Locks': `of Node ${process.versions.node}` }),
  limits: (full) => ({ rounds: full ? 5 : 3, seconds: full ? 600 : 180 }),
  plan: lockPlan,
  titleOf,
  programOf,
  rowsOf,
  targetsOf: lockTargetsOf,
  nameOf: () => 'locks',
};

/** Of the account the process itself is what is timed. */
function programOf(measurement: LockMeasurement): Program {
  const { runner, of } = measurement;
  const file = (name: string): URL => new URL(name, import.meta.url);
  if (of.test !== 'account') {
    const json = [JSON.stringify(measurement)];
    const program =
      runner === 'CPython' ? pythonProgram(file('./cpython.py'), json) : nodeProgram(file('./measure.ts'), json);
    return of.test === 'careful' ? { ...program, limit: program.limit + of.ms } : program;
  }
  const program =
    runner === 'CPython'
      ? pythonProgram(file('./account.py'), [])
      : nodeProgram(file(runner === 'manyhands' ? './account.mjs' : './account-bare.mjs'), []);
  return {
    ...program,
    figuresIn: (output, seconds) => (output.includes('Account balance: 100\n') ? { seconds } : undefined),
  };
}
