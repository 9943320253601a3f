/**
 * Threads.
 * @module
 */
export { Thread } from './thread.ts';
export { threadBackend } from './thread-backend.ts';
