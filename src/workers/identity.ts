/**
 * Who this worker is: what its owner calls it.
 *
 * How it works  It comes with the setup. The process that a thread is part of is told of with it, so that a thread that is started there
 *               knows it as well.
 * @module
 */

/** A process, as this one knows it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly name: string;
  readonly daemon: boolean;
}

/** A worker. */
export interface Identity {
  readonly name: string;
  readonly daemon: boolean;
  /** The process that it is, or is in. */
  readonly process: Omit<ProcessIdentity, 'pid'> | undefined;
  /** Who has started that process. */
  readonly parent: ProcessIdentity | undefined;
}

let own: Identity | undefined;

/** Keeps what the owner says. */
export function beCalled(identity: Identity | undefined): void {
  own = identity;
}

/** What the owner has said; undefined in a program's own threads. */
export const ownIdentity = (): Identity | undefined => own;

/** Name of a process that nobody has started by this library. */
export const MAIN_PROCESS = 'MainProcess';

/** The process that this thread is in. */
export const ownProcess = (): ProcessIdentity => ({
  pid: process.pid,
  ...(own?.process ?? { name: MAIN_PROCESS, daemon: false }),
});

/** Who a worker is that this thread starts. */
export function identityFor(kind: 'thread' | 'process' | 'inline', name: string, daemon: boolean): Identity {
  return kind === 'process'
    ? { name, daemon, process: { name, daemon }, parent: ownProcess() }
    : { name, daemon, process: own?.process, parent: own?.parent };
}
