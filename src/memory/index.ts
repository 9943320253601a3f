/**
 * Shared memory: words, layouts, allocation, wait and wake. The only folder that names `Atomics`.
 * @module
 */
export { Arena } from './arena.ts';
export { KeepAlive } from './keep-alive.ts';
export { type Layout, layout } from './layout.ts';
export { allocateShared, CACHE_LINE, LINE_WORDS } from './shared-buffer.ts';
export { sleep, sleepSync } from './sleep.ts';
export { type WaitOptions, type WaitResult, waitAsync, waitSync, wake } from './wait.ts';
export { add, clearBits, compareExchange, exchange, load, pause, setBits, store, type Words } from './words.ts';
