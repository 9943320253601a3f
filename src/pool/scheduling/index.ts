/**
 * Which waiting task is next, when, and how often.
 * @module
 */
export type { Overflow, PerKeyOptions, SchedulingOptions, TaskOptions } from './plan.ts';
export type { RateOptions } from './rate.ts';
export type { Backoff } from './backoff.ts';
export { Scheduler } from './scheduler.ts';
