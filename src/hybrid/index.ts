/**
 * Processes with threads.
 * @module
 */
export { hybridBackend, type HybridOptions } from './hybrid-backend.ts';
