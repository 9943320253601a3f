/**
 * What can be measured of starts.
 * @module
 */
import type { Measurement } from '../harness/measurement.ts';

/** One kind of test with its sizes. */
export type StartTest =
  /** From start to join, of a function that does nothing, with so many ms between two: a spare is there by the next one. */
  | { readonly test: 'join'; readonly gap: number }
  /** From start to the function's first line, likewise. */
  | { readonly test: 'first'; readonly gap: number }
  /** So many started at once, until all are joined. */
  | { readonly test: 'many'; readonly count: number }
  /** A pool of so many workers, from its making to the last answer of so many tasks. */
  | { readonly test: 'pool'; readonly size: number; readonly tasks: number };

/** Whoever can be measured. */
export type StartRunner = 'manyhands' | 'CPython';

/** One measurement of starts. */
export type StartMeasurement = Measurement<StartTest, StartRunner>;

/** Names of the groups, and what each holds. */
export const startGroups = {
  warm: 'one thread or process after the other, with time in between',
  many: 'a hundred threads, or 64 processes, at once',
  crowd: '10,000 tasks for 64 workers that have to be started first',
} as const;

/** A group of measurements. */
export type StartGroup = keyof typeof startGroups;

const plural = { thread: 'threads', process: 'processes' } as const;

/** A name for a measurement without who: the same for all that do the same. */
export function titleOf({ of, kind }: StartMeasurement): string {
  switch (of.test) {
    case 'join':
      return `a ${kind}, from start to join, warm`;
    case 'first':
      return `a ${kind}, from start to its function, warm`;
    case 'many':
      return `${of.count} ${plural[kind]} at once, from the first start to the last join`;
    case 'pool':
      return `${of.tasks.toLocaleString('en')} tasks for ${of.size} ${plural[kind]}, from nothing`;
  }
}
