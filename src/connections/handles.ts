/**
 * Handles from process to process: loaded with the first one, since few programs pass any.
 * @module
 */
export { handOver, openKeeper } from './hand-over.ts';
export { takeOver } from './take-over.ts';
