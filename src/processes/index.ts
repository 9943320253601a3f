/**
 * Processes.
 * @module
 */
export { currentProcess, parentProcess, ProcessInfo } from './current-process.ts';
export { activeChildren, Process, type ProcessOptions } from './process.ts';
export { processBackend } from './process-backend.ts';
export { type Shutdown, shutdownOn, type ShutdownOptions, type ShutdownPart } from './shutdown-on.ts';
