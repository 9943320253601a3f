/**
 * Last in, first out.
 * @module
 */
import type { Memory } from '../shared/field.ts';
import { queueKind, queueMemory, type QueueOptions } from './base-queue.ts';
import { lastFirst } from './heap-kind.ts';
import { JoinableQueue } from './queue.ts';

const NAME = 'LifoQueue';

/**
 * A queue whose next item is the one that came last.
 *
 * **Python** `queue.LifoQueue`, `asyncio.LifoQueue`; this one is also for processes.
 *
 * @example
 * const stack = new LifoQueue<string>();
 * stack.putSync('below');
 * stack.putSync('above');
 * console.log(stack.getSync());
 */
export class LifoQueue<T = unknown> extends JoinableQueue<T> {
  static {
    queueKind(this);
  }

  /** @throws InvalidOptionError `ERR_INVALID_OPTION`; SharedMemoryError `ERR_SEGMENT_EXISTS`; UnsupportedPlatformError */
  constructor(options?: QueueOptions);
  constructor(options: QueueOptions | Memory = {}) {
    super(options, lastFirst, NAME);
  }

  /** The queue that a process has made under a name. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
  static open<T = unknown>(name: string): LifoQueue<T> {
    return new LifoQueue<T>(queueMemory(lastFirst, NAME, name) as never);
  }
}
