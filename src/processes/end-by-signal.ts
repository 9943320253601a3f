/**
 * Ending this process as if a signal had ended it, so that its own exit status tells.
 *
 * How it works  The listeners for `exit` run first; then the signal's own are taken away, which gives it back what it does by
 *               default, and the process sends it to itself.
 * When it dies  Where the signal does not end it (process 1 of a container is immune to its own, and some signals end
 *               nothing), it ends with exit code 128 + number, as a shell would report it.
 * @module
 */
import { constants } from 'node:os';

/** Ends this process by a signal. */
export function endBySignal(signal: NodeJS.Signals): never {
  process.once('exit', () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  process.exit(128 + constants.signals[signal]);
}
