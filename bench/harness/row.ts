/**
 * What a run found out about one contestant in one test: medians over the rounds, and the figure of every round.
 * @module
 */
import type { AnyTest, Figures, Measurement, Series, TeamKind } from './measurement.ts';
import { median } from './statistics.ts';

/** One contestant in one test. */
export interface Row<Test extends AnyTest = AnyTest, Runner extends string = string> {
  readonly group: string;
  readonly title: string;
  readonly runner: Runner;
  readonly kind: TeamKind;
  readonly workers: number;
  readonly of: Test;
  /** Medians over the rounds; absent when it failed. */
  readonly figures?: Figures;
  /** The main figure of each round, in the order of the rounds. */
  readonly values: readonly number[];
  readonly failure?: string;
}

/** The row of a series with all its figures. */
export function rowOf({ measurement, title, outcomes }: Series): Row {
  const { group, runner, kind, workers, of } = measurement;
  const row = { group, title, runner, kind, workers, of };
  const all = outcomes.flatMap((outcome) => ('figures' in outcome ? [outcome.figures] : []));
  const failure = outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome.failure] : []))[0];
  const [first] = all;
  if (first === undefined) return { ...row, values: [], failure: failure ?? 'not run' };
  const names = Object.keys(first);
  const valuesOf = (name: string): number[] => all.flatMap((figures) => figures[name] ?? []);
  return {
    ...row,
    figures: Object.fromEntries(names.map((name) => [name, rounded(median(valuesOf(name)))])),
    values: valuesOf(names[0] as string).map(rounded),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** What a part of a series says. */
export interface Part {
  /** In place of the measurement's. */
  readonly group?: string;
  /** Added to the title. */
  readonly title: string;
  /** The figure that it takes, and what it is called then. */
  readonly figure: string;
  readonly as?: string;
}

/** The row of a series with one of its figures. */
export function partOf(series: Series, { group = series.measurement.group, title, figure, as = figure }: Part): Row {
  const outcomes = series.outcomes.map((outcome) =>
    'figures' in outcome ? { figures: { [as]: outcome.figures[figure] ?? Number.NaN } } : outcome,
  );
  const measurement: Measurement = { ...series.measurement, group };
  return rowOf({ measurement, title: `${series.title}${title}`, outcomes });
}

/** The row of a runner whose test has all of `want`. */
export function find(
  rows: readonly Row[],
  runner: string,
  group: string,
  want: object = {},
  kind: TeamKind = 'thread',
): Row | undefined {
  return rows.find(
    (row) =>
      row.runner === runner &&
      row.group === group &&
      row.kind === kind &&
      Object.entries(want).every(([key, value]) => row.of[key as keyof AnyTest] === value),
  );
}

const rounded = (value: number): number => Number(value.toPrecision(5));
