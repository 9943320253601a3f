/**
 * Threads.
 * @module
 */
export { activeCount, currentThread, enumerateThreads, mainThread, ThreadInfo } from './current-thread.ts';
export { Thread } from './thread.ts';
export { threadBackend } from './thread-backend.ts';
export { ThreadLocal } from './thread-local.ts';
export { Timer } from './timer.ts';
