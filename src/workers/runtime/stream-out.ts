/**
 * A task that answers with many values, one after the other: what it returns is iterated here, and each item sent as it comes.
 *
 * How it works  The owner grants credit, so many items at a time, as its consumer takes them; without credit the iterator is not asked for the
 *               next one. So an endless generator is as good as any.
 * Invariants    Items are numbered: a large one goes another way than a small one and may be overtaken. The last answer says how many there
 *               were. Given up, the iterator is told to return.
 * @module
 */
import { InvalidOptionError } from '../../errors/executor-errors.ts';
import type { TaskContext } from './current-task.ts';

/** Sends item number `n`; false when what is sent after it may overtake it. Throws when it cannot be sent, or gives a promise that rejects. */
export type SendItem = (n: number, item: unknown) => boolean | Promise<boolean>;

/** How many items there were, to be sent behind those that might be overtaken. */
export class Count {
  readonly #brand = true;
  readonly items: number;

  constructor(items: number) {
    this.items = items;
  }

  static is(value: unknown): value is Count {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Iterates what a function has returned; resolves to how many items there were. */
export async function streamOut(context: TaskContext, returned: unknown, send: SendItem): Promise<number | Count> {
  const iterator = iteratorOf(await returned);
  let count = 0;
  let ended = false;
  let inOrder = true;
  try {
    for (;;) {
      await context.credit();
      context.signal.throwIfAborted();
      const { done, value } = await iterator.next();
      if (done === true) {
        ended = true;
        return inOrder ? count : new Count(count);
      }
      const sent = send(count, await value);
      inOrder = (typeof sent === 'boolean' ? sent : await sent) && inOrder;
      count += 1;
    }
  } catch (error) {
    if (!ended) await iterator.return?.();
    throw error;
  }
}

function iteratorOf(source: unknown): AnyIterator {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(source) as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  >;
  if (typeof later === 'function') return later.call(source as never);
  if (typeof now === 'function') return now.call(source as never);
  throw new InvalidOptionError(
    `stream() takes a function that returns something to iterate over, as a generator does; it returned ${
      source === null ? 'null' : `a value of type ${typeof source}`
    }.`,
  );
}
