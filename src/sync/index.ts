/**
 * Locks and their kin, among threads and among processes.
 * @module
 */
export { Barrier, type BarrierOptions } from './barrier.ts';
export { Condition } from './condition.ts';
export { Event } from './event.ts';
export { keepThreadLot } from './given-lot.ts';
export { Hold } from './hold.ts';
export { Latch } from './latch.ts';
export { Lock } from './lock.ts';
export { processEnded, threadEnded, threadLotMemory } from './lots.ts';
export type { EndlessLockOptions, LockOptions } from './mutex.ts';
export type { ScopeOptions } from './place.ts';
export { RLock } from './rlock.ts';
export { RwLock } from './rwlock.ts';
export { BoundedSemaphore, type EndlessWaitOptions, Semaphore, type SemaphoreOptions } from './semaphore.ts';
export type { WaitOptions } from './wait-options.ts';
