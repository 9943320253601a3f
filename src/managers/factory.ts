/**
 * What a manager's own proxy shows: it makes objects.
 *
 * How it works  It runs where the objects live. Its clients name what is ready-made or was registered by a text; classes and functions besides where
 *               they may be named at all.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { ManagerError } from '../errors/manager-errors.ts';
import { ShareableList, type ShareableItem } from '../shared/shareable-list.ts';
import { SharedMemory } from '../shared/shared-memory.ts';
import { Cell, FixedArray } from './cells.ts';
import { Dict } from './dict.ts';
import type { ManageRules } from './exposure.ts';
import { Shared } from './gift.ts';
import { List } from './list.ts';
import { ManagedCondition, ManagedLock, ManagedRLock } from './locks.ts';
import { optionsOfStranger, PoolThere } from './managed-pool.ts';
import { ManagedQueue } from './managed-queue.ts';
import { Namespace } from './namespace.ts';
import { isProxy, sameObject } from './proxy.ts';
import { ManagedBoundedSemaphore, ManagedSemaphore } from './semaphores.ts';
import { ManagedSet } from './set.ts';
import { ManagedBarrier, ManagedEvent } from './signposts.ts';

/** A class or a function that makes something; a function of another kind is imported where the manager is. */
export type Maker = (new (...args: never[]) => object) | ((...args: never[]) => unknown);

/** `ManageRules` of whatever object. */
interface Rules {
  readonly expose?: readonly PropertyKey[] | undefined;
  readonly proxies?: readonly PropertyKey[] | undefined;
  readonly copies?: readonly PropertyKey[] | undefined;
}

/** What was registered, and how what it makes is shown. */
export interface Registered extends Rules {
  readonly make: Maker;
}

const NOTHING: { readonly make: unknown } & Rules = { make: undefined };

interface Ready {
  readonly make: new (...args: never[]) => object;
  /** What these give is nobody else's any more. */
  readonly copies?: readonly PropertyKey[];
}

const READY: Readonly<Record<string, Ready>> = {
  dict: { make: Dict, copies: ['pop', 'popItem', 'keys', 'copy', 'merged', 'reversed'] },
  list: { make: List, copies: ['pop', 'shift', 'delete', 'splice', 'slice', 'concat', 'copy'] },
  set: { make: ManagedSet, copies: ['pop', 'copy', 'union', 'intersection', 'difference', 'symmetricDifference'] },
  namespace: { make: Namespace },
  value: { make: Cell },
  array: { make: FixedArray, copies: ['slice'] },
  queue: { make: ManagedQueue, copies: ['get', 'tryGet', Symbol.asyncIterator] },
  lock: { make: ManagedLock },
  rlock: { make: ManagedRLock },
  semaphore: { make: ManagedSemaphore },
  boundedSemaphore: { make: ManagedBoundedSemaphore },
  condition: { make: ManagedCondition },
  event: { make: ManagedEvent },
  barrier: { make: ManagedBarrier },
  pool: { make: PoolThere, copies: ['submit', 'map'] },
};

/** Makes objects for clients. */
export class Factory {
  readonly #registered: ReadonlyMap<string, Registered>;
  readonly #secret: string;
  readonly #stop: () => void;
  readonly #family: boolean;
  readonly #named = new Map<string, object>();
  readonly #memory: { close(): void }[] = [];

  /**
   * @param stop is called by who knows the secret
   * @param family whether all clients are of this program
   */
  constructor(registered: Readonly<Record<string, Registered>>, secret: string, stop: () => void, family: boolean) {
    this.#registered = new Map(Object.entries(registered));
    this.#secret = secret;
    this.#stop = stop;
    this.#family = family;
  }

  /** Something ready-made. */
  ready(kind: string, args: readonly unknown[]): Shared {
    const ready = Object.hasOwn(READY, kind) ? READY[kind] : undefined;
    if (ready === undefined)
      throw new InvalidOptionError(
        `There is nothing ready-made of the kind '${kind}': ${Object.keys(READY).join(', ')}.`,
      );
    const rules = ready.copies === undefined ? {} : { copies: ready.copies as readonly never[] };
    // what a pool is made with would run in its workers
    const given = kind === 'pool' && !this.#family ? [optionsOfStranger(args[0])] : args;
    return new Shared(Reflect.construct(ready.make, given), rules);
  }

  /** Something of a class, or what a function makes: one that was registered, or one that may be named. */
  async make(what: unknown, args: readonly unknown[], asked: Rules): Promise<Shared> {
    const { make: maker, ...own } = typeof what === 'string' ? (this.#registered.get(what) ?? NOTHING) : { make: what };
    const rules = this.#family ? { ...own, ...asked } : narrowed(own, asked);
    if (typeof maker !== 'function') {
      const known = [...this.#registered.keys()];
      const list = known.length === 0 ? 'nothing was' : `${known.join(', ')} ${known.length === 1 ? 'was' : 'were'}`;
      throw new ManagerError(`Nothing was registered with this manager as '${String(what)}'; ${list}.`, {
        code: 'ERR_NOT_EXPOSED',
      });
    }
    const object: unknown = isClass(maker)
      ? Reflect.construct(maker as new () => object, args)
      : await (maker as (...args: readonly unknown[]) => unknown)(...args);
    if (typeof object === 'object' && object !== null) return new Shared(object, rules as ManageRules);
    throw new InvalidOptionError(
      `${maker.name || 'The function'}() made no object to manage; it gave a ${typeof object}.`,
    );
  }

  /** Gives a proxy a name by which others find it. @throws InvalidOptionError `ERR_INVALID_OPTION`; ManagerError `ERR_NAME_TAKEN` */
  publish(name: string, proxy: object): void {
    if (typeof name !== 'string' || name === '')
      throw new InvalidOptionError(`A name to publish by is a text that is not empty; it is ${JSON.stringify(name)}.`);
    if (!isProxy(proxy))
      throw new InvalidOptionError(`What is published as '${name}' must be a proxy; it is of type ${typeof proxy}.`);
    const known = this.#named.get(name);
    if (known !== undefined && !sameObject(known, proxy))
      throw new ManagerError(`Another object was published at this manager as '${name}'; take another name.`, {
        code: 'ERR_NAME_TAKEN',
      });
    if (known === undefined) this.#named.set(name, proxy);
  }

  /** @throws ManagerError `ERR_OBJECT_GONE` */
  find(name: string): object {
    const found = this.#named.get(name);
    if (found !== undefined) return found;
    const known = [...this.#named.keys()].join(', ') || 'nothing';
    throw new ManagerError(`Nothing was published at this manager as '${name}'; there is: ${known}.`, {
      code: 'ERR_OBJECT_GONE',
    });
  }

  /** Memory that processes share, until the manager ends. @returns its name */
  memory(size: number): string {
    const memory = new SharedMemory({ size });
    this.#memory.push(memory);
    return memory.name;
  }

  /** A list in memory that processes share, until the manager ends. @returns its name */
  shareableList(items: readonly ShareableItem[], name: string): void {
    new ShareableList(items, { name });
    this.#memory.push({ close: () => void SharedMemory.unlink(name) });
  }

  /** Ends the manager, for who knows how. @throws ManagerError `ERR_NOT_EXPOSED` */
  shutdown(secret: string): void {
    if (secret !== this.#secret)
      throw new ManagerError('A manager is shut down by whoever started it.', { code: 'ERR_NOT_EXPOSED' });
    for (const each of this.#memory.splice(0)) each.close();
    setImmediate(this.#stop); // the answer goes first
  }
}

/** What a client of another program asks for shows no more than what was registered says. @throws ManagerError `ERR_NOT_EXPOSED` */
function narrowed(own: Rules, asked: Rules): Rules {
  const { expose = own.expose } = asked;
  const shown = own.expose === undefined ? expose : expose?.filter((name) => own.expose?.includes(name));
  const ofShown = (names: Rules['expose']): Rules['expose'] => names?.filter((name) => shown?.includes(name) ?? true);
  const { proxies = ofShown(own.proxies), copies = ofShown(own.copies) } = asked;
  const more = proxies?.filter((name) => !own.proxies?.includes(name)) ?? [];
  if (more.length === 0) return { expose: shown, proxies, copies };
  throw new ManagerError(
    `What is to give proxies at a manager with an address is said where it is made, as in register: { Name: { make, proxies: [${more.map((name) => `'${String(name)}'`).join(', ')}] } }.`,
    { code: 'ERR_NOT_EXPOSED' },
  );
}

const isClass = (maker: Function): boolean => /^class\b/.test(Function.prototype.toString.call(maker));
