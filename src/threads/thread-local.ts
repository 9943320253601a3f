/**
 * `ThreadLocal`: one name for a value of which each thread has its own.
 *
 * How it works  The object that was made has its value in a field. Sent to another thread it is that thread's object of the same
 *               number from then on, so that the value is there in its next task as well.
 * Invariants    A number names one object in each thread; numbers are never given twice.
 * @module
 */
import { threadId } from 'node:worker_threads';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { packSymbol, unpackSymbol } from '../closures/protocol-symbols.ts';

interface Sent {
  readonly id: string;
  readonly initial: (() => unknown) | undefined;
}

/** Those that came from elsewhere: for as long as there is the thread. */
const arrived = new Map<string, ThreadLocal<unknown>>();
/** Those that went from here. */
const sent = new Map<string, WeakRef<ThreadLocal<unknown>>>();
const collected = new FinalizationRegistry<string>((id) => sent.delete(id));
let count = 0;

/**
 * A value of which each thread, of any process, has its own.
 *
 * Variables of a module are so by themselves: each thread loads its modules anew. This is for closures, which are made anew for each call:
 * a connection or a cache that a thread keeps from one task to the next.
 *
 * **Python** `threading.local`, whose attributes are the values; a subclass's `__init__` is `initial` here.
 *
 * **Gotchas** In a thread that it was sent to the value stays until that ends, or `delete()`.
 *
 * @example
 * const scratch = new ThreadLocal(() => new Float64Array(1_000_000)); // made once a thread
 * await pool.map((seed) => simulate(seed, scratch.value), seeds);
 */
export class ThreadLocal<T> {
  readonly #initial: (() => T) | undefined;
  #id: string | undefined;
  #state: { value: T } | undefined;

  /** @param initial makes a thread's value when it is first asked for; without one that is undefined */
  constructor(initial?: () => T) {
    if (initial !== undefined && typeof initial !== 'function')
      throw new InvalidOptionError(
        `A ThreadLocal takes a function that makes a thread's value, not ${typeof initial}.`,
      );
    this.#initial = initial;
  }

  /** This thread's value. */
  get value(): T {
    this.#state ??= { value: this.#initial?.() as T };
    return this.#state.value;
  }

  set value(value: T) {
    this.#state = { value };
  }

  /** Whether this thread has a value yet. */
  get isSet(): boolean {
    return this.#state !== undefined;
  }

  /** Forgets this thread's value; asked for again it is made anew. */
  delete(): void {
    this.#state = undefined;
  }

  /** @internal */
  static [packSymbol](local: ThreadLocal<unknown>): Sent {
    if (local.#id === undefined) {
      count += 1;
      local.#id = `${process.pid}.${threadId}.${count}`;
      sent.set(local.#id, new WeakRef(local));
      collected.register(local, local.#id);
    }
    return { id: local.#id, initial: local.#initial };
  }

  /** @internal */
  static [unpackSymbol](this: typeof ThreadLocal, { id, initial }: Sent): ThreadLocal<unknown> {
    const known = arrived.get(id) ?? sent.get(id)?.deref();
    if (known !== undefined) return known;
    const local = Reflect.construct(ThreadLocal, [initial], this);
    local.#id = id;
    arrived.set(id, local);
    return local;
  }
}
