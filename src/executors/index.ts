/**
 * Pools that know their backend.
 * @module
 */
export { Pool, type PoolKind, type PoolOptions } from './pool.ts';
export { toThread } from './to-thread.ts';
