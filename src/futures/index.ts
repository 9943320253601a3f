/**
 * Futures.
 * @module
 */
export { Future, type FutureState } from './future.ts';
