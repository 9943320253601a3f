/**
 * Stores of `AsyncLocalStorage` that go along to where a function runs.
 *
 * How it works  Node cannot tell which storages there are, and an object of this thread means nothing to another one; so a storage is
 *               registered, under a name that it has everywhere. `captureContext` reads those that have a store now; what it gives is plain
 *               data that is packed like an argument. Over there the function is called by `contextRunner`, which opens the same stores
 *               around it. A storage that nobody has registered there yet is made: so the stores go on to whatever is started from there.
 * Cost          With nothing registered, one look at the size of a map.
 * Invariants    A name is one storage in each thread. One that was made for what arrived gives way to the one that is registered.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { packSymbol, unpackSymbol } from '../closures/protocol-symbols.ts';
import { task } from '../closures/task.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';

/** Stores by the names of their storages, packable as far as they are. */
export type Captured = Readonly<Record<string, unknown>>;

type AnyFunction = (...args: never[]) => unknown;

/** A call together with the stores that it is to run in: the last argument of `contextRunner`. */
interface Carried {
  readonly function: AnyFunction;
  readonly context: Captured;
}

const storages = new Map<string, AsyncLocalStorage<unknown>>();
const names = new WeakMap<object, string>();
/** Made here for a name that had arrived before anybody registered it. */
const made = new WeakSet<object>();

/** How a registered storage travels itself: as its name. */
class CarriedStorage extends AsyncLocalStorage<unknown> {
  static [packSymbol](storage: object): unknown {
    return names.get(storage);
  }

  static [unpackSymbol](name: string): unknown {
    return storageNamed(name);
  }
}

function keep(storage: AsyncLocalStorage<unknown>, name: string): void {
  storages.set(name, storage);
  names.set(storage, name);
  // One of a class of its own travels as that class says.
  if (Object.getPrototypeOf(storage) === AsyncLocalStorage.prototype) {
    contextRunner();
    Object.setPrototypeOf(storage, CarriedStorage.prototype);
  }
}

function storageNamed(name: string): AsyncLocalStorage<unknown> {
  const known = storages.get(name);
  if (known !== undefined) return known;
  const storage = new AsyncLocalStorage<unknown>();
  made.add(storage);
  keep(storage, name);
  return storage;
}

/**
 * Has what an `AsyncLocalStorage` holds go along to threads and processes: a `Thread` or `Process` that is started while it has a store runs
 * its function inside a copy of that store. Gives the storage back.
 *
 * Call it where the storage is made, at the top level of a module: each thread that loads the module then has its own storage under the name. The
 * storage may be captured as well: it arrives as the storage of that name.
 *
 * **Python** `threading.Thread(context=…)` and `sys.flags.thread_inherit_context` (3.14), where every context variable goes along to threads,
 * and none to processes.
 *
 * Tasks of pools carry theirs as well, those of a map that of the moment when the map was called.
 *
 * **Gotchas** The store is copied like an argument; what cannot travel fails at `start()` or `submit()`. `{ context: 'none' }` starts without. A module that
 * is loaded only while the function runs sees no store.
 *
 * @param name the storage's name; one that no other storage of the program has
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when it is no `AsyncLocalStorage`, or the name is another one's
 * @example
 * export const request = carryContext(new AsyncLocalStorage<{ id: string }>(), 'request');
 *
 * request.run({ id: 'r7' }, () => new Thread(() => console.log(request.getStore()?.id)).start()); // r7
 */
export function carryContext<T>(storage: AsyncLocalStorage<T>, name: string): AsyncLocalStorage<T> {
  if (!((storage as unknown) instanceof AsyncLocalStorage))
    throw new InvalidOptionError(`carryContext() takes an AsyncLocalStorage, not ${typeof storage}.`);
  if (typeof name !== 'string' || name === '')
    throw new InvalidOptionError('carryContext() needs a name for the storage that is not empty.');
  const other = storages.get(name);
  if ((other !== undefined && other !== storage && !made.has(other)) || (names.get(storage) ?? name) !== name)
    throw new InvalidOptionError(`The name '${name}' is another storage's, or the storage has another name already.`);
  keep(storage, name);
  return storage;
}

/** What the registered storages hold now; undefined when that is nothing. */
export function captureContext(): Captured | undefined {
  if (storages.size === 0) return undefined;
  let captured: Record<string, unknown> | undefined;
  for (const [name, storage] of storages) {
    const store = storage.getStore();
    if (store !== undefined) (captured ??= {})[name] = store;
  }
  return captured;
}

/** Calls a function inside what was captured. */
export function runInContext<T>(captured: Captured, run: () => T): T {
  let call = run;
  for (const [name, store] of Object.entries(captured)) {
    const inner = call;
    call = () => storageNamed(name).run(store, inner);
  }
  return call();
}

/** The arguments of `contextRunner` for a call that is to run inside what was captured. */
export const carried = (fn: AnyFunction, args: readonly unknown[], context: Captured): unknown[] => [
  ...args,
  { function: fn, context } satisfies Carried, // last, so that an error counts the arguments as the caller does
];

let runner: ((...args: unknown[]) => unknown) | undefined;

/** Calls a function inside the stores that have come with it; from now on this thread knows it by its name. */
export function contextRunner(): (...args: unknown[]) => unknown {
  if (runner === undefined) {
    runner = task('manyhands:context', (...args: unknown[]) => {
      const { function: fn, context } = args.pop() as Carried;
      return runInContext(context, () => fn(...(args as never[])));
    });
    task('manyhands:storage', CarriedStorage as never);
  }
  return runner;
}

/** The function, under its own name, called inside what was captured. */
export function inContext<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  captured: Captured,
): (...args: A) => R {
  contextRunner();
  const call = (...args: A): R => runInContext(captured, () => fn(...args));
  return Object.defineProperty(call, 'name', { value: fn.name });
}
