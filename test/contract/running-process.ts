/**
 * Whether a process still runs, told apart from a later one that was given the same number.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';

interface Facts {
  readonly parent: number;
  readonly state: string;
  readonly startedAt: string;
}

const hasProc = existsSync('/proc/self/stat');

function factsOf(pid: number): Facts | undefined {
  try {
    if (!hasProc) {
      process.kill(pid, 0);
      return { parent: process.pid, state: '', startedAt: '' };
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** One process. */
export class RunningProcess {
  readonly pid: number;
  readonly #startedAt: string | undefined;

  constructor(pid: number) {
    this.pid = pid;
    this.#startedAt = factsOf(pid)?.startedAt;
  }

  /** Whether it runs; one that has ended and was not reaped yet does not. */
  get runs(): boolean {
    const facts = factsOf(this.pid);
    return facts !== undefined && facts.startedAt === this.#startedAt && !'ZX'.includes(facts.state || '-');
  }

  /** Kills it if it runs and is a child of this process; false when it is not. */
  killChild(): boolean {
    if (!this.runs || factsOf(this.pid)?.parent !== process.pid) return false;
    process.kill(this.pid, 'SIGKILL');
    return true;
  }

  /** Resolves once it has ended. It need not be a child of ours, so it has to be asked. */
  async ended(): Promise<void> {
    while (this.runs) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
