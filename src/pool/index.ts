/**
 * Pools over any backend.
 * @module
 */
export type { Input } from './source.ts';
export type { ImapOptions, MapOptions, TaskApi, TaskOptions } from './task-api.ts';
export { TaskPool, type TaskPoolOptions } from './task-pool.ts';
