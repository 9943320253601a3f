/**
 * Pools over any backend.
 * @module
 */
export { insightsText } from './insights/insights-text.ts';
export type { Lint, LintCode, PoolInsights, SlowTask, TaskTimes, WorkerTimes } from './insights/pool-insights.ts';
export type { SpreadFigures } from './insights/spread.ts';
export type { Overflow, PerKeyOptions, SchedulingOptions, TaskOptions } from './scheduling/plan.ts';
export type { RateOptions } from './scheduling/rate.ts';
export type { Backoff } from './scheduling/backoff.ts';
export type { Input } from './source.ts';
export type { ErrorPolicy, ImapOptions, MapOptions, TaskApi } from './task-api.ts';
export { TaskPool, type TaskPoolOptions } from './task-pool.ts';
export type { Tuning } from './tuning/search.ts';
export type { PoolTuning } from './tuning/self-tuning.ts';
export type { TuningStep } from './tuning/tuner.ts';
