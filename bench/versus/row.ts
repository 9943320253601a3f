/**
 * What a run found out about one contestant in one test.
 * @module
 */
import type { TeamKind } from './contestant.ts';
import type { RunnerName } from './contestants.ts';
import type { Figures, Test } from './measurement.ts';

/** One contestant in one test. */
export interface Row {
  readonly group: string;
  readonly title: string;
  readonly runner: RunnerName;
  readonly kind: TeamKind;
  readonly workers: number;
  readonly of: Test;
  /** Medians over the rounds; absent when it failed. */
  readonly figures?: Figures;
  /** The main figure of each round, in the order of the rounds. */
  readonly values: readonly number[];
  readonly failure?: string;
}
