/**
 * One call on one worker of its own: what `Thread` and `Process` are made of.
 *
 * How it works  The call is packed at `start`, so what cannot travel fails there; the worker is told code, function and
 *               arguments, answers once and is asked to end.
 * When it dies  A worker that ends before it has answered rejects the result with a `WorkerDiedError`. What was sent to it and
 *               counted as being on its way is given back.
 * @module
 */
import { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import type { CodeUnit, Packed } from '../closures/packet.ts';
import { unpack } from '../closures/unpack.ts';
import { errorFromData } from '../errors/error-data.ts';
import { WorkerStartError } from '../errors/executor-errors.ts';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { BatchReader } from '../messaging/record-batch.ts';
import { Travels } from '../sync/travels.ts';
import { type Captured, carried, contextRunner } from './context.ts';
import { identityFor } from './identity.ts';
import { CALL, DONE, type FromWorker, type ToWorker } from './messages.ts';
import { argumentsInShort } from './task-text.ts';
import { unwrapTransfers } from './transfer.ts';
import { howItEnded, workerDied } from './worker-death.ts';
import type { LaunchOptions, WorkerBackend, WorkerEvents, WorkerExit, WorkerHandle } from './worker-backend.ts';

/** A call to be made on a worker of its own. */
export interface SingleTaskOptions {
  readonly backend: WorkerBackend;
  readonly launch: LaunchOptions;
  readonly mainModule: string;
  /** Name of the worker, for errors too. */
  readonly name: string;
  readonly daemon: boolean;
  /** What the call runs in. */
  readonly context?: Captured | undefined;
}

/** A running call. */
export interface SingleTask {
  readonly handle: WorkerHandle;
  /** What the function returned or threw. */
  readonly result: Promise<unknown>;
  /** How the worker ended. */
  readonly exited: Promise<WorkerExit>;
  /** It is being ended on purpose: if it has not started yet, that is not for want of trying. */
  noteEnd(): void;
}

/**
 * Starts a worker and calls the function on it.
 *
 * @throws EncodeError when the function or an argument cannot travel, as far as that can be known at once
 */
export function runSingle(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  options: SingleTaskOptions,
): SingleTask {
  const { backend, launch, mainModule, name, daemon, context } = options;
  const destination = backend.kind === 'process' ? 'process' : 'thread';
  const units: ToWorker[] = [];
  const book = new CodeBook((id, unit) => units.push({ type: 'code', id, unit }));
  const travels = new Travels();
  // No closure here may name the function or its arguments: it would hold them for as long as the worker lives.
  const { callee, packed, list, inShort } = packCall(fn, args, travels, { destination, book, context });

  const result = Promise.withResolvers<unknown>();
  const exited = Promise.withResolvers<WorkerExit>();
  const code = new Map<number, CodeUnit>();
  let memory: number | undefined;
  let answered = false;
  let ready = false;
  let ended = false;
  result.promise.catch(() => {}); // whoever joins hears of it; see the caller for those whom nobody joins
  const settle = (): void => {
    answered = true;
    handle.stop();
  };
  const events: WorkerEvents = {
    onReady() {
      ready = true;
    },
    onMessage(message) {
      if (message.type === 'code') code.set(message.id, message.unit);
      else if (message.type === 'memory') memory = message.bytes;
      else
        void answerOf(message, code).then((answer) => {
          if (answer === undefined) return;
          if (answer.ok) result.resolve(answer.value);
          else result.reject(answer.value);
          settle();
        });
      // Its class may have to be loaded, and the worker be gone before it is.
      if (message.type === 'answer' || message.type === 'answers') answered = true;
    },
    onExit(exit) {
      travels.giveBack();
      if (!answered) result.reject(died(exit));
      exited.resolve(exit);
    },
  };
  const identity = identityFor(backend.kind, name, daemon);
  const setup = { mainModule, tasksPerWorker: 1, oneTask: true, identity } as const;
  const handle = travels.during(() => backend.start(setup, events, launch));
  const send = ([fnPacked, argsPacked]: readonly [Packed, Packed]): void => {
    for (const unit of units) handle.post(unit);
    const task = { type: 'task', id: 0, fn: 0, kind: CALL, callee: fnPacked.packet, args: argsPacked.packet } as const;
    handle.post(task, list);
    handle.flush?.();
  };
  if (callee instanceof Promise || packed instanceof Promise) {
    Promise.all([callee, packed])
      .then(send)
      .catch((error: unknown) => {
        result.reject(error);
        settle();
      });
  } else {
    try {
      send([callee, packed]);
    } catch (error) {
      settle(); // too large for a message: nobody will ask for this worker
      throw error;
    }
  }
  const noteEnd = (): void => {
    ended = true;
  };
  return { handle, result: result.promise, exited: exited.promise, noteEnd };

  function died(exit: WorkerExit): Error {
    if (ready || ended) return workerDied(handle, exit, { task: name, args: inShort, memory }, '');
    const cause = exit.error === undefined ? {} : { cause: exit.error };
    return new WorkerStartError(`The ${handle.label} for ${name} could not start: it ${howItEnded(exit)}.`, cause);
  }
}

function packCall(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  travels: Travels,
  to: {
    readonly destination: 'thread' | 'process';
    readonly book: CodeBook;
    readonly context: Captured | undefined;
  },
) {
  const { context } = to;
  const { values, list } = unwrapTransfers(args);
  const [callee, packed] = travels.during(() => [
    pack(context === undefined ? fn : contextRunner(), { ...to, root: 'function' }),
    pack(context === undefined ? values : carried(fn, values, context), { ...to, root: 'arguments' }),
  ]);
  return { callee, packed, list, inShort: argumentsInShort(values) };
}

interface Answer {
  readonly ok: boolean;
  readonly value: unknown;
}

async function answerOf(message: FromWorker, code: ReadonlyMap<number, CodeUnit>): Promise<Answer | undefined> {
  if (message.type === 'answers') {
    const answers = new BatchReader(message.bytes);
    return answers.next() ? { ok: answers.a === DONE, value: answers.value() } : undefined;
  }
  if (message.type !== 'answer') return undefined;
  const { packet, error, status } = message;
  try {
    const value = packet === undefined ? error && errorFromData(error) : await unpack(packet, (id) => unitOf(code, id));
    return { ok: status === DONE, value };
  } catch (reason) {
    return { ok: false, value: reason };
  }
}

function unitOf(code: ReadonlyMap<number, CodeUnit>, id: number): CodeUnit {
  const unit = code.get(id);
  if (unit !== undefined) return unit;
  throw new ManyhandsError(`The worker answered with code unit ${id}, which it has not sent.`, {
    code: 'ERR_PROTOCOL',
  });
}
