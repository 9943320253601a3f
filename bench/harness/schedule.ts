/**
 * The order of things: rounds in which every measurement runs once, contestants taking turns within each title, so that a slow
 * minute of the machine hits all alike.
 *
 * A round begins only when the time left is likely to suffice for it; the first always runs whole. A measurement that failed in
 * one round is not tried again.
 * @module
 */
import type { Measurement, Outcome, Series } from './measurement.ts';

/** Limits of a run, and how a measurement is made. */
export interface ScheduleOptions {
  /** Most rounds. */
  readonly rounds: number;
  /** Milliseconds for all rounds together. */
  readonly budget: number;
  readonly titleOf: (measurement: Measurement) => string;
  /** Makes a measurement; never rejects. */
  readonly run: (measurement: Measurement) => Promise<Outcome>;
  /** Told of each measurement before it runs. */
  readonly onProgress: (text: string) => void;
}

/** Runs the plan. */
export async function runSchedule(plan: readonly Measurement[], options: ScheduleOptions): Promise<Series[]> {
  const { rounds, budget, titleOf, run, onProgress } = options;
  const series: Series[] = plan.map((measurement) => ({ measurement, title: titleOf(measurement), outcomes: [] }));
  const begin = performance.now();
  for (let round = 0; round < rounds; round++) {
    const elapsed = performance.now() - begin;
    if (round > 0 && elapsed + elapsed / round > budget) break;
    // Every other round goes backwards, so that nobody is always the one after the same other.
    const order = round % 2 === 0 ? series : series.toReversed();
    for (const [index, { measurement, title, outcomes }] of order.entries()) {
      if (outcomes.some((outcome) => 'failure' in outcome)) continue;
      onProgress(`round ${round + 1}, ${index + 1}/${order.length}: ${title}: ${measurement.runner}`);
      outcomes.push(await run(measurement));
    }
  }
  return series;
}
