/**
 * How a pool runs before anything is known of its tasks.
 * @module
 */
import type { Tuning, TuningBounds } from './search.ts';

/** One worker a core, one task each. */
export const firstOf = ({ cores, workers }: TuningBounds): Tuning => ({
  workers: Math.min(cores, workers),
  tasksPerWorker: 1,
});
