/**
 * What can be measured, as data, and what comes of it: a bench makes measurements, a fresh process (of Node or of Python) reads one
 * and answers with figures.
 * @module
 */

/** What the workers of a team are, or among whom something is shared. */
export type TeamKind = 'thread' | 'process';

/** One kind of test; a bench says more about its own. */
export interface AnyTest {
  readonly test: string;
  /** Bytes of a payload. */
  readonly size?: number;
}

/** One measurement: who, with what, doing what. */
export interface Measurement<Test extends AnyTest = AnyTest, Runner extends string = string> {
  /** What `--only` picks it by. */
  readonly group: string;
  readonly runner: Runner;
  readonly kind: TeamKind;
  readonly workers: number;
  readonly of: Test;
  /** Milliseconds that measuring goes on at least, once it is warm. */
  readonly atLeast: number;
}

/** The figures of one measurement; which ones depends on the test. The first is the main one. Times of single things are microseconds. */
export type Figures = Readonly<Record<string, number>>;

/** The figures, or why there are none. */
export type Outcome = { readonly figures: Figures } | { readonly failure: string };

/** A measurement with what came of it, round by round. */
export interface Series<M extends Measurement = Measurement> {
  readonly measurement: M;
  /** The same for all that do the same. */
  readonly title: string;
  readonly outcomes: Outcome[];
}
