/**
 * The worker file of the contestant without a library.
 * @module
 */
import { parentPort } from 'node:worker_threads';
import * as tasks from './tasks.ts';

const functions = tasks as unknown as Record<string, (...args: readonly unknown[]) => unknown>;

parentPort?.on('message', ([id, name, args]: [number, string, readonly unknown[]]) => {
  parentPort?.postMessage([id, functions[name]?.(...args)]);
});
