/**
 * Processes.
 * @module
 */
export { Process, type ProcessOptions } from './process.ts';
export { processBackend } from './process-backend.ts';
export { type Shutdown, shutdownOn, type ShutdownOptions, type ShutdownPart } from './shutdown-on.ts';
