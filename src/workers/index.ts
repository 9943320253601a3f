/**
 * The worker interface, and what threads and processes share.
 * @module
 */
export type { ActivityOptions, JoinOptions, Target, TerminateOptions } from './activity.ts';
export { atExit } from './at-exit.ts';
export { carryContext } from './context.ts';
export { cpuCount } from './cpu-count.ts';
export { exit } from './exit.ts';
export { inlineBackend } from './inline-backend.ts';
export { getStartMethod, setStartMethod, startMethods } from './launch-options.ts';
export { onSignal, type SignalHandler, type SignalRegistration } from './on-signal.ts';
export { taskSignal } from './runtime/current-task.ts';
export { transfer } from './transfer.ts';
export type {
  LaunchOptions,
  StartMethod,
  WorkerBackend,
  WorkerEvents,
  WorkerExit,
  WorkerHandle,
  WorkerState,
} from './worker-backend.ts';
