/**
 * What a bench is: its measurements, who makes each, and what they have to show. `run-bench.ts` does the rest.
 * @module
 */
import type { Measurement, Series } from './measurement.ts';
import type { Machine, Report } from './report.ts';
import type { Row } from './row.ts';
import type { Program } from './run-program.ts';
import type { Target } from './target.ts';

/** How a run was asked for. */
export interface Form {
  readonly full: boolean;
  /** Whether manyhands is taken from dist/. */
  readonly dist: boolean;
}

/** One bench. Its methods take measurements and rows of its own. */
export interface Bench {
  /** Names of the groups, and what each holds. */
  readonly groups: Readonly<Record<string, string>>;
  /** Whether dist/ is measured whatever the run was asked for; it is built first. */
  readonly fromDist: boolean;
  /** What takes part besides CPython, with its version; null for what is not there. */
  rivals(): Machine['rivals'];
  /** Most rounds, and seconds for all of them together. */
  limits(full: boolean): { readonly rounds: number; readonly seconds: number };
  /** Every measurement, those with one title next to each other. */
  plan(full: boolean): readonly Measurement[];
  /** A name for a measurement without who: the same for all that do the same. */
  titleOf(measurement: Measurement): string;
  programOf(measurement: Measurement, form: Form): Program;
  rowsOf(series: Series): Row[];
  targetsOf(rows: readonly Row[]): Target[];
  /** The name of a report in bench/results, by its form. */
  nameOf(form: Report['form']): string;
}
