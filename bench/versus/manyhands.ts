/**
 * manyhands as a contestant: `Pool.submit` and `Pool.map` with functions of a module. From src/, or from dist/ when
 * `MANYHANDS_BENCH_DIST` is set.
 * @module
 */
import type * as Manyhands from '../../src/index.ts';
import type { Contestant, Team, TeamKind } from './contestant.ts';
import { add, burn, bytes, greet, square, take, text } from './entry/tasks.ts';

const from = process.env['MANYHANDS_BENCH_DIST'] ? '../../dist/index.js' : '../../src/index.ts';
const { Pool, transfer } = (await import(from)) as typeof Manyhands;

async function start(kind: TeamKind, workers: number, options?: Manyhands.TaskOptions): Promise<Team> {
  const whole = new Pool({ kind, workers });
  const pool = options === undefined ? whole : whole.with(options);
  return {
    add: (a, b) => pool.submit(add, a, b),
    greet: (person) => pool.submit(greet, person),
    text: (value) => pool.submit(text, value),
    bytes: (value) => pool.submit(bytes, value),
    // Between processes nothing can be moved: there the bytes are copied.
    take: (value) => pool.submit(take, kind === 'thread' ? transfer(value, [value.buffer]) : value),
    burn: (rounds) => pool.submit(burn, rounds),
    map: (numbers) => pool.map(square, numbers),
    stop: () => whole.close(),
  };
}

/** This project. */
export const manyhands: Contestant = { start: (kind, workers) => start(kind, workers) };

/** With what a service would ask for: every task may be tried again, has a time limit and a priority. */
export const orderedManyhands: Contestant = {
  start: (kind, workers) => start(kind, workers, { retries: 2, timeout: 60_000, priority: 1 }),
};
