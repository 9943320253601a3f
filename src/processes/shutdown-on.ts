/**
 * `shutdownOn`: a program that ends in order when it is asked to.
 *
 * How it works  The first signal closes the parts one after the other, while what is under way in them goes on. Then, or at a second
 *               signal, or when the grace is over, the program ends by the first signal. A second signal kills first what still runs:
 *               the parts, and every process that this one has started.
 * Invariants    Several shutdowns of one program end it once, when the last has closed its parts.
 * At rest       A listener a signal; no timer.
 * When it dies  A program that is killed meanwhile closes nothing; its children see their sockets close and end.
 * @module
 */
import { isMainThread } from 'node:worker_threads';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { Activity } from '../workers/activity.ts';
import { setTimer, type Timer } from '../memory/timer.ts';
import { onSignal, type SignalRegistration } from '../workers/on-signal.ts';
import { endProcesses } from './busy-processes.ts';
import { endBySignal } from './end-by-signal.ts';

/** Milliseconds in which two of the same signal are one: runners such as npx pass a terminal's Ctrl-C on once more. */
const SAME_PRESS = 100;

/**
 * What can be closed: by being called, by `[Symbol.asyncDispose]()`, `close()` or `shutdown()`, or as a last resort by `terminate()`,
 * which a `Process` or a `Thread` has.
 */
export type ShutdownPart =
  | (() => unknown)
  | AsyncDisposable
  | { close(): unknown }
  | { shutdown(): unknown }
  | { terminate(): unknown };

/** Options of `shutdownOn`. */
export interface ShutdownOptions {
  /** Milliseconds that closing the parts may take; then all ends as at a second signal. `Infinity` by default. */
  readonly grace?: number;
}

/** A shutdown that waits for its signal. */
export interface Shutdown {
  /** Aborted by the first signal, before anything is closed: for loops that submit work, and for what else should stop. */
  readonly signal: AbortSignal;
  /** Takes it back, unless a signal has come already. */
  dispose(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** Shutdowns that have begun and are not through. */
let underWay = 0;

/**
 * Closes pools, servers and whatever else is named, in that order, when a signal comes, and then ends the program by that signal.
 * A second signal ends the program, and the processes that it has started, at once.
 *
 * **Python** has nothing like it; there a Ctrl-C interrupts every process of the program where it is.
 *
 * **Use it** in a program that should finish what it has begun before it ends: a server, a long conversion. What should happen
 * last, such as saving a state, is a function at the end of the list.
 *
 * **Gotchas** A closed pool refuses new tasks: stop submitting when `shutdown.signal` is aborted. A part that fails to close is
 * reported on standard error, and the next one is closed. Two of the same signal within 100 ms count as one. Ctrl-C does not reach
 * the workers, SIGTERM does when it is sent to each of them: under systemd say `KillMode=mixed`. In a thread it hears what is sent
 * with `thread.send()`, and ends the thread.
 *
 * @returns tells that it has begun, and takes it back
 * @throws InvalidOptionError `ERR_INVALID_OPTION` for an unknown signal, a part that cannot be closed, or an unusable `grace`
 * @example
 * const shutdown = shutdownOn(['SIGINT', 'SIGTERM'], [server, pool, () => saveState()], { grace: 30_000 });
 * while (!shutdown.signal.aborted) await pool.submit(work, await nextJob(shutdown.signal));
 */
export function shutdownOn(
  signals: readonly (NodeJS.Signals | number)[],
  parts: readonly ShutdownPart[],
  options: ShutdownOptions = {},
): Shutdown {
  const { grace = Infinity } = options;
  if (typeof grace !== 'number' || !(grace >= 0)) {
    throw new InvalidOptionError(`grace must be a number of milliseconds of at least 0, not ${String(grace)}.`);
  }
  const closers = parts.map(closerOf);
  const begun = new AbortController();
  let first: { readonly name: NodeJS.Signals; readonly at: number } | undefined;
  let timer: Timer | undefined;

  const end = (name: NodeJS.Signals): void => {
    for (const part of parts) kill(part);
    if (isMainThread) endProcesses('SIGKILL');
    endBy(name);
  };
  const onEach = (name: NodeJS.Signals): void => {
    const at = performance.now();
    if (first !== undefined) {
      if (name !== first.name || at - first.at > SAME_PRESS) end(first.name);
      return;
    }
    first = { name, at };
    underWay += 1;
    timer = setTimer(grace, () => end(name));
    process.once('beforeExit', () => endBy(name)); // nothing is left that the parts could be waiting for
    begun.abort(new Error(`The program was asked to end by ${name}.`));
    void closeAll(closers).then(() => {
      timer?.cancel();
      underWay -= 1;
      if (underWay === 0) setImmediate(() => endBy(name)); // whoever waited for the last answers has a turn first
    });
  };

  const registrations: SignalRegistration[] = [];
  const dispose = (): void => {
    if (first === undefined) for (const forget of registrations) forget();
  };
  try {
    for (const signal of signals) registrations.push(onSignal(signal, onEach));
  } catch (error) {
    dispose();
    throw error;
  }
  return { signal: begun.signal, dispose, [Symbol.dispose]: dispose };
}

/** A thread cannot end by a signal. */
function endBy(signal: NodeJS.Signals): void {
  if (isMainThread) endBySignal(signal);
  process.exit(1);
}

async function closeAll(closers: readonly (() => unknown)[]): Promise<void> {
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      console.error('A part of the program failed to close:', error);
    }
  }
}

type Methods = Readonly<Partial<Record<string | symbol, unknown>>>;

function closerOf(part: ShutdownPart, index: number): () => unknown {
  if (typeof part === 'function') return part;
  const methods = part as Methods | null | undefined;
  // The `close` of a thread or process lets go of one that has ended.
  const ways = part instanceof Activity ? ['terminate'] : [Symbol.asyncDispose, 'close', 'shutdown', 'terminate'];
  for (const name of ways) {
    const method = methods?.[name];
    if (typeof method === 'function') return () => method.call(part) as unknown;
  }
  throw new InvalidOptionError(
    `Part ${index} of shutdownOn() cannot be closed: it is no function, and has no close(), shutdown() or terminate().`,
  );
}

/** Ends a part without waiting for it. */
function kill(part: ShutdownPart): void {
  const methods = part as Methods;
  const end = methods['kill'] ?? methods['terminate'];
  if (typeof part === 'function' || typeof end !== 'function') return;
  const ending = async (): Promise<unknown> => await (end.call(part) as unknown);
  ending().catch(() => {});
}
