/**
 * The worker interface, and what threads and processes share.
 * @module
 */
export type { ActivityOptions, JoinOptions, Target } from './activity.ts';
export { inlineBackend } from './inline-backend.ts';
export { taskSignal } from './runtime/current-task.ts';
export { transfer } from './transfer.ts';
export type {
  LaunchOptions,
  WorkerBackend,
  WorkerEvents,
  WorkerExit,
  WorkerHandle,
  WorkerState,
} from './worker-backend.ts';
