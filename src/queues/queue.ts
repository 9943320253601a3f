/**
 * Queues that count what is done: first in, first out.
 * @module
 */
import type { Memory } from '../shared/field.ts';
import type { WaitOptions } from '../sync/wait-options.ts';
import { BaseQueue, checkedSize, queueKind, queueMemory, type QueueOptions, type StoreKind } from './base-queue.ts';
import { chainKind } from './chain-kind.ts';

/** A queue that one can wait for to be done. */
export abstract class JoinableQueue<T> extends BaseQueue<T> {
  /** @internal */
  protected constructor(options: QueueOptions | Memory, kind: StoreKind, name: string) {
    super(options, kind, name);
  }

  /** Items that it holds at most before `put` waits; 0: no bound. Can be changed at any time; fewer than there are drops none. */
  get maxSize(): number {
    this.usable();
    return this.limit;
  }

  set maxSize(items: number) {
    this.usable();
    this.limit = checkedSize(items);
  }

  /** Whether it holds as many items as it may; never, without a bound. */
  get full(): boolean {
    return this.limit > 0 && this.size >= this.limit;
  }

  /** Items that were put and for which `taskDone` was not called. */
  get unfinished(): number {
    this.usable();
    return this.joiners.unfinished;
  }

  /** Says that an item that was got is done. @throws InvalidStateError `ERR_INVALID_STATE` when that was said for all items before */
  taskDone(): void {
    this.usable();
    this.joiners.done();
  }

  /** Waits until all items that were put are done. @returns `true`; `false` when `timeout` milliseconds were over */
  async join(options?: WaitOptions): Promise<boolean> {
    this.usable();
    return this.joiners.wait(options);
  }

  /** Blocks this thread until all items that were put are done. @returns `true`; `false` when `timeout` milliseconds were over */
  joinSync(options?: WaitOptions): boolean {
    this.usable();
    return this.joiners.waitSync(options);
  }

  protected override details(): string {
    return this.unfinished > 0 ? `, ${this.unfinished} unfinished` : '';
  }
}

const NAME = 'Queue';

/**
 * A queue of values between threads, or processes: first in, first out; any number put, any number get.
 *
 * **Python** `queue.Queue`, `multiprocessing.Queue`, `multiprocessing.JoinableQueue`, `asyncio.Queue`. There is no feeder thread: an
 * item is in the queue when `put` has returned, and stays when its putter ends or is killed. An item that cannot travel fails its `put`.
 *
 * **Use it** to hand work from those who make it to those who do it. With `maxSize`, whoever is too fast waits.
 *
 * **Gotchas** What is got is a copy. `tryGet` gives `undefined` for an empty queue as for an item that is `undefined`. Items that waited
 * for room in several threads come in the order in which these awake.
 *
 * @example
 * const jobs = new Queue<string>({ maxSize: 100, scope: 'process' });
 * const worker = new Process(async (jobs) => {
 *   for await (const job of jobs) console.log(job);
 * }, [jobs]);
 * worker.start();
 * await jobs.put('first');
 * jobs.shutdown();
 */
export class Queue<T = unknown> extends JoinableQueue<T> {
  static {
    queueKind(this);
  }

  /** @throws InvalidOptionError `ERR_INVALID_OPTION`; SharedMemoryError `ERR_SEGMENT_EXISTS`; UnsupportedPlatformError */
  constructor(options?: QueueOptions);
  constructor(options: QueueOptions | Memory = {}) {
    super(options, chainKind, NAME);
  }

  /** The queue that a process has made under a name. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
  static open<T = unknown>(name: string): Queue<T> {
    return new Queue<T>(queueMemory(chainKind, NAME, name) as never);
  }
}
