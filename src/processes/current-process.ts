/**
 * Which process this is, and who has started it.
 * @module
 */
import { inspect } from 'node:util';
import { ownIdentity, ownProcess, type ProcessIdentity } from '../workers/identity.ts';

/** A process: this one, or the one that has started it. */
export class ProcessInfo {
  readonly pid: number;
  readonly name: string;
  /** Whether the process that started it ends without waiting for it. */
  readonly daemon: boolean;

  /** @internal */
  constructor({ pid, name, daemon }: ProcessIdentity) {
    this.pid = pid;
    this.name = name;
    this.daemon = daemon;
  }

  /** Whether it lives: also while it is a zombie, which it is until its own parent has taken note of its end. */
  get alive(): boolean {
    try {
      return process.kill(this.pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  [inspect.custom](): string {
    return `ProcessInfo { ${this.name}: process ${this.pid}${this.daemon ? ', daemon' : ''} }`;
  }
}

/** The process that this code runs in. **Python** `multiprocessing.current_process`. */
export const currentProcess = (): ProcessInfo => new ProcessInfo(ownProcess());

/**
 * The process that has started this one as a `Process` or as a worker of a pool; undefined in a program itself.
 *
 * **Python** `multiprocessing.parent_process`. A process ends when its parent has, as soon as its event loop comes round: there is nothing to wait
 * for.
 */
export function parentProcess(): ProcessInfo | undefined {
  const parent = ownIdentity()?.parent;
  return parent === undefined ? undefined : new ProcessInfo(parent);
}
