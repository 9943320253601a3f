/**
 * Processes.
 * @module
 */
export { Process, type ProcessOptions } from './process.ts';
export { processBackend } from './process-backend.ts';
