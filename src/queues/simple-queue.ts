/**
 * A queue without bounds and tasks.
 * @module
 */
import type { Memory } from '../shared/field.ts';
import { BaseQueue, queueKind, queueMemory, type QueueOptions } from './base-queue.ts';
import { chainKind } from './chain-kind.ts';

const NAME = 'SimpleQueue';

/** How a simple queue is made. */
export type SimpleQueueOptions = Omit<QueueOptions, 'maxSize'>;

/**
 * A queue without a bound, first in, first out: `put` never waits.
 *
 * **Python** `queue.SimpleQueue`, `multiprocessing.SimpleQueue`.
 *
 * @example
 * const log = new SimpleQueue<string>();
 * log.putSync('started');
 */
export class SimpleQueue<T = unknown> extends BaseQueue<T> {
  static {
    queueKind(this);
  }

  /** @throws InvalidOptionError `ERR_INVALID_OPTION`; SharedMemoryError `ERR_SEGMENT_EXISTS`; UnsupportedPlatformError */
  constructor(options?: SimpleQueueOptions);
  constructor(options: SimpleQueueOptions | Memory = {}) {
    super(options, chainKind, NAME);
  }

  /** The queue that a process has made under a name. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
  static open<T = unknown>(name: string): SimpleQueue<T> {
    return new SimpleQueue<T>(queueMemory(chainKind, NAME, name) as never);
  }
}
