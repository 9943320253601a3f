/**
 * `trial.ts WORKLOAD`: what `advise()` says of it, how long that took, and how many calls.
 * @module
 */
import { manyhands } from '../../harness/manyhands.ts';
import { withWorkload } from '../list.ts';
import type { Setting } from '../settings.ts';

/** What it writes. */
export interface TrialAnswer {
  readonly recommended: Setting;
  readonly work: string;
  readonly calls: number;
  /** Milliseconds. */
  readonly took: number;
  /** Tasks a second of what was tried. */
  readonly tried: Readonly<Record<string, number>>;
}

await withWorkload(process.argv[2], async ({ fn, inputs }) => {
  const begin = performance.now();
  const { kind, workers, tasksPerWorker, work, calls, trials } = await manyhands.advise(fn, inputs);
  const took = performance.now() - begin;
  const tried = Object.fromEntries(trials.map(({ name, throughput }) => [name, Math.round(throughput.value)]));
  const answer: TrialAnswer = { recommended: { kind, workers, tasksPerWorker }, work, calls, took, tried };
  console.log(JSON.stringify(answer));
});
