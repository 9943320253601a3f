/**
 * The worker file of the contestant without a library.
 * @module
 */
import { parentPort } from 'node:worker_threads';
import * as tasks from './tasks.ts';

const functions = tasks as unknown as Record<string, (...args: readonly unknown[]) => unknown>;

parentPort?.on('message', ([id, name, args]: [number, string, readonly unknown[]]) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a rule for windows; a port has no origin
  parentPort?.postMessage([id, functions[name]?.(...args)]);
});
