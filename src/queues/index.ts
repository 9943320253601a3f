/**
 * Queues of values between threads and processes.
 * @module
 */
export type { QueueOptions, QueueShutdownOptions } from './base-queue.ts';
export { BytesLease } from './bytes-lease.ts';
export { LifoQueue } from './lifo-queue.ts';
export { PriorityQueue, type PriorityQueueOptions } from './priority-queue.ts';
export { Queue } from './queue.ts';
export { SimpleQueue, type SimpleQueueOptions } from './simple-queue.ts';
