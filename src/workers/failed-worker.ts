/**
 * The handle of a worker that could not even be started, so that a failed start arrives like any other end.
 * @module
 */
import type { WorkerEvents, WorkerHandle } from './worker-backend.ts';

/** A handle that is gone from the beginning; says so, with the reason, as soon as its owner has it. */
export function failedWorker(kind: string, error: unknown, events: WorkerEvents): WorkerHandle {
  queueMicrotask(() => events.onExit({ exitCode: 1, signal: null, outOfMemory: false, error }));
  return {
    label: `${kind} (not started)`,
    pid: undefined,
    threadId: undefined,
    state: 'gone',
    post() {},
    ref() {},
    unref() {},
    stop() {},
    send: () => false,
    terminate: () => Promise.resolve(),
    kill: () => Promise.resolve(),
  };
}
