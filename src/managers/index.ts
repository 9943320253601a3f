/**
 * Objects used from afar, by proxies.
 * @module
 */
export type { Cell, FixedArray } from './cells.ts';
export type { Dict } from './dict.ts';
export type { ManageRules } from './exposure.ts';
export type { List } from './list.ts';
export type { AcquireOptions, ManagedCondition, ManagedLock, ManagedRLock } from './locks.ts';
export { connectManager, type ConnectManagerOptions, manage, type ManageOptions } from './manage.ts';
export { type Frozen, Managed, type RemoteIterator } from './managed.ts';
export type { ManagedPool } from './managed-pool.ts';
export type { ManagedQueue } from './managed-queue.ts';
export { Manager, type ManagerOptions } from './manager.ts';
export type { ManagedNamespace } from './namespace.ts';
export type { ManagedBoundedSemaphore, ManagedSemaphore, ManagedSemaphoreOptions } from './semaphores.ts';
export type { ManagedSet } from './set.ts';
export type { ManagedBarrier, ManagedEvent } from './signposts.ts';
