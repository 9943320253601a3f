/**
 * Locks and their kin in place.
 *
 * How it works  Each takes a core of the struct's own memory, on cache lines of its own. A condition that names no other field as
 *               its lock has one of its own, beside it.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { Barrier } from '../sync/barrier.ts';
import { Condition } from '../sync/condition.ts';
import type { Core } from '../sync/core.ts';
import { Event } from '../sync/event.ts';
import { Latch } from '../sync/latch.ts';
import { Lock } from '../sync/lock.ts';
import type { Lot } from '../sync/lot.ts';
import { CORE_BYTES, coreIn, inCore } from '../sync/place.ts';
import { RLock } from '../sync/rlock.ts';
import { RwLock } from '../sync/rwlock.ts';
import { BoundedSemaphore, Semaphore } from '../sync/semaphore.ts';
import type { SyncClass } from './descriptors.ts';
import { asItIs, type Field, type Memory, type Sibling } from './field.ts';
import { refuse } from './number-field.ts';

const ALIGN = 64;
/** Classes, and where their options are among the arguments. */
const classes = new Map<unknown, number>([
  [Lock, 0],
  [RLock, 0],
  [RwLock, 0],
  [Event, 0],
  [Semaphore, 1],
  [BoundedSemaphore, 1],
  [Latch, 1],
  [Barrier, 1],
]);

/** Whether objects of a class can be fields. */
export const isSyncClass = (Class: unknown): Class is SyncClass => Class === Condition || classes.has(Class);

/** A lock or one of its kin as a part of something: over the cores that it is given. */
export interface SyncPart {
  /** How many cores it takes. */
  readonly cores: number;
  readonly text: string;
  show(core: (index: number) => Core, sibling: Sibling): object;
  /** Prepares cores that are all zeros. */
  prepare(core: (index: number) => Core, sibling: Sibling): void;
}

/** The field of a lock or one of its kin. */
export function syncField(Class: SyncClass, args: readonly unknown[]): Field {
  const part = syncPart(Class, args);
  const cores =
    ({ block, lot }: Memory, at: number) =>
    (index: number): Core =>
      coreIn(block, at - block.at + index * CORE_BYTES, lot as Lot);
  return {
    bytes: part.cores * CORE_BYTES,
    align: ALIGN,
    text: part.text,
    waits: true,
    isObject: true,
    get: (memory, at, sibling) => part.show(cores(memory, at), sibling),
    prepare: (memory, at, sibling) => part.prepare(cores(memory, at), sibling),
    check: (value, name) => refuseToReplace(Class, name, value),
    set: (_memory, _at, value, name) => refuseToReplace(Class, name, value),
    plain: () => undefined,
    copy: asItIs,
  };
}

/** @throws InvalidValueError */
export function refuseToReplace(Class: SyncClass, name: string, value: unknown): never {
  return refuse(name, `is a ${Class.name}, which stays where it is`, value);
}

/** A part made with these arguments. */
export function syncPart(Class: SyncClass, args: readonly unknown[]): SyncPart {
  const text = `${Class.name}(${args.map((each) => JSON.stringify(each)).join()})`;
  return Class === Condition ? conditionPart(text, args) : plainPart(text, Class, args);
}

type Construct = new (...args: readonly unknown[]) => object;

function plainPart(text: string, Class: SyncClass, args: readonly unknown[]): SyncPart {
  const place = classes.get(Class) as number;
  return {
    cores: 1,
    text,
    show: (core) => new (Class as unknown as Construct)(core(0), args[place] ?? {}),
    prepare(coreAt) {
      const core = coreAt(0);
      const all = Array.from({ length: place + 1 }, (_, i) => args[i]);
      all[place] = { ...(all[place] as object | undefined), [inCore]: core, scope: core.region.scope };
      new (Class as unknown as Construct)(...all);
    },
  };
}

function conditionPart(text: string, args: readonly unknown[]): SyncPart {
  const [name] = args;
  const lockOf = (core: (index: number) => Core, sibling: Sibling): Lock | RLock => {
    if (name === undefined) return new RLock(core(1) as never);
    const lock = sibling(name as string);
    if (lock instanceof Lock || lock instanceof RLock) return lock;
    throw new InvalidOptionError(
      `field(Condition, ${JSON.stringify(name)}): there is no Lock or RLock of that name beside it.`,
    );
  };
  return {
    cores: name === undefined ? 2 : 1,
    text,
    show: (core, sibling) => new Condition(lockOf(core, sibling), core(0) as never),
    prepare: (core, sibling) => void lockOf(core, sibling),
  };
}
