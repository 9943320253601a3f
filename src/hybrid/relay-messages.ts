/**
 * What the owner and a process with threads say to each other: the worker protocol, each message tagged with its thread, and what is
 * needed to start and end threads from afar.
 * @module
 */
import type { ErrorData, ThrownData } from '../errors/error-data.ts';
import type { FromWorker, ToWorker, WorkerSetup } from '../workers/messages.ts';
import type { LaunchOptions, WorkerExit } from '../workers/worker-backend.ts';

/** To the process, for one of its threads; `end` is for the process itself. */
export type ToRelay =
  | { readonly type: 'start'; readonly setup: WorkerSetup; readonly launch: LaunchOptions }
  | { readonly type: 'terminate'; readonly grace: number }
  | { readonly type: 'kill' }
  | { readonly type: 'end' }
  | Exclude<ToWorker, { readonly type: 'setup' }>;

/** From one of the threads. */
export type FromRelay =
  | { readonly type: 'started'; readonly threadId: number }
  | { readonly type: 'ready'; readonly nativeId: number | undefined }
  /** The thread is gone. Its last message. */
  | { readonly type: 'gone'; readonly exit: Omit<WorkerExit, 'error'>; readonly error?: ErrorData | ThrownData }
  | Exclude<FromWorker, { readonly type: 'ready' }>;
