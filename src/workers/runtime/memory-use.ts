/**
 * The memory that a worker uses, and its telling of it now and then: it cannot be asked any more once it has died.
 *
 * How it works  Looked at when the worker turns to its tasks, and once a second at most: an idle one says nothing.
 * Memory        Of a thread: what its own heap holds, with the buffers that hang on it. Of a process: all that it has in real memory.
 * @module
 */

/** Milliseconds between two reports. */
const REPORT_MS = 1000;

/** Gives the bytes that a worker uses. @param isThread whether the memory of the process is shared with others */
export const memoryUse = (isThread: boolean): (() => number) => (isThread ? heapBytes : processBytes);

const processBytes = (): number => process.memoryUsage.rss();

function heapBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Tells of it. */
export class MemoryReports {
  readonly #use: () => number;
  readonly #tell: (bytes: number) => void;
  #next = -Infinity;

  constructor(isThread: boolean, tell: (bytes: number) => void) {
    this.#use = memoryUse(isThread);
    this.#tell = tell;
  }

  /** The worker turns to its tasks. */
  onTurn(now: number): void {
    if (now < this.#next) return;
    this.#next = now + REPORT_MS;
    this.#tell(this.#use());
  }
}
