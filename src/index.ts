/**
 * manyhands: processes, threads, pools and shared memory for TypeScript on Node.js.
 * @module
 */
export { task } from './closures/index.ts';
export * from './errors/index.ts';
export { Pool, type PoolKind, type PoolOptions } from './executors/pool.ts';
export { Future, type FutureState } from './futures/future.ts';
export { sleep, sleepSync } from './memory/sleep.ts';
export { Process, type ProcessOptions } from './processes/process.ts';
export {
  Barrier,
  type BarrierOptions,
  BoundedSemaphore,
  Condition,
  type EndlessLockOptions,
  type EndlessWaitOptions,
  Event,
  Hold,
  Latch,
  Lock,
  type LockOptions,
  RLock,
  RwLock,
  type ScopeOptions,
  Semaphore,
  type SemaphoreOptions,
  type WaitOptions,
} from './sync/index.ts';
export { Thread } from './threads/thread.ts';
export { taskSignal } from './workers/runtime/current-task.ts';
export { transfer } from './workers/transfer.ts';
