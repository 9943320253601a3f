/**
 * Futures.
 * @module
 */
export { asCompleted } from './as-completed.ts';
export { Future, type FutureState } from './future.ts';
export { type Child, type ChildOptions, type Startable, TaskGroup, type TaskGroupOptions } from './task-group.ts';
export { Deadline, type TimedWork, timeout, timeoutAt, type TimeoutOptions } from './timeout.ts';
export { type ReturnWhen, wait, type WaitForFuturesOptions, type WaitResult } from './wait.ts';
