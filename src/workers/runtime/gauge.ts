/**
 * Measures tasks where they run, for pools that want to know where their time goes.
 *
 * How it works  A clock before the call and one after it, and beside them the thread's processor time, the time that its event loop stood idle,
 *               what the code has waited for locks, and the thread for a core, and the size of its heap. What it took to read the arguments is added to the task that follows, what it
 *               took to write an answer to the next report: the sums are right, and a report is sent before the answer that ends the task.
 * Several       Of tasks that are in flight at once on one worker, each has the processor time and the idle time of all of them; what they allocate is told
 *               once, by whichever ends first.
 * @module
 */
import type { getHeapStatistics } from 'node:v8';
import { coreWait } from '../../memory/core-wait.ts';
import { waited } from '../../sync/waited.ts';
import type { TaskFigures } from '../messages.ts';
import { argumentsInShort } from '../task-text.ts';
import { isThenable } from './chunk.ts';

/** Tasks whose names are told as those that took longest. */
const SLOWEST = 10;

/** Takes the figures of a task. */
export type TellFigures = (id: number, figures: TaskFigures) => void;

interface Reading {
  readonly cpu: number;
  readonly idle: number;
  readonly waited: number;
  readonly queued: number;
  readonly allocated: number;
}

/** The gauge of one worker. */
export class Gauge {
  readonly #every: number;
  readonly #tell: TellFigures;
  #shipping = { decoding: 0, encoding: 0 };
  /** What was allocated until then has been told. */
  #last = { end: 0, allocated: 0 };
  /** Milliseconds of the tasks that took longest, the shortest of them first. */
  readonly #slowest: number[] = [];

  /** @param every one in so many tasks is measured */
  constructor(every: number, tell: TellFigures) {
    this.#every = every;
    this.#tell = tell;
  }

  /** Calls a function that reads what has been sent, or writes an answer. */
  timed<T>(what: 'decoding' | 'encoding', run: () => T): T {
    const start = performance.now();
    try {
      return run();
    } finally {
      this.#shipping[what] += performance.now() - start;
    }
  }

  /** What reading took that was not done in one go. */
  decodedSince(start: number): void {
    this.#shipping.decoding += performance.now() - start;
  }

  /** Calls a task's function; its figures are told before this returns, or before the promise that it returns settles. */
  call(id: number, name: string, values: readonly unknown[], run: () => unknown): unknown {
    if (this.#every > 1 && Math.random() * this.#every >= 1) return run();
    const before = reading();
    const start = performance.now();
    const text = (): string => `${name}(${argumentsInShort(values)})`;
    let result: unknown;
    try {
      result = run();
    } catch (thrown) {
      this.#end(id, start, before, text);
      throw thrown;
    }
    if (!isThenable(result)) {
      this.#end(id, start, before, text);
      return result;
    }
    return Promise.resolve(result).finally(() => this.#end(id, start, before, text));
  }

  #end(id: number, start: number, before: Reading, text: () => string): void {
    const ran = performance.now() - start;
    const after = reading();
    const figures = [
      performance.timeOrigin + start,
      ran,
      after.cpu - before.cpu,
      after.idle - before.idle,
      after.waited - before.waited,
      after.queued - before.queued,
      this.#shipping.decoding,
      this.#shipping.encoding,
      Math.max(0, after.allocated - (start < this.#last.end ? this.#last.allocated : before.allocated)),
    ] as const;
    this.#shipping = { decoding: 0, encoding: 0 };
    this.#last = { end: performance.now(), allocated: after.allocated };
    this.#tell(id, this.#isSlow(ran) ? [...figures, text()] : figures);
  }

  /** Whether it is one of those that took longest here. */
  #isSlow(ran: number): boolean {
    const slowest = this.#slowest;
    if (slowest.length === SLOWEST && ran <= (slowest[0] as number)) return false;
    slowest.push(ran);
    slowest.sort((a, b) => a - b);
    if (slowest.length > SLOWEST) slowest.shift();
    return true;
  }
}

function reading(): Reading {
  process.cpuUsage(); // makes the kernel count what this thread has computed since its last tick
  const { user, system } = process.threadCpuUsage();
  return {
    cpu: (user + system) / 1000,
    idle: performance.eventLoopUtilization().idle,
    waited: waited(),
    queued: coreWait(),
    allocated: allocated(),
  };
}

/** Loaded by those who measure. */
let heapStatistics: typeof getHeapStatistics | undefined;

/** Bytes on this thread's heap, and of its buffers. What V8 says of all that was ever allocated comes in pieces of 100 KiB. */
function allocated(): number {
  heapStatistics ??= process.getBuiltinModule('node:v8').getHeapStatistics;
  const { used_heap_size: heap, external_memory: buffers } = heapStatistics();
  return heap + buffers;
}
