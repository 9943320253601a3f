/**
 * What a pool (or `Thread`, or `Process`) and a worker say to each other. Every backend carries these, and nothing else.
 *
 * How it works  Small tasks and answers go as bytes: through rings where memory is shared, else as records,
 *               of which a `tasks` message carries many. Whatever has no compact form goes alone, as a packet. Code and functions are sent before
 *               the first task that names them, once.
 * @module
 */
import type { CodeUnit, Packet } from '../closures/packet.ts';
import type { ErrorData, ThrownData } from '../errors/error-data.ts';
import type { ReplyRingMemory } from '../messaging/reply-ring.ts';
import type { TaskRingMemory } from '../messaging/task-ring.ts';
import type { Identity } from './identity.ts';

/** Call the function with the values. */
export const CALL = 0;
/** The first value is an array: call the function with each of its items, and answer with an array. */
export const CHUNK = 1;
/** As `CHUNK`, but each item is an array of arguments. */
export const STAR_CHUNK = 2;
/** The payload has no compact form: ask for it. */
export const CLAIM = 3;
/** Added to a kind: say when the task starts, and give it a signal that can be aborted. */
export const WATCHED = 4;

/** Added to the kind of a chunk: an item that throws does not end it. Answer with a `SettledChunk`. */
export const SETTLE = 8;

/** Added to `CALL`: what the function returns is iterated, and each item sent as it comes. */
export const STREAM = 8;

/** What became of the items of a chunk each of which was to be tried. */
export type SettledChunk = readonly [
  /** Results; of an item that failed, nothing. */
  values: readonly unknown[],
  /** Place of each item that failed, and its error; as data where the error itself cannot travel. */
  failures: readonly (
    | readonly [index: number, error: unknown]
    | readonly [index: number, error: unknown, isData: true]
  )[],
];

/** The function's answer. */
export const DONE = 0;
/** The function threw; of a chunk, at the item `extra`. */
export const FAILED = 1;
/** A watched task starts now. */
export const STARTED = 2;
/** A worker has claimed a task and wants its payload. */
export const CLAIMED = 3;
/** The task was withdrawn before it started. */
export const WITHDRAWN = 4;

/** What the task says of its progress; `extra` counts. */
export const PROGRESS = 5;
/** Item number `extra` of a task that streams. */
export const ITEM = 6;

/** What a task has taken, as `TaskFigures`; before its last answer. */
export const MEASURED = 7;

/** What a task has taken, where its worker measures. Milliseconds, unless said otherwise. */
export type TaskFigures = readonly [
  /** When it began, since the epoch. */
  begin: number,
  /** From the call to its end. */
  ran: number,
  /** Processor time of its thread. */
  cpu: number,
  /** For which the event loop of its thread had nothing to do. */
  idle: number,
  /** For which its thread's code waited for locks. */
  waited: number,
  /** For which its thread could run and had no core; 0 where that is not known. */
  queued: number,
  /** It took to read its arguments. */
  decoding: number,
  /** It took to write the answers of the worker's tasks before it. */
  encoding: number,
  /** Bytes by which memory has grown; 0 when some was collected meanwhile, and that was more. */
  allocated: number,
  /** The function and its arguments, in short; of those that took longest. */
  task?: string,
];

/** Whether a task has ended with this. */
export const isFinal = (status: number): boolean => status === DONE || status === FAILED || status === WITHDRAWN;

/** What a worker shares memory with its pool for. */
export interface SharedSetup {
  /** The worker's number in the rings. */
  readonly number: number;
  readonly tasks: TaskRingMemory;
  readonly answers: ReplyRingMemory;
  readonly held: SharedArrayBuffer;
  /** Word 0 is 1 while the pool sleeps and wants to be woken by a message. */
  readonly bell: SharedArrayBuffer;
}

/** A function, and what it is called with. */
export interface HookCall {
  readonly callee: Packet;
  readonly args: Packet;
}

/** When a worker has served its time. */
export interface WearLimits {
  readonly tasks?: number;
  /** Milliseconds. */
  readonly age?: number;
  /** Bytes. */
  readonly memory?: number;
}

/** Everything that a worker is told once, before its first task. */
export interface WorkerSetup {
  /** URL of the user's main module, which a worker must not import. */
  readonly mainModule: string;
  /** Tasks that may be in flight at once, when they are asynchronous. */
  readonly tasksPerWorker: number;
  /** So many for now, and no more than that; it may change. */
  readonly tasksAtFirst?: number;
  /** Who the worker is. */
  readonly identity?: Identity;
  /** Its place among the threads of its process, when it is a thread. */
  readonly entry?: number;
  /** Of a thread, where its owner is: `'process'` when that is another process, with which it shares no memory. */
  readonly destination?: 'process';
  /** The worker is there for one task: what asks it to end asks the task. */
  readonly oneTask?: true;
  readonly shared?: SharedSetup;
  /** Code and functions that tasks may name at once: the worker may be faster at the tasks than what comes by message. */
  readonly definitions?: readonly ToWorker[];
  /** Called before the worker is ready; what it returns is kept for the tasks. */
  readonly init?: HookCall;
  /** Called with that when the worker ends in good order. */
  readonly exit?: HookCall;
  readonly wear?: WearLimits;
  /** The worker measures one in so many tasks and tells the figures; 0: none. */
  readonly measureEvery?: number;
}

/** To a worker. */
export type ToWorker =
  | { readonly type: 'setup'; readonly setup: WorkerSetup }
  /** To a spare: messages as if for a task that does nothing. */
  | { readonly type: 'rehearsal'; readonly parts: readonly ToWorker[] }
  | { readonly type: 'code'; readonly id: number; readonly unit: CodeUnit }
  | { readonly type: 'function'; readonly id: number; readonly packet: Packet }
  | { readonly type: 'forget'; readonly id: number }
  | { readonly type: 'tasks'; readonly bytes: Uint8Array }
  | {
      readonly type: 'task';
      readonly id: number;
      /** The function's number, or 0 when it comes along as `callee`. */
      readonly fn: number;
      readonly kind: number;
      readonly callee?: Packet;
      readonly args: Packet;
      /** Number of the attempt, when it is not the first. */
      readonly attempt?: number;
    }
  /** A task that streams may send so many more items. */
  | { readonly type: 'credit'; readonly id: number; readonly count: number }
  | { readonly type: 'abort'; readonly id: number; readonly reason: ErrorData | ThrownData }
  | { readonly type: 'wake' }
  /** So many tasks may be in flight from now on. */
  | { readonly type: 'limit'; readonly tasks: number }
  /** One in so many tasks is measured from now on. */
  | { readonly type: 'measure'; readonly every: number }
  | { readonly type: 'signal'; readonly name: NodeJS.Signals }
  | { readonly type: 'stop' };

/** From a worker. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'code'; readonly id: number; readonly unit: CodeUnit }
  | { readonly type: 'answers'; readonly bytes: Uint8Array }
  | {
      readonly type: 'answer';
      readonly id: number;
      readonly status: number;
      readonly extra: number;
      readonly packet?: Packet;
      /** Stands in for the packet of an error whose class cannot travel. */
      readonly error?: ErrorData | ThrownData;
    }
  | { readonly type: 'wake' }
  /** It shares memory, and has heard that a task was given up. */
  | { readonly type: 'aborted'; readonly id: number }
  /** It uses so many bytes. */
  | { readonly type: 'memory'; readonly bytes: number }
  /** Its `init` took so many milliseconds. */
  | { readonly type: 'prepared'; readonly ms: number }
  /** It has served its time and takes no more tasks. */
  | { readonly type: 'spent' }
  /** Its `init` has failed: it ends. */
  | { readonly type: 'unfit'; readonly error: ErrorData | ThrownData };
