/**
 * Hearing signals, in a process and in a thread.
 *
 * How it works  Node delivers signals of the system to the main thread, as events of its `process`. What is sent to a thread comes by
 *               message, and is made an event of that thread's own `process`. So one kind of listener hears both.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { hearingChanged } from './runtime/current-task.ts';
import { signalName } from './signal-name.ts';

/** Called with the signal's name and number, in the event loop. */
export type SignalHandler = (name: NodeJS.Signals, number: number) => void;

/** Takes a handler back. */
export interface SignalRegistration {
  /** Calling it takes the handler back; a second call does nothing. */
  (): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Calls a function whenever this process, or this thread, is sent a signal.
 *
 * **Python** `signal.signal(signum, handler)`. Differences: there may be several handlers; one is taken back rather than set to the
 * old one; and a thread has handlers of its own, for what is sent with `thread.send()`. Signals of the system reach the main
 * thread only, as in Python.
 *
 * **Use it** where a program should do something else on a signal than end. To be asked before a `Process` or `Thread` ends,
 * `taskSignal()` is simpler; to end a whole program in order there is `shutdownOn()`.
 *
 * **Gotchas** A handler runs in the event loop: it interrupts neither a loop nor a blocking wait. It does not keep the
 * program alive. With a handler for SIGTERM or SIGINT the signal no longer ends anything by itself. A child process also hears the
 * terminal's Ctrl-C by a handler for SIGINT, and only so. SIGUSR1 opens Node's debugger where nobody handles it.
 *
 * @param signal name, or number on this system
 * @returns what takes the handler back
 * @throws InvalidOptionError `ERR_INVALID_OPTION` for an unknown signal, and for SIGKILL and SIGSTOP, which nobody can handle
 * @example
 * const forget = onSignal('SIGHUP', () => console.log('reading the configuration again'));
 * forget();
 */
export function onSignal(signal: NodeJS.Signals | number, handler: SignalHandler): SignalRegistration {
  const name = signalName(signal);
  if (name === 'SIGKILL' || name === 'SIGSTOP') throw new InvalidOptionError(`${name} cannot be handled by anybody.`);
  if (typeof handler !== 'function') {
    throw new InvalidOptionError(`A handler for ${name} is a function; this is of type ${typeof handler}.`);
  }
  const listener: SignalHandler = (heard, number) => handler(heard, number); // the same function may be registered twice
  process.on(name, listener);
  hearingChanged();
  const forget = (): void => {
    process.off(name, listener);
    hearingChanged();
  };
  return Object.assign(forget, { [Symbol.dispose]: forget });
}
