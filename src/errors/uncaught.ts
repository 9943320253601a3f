/**
 * Errors that nobody has asked for: of threads and processes that nobody joins, of callbacks. They are shown, and the program goes on. What
 * is done with them can be changed.
 * @module
 */
import { inspect } from 'node:util';

/** An error that nobody has asked for. */
export interface UncaughtError {
  /** What the function threw, or how its worker died. */
  readonly error: unknown;
  /** Name of the thread, process or callback. */
  readonly name: string;
  /** `'callback'`: a function of this thread that was called when something else was done. */
  readonly kind: 'thread' | 'process' | 'callback';
  /** `thread 3`, `process 4711`; of a callback its name. */
  readonly worker: string;
}

/** What is done with an error that nobody has asked for. */
export type UncaughtHandler = (uncaught: UncaughtError) => void;

let handler: UncaughtHandler = reportUncaught;

/**
 * Says what is done with the error of a `Thread` or `Process` that nobody joins, and of a callback. Returns what was done before.
 *
 * By default it is printed to standard error, and the program goes on. What the handler throws is an uncaught exception of this
 * thread, which ends it unless `process.on('uncaughtException')` says otherwise.
 *
 * **Python** `threading.excepthook`; the default one, `threading.__excepthook__`, is `reportUncaught`.
 *
 * @example
 * onUncaught(({ error }) => { throw error; }); // from now on such an error ends the program
 */
export function onUncaught(next: UncaughtHandler): UncaughtHandler {
  const before = handler;
  handler = next;
  return before;
}

/** Prints it to standard error: what is done by default. */
export function reportUncaught({ error, name, kind }: UncaughtError): void {
  const unjoined = kind === 'callback' ? '' : ', which nobody has joined';
  process.stderr.write(`Uncaught error in ${name}${unjoined}:\n${inspect(error)}\n`);
}

/** Nobody has asked for this error. */
export function tellUncaught(uncaught: UncaughtError): void {
  try {
    handler(uncaught);
  } catch (thrown) {
    if (thrown !== uncaught.error)
      process.stderr.write(
        `The handler of onUncaught() threw for an error in ${uncaught.name}:\n${inspect(uncaught.error)}\n`,
      );
    throw thrown;
  }
}

/** Calls what others have given to be called, each for itself: whatever one does, the next is called, and its error is told. */
export async function callSafely(what: string, callback: () => unknown): Promise<void> {
  try {
    await callback();
  } catch (error) {
    // What the handler throws is to be an uncaught exception.
    setImmediate(() => tellUncaught({ error, name: what, kind: 'callback', worker: what }));
  }
}
