/**
 * Running a subclass of `Thread` or `Process`, and a function in its context: known by name in every worker, so that nothing has to be looked up
 * or loaded.
 * @module
 */
import { task } from '../closures/task.ts';
import { contextRunner } from './context.ts';

interface Runs {
  run(): unknown;
}

let named: ((activity: Runs) => unknown) | undefined;

/** What calls `run`; from now on this thread knows it by its name. */
export function activityRunner(): (activity: Runs) => unknown {
  contextRunner();
  named ??= task('manyhands:run', (activity: Runs) => activity.run());
  return named;
}
