/**
 * Processes that end with this one even if they are too busy to see it go.
 *
 * How it works  A child that runs a task may not come to its event loop, where it would see its socket close. So when this process ends it
 *               sends those a SIGTERM, as Python ends its daemons; the others see their sockets close.
 * @module
 */

/** What a signal can be sent to. */
interface Child {
  send(signal: NodeJS.Signals): unknown;
}

const busy = new Set<Child>();

/** It is to be ended when this process ends. */
export function endsWithThisProcess(child: Child): void {
  busy.add(child);
  if (!process.listeners('exit').includes(atExit)) process.once('exit', atExit);
}

/** It will see for itself, or is gone. */
export function mayOutlive(child: Child): void {
  busy.delete(child);
}

/** Ends them, without waiting. */
export function endProcesses(signal: NodeJS.Signals): void {
  for (const child of busy) child.send(signal);
}

const atExit = (): void => endProcesses('SIGTERM');
