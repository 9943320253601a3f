/**
 * `Manager`: a thread or process that objects live in.
 *
 * How it works  All it does is to call its `Factory` there, by a proxy like any other; what that takes is loaded by `start`.
 * @module
 */
import type { Address } from '../connections/address.ts';
import type { Allow } from '../connections/allow-list.ts';
import { InvalidOptionError, InvalidStateError } from '../errors/executor-errors.ts';
import { setTimer } from '../memory/timer.ts';
import type { PoolOptions } from '../executors/pool.ts';
import { ShareableList, type ShareableItem } from '../shared/shareable-list.ts';
import { SharedMemory } from '../shared/shared-memory.ts';
import type { ArrayItems, Cell, FixedArray } from './cells.ts';
import type { Dict } from './dict.ts';
import type { ManageRules } from './exposure.ts';
import type { Maker, Registered } from './factory.ts';
import type { List } from './list.ts';
import type { ManagedCondition, ManagedLock, ManagedRLock } from './locks.ts';
import type { ConnectManagerOptions } from './manage.ts';
import type { Managed } from './managed.ts';
import type { ManagedPool } from './managed-pool.ts';
import type { ManagedQueue } from './managed-queue.ts';
import type { ManagedNamespace } from './namespace.ts';
import type { ManagedBoundedSemaphore, ManagedSemaphore, ManagedSemaphoreOptions } from './semaphores.ts';
import type { ManagedSet } from './set.ts';
import type { ManagedBarrier, ManagedEvent } from './signposts.ts';
import type { Running } from './start-manager.ts';

/** What a manager is, and for whom. */
export interface ManagerOptions {
  /** What the objects live in: a process of its own (default), or a thread. */
  readonly kind?: 'process' | 'thread' | undefined;
  /** Shown by tools and in errors. */
  readonly name?: string | undefined;
  /**
   * Classes and functions that make objects, by the names by which clients ask for them; with how what they make is shown, if not as
   * usual: `{ make: Vault, expose: ['get'], proxies: ['shelf'] }`. They travel as arguments of a process do.
   */
  readonly register?: Readonly<Record<string, Maker | Registered>> | undefined;
  /** Where other programs find it (`Manager.connect`). Default: nowhere. */
  readonly address?: Address | undefined;
  /** With `address`: the key that others must have; `null` for none. */
  readonly authKey?: string | Uint8Array | null | undefined;
  /** With `address`: the functions and classes that others may name. */
  readonly allow?: Allow | undefined;
  /** With `address`: longest message, bytes; 64 MiB by default. */
  readonly maxMessage?: number | undefined;
}

/** The proxy of what a maker makes. */
type Made<M> = M extends abstract new (
  ...args: never[]
) => infer T
  ? T
  : M extends (...args: never[]) => infer R
    ? Awaited<R>
    : never;
type Arguments<M> = M extends abstract new (
  ...args: infer A
) => unknown
  ? A
  : M extends (...args: infer A extends readonly unknown[]) => unknown
    ? A
    : never;

interface FactoryProxy {
  ready(kind: string, args: readonly unknown[]): Promise<unknown>;
  make(what: unknown, args: readonly unknown[], rules: ManageRules): Promise<unknown>;
  publish(name: string, proxy: unknown): Promise<void>;
  find(name: string): Promise<unknown>;
  memory(size: number): Promise<string>;
  shareableList(items: readonly ShareableItem[], name: string): Promise<void>;
  shutdown(secret: string): Promise<void>;
}

/** Milliseconds. */
const GRACE = 10_000;

const STATES = {
  new: 'has not been started; await manager.start() first',
  starting: 'is being started; await manager.start() first',
  over: 'was shut down',
} as const;

/** What the ready-made ones are as proxies. */
type DictProxy<K, V> = Managed<Dict<K, V>, never, 'pop' | 'popItem' | 'keys' | 'copy' | 'merged' | 'reversed'>;
type ListProxy<T> = Managed<List<T>, never, 'pop' | 'shift' | 'delete' | 'splice' | 'slice' | 'concat' | 'copy'>;
type SetProxy<T> = Managed<
  ManagedSet<T>,
  never,
  'pop' | 'copy' | 'union' | 'intersection' | 'difference' | 'symmetricDifference'
>;
type QueueProxy<T> = Managed<ManagedQueue<T>, never, 'get' | 'tryGet' | typeof Symbol.asyncIterator>;

/**
 * A thread or process that objects live in, and makes them.
 *
 * Each gives a proxy, which can be sent to any thread or process. A manager keeps no program alive, and ends with the one that started it.
 *
 * **Python** `multiprocessing.Manager()`, `SyncManager`, `BaseManager`; `register` is an option, since what is registered
 * is sent when it starts. `SharedMemoryManager`: `sharedMemory`, `shareableList`.
 *
 * **Use it** for objects that several threads or processes change, whatever they are made of, or that other programs use. What has a place in shared
 * memory (`SharedMap`, `Queue`, `Lock`) is a hundred times faster there, and blocks where it must.
 *
 * @example
 * await using manager = new Manager();
 * await manager.start();
 * const counts = await manager.dict<string, number>();
 * await Promise.all(files.map((file) => pool.submit(countWords, file, counts)));
 * console.log(await counts.copy());
 */
export class Manager implements AsyncDisposable {
  readonly kind: 'process' | 'thread';
  readonly #options: ManagerOptions;
  readonly #registered: Readonly<Record<string, Registered>>;
  readonly #names = new Map<unknown, string>();
  #state: keyof typeof STATES | 'started' = 'new';
  #running: Running | undefined;
  #root: FactoryProxy | undefined;
  #ending: Promise<void> | undefined;

  /** @throws InvalidOptionError `ERR_INVALID_OPTION` */
  constructor(options: ManagerOptions = {}) {
    const { kind = 'process', register = {} } = options;
    if (kind !== 'process' && kind !== 'thread')
      throw new InvalidOptionError(`kind must be 'process' or 'thread'; it is ${JSON.stringify(kind)}.`);
    const registered = Object.entries(register).map(([name, given]) => [name, registeredAs(name, given)] as const);
    for (const [name, { make }] of registered) this.#names.set(make, name);
    this.#registered = Object.fromEntries(registered);
    for (const name of ['authKey', 'allow', 'maxMessage'] as const) {
      if (options[name] !== undefined && options.address === undefined)
        throw new InvalidOptionError(`${name} goes with an address.`);
    }
    this.kind = kind;
    this.#options = { ...options };
  }

  /**
   * The manager that another program has started, with an address.
   *
   * **Python** `BaseManager.connect`.
   *
   * @throws AddressError `ERR_CONNECTION_REFUSED`; AuthenticationError `ERR_AUTHENTICATION`; InvalidOptionError
   */
  static async connect(options: ConnectManagerOptions): Promise<Manager> {
    const { connectToRoot } = await import('./late.ts');
    const manager = new Manager();
    manager.#root = (await connectToRoot(options)) as unknown as FactoryProxy;
    manager.#state = 'started';
    return manager;
  }

  /** Where it can be reached; undefined before it is started. */
  get address(): Address | undefined {
    return this.#running?.target.address;
  }

  /** Process id of a process, once started by this object. */
  get pid(): number | undefined {
    const { worker } = this.#running ?? {};
    return worker !== undefined && 'pid' in worker ? worker.pid : undefined;
  }

  /** Exit code once it has ended: 0 after `shutdown`. */
  get exitCode(): number | null {
    return this.#running?.worker.exitCode ?? null;
  }

  /**
   * Starts its thread or process. Resolves to the manager, once it serves.
   *
   * @throws InvalidStateError `ERR_INVALID_STATE` when it was started before; AddressError `ERR_ADDRESS_IN_USE`, `ERR_LISTEN`; EncodeError
   * when something that is registered cannot travel; WorkerStartError `ERR_WORKER_START`
   */
  async start(): Promise<this> {
    if (this.#state !== 'new' && this.#state !== 'over')
      throw new InvalidStateError('This manager has been started; shut it down before it is started again.');
    this.#state = 'starting';
    try {
      await this.#ending; // from before: the address may still be taken
      const { startManager } = await import('./late.ts');
      const { name, address, authKey, allow, maxMessage } = this.#options;
      this.#running = await startManager(this.kind, name, { address, authKey, allow, maxMessage }, this.#registered);
      this.#root = this.#running.root as FactoryProxy;
      this.#state = 'started';
      return this;
    } catch (error) {
      this.#state = 'new';
      throw error;
    }
  }

  /**
   * Ends it, and all its objects; its thread or process has ended when this resolves. It may be started again, on the same address.
   *
   * @param options `grace`: milliseconds after which it is killed if it has not answered, since one of its methods blocks; 10,000 by
   * default
   * @throws InvalidStateError `ERR_INVALID_STATE` when it was started by somebody else
   */
  async shutdown({ grace = GRACE }: { readonly grace?: number } = {}): Promise<void> {
    if (this.#state === 'over') return this.#ending;
    if (this.#state === 'new') return;
    const factory = this.#factory();
    const running = this.#running;
    if (running === undefined)
      throw new InvalidStateError('This manager was started by another program; it is shut down there.');
    this.#state = 'over';
    this.#root = undefined;
    this.#ending = endOf(running, factory, grace);
    return this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== undefined) await this.shutdown();
  }

  /**
   * Makes an object there. What is registered can be of any class; another class or function must be an export of a module other than the
   * main one, or have a `task()` name; at a manager with an address it must be allowed, too.
   *
   * @param maker a class, or a function that gives an object; or the name of one that was registered
   * @throws ManagerError `ERR_NOT_EXPOSED` nothing was registered by that name; EncodeError; whatever the maker throws
   */
  create<M extends Maker>(maker: M, ...args: Arguments<M>): Promise<Managed<Made<M>>>;
  create<T extends object>(name: string, ...args: readonly unknown[]): Promise<Managed<T>>;
  async create(maker: Maker | string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#factory().make(this.#names.get(maker) ?? maker, args, {});
  }

  /**
   * As `create`, with rules: what is exposed, which names give proxies, and which copies. At a manager with an address they show no more than
   * those that go with what was registered.
   *
   * @throws as `create`; ManagerError `ERR_NOT_EXPOSED` when they do
   */
  async createWith<M extends Maker, const P extends keyof Made<M> = never, const C extends keyof Made<M> = never>(
    rules: ManageRules<Made<M>, P, C>,
    maker: M,
    ...args: Arguments<M>
  ): Promise<Managed<Made<M>, P, C>> {
    const made = await this.#factory().make(this.#names.get(maker) ?? maker, args, textsOf(rules) as ManageRules);
    return made as Managed<Made<M>, P, C>;
  }

  /**
   * Gives a proxy a name by which other clients of this manager find it.
   *
   * @throws ManagerError `ERR_NAME_TAKEN` when another object has the name; InvalidOptionError `ERR_INVALID_OPTION`
   */
  async publish(name: string, proxy: AsyncDisposable): Promise<void> {
    await this.#factory().publish(name, proxy);
  }

  /** What was published by a name. @throws ManagerError `ERR_OBJECT_GONE` when nothing was */
  async find<T, P extends keyof T = never, C extends keyof T = never>(name: string): Promise<Managed<T, P, C>> {
    return (await this.#factory().find(name)) as Managed<T, P, C>;
  }

  /** A map. */
  async dict<K = string, V = unknown>(entries: Iterable<readonly [K, V]> = []): Promise<DictProxy<K, V>> {
    return (await this.#ready('dict', listOf(entries))) as DictProxy<K, V>;
  }

  /** An array. */
  async list<T = unknown>(items: Iterable<T> = []): Promise<ListProxy<T>> {
    return (await this.#ready('list', listOf(items))) as ListProxy<T>;
  }

  /** A set. */
  async set<T = unknown>(items: Iterable<T> = []): Promise<SetProxy<T>> {
    return (await this.#ready('set', listOf(items))) as SetProxy<T>;
  }

  /** Names and values. */
  async namespace<T extends object = Record<string, unknown>>(values?: T): Promise<ManagedNamespace<T>> {
    return (await this.#ready('namespace', values)) as ManagedNamespace<T>;
  }

  /** One value. */
  async value<T>(value: T): Promise<Managed<Cell<T>>> {
    return (await this.#ready('value', value)) as Managed<Cell<T>>;
  }

  /** An array of fixed length; a typed array keeps its type. */
  async array<T>(items: ArrayItems<T>): Promise<Managed<FixedArray<T>, never, 'slice'>> {
    return (await this.#ready('array', items)) as Managed<FixedArray<T>, never, 'slice'>;
  }

  /** A queue. @param options `maxSize`: items that it takes; 0, which is the default, for any number */
  async queue<T = unknown>(options: { readonly maxSize?: number } = {}): Promise<QueueProxy<T>> {
    return (await this.#ready('queue', options)) as QueueProxy<T>;
  }

  async lock(): Promise<Managed<ManagedLock>> {
    return (await this.#ready('lock')) as Managed<ManagedLock>;
  }

  async rlock(): Promise<Managed<ManagedRLock>> {
    return (await this.#ready('rlock')) as Managed<ManagedRLock>;
  }

  async semaphore(permits = 1, options: ManagedSemaphoreOptions = {}): Promise<Managed<ManagedSemaphore>> {
    return (await this.#ready('semaphore', permits, options)) as Managed<ManagedSemaphore>;
  }

  async boundedSemaphore(
    permits = 1,
    options: ManagedSemaphoreOptions = {},
  ): Promise<Managed<ManagedBoundedSemaphore>> {
    return (await this.#ready('boundedSemaphore', permits, options)) as Managed<ManagedBoundedSemaphore>;
  }

  async condition(): Promise<Managed<ManagedCondition>> {
    return (await this.#ready('condition')) as Managed<ManagedCondition>;
  }

  async event(): Promise<Managed<ManagedEvent>> {
    return (await this.#ready('event')) as Managed<ManagedEvent>;
  }

  async barrier(parties: number): Promise<Managed<ManagedBarrier>> {
    return (await this.#ready('barrier', parties)) as Managed<ManagedBarrier>;
  }

  /** A pool of workers that the manager has. With an `address` only `kind`, `workers`, `tasksPerWorker` and `grace` may be given. */
  async pool(options: PoolOptions = {}): Promise<ManagedPool> {
    return (await this.#ready('pool', options)) as ManagedPool;
  }

  /**
   * Memory that processes share, made by the manager and gone with it; this is no proxy but the memory itself.
   *
   * **Python** `SharedMemoryManager.SharedMemory`.
   *
   * @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`
   */
  async sharedMemory(size: number): Promise<SharedMemory> {
    return SharedMemory.open(await this.#factory().memory(size));
  }

  /**
   * A list in memory that processes share, made by the manager and gone with it; no proxy but the list itself.
   *
   * **Python** `SharedMemoryManager.ShareableList`.
   *
   * @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`
   */
  async shareableList(items: Iterable<ShareableItem>): Promise<ShareableList> {
    const name = `manager-${process.pid}-${Math.random().toString(36).slice(2)}`;
    await this.#factory().shareableList([...items], name);
    return ShareableList.open(name);
  }

  async #ready(kind: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#factory().ready(kind, args);
  }

  #factory(): FactoryProxy {
    if (this.#state === 'started' && this.#root !== undefined) return this.#root;
    throw new InvalidStateError(`This manager ${STATES[this.#state as keyof typeof STATES]}.`);
  }
}

async function endOf({ worker, secret }: Running, factory: FactoryProxy, grace: number): Promise<void> {
  const timer = setTimer(grace, () => void worker.kill());
  await factory.shutdown(secret).catch(() => {}); // it may be gone already
  timer.cancel();
  await worker.join().catch(() => {});
}

/** Rules in whose names a text stands for iteration: symbols do not travel. */
function textsOf<R extends object>(rules: R): R {
  const textOf = (name: unknown): unknown => (typeof name === 'symbol' ? '@@iterator' : name);
  const texts = Object.entries(rules).map(([option, names]) => [
    option,
    Array.isArray(names) ? names.map(textOf) : names,
  ]);
  return Object.fromEntries(texts) as R;
}

/** Checks what is to be registered. @throws InvalidOptionError */
function registeredAs(name: string, given: unknown): Registered {
  const { make, ...rules } = typeof given === 'object' && given !== null ? (given as Registered) : { make: given };
  if (typeof make === 'function') return { make: make as Maker, ...textsOf(rules) };
  throw new InvalidOptionError(
    `register.${name} must be a class or a function, or { make } with one; it is of type ${typeof make}.`,
  );
}

/** What can be iterated over is sent as an array, whatever it is; what cannot is for the manager to refuse. */
function listOf(items: Iterable<unknown>): unknown {
  const iterable = typeof items === 'object' && items !== null && Symbol.iterator in items;
  return iterable && !Array.isArray(items) ? [...items] : items;
}
