/**
 * The comparison with other pools: `npm run bench -- [options]`.
 * @module
 */
import type { Bench, Form } from '../harness/bench.ts';
import { rowOf } from '../harness/row.ts';
import { nodeProgram, type Program, pythonProgram } from '../harness/run-program.ts';
import { contestants } from './contestants.ts';
import { burn } from './entry/tasks.ts';
import { type PoolMeasurement, titleOf } from './measurement.ts';
import { groups, planOf } from './plan.ts';
import { rivalVersion } from '../harness/rival-package.ts';
import { targetsOf } from './targets.ts';

export const poolBench: Bench = {
  groups,
  fromDist: false,
  rivals() {
    const packages = Object.values(contestants).flatMap((entry) => ('package' in entry ? [entry.package] : []));
    return Object.fromEntries(packages.map((name) => [name, rivalVersion(name) ?? null]));
  },
  limits: (full) => ({ rounds: 3, seconds: full ? 3600 : 105 }),
  plan: (full) => planOf({ full, burnRounds: burnRoundsOf(12) }),
  titleOf,
  programOf,
  rowsOf: (series) => [rowOf(series)],
  targetsOf,
  nameOf: (form) => form,
};

function programOf(measurement: PoolMeasurement, { full, dist }: Form): Program {
  const json = JSON.stringify(measurement);
  const limit = full ? 90_000 : 20_000;
  if (measurement.runner === 'CPython') {
    return { ...pythonProgram(new URL('./entry/cpython.py', import.meta.url), [json, String(Date.now())]), limit };
  }
  const flags = measurement.of.test === 'memory' ? ['--expose-gc'] : [];
  const program = nodeProgram(new URL('./entry/measure.ts', import.meta.url), [json], flags);
  return { ...program, limit, ...(dist ? { env: { MANYHANDS_BENCH_DIST: '1' } } : {}) };
}

/** Rounds of `burn` that take so many ms here. */
function burnRoundsOf(ms: number): number {
  const rounds = 2_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const begin = performance.now();
    burn(rounds);
    best = Math.min(best, performance.now() - begin);
  }
  return Math.round((rounds * ms) / best);
}
