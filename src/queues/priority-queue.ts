/**
 * The least first.
 * @module
 */
import { InvalidValueError } from '../errors/sync-errors.ts';
import type { Scope } from '../memory/region.ts';
import type { Memory } from '../shared/field.ts';
import { receiveMemory } from '../shared/memory-of.ts';
import { packSymbol, unpackSymbol } from '../sync/place.ts';
import { arrived, queueKind, queueMemory, type QueueOptions, type QueueTravel } from './base-queue.ts';
import { leastFirst } from './heap-kind.ts';
import { JoinableQueue } from './queue.ts';

const NAME = 'PriorityQueue';

interface PriorityTravel extends QueueTravel {
  readonly priority: ((item: never) => unknown) | undefined;
}

/** How a queue by priority is made. */
export interface PriorityQueueOptions<T> extends QueueOptions {
  /**
   * The priority of an item; less is sooner. Called by whoever puts it, in its own thread. Default: the item, if it is a number; the first
   * element of an array; the property `priority` of an object.
   */
  readonly priority?: ((item: T) => number) | undefined;
}

/**
 * A queue whose next item is the one with the least priority; of equal ones, the one that came first.
 *
 * **Python** `queue.PriorityQueue`, `asyncio.PriorityQueue`: there items are compared, here their priorities, which are numbers; and items
 * of the same priority keep their order.
 *
 * @example
 * const jobs = new PriorityQueue<[number, string]>();
 * jobs.putSync([2, 'later']);
 * jobs.putSync([1, 'now']);
 * console.log(jobs.getSync()[1]);
 */
export class PriorityQueue<T = unknown> extends JoinableQueue<T> {
  static {
    queueKind(this);
  }

  readonly #priority: (item: never) => unknown;

  /** @throws InvalidOptionError `ERR_INVALID_OPTION`; SharedMemoryError `ERR_SEGMENT_EXISTS`; UnsupportedPlatformError */
  constructor(options?: PriorityQueueOptions<T>);
  constructor(options: PriorityQueueOptions<T> | Memory = {}) {
    super(options, leastFirst, NAME);
    this.#priority = ('priority' in options ? options.priority : undefined) ?? priorityOf;
  }

  /** The queue that a process has made under a name. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
  static open<T = unknown>(name: string): PriorityQueue<T> {
    return new PriorityQueue<T>(queueMemory(leastFirst, NAME, name) as never);
  }

  static override [packSymbol](queue: PriorityQueue, destination: Scope): object {
    const priority = queue.#priority === priorityOf ? undefined : queue.#priority;
    return {
      place: queue.travel(destination),
      own: Object.fromEntries(Object.entries(queue)),
      priority,
    } satisfies PriorityTravel;
  }

  static override [unpackSymbol](this: unknown, { place, own, priority }: PriorityTravel): object {
    return Object.assign(arrived(this, { ...receiveMemory(place, true), priority }), own);
  }

  protected override rankOf(item: T): number {
    const priority = this.#priority(item as never);
    if (typeof priority === 'number' && !Number.isNaN(priority)) return priority + 0;
    throw new InvalidValueError(
      `An item of a PriorityQueue needs a priority that is a number; this one has ${String(priority)}. Put a number, [priority, …] or { priority, … }, or make the queue with priority: (item) => number.`,
    );
  }
}

function priorityOf(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  return Array.isArray(item) ? (item as unknown[])[0] : (item as { readonly priority?: unknown }).priority;
}
