/**
 * From a function and its inputs to an answer. Loaded with the first `advise()`: most programs never ask.
 * @module
 */
import type { Advice } from './advice.ts';
import type { Work } from './contender.ts';
import type { TrialInputs } from './inputs.ts';
import { recommend, type Subject } from './recommend.ts';
import { runTrial, type TrialOptions } from './trial.ts';

/** Runs the trial and answers. */
export async function answer<I>(
  work: Work<I>,
  inputs: TrialInputs<I>,
  options: TrialOptions,
  subject: Subject,
): Promise<Advice> {
  return recommend(await runTrial(work, inputs, options), inputs.calls, subject);
}
